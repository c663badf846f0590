// Languages: which there are, plural forms, numbers, money, clocks. Used by `describe` and by pages.
// Texts have holes: {name} takes a value, {n:one|other} a number in its form with # for the number
// (in Polish {n:one|few|many}). Values are put in as they are: a page must set them as text.

export const languages = ['en', 'fi', 'el', 'pl', 'nl', 'sv'];

/** Minor digits that are not 2 (ISO 4217). */
/** @type {Record<string, number>} */
const minorDigits = {};
for (const code of 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF'.split(' '))
  minorDigits[code] = 0;
for (const code of 'BHD IQD JOD KWD LYD OMR TND'.split(' ')) minorDigits[code] = 3;
for (const code of ['CLF', 'UYW']) minorDigits[code] = 4;

/** How many minor digits a currency has: EUR 2, JPY 0, KWD 3.
 * @param {string} currency */
export const digits = (currency) => minorDigits[currency] ?? 2;

/** The first of the wanted languages that is spoken here; English when none is.
 * @param {readonly string[]} wanted such as `navigator.languages` */
export function pickLanguage(wanted) {
  for (const tag of wanted) {
    const language = String(tag).toLowerCase().split(/[-_]/)[0];
    if (languages.includes(language)) return language;
  }
  return 'en';
}

/** @type {Map<string, any>} */
const made = new Map();
/** Intl's objects are slow to make and are kept.
 * @template T @param {string} key @param {() => T} make
 * @returns {T} */
function kept(key, make) {
  if (!made.has(key)) made.set(key, make());
  return made.get(key);
}

/** @param {string} language @param {number} value */
export const number = (language, value) =>
  kept('n' + language, () => new Intl.NumberFormat(language)).format(value);

/** An amount in minor units as people read it: 3400, 'EUR' is "€34.00", in Finnish "34,00 €". Without a
 * known currency it is the bare number.
 * @param {string} language @param {number} amount @param {string} [currency] */
export function money(language, amount, currency) {
  if (!currency) return number(language, amount);
  const places = digits(currency);
  try {
    return kept(`m${language}${currency}`, () => new Intl.NumberFormat(language, {
      style: 'currency', currency, currencyDisplay: 'narrowSymbol',
      minimumFractionDigits: places, maximumFractionDigits: places,
    })).format(amount / 10 ** places);
  } catch {
    return `${(amount / 10 ** places).toFixed(places)} ${currency}`;
  }
}

/** "9:05", "1:00:00"; never below zero. A begun second counts, so that 0:00 is the end.
 * @param {number} milliseconds */
export function clock(milliseconds) {
  const seconds = Math.max(0, Math.ceil(milliseconds / 1000));
  const two = (/** @type {number} */ value) => String(value).padStart(2, '0');
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}

/** The index of the form that a number takes among the forms of a text.
 * @param {string} language @param {number} value @param {number} count how many forms the text gives */
function form(language, value, count) {
  const category = kept('p' + language, () => new Intl.PluralRules(language)).select(value);
  const index = category === 'one' ? 0 : category === 'few' && count > 2 ? 1 : count - 1;
  return Math.min(index, count - 1);
}

/** A text with its values. What a value does not give is left out, with the blanks that would stand
 * double or at the end.
 * @param {string} language @param {string} text @param {Record<string, any>} values */
export function fill(language, text, values) {
  const filled = text.replace(/\{(\w+)(?::([^}]*))?\}/g, (_, name, forms) => {
    const value = values[name];
    if (value === undefined || value === null) return '';
    if (typeof value !== 'number') return String(value);
    const shown = number(language, value);
    if (!forms) return shown;
    const list = forms.split('|');
    return list[form(language, value, list.length)].replace('#', shown);
  });
  return filled.replace(/  +/g, ' ').trim();
}
