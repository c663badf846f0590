// A product that can be reserved: title, price, stock, variants, quantity, button. Used by the pinned
// product and by the dialog of any other.

import { clock, saleOf } from './liveshop.js';
import { el, picture, setAttribute, setText, show, sync } from './dom.js';

/** @typedef {import('./page.js').Page} Page */
/** @typedef {import('./liveshop/types.js').Product} Product */
/** @typedef {import('./liveshop/types.js').Variant} Variant */

const fewUnits = 5;
const fullStock = 30;
const quantityMax = 99;
/** More variants than this are a list to choose from, not buttons. */
const pillsMax = 12;
let cards = 0;

/** How many units of a variant are left, in words.
 * @param {Page} page
 * @param {number} available */
export function stockText(page, available) {
  if (available <= 0) return page.t('stock.none');
  return page.t(available <= fewUnits ? 'stock.few' : 'stock.left', { n: available });
}

export class Card {
  /** @param {Page} page
   * @param {string} id the product
   * @param {{sku?: string, kicker?: string, done?: () => void}} options `sku`: the variant chosen at first;
   *   `done`: called when it was reserved */
  constructor(page, id, { sku, kicker, done }) {
    this.page = page;
    this.id = id;
    this.done = done;
    this.sku = sku ?? '';
    this.chosen = sku ?? '';
    cards += 1;
    this.group = `variant-${cards}`;
    this.picture = el('div', { class: 'card-picture' });
    this.pictured = '';
    this.title = el('h2', { class: 'card-title', tabindex: '-1', id: `${this.group}-title` });
    this.sponsored = el('span', { class: 'tag', text: page.t('sponsored') });
    this.price = el('span', { class: 'price', ls: 'price' });
    this.priorLabel = el('span', { class: 'unseen', text: ` ${page.t('before')} ` });
    this.prior = el('s', { class: 'prior', ls: 'prior-price' });
    this.priorBox = el('span', {}, this.priorLabel, this.prior);
    this.priceRow = el('p', { class: 'prices' }, this.price, this.priorBox);
    this.countdown = el('p', { class: 'countdown', ls: 'countdown', role: 'timer', 'aria-live': 'off' });
    this.stock = el('span', { ls: 'stock' });
    this.waiting = el('span', { class: 'quiet' });
    this.meter = el('span', { class: 'meter', 'aria-hidden': 'true' }, el('i'));
    this.variants = el('div', { class: 'pills' });
    this.select = el('select', { class: 'field', 'aria-label': page.t('variant'), onchange: () => this.choose(this.select.value) });
    this.fieldset = el('fieldset', { class: 'variants' },
      el('legend', { class: 'unseen', text: page.t('variant') }), this.variants, this.select);
    this.quantity = el('input', { ls: 'quantity', class: 'field', type: 'number', inputmode: 'numeric', min: 1, max: quantityMax,
      step: 1, value: 1, 'aria-label': page.t('quantity'), onchange: () => { this.setQuantity(this.units); }, oninput: () => this.update() });
    const step = (/** @type {number} */ by, /** @type {string} */ label, /** @type {string} */ sign) =>
      el('button', { type: 'button', class: 'step', 'aria-label': page.t(label), text: sign,
        onclick: () => this.setQuantity(this.units + by) });
    this.claimText = el('span', { class: 'claim-text' });
    this.claimPrice = el('span', { class: 'claim-price' });
    this.claim = el('button', { ls: 'claim', type: 'button', class: 'button primary', onclick: () => this.buy() }, this.claimText, this.claimPrice);
    this.buyBox = el('div', { class: 'buy' },
      el('div', { class: 'stepper' }, step(-1, 'quantity.less', '−'), this.quantity, step(1, 'quantity.more', '+')), this.claim);
    this.description = el('div', { class: 'prose' });
    this.about = el('details', { class: 'about', ontoggle: () => this.describe() },
      el('summary', { text: page.t('about') }), this.description);
    this.element = el('article', { class: 'card', 'aria-labelledby': `${this.group}-title` }, this.picture,
      el('div', { class: 'card-body' },
        el('p', { class: 'kicker' }, kicker ?? '', ' ', this.sponsored),
        this.title,
        this.priceRow, this.fieldset,
        el('p', { class: 'stock' }, this.meter, this.stock, this.waiting),
        this.buyBox, this.about));
  }

  /** @returns {Product|undefined} */
  get product() { return this.page.shop.state.byProduct.get(this.id); }

  /** The variant chosen: by hand, by the pin, or the first that is left. @returns {Variant|undefined} */
  get variant() {
    const variants = this.product?.variants ?? [];
    return variants.find((variant) => variant.sku === this.chosen)
      ?? variants.find((variant) => variant.available > 0) ?? variants[0];
  }

  get units() {
    const value = Math.floor(Number(this.quantity.value));
    const limit = this.variant?.limit || quantityMax;
    return Math.min(limit, quantityMax, Math.max(1, Number.isFinite(value) ? value : 1));
  }

  /** @param {number} units */
  setQuantity(units) {
    this.quantity.value = String(units);
    this.quantity.value = String(this.units);
    this.update();
  }

  /** @param {string} sku */
  choose(sku) {
    this.chosen = sku;
    this.setQuantity(this.units);
  }

  async buy() {
    const { page, variant, units } = this;
    if (!variant) return;
    const reply = await page.act(`claim ${variant.sku}`, () => page.shop.claim(variant.sku, { quantity: units, unit_price: variant.price }));
    if (reply?.outcome === 'first_paid') document.querySelector('[data-widget="orders"]')?.scrollIntoView({ block: 'nearest' });
    if (!reply) return;
    this.setQuantity(1);
    this.done?.();
  }

  async describe() {
    if (!this.about.open || this.isDescribed) return;
    this.isDescribed = true;
    const product = await this.page.act(`about ${this.id}`, () => this.page.shop.product(this.id));
    if (!product) { this.isDescribed = false; return; }
    const parts = String(product.description ?? '').split(/\n{2,}/).filter(Boolean);
    this.description.replaceChildren(...(parts.length > 0 ? parts : [this.page.t('about.none')])
      .map((text) => el('p', { text })));
  }

  update() {
    const { page, product, variant } = this;
    show(this.element, product !== undefined);
    if (!product || !variant) return;
    const { state } = page.shop;
    const media = product.media?.[0] ?? product.id;
    if (this.pictured !== media) {
      this.pictured = media;
      this.picture.replaceChildren(picture(product));
    }
    setText(this.title, product.title);
    show(this.sponsored, product.sponsored);
    const sale = saleOf(state, variant.sku);
    const prior = sale?.running ? variant.regular : variant.prior;
    setText(this.price, page.money(variant.price));
    show(this.priorBox, prior !== undefined && prior > variant.price);
    setText(this.prior, prior === undefined ? '' : page.money(prior));
    if (sale) this.priceRow.after(this.countdown);
    else this.countdown.remove();
    setAttribute(this.element, 'data-sku', variant.sku);
    this.updateVariants(product, variant);
    const waiting = state.waiting.get(variant.sku) ?? 0;
    setText(this.stock, stockText(page, variant.available));
    setText(this.waiting, variant.available <= 0 && waiting > 0 ? page.t('stock.waiting', { n: waiting }) : '');
    setAttribute(this.element, 'data-stock', variant.available <= 0 ? 'none' : variant.available <= fewUnits ? 'few' : 'some');
    this.meter.firstElementChild.style.setProperty('--share', String(Math.min(1, Math.max(0, variant.available) / fullStock)));
    const isBusy = page.busy.has(`claim ${variant.sku}`);
    setText(this.claimText, page.t(isBusy ? 'working' : variant.available <= 0 ? 'claim.waitlist' : 'claim'));
    setText(this.claimPrice, isBusy || variant.available <= 0 ? '' : page.money(variant.price * this.units));
    show(this.buyBox, state.show?.status !== 'ended' || state.room.replay_sales === true);
    setAttribute(this.claim, 'aria-busy', isBusy && 'true');
    setAttribute(this.claim, 'aria-describedby', `${this.group}-title`);
    this.tick(page.shop.now());
  }

  /** @param {Product} product
   * @param {Variant} chosen */
  updateVariants(product, chosen) {
    const { variants } = product;
    show(this.fieldset, variants.length > 1);
    const isList = variants.length > pillsMax;
    show(this.variants, !isList);
    show(this.select, isList);
    setAttribute(this.select, 'data-ls', isList && 'variant');
    if (variants.length < 2) return;
    const name = (/** @type {Variant} */ variant) => variant.title || variant.sku;
    if (isList) {
      sync(this.select, variants, (variant) => variant.sku, (variant) => {
        const element = el('option', { value: variant.sku });
        return { element, update: (now) => setText(element,
          now.available > 0 ? name(now) : `${name(now)} – ${this.page.t('stock.none')}`) };
      });
      if (this.select.value !== chosen.sku) this.select.value = chosen.sku;
      return;
    }
    sync(this.variants, variants, (variant) => variant.sku, (variant) => {
      const input = el('input', { type: 'radio', ls: 'variant', name: this.group, value: variant.sku, 'data-sku': variant.sku,
        onchange: () => this.choose(variant.sku) });
      const text = el('span', { text: name(variant) });
      const out = el('span', { class: 'unseen', text: ` – ${this.page.t('stock.none')}` });
      const element = el('label', { class: 'pill' }, input, text, out);
      return { element, update: (now) => {
        setText(text, name(now));
        element.classList.toggle('is-out', now.available <= 0);
        show(out, now.available <= 0);
        if (input.checked !== (now.sku === this.variant?.sku)) input.checked = now.sku === this.variant?.sku;
      } };
    });
  }

  /** @param {number} now */
  tick(now) {
    const { page, variant } = this;
    const sale = variant && saleOf(page.shop.state, variant.sku);
    if (!sale) return;
    const starts = Date.parse(sale.starts_at);
    const words = sale.running || starts <= now
      ? page.t('flash.left', { time: clock(Date.parse(sale.ends_at) - now) })
      : page.t('flash.in', { price: page.money(sale.price), time: clock(starts - now) });
    const limit = sale.per_buyer > 0 ? ` · ${page.t('flash.limit', { n: sale.per_buyer })}` : '';
    setText(this.countdown, `${page.t('flash')} · ${words}${limit}`);
  }
}
