// Flash sales of products that are not on screen just now: a line each, which opens the product. Those of
// pinned products stand in their card.

import { clock } from '../../liveshop.js';
import { el, setText, sync } from '../../dom.js';

/** @param {HTMLElement} root
 * @param {import('../../page.js').Page} page
 * @returns {import('../../page.js').Widget} */
export default function mount(root, page) {
  /** @type {Map<string, any>} */
  const times = new Map();
  for (const type of /** @type {const} */ (['flash.scheduled', 'flash.started', 'flash.ended']))
    page.shop.on(type, (event) => page.newsEvent(event));

  return {
    update(state) {
      const pinned = new Set(state.pinned.map((pin) => pin.product));
      const sales = state.flash.filter((sale) => {
        const product = state.bySku.get(sale.sku)?.product;
        return product && !pinned.has(product.id);
      });
      sync(root, sales, (sale) => sale.flash, (sale) => {
        const name = el('strong', {});
        const time = el('span', { class: 'flash-time', ls: 'countdown', role: 'timer', 'aria-live': 'off' });
        const element = el('button', { type: 'button', class: 'flash-line', onclick: () => {
          const product = page.shop.state.bySku.get(sale.sku)?.product;
          if (product) page.open(product.id, sale.sku);
        } }, el('span', { class: 'tag hot', text: page.t('flash') }), name, time);
        times.set(sale.flash, time);
        return { element, update: (now) => setText(name, `${page.item(now.sku)} · ${page.money(now.price)}`) };
      });
      for (const id of times.keys()) if (!sales.some((sale) => sale.flash === id)) times.delete(id);
      this.tick?.(page.shop.now());
    },
    tick(now) {
      for (const sale of page.shop.state.flash) {
        const starts = Date.parse(sale.starts_at);
        setText(times.get(sale.flash), sale.running || starts <= now
          ? page.t('flash.left', { time: clock(Date.parse(sale.ends_at) - now) })
          : page.t('starts.in', { time: clock(starts - now) }));
      }
    },
  };
}
