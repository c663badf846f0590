// Your orders, newest first: what is to be paid, by when, and how it ended. Payment is by the checkout's
// address when the shop gives one, else with test money, where the server takes it.

import { clock } from '../../liveshop.js';
import { el, safeAddress, setAttribute, setText, show, sync } from '../../dom.js';

/** @typedef {import('../../liveshop/types.js').Order} Order */

/** @param {HTMLElement} root
 * @param {import('../../page.js').Page} page
 * @returns {import('../../page.js').Widget} */
export default function mount(root, page) {
  const { shop } = page;
  const list = el('ul', { class: 'rows', ls: 'orders' });
  root.append(el('h2', { class: 'section', text: page.t('orders') }), list);
  /** @type {Map<string, any>} */
  const timers = new Map();
  let isPaidElsewhere = false;
  for (const type of /** @type {const} */ (['order.placed', 'order.paid', 'order.cancelled', 'order.refund_due', 'order.refunded']))
    shop.on(type, (event) => page.sayEvent(event));

  /** @param {string} order */
  async function pay(order) {
    await page.act(`pay ${order}`, async () => {
      try { await shop.pay(order); } catch (error) {
        if (/** @type {any} */ (error).code !== 'forbidden') throw error;
        isPaidElsewhere = true;
        page.say(page.t('pay.later'));
      }
    });
  }

  /** @param {Order} first */
  function make({ order, checkout_url }) {
    const name = el('p', { class: 'row-title' });
    const status = el('p', { class: 'quiet' });
    const lines = el('ul', { class: 'lines' });
    const time = el('span', { class: 'time', role: 'timer', 'aria-live': 'off' });
    const address = safeAddress(checkout_url);
    const payment = address
      ? el('a', { class: 'button primary', ls: 'pay', href: address, target: '_blank', rel: 'noopener' })
      : el('button', { type: 'button', class: 'button primary', ls: 'pay', onclick: () => pay(order) });
    const cancel = el('button', { type: 'button', class: 'button plain', ls: 'cancel-order', text: page.t('order.cancel'), onclick: () => page.act(`cancel ${order}`, () => shop.cancel(order)) });
    const later = el('p', { class: 'quiet', text: page.t('pay.later') });
    const element = el('li', { class: 'row order', ls: 'order-row', 'data-order': order },
      el('div', { class: 'row-text' }, name, status), el('p', { class: 'row-time' }, time), lines,
      el('div', { class: 'row-actions' }, payment, later, cancel));
    timers.set(order, time);
    return { element, update: (/** @type {Order} */ now) => {
      const short = now.order.replace(/^o_/, '').slice(0, 6).toUpperCase();
      const title = page.t('order.number', { order: short });
      setAttribute(element, 'data-status', now.status);
      setText(name, `${title} · ${page.money(now.total)}`);
      setText(status, `${now.status === 'paid' ? '✓ ' : ''}${page.t(`order.${now.status}`)}`);
      sync(lines, now.lines, (line) => JSON.stringify(line), (line) => ({
        element: el('li', { text: `${line.quantity} × ${page.item(line.sku, line.title)} · ${page.money(line.total)}` }), update() {},
      }));
      const isOpen = now.status === 'placed';
      show(payment, isOpen && !(isPaidElsewhere && !address));
      show(later, isOpen && isPaidElsewhere && !address);
      show(cancel, isOpen);
      show(time, isOpen && now.pay_by !== undefined);
      setText(payment, page.t('pay', { total: page.money(now.total) }));
      for (const button of [payment, cancel]) setAttribute(button, 'aria-label', `${button.textContent}: ${title}`);
    } };
  }

  return {
    update(state) {
      show(root, state.orders.length > 0);
      // The server's list and later orders are both oldest first or not; the status matters more.
      const orders = [...state.orders].reverse().sort((one, other) => Number(other.status === 'placed') - Number(one.status === 'placed'));
      sync(list, orders, (order) => order.order, make);
      this.tick?.(shop.now());
    },
    tick(now) {
      for (const order of shop.state.orders)
        if (order.status === 'placed' && order.pay_by) setText(timers.get(order.order), clock(Date.parse(order.pay_by) - now));
    },
  };
}
