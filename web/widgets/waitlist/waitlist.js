// Where you wait, and what is offered to you: take it, pass, or leave.

import { clock } from '../../liveshop.js';
import { el, setAttribute, setText, show, sync } from '../../dom.js';

/** @typedef {import('../../liveshop/types.js').WaitlistEntry} WaitlistEntry */

/** @param {HTMLElement} root
 * @param {import('../../page.js').Page} page
 * @returns {import('../../page.js').Widget} */
export default function mount(root, page) {
  const { shop } = page;
  const list = el('ul', { class: 'rows' });
  root.append(el('h2', { class: 'section', text: page.t('waitlist') }), list);
  const bar = page.bar(root);
  /** @type {Map<string, any>} */
  const timers = new Map();
  for (const type of /** @type {const} */ (['waitlist.joined', 'waitlist.offered', 'waitlist.passed']))
    shop.on(type, (event) => page.sayEvent(event));

  /** @param {WaitlistEntry} entry */
  function make({ sku }) {
    const name = el('p', { class: 'row-title' });
    const line = el('p', { class: 'quiet' });
    const time = el('span', { ls: 'offer-timer', class: 'time', role: 'timer', 'aria-live': 'off' });
    const accept = el('button', { type: 'button', class: 'button primary', ls: 'accept', onclick: () => page.act(`accept ${sku}`, () =>
      shop.accept(sku, shop.state.waitlist.find((entry) => entry.sku === sku)?.offer?.unit_price)) });
    const leave = el('button', { type: 'button', class: 'button plain', ls: 'leave', onclick: () => page.act(`leave ${sku}`, () => shop.leave(sku)) });
    const element = el('li', { class: 'row', ls: 'waitlist', 'data-sku': sku },
      el('div', { class: 'row-text' }, name, line), el('p', { class: 'row-time' }, time),
      el('div', { class: 'row-actions' }, accept, leave));
    timers.set(sku, time);
    return { element, update: (/** @type {WaitlistEntry} */ entry) => {
      const { offer, place, quantity } = entry;
      const item = page.item(sku);
      element.dataset.place = String(place);
      element.classList.toggle('is-offer', Boolean(offer));
      setText(name, `${quantity} × ${item}`);
      setText(line, offer ? `${page.t('offer')} · ${offer.quantity} × ${page.money(offer.unit_price)}`
        : `${page.t('waitlist.place', { place })}. ${page.t('waitlist.hint')}`);
      show(accept, Boolean(offer));
      show(time, Boolean(offer));
      if (offer) setText(accept, page.t('accept', { total: page.money(offer.quantity * offer.unit_price) }));
      setText(leave, page.t(offer ? 'pass' : 'leave'));
      for (const button of [accept, leave]) setAttribute(button, 'aria-label', `${button.textContent}: ${item}`);
    } };
  }

  return {
    update(state) {
      show(root, state.waitlist.length > 0);
      sync(list, state.waitlist, (entry) => entry.sku, make);
      for (const sku of timers.keys()) if (!state.waitlist.some((entry) => entry.sku === sku)) timers.delete(sku);
      this.tick?.(shop.now());
    },
    tick(now) {
      let soonest = Infinity;
      for (const { sku, offer } of shop.state.waitlist) {
        if (!offer) continue;
        const left = Date.parse(offer.expires_at) - now;
        soonest = Math.min(soonest, left);
        setText(timers.get(sku), clock(left));
      }
      bar.tell(soonest < Infinity ? `${page.t('offer')} · ${clock(soonest)}` : '');
    },
  };
}
