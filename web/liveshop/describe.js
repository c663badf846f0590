// Events, notices and refusals in words, in the reader's language: for the screen, a screen reader or a log.

import { clock, fill, money, pickLanguage } from './words.js';
import { texts } from './texts.js';

/** @typedef {import('./types.js').State} State */
/** @typedef {import('./types.js').ServerMessage} ServerMessage */

const amounts = new Set(['price', 'prior_price', 'unit_price', 'total', 'discount', 'amount']);
/** Moments, with the name under which texts have the time until then. */
/** @type {Record<string, string>} */
const moments = {
  expires_at: 'expires_in', starts_at: 'starts_in', ends_at: 'ends_in', pay_by: 'pay_in', until: 'until_in',
};
const claimsMax = 2;
const productsMax = 5;

/** What people call a SKU: the product's title, and the variant's where there are several.
 * @param {string} sku @param {Partial<State>} [state] */
function item(sku, state) {
  const known = state?.bySku?.get(sku);
  if (!known) return sku;
  const { product, variant } = known;
  return product.variants.length > 1 && variant.title ? `${product.title} – ${variant.title}` : product.title;
}

/** @param {any} product an id or a whole product @param {Partial<State>} [state] */
function title(product, state) {
  return typeof product === 'string' ? state?.byProduct?.get(product)?.title ?? product : product.title;
}

/** @param {Record<string, any>} data @param {string} language @param {Partial<State>|undefined} state
 * @param {number} now @returns {Record<string, any>} */
function valuesOf(data, language, state, now) {
  /** @type {Record<string, any>} */
  const values = {};
  for (const [name, value] of Object.entries(data)) {
    if (name === 'product') values.product = title(value, state);
    else if (name === 'sku') values.item = item(value, state);
    else if (moments[name] && typeof value === 'string') values[moments[name]] = clock(Date.parse(value) - now);
    else if (amounts.has(name)) values[name] = money(language, value, state?.show?.currency);
    else if (typeof value === 'string' || typeof value === 'number') values[name] = value;
    else if (value && typeof value === 'object' && !Array.isArray(value))
      Object.assign(values, valuesOf(value, language, state, now));
  }
  // "o_815c61ac90f67c21…" is for machines; its beginning tells orders apart.
  if (typeof values.order === 'string') values.order = values.order.replace(/^o_/, '').slice(0, 6).toUpperCase();
  if (data.product && data.sku) values.product = item(data.sku, state);
  return values;
}

/** One sentence about an event or a notice; empty for what has no text. Titles and the currency are
 * taken from `state`, if given; else SKUs and bare minor units stand for them.
 * @param {ServerMessage} event @param {string} language one of `languages`, or a tag such as pl-PL; another is read as English
 * @param {Partial<State>} [state] */
export function describe(event, language, state) {
  language = pickLanguage([language]);
  const words = texts[language];
  const data = event.data ?? {};
  const now = event.time ? Date.parse(event.time) : Date.now();
  const values = valuesOf(data, language, state, now);
  const say = (/** @type {string} */ key, more = values) => fill(language, words[key] ?? '', more);
  switch (event.type) {
    case 'claim.held': {
      const claims = data.claims ?? [];
      if (claims.length === 0)
        return (data.totals ?? []).map((/** @type {any} */ total) =>
          say('claim.counts', valuesOf(total, language, state, now))).join(' ');
      const said = claims.slice(-claimsMax).map((/** @type {any} */ claim) =>
        say('claim.held', valuesOf(claim, language, state, now)));
      if (claims.length > claimsMax) said.push(say('claim.more', { count: claims.length - claimsMax }));
      return said.join(' ');
    }
    case 'queue.changed': {
      const titles = (data.products ?? []).map((/** @type {string} */ id) => title(id, state));
      if (titles.length === 0) return say('queue.emptied');
      const more = titles.length > productsMax ? ', …' : '';
      return say('queue.changed', { products: titles.slice(0, productsMax).join(', ') + more });
    }
    case 'room.configured':
      return say('room.configured', { settings: Object.entries(data)
        .map(([name, value]) => `${name} ${typeof value === 'string' ? value : JSON.stringify(value)}`).join(', ') });
    case 'participant.timed_out':
      // A time that is not in the future lifts it.
      return say(Date.parse(data.until) <= now ? 'participant.untimed' : event.type);
    case 'participant.restricted':
      return say(data.restricted === false ? 'participant.unrestricted' : 'participant.restricted');
    case 'participant.role_changed':
      return say('participant.role_changed', { role: words['role.' + data.role] ?? data.role });
    case 'waitlist.passed':
    case 'order.cancelled':
      return say(event.because === 'time' ? event.type + '.time' : event.type);
    default:
      return say(event.type);
  }
}

/** One sentence about a refusal, for the person whose request it was.
 * @param {{code: string, details?: Record<string, any>}} error @param {string} language
 * @param {Partial<State>} [state] */
export function describeError(error, language, state) {
  language = pickLanguage([language]);
  const words = texts[language];
  const values = valuesOf(error.details ?? {}, language, state, Date.now());
  values.code = error.code;
  values.retry = Math.max(1, Math.ceil((error.details?.retry_after_ms ?? 0) / 1000));
  const key = 'error.' + error.code;
  const full = error.code === 'limit_reached' && error.details?.limit === undefined ? key + '.bare' : key;
  return fill(language, words[full] ?? words['error.other'], values);
}
