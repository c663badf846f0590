// What is on screen: one product, or up to three, each ready to be reserved.

import { Card } from '../../card.js';
import { el, setAttribute, setText, show, sync } from '../../dom.js';

/** @param {HTMLElement} root
 * @param {import('../../page.js').Page} page
 * @returns {import('../../page.js').Widget} */
export default function mount(root, page) {
  const list = el('div', { class: 'pins' });
  const empty = el('div', { class: 'empty' }, el('p', { class: 'empty-title' }), el('p', { class: 'quiet' }));
  root.append(list, empty);
  /** @type {Map<string, Card>} */
  const cards = new Map();
  page.shop.on('product.pinned', (event) => page.newsEvent(event));
  page.shop.on('price.changed', (event) => {
    if (page.shop.state.pinned.some((pin) => pin.product === page.shop.state.bySku.get(event.data.sku)?.product.id)) page.newsEvent(event);
  });
  /** What was left of each SKU when it was told last. @type {Map<string, number>} */
  const left = new Map();
  page.shop.on('stock.changed', ({ type, data, ...event }) => {
    const before = left.get(data.sku);
    left.set(data.sku, data.available);
    // Units that come back are news for those who came too late.
    if (before === 0 && data.available > 0) page.newsEvent({ ...event, type: 'stock.again', data });
  });
  page.shop.on('product.sold_out', (event) => {
    left.set(event.data.sku, 0);
    if (page.shop.state.pinned.some((pin) => pin.product === page.shop.state.bySku.get(event.data.sku)?.product.id)) page.newsEvent(event);
  });

  return {
    update(state) {
      const pins = state.pinned.filter((pin) => state.byProduct.has(pin.product));
      sync(list, pins, (pin) => `${pin.product} ${pin.sku ?? ''}`, (pin) => {
        const card = new Card(page, pin.product, { sku: pin.sku, kicker: page.t('pinned') });
        card.element.dataset.ls = 'pinned';
        cards.set(pin.product, card);
        return { element: card.element, update: () => card.update() };
      });
      for (const id of cards.keys()) if (!pins.some((pin) => pin.product === id)) cards.delete(id);
      setAttribute(list, 'data-count', pins.length);
      document.body.classList.toggle('has-pin', pins.length === 1);
      show(empty, pins.length === 0);
      const isOver = state.show?.status === 'ended';
      setText(empty.children[0], state.joined ? page.t(isOver ? 'status.ended' : 'pinned.none') : page.t('connection.connecting'));
      setText(empty.children[1], state.joined ? page.t(isOver ? 'ended.long' : 'pinned.wait') : '');
    },
    tick(now) { for (const card of cards.values()) card.tick(now); },
  };
}
