// Everything in the show, with a search; a product opens in a dialog from which it can be reserved. The
// snapshot has the first 500; the rest is fetched by HTTP where the server has that list.

import { Card, stockText } from '../../card.js';
import { el, picture, setAttribute, setText, show, sync } from '../../dom.js';

/** @typedef {import('../../liveshop/types.js').Product} Product */

const pageSize = 24;

/** For searching: lower case, without accents.
 * @param {string} text */
const plain = (text) => text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();

/** @param {HTMLElement} root
 * @param {import('../../page.js').Page} page
 * @returns {import('../../page.js').Widget} */
export default function mount(root, page) {
  const { shop } = page;
  const search = el('input', { class: 'field', type: 'search', ls: 'search', placeholder: page.t('search'), 'aria-label': page.t('search'), oninput: () => { wanted = pageSize; draw(); } });
  const count = el('p', { class: 'quiet', role: 'status' });
  const list = el('ul', { class: 'grid', ls: 'products' });
  const more = el('button', { type: 'button', class: 'button', text: page.t('products.more'), onclick: () => { wanted += pageSize; draw(); fetchRest(); } });
  root.append(el('div', { class: 'shelf-head' }, el('h2', { class: 'section', text: page.t('products') }), search), count, list, more);
  let wanted = pageSize;
  let isFetching = false;
  let cannotFetch = false;

  // The dialog.
  const close = el('button', { type: 'button', class: 'close', 'aria-label': page.t('close'), text: '×', onclick: () => dialog.close() });
  const inside = el('div', {});
  const dialog = el('dialog', { class: 'sheet', 'aria-label': page.t('about'), onclick: (/** @type {MouseEvent} */ event) => { if (event.target === dialog) dialog.close(); },
    onclose: () => { card = null; inside.replaceChildren(); document.body.append(...toasts); } }, close, inside);
  // What a modal dialog covers is neither seen nor read: what is said comes along.
  const toasts = document.querySelectorAll('.toasts');
  document.body.append(dialog);
  /** @type {Card|null} */
  let card = null;
  page.open = (id, sku) => {
    card = new Card(page, id, { sku, done: () => dialog.close() });
    inside.replaceChildren(card.element);
    card.update();
    card.about.open = true;
    dialog.append(...toasts);
    dialog.showModal();
  };

  /** Asks for the products that the snapshot had no room for. */
  async function fetchRest() {
    const { state } = shop;
    if (isFetching || cannotFetch || state.products.length >= state.products_total || !state.show) return;
    isFetching = true;
    try {
      let after = '';
      for (;;) {
        const answer = await fetch(`/v1/shows/${encodeURIComponent(state.show.id)}/products?limit=1000${after}`);
        if (!answer.ok) throw new Error(String(answer.status));
        const { products, next } = await answer.json();
        shop.learn(products);
        if (!next) break;
        after = `&after=${encodeURIComponent(next)}`;
      }
    } catch {
      // A server without this list still shows what the snapshot gave.
      cannotFetch = true;
    } finally {
      isFetching = false;
    }
  }

  /** @param {Product} first */
  function make({ id }) {
    const image = el('span', { class: 'tile-picture' });
    const title = el('span', { class: 'tile-title' });
    const price = el('span', { class: 'tile-price' });
    const stock = el('span', { class: 'tile-stock' });
    const element = el('li', { ls: 'product', 'data-product': id, class: 'tile' },
      el('button', { type: 'button', class: 'tile-button', onclick: () => page.open(id) }, image, title, price, stock));
    let pictured = '';
    return { element, update: (/** @type {Product} */ product) => {
      const media = product.media?.[0] ?? product.id;
      if (pictured !== media) { pictured = media; image.replaceChildren(picture(product)); }
      setText(title, product.title);
      const prices = product.variants.map((variant) => variant.price);
      const lowest = Math.min(...prices);
      const text = page.money(lowest);
      setText(price, prices.some((one) => one !== lowest) ? page.t('from', { price: text }) : text);
      const available = product.variants.reduce((sum, variant) => sum + Math.max(0, variant.available), 0);
      setText(stock, stockText(page, available));
      element.classList.toggle('is-out', available === 0);
    } };
  }

  function draw() {
    const { state } = shop;
    const words = plain(search.value).split(/\s+/).filter(Boolean);
    const fits = (/** @type {Product} */ product) => {
      if (words.length === 0) return true;
      const text = plain([product.title, product.code ?? '', ...product.variants.flatMap((variant) => [variant.sku, variant.title])].join(' '));
      return words.every((word) => text.includes(word));
    };
    if (words.length > 0) fetchRest();
    const found = state.products.filter(fits);
    sync(list, found.slice(0, wanted), (product) => product.id, make);
    const total = words.length > 0 ? found.length : Math.max(found.length, state.products_total);
    setText(count, total === 0 && state.joined && words.length > 0 ? page.t('products.none') : page.t('products.found', { n: total }));
    show(more, found.length > wanted || (words.length === 0 && !cannotFetch && state.products.length < state.products_total));
    setAttribute(root, 'data-total', total);
  }

  return {
    update(state) {
      show(root, state.products.length > 0);
      draw();
      card?.update();
    },
    tick(now) { card?.tick(now); },
  };
}
