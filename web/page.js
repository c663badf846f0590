// What all widgets of a page share: the show, the language, the clock, and the way to tell people what
// happened. Made once by viewer.js.

import { clock, describe, describeError, fill, languages, money, pickLanguage } from './liveshop.js';
import { el, setText, show } from './dom.js';

/** @typedef {import('./liveshop.js').Shop} Shop */
/** @typedef {import('./liveshop/types.js').State} State */
/** @typedef {import('./liveshop/types.js').Product} Product */
/** @typedef {import('./liveshop/types.js').Variant} Variant */
/** @typedef {{update?: (state: State) => void, tick?: (now: number) => void}} Widget */

/** The language of the address (`?lang=`), else of the browser. */
export function languageOfPage() {
  const asked = new URLSearchParams(location.search).get('lang');
  return pickLanguage([...(asked ? [asked] : []), ...navigator.languages]);
}

/** Loads a language and puts its words into the page: `data-t` texts, `data-t-label` labels.
 * @param {string} language */
export async function loadWords(language) {
  const words = (await import(`./texts/${languages.includes(language) ? language : 'en'}.js`)).default;
  document.documentElement.lang = language;
  for (const element of document.querySelectorAll('[data-t]'))
    setText(element, words[/** @type {HTMLElement} */ (element).dataset.t ?? ''] ?? element.textContent ?? '');
  for (const element of document.querySelectorAll('[data-t-label]'))
    element.setAttribute('aria-label', words[/** @type {HTMLElement} */ (element).dataset.tLabel ?? ''] ?? '');
  return words;
}

/** How long a sentence about yourself stays alone. */
const mineMilliseconds = 4000;
const newsMax = 3;

export class Page {
  /** @param {Shop} shop
   * @param {string} language
   * @param {Record<string, string>} words */
  constructor(shop, language, words) {
    this.shop = shop;
    this.language = language;
    this.words = words;
    /** @type {Set<string>} */
    this.busy = new Set();
    this.said = document.querySelector('[data-ls="message"]');
    this.failed = document.querySelector('[data-ls="error"]');
    /** @type {Record<string, any>} */
    this.timers = {};
    this.mineUntil = 0;
    /** @type {string[]} */
    this.news = [];
    /** Opens a product in a dialog; the products widget sets it.
     * @type {(id: string, sku?: string) => void} */
    this.open = () => {};
  }

  /** @param {string} key
   * @param {Record<string, any>} [values] */
  t(key, values = {}) { return fill(this.language, this.words[key] ?? key, values); }

  /** @param {number} amount */
  money(amount) { return money(this.language, amount, this.shop.state.show?.currency); }

  /** The time until a moment, as a clock shows it.
   * @param {string} moment
   * @param {number} [now] */
  until(moment, now = this.shop.now()) { return clock(Date.parse(moment) - now); }

  /** A product's name, with the variant's where there are several.
   * @param {string} sku
   * @param {string} [known] what to say when the product is not known */
  item(sku, known = sku) {
    const found = this.shop.state.bySku.get(sku);
    if (!found) return known;
    const { product, variant } = found;
    return product.variants.length > 1 && variant.title ? `${product.title} – ${variant.title}` : product.title;
  }

  /** Says what happened to you, to eyes and screen readers.
   * @param {string} text */
  say(text) {
    if (!text) return;
    this.mineUntil = performance.now() + mineMilliseconds;
    this.tell(this.said, text, 7000);
    setText(this.failed, '');
  }

  /** Says what happened in the show. What happened to you is not talked over: news wait until it was heard.
   * @param {string} text */
  tellNews(text) {
    if (!text) return;
    const wait = this.mineUntil - performance.now();
    if (wait <= 0 && this.news.length === 0) { this.tell(this.said, text, 7000); return; }
    this.news = [...this.news, text].slice(-newsMax);
    if (this.news.length === 1) setTimeout(() => this.tellNext(), Math.max(0, wait));
  }

  tellNext() {
    const wait = this.mineUntil - performance.now();
    if (wait > 0) { setTimeout(() => this.tellNext(), wait); return; }
    const text = this.news.shift();
    if (text) this.tell(this.said, text, 7000);
    if (this.news.length > 0) setTimeout(() => this.tellNext(), mineMilliseconds);
  }

  /** @param {any} event of mine */
  sayEvent(event) { this.say(describe(event, this.language, this.shop.state)); }

  /** @param {any} event of the show */
  newsEvent(event) { this.tellNews(describe(event, this.language, this.shop.state)); }

  /** @param {any} error a refusal, or a sentence */
  fail(error) {
    if (error?.code === 'closed') return;
    const text = typeof error === 'string' ? error : describeError(error, this.language, this.shop.state);
    this.tell(this.failed, text, 9000);
  }

  /** @param {Element|null} region
   * @param {string} text
   * @param {number} milliseconds */
  tell(region, text, milliseconds) {
    if (!region || !text) return;
    // The same sentence again is news, too.
    if (region.textContent === text) region.textContent = '';
    region.textContent = text;
    region.classList.add('is-fresh');
    const name = /** @type {HTMLElement} */ (region).dataset.ls ?? '';
    clearTimeout(this.timers[name]);
    this.timers[name] = setTimeout(() => region.classList.remove('is-fresh'), milliseconds);
  }

  /** A line near the thumb that says what is urgent in a section, and leads there. On a phone only, and
   * only while the section itself is out of sight.
   * @param {HTMLElement} section
   * @returns {{tell: (text: string) => void}} an empty text takes the line away */
  bar(section) {
    const line = el('button', { type: 'button', class: 'bar', hidden: true, onclick: () => {
      section.scrollIntoView({ block: 'center' });
      section.querySelector('button')?.focus({ preventScroll: true });
    } });
    document.querySelector('.bottom')?.append(line);
    let isInSight = false;
    new IntersectionObserver(([entry]) => { isInSight = entry?.isIntersecting ?? false; }, { threshold: .4 }).observe(section);
    return { tell: (text) => { setText(line, text); show(line, text !== '' && !isInSight); } };
  }

  /** Does something once at a time under a name: a second press meanwhile does nothing. Failures are told.
   * @param {string} name
   * @param {() => Promise<any>} work
   * @returns {Promise<any>} what came, or undefined after a failure */
  async act(name, work) {
    if (this.busy.has(name)) return undefined;
    const pressed = document.activeElement;
    this.busy.add(name);
    this.shop.changed();
    try { return await work(); } catch (error) { this.fail(error); return undefined; } finally {
      this.busy.delete(name);
      this.shop.changed();
      // A button that goes away with what it did takes no reader along to nowhere.
      setTimeout(() => {
        if (document.activeElement === document.body && pressed !== document.body)
          /** @type {HTMLElement|null} */ (document.querySelector('#shop'))?.focus({ preventScroll: true });
      }, 300);
    }
  }
}
