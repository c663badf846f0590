// What you have reserved: how long it is yours, more time, give back, order. On a phone a line in the
// bar below keeps it in sight.

import { clock } from '../../liveshop.js';
import { el, setAttribute, setText, show, sync } from '../../dom.js';

const hurryMilliseconds = 60_000;

/** @param {HTMLElement} root
 * @param {import('../../page.js').Page} page
 * @returns {import('../../page.js').Widget} */
export default function mount(root, page) {
  const { shop } = page;
  const list = el('ul', { class: 'rows', ls: 'holds' });
  const all = el('button', { type: 'button', class: 'button primary', ls: 'order-all', onclick: () => order(shop.state.holds.map((hold) => hold.hold)) });
  root.append(el('h2', { class: 'section', id: 'holds-title', text: page.t('holds') }), list, all,
    el('p', { class: 'quiet', text: page.t('holds.hint') }));
  const bar = page.bar(root);
  /** @type {Map<string, any>} */
  const timers = new Map();
  for (const type of /** @type {const} */ (['hold.created', 'hold.extended', 'hold.expiring', 'hold.expired', 'hold.released']))
    shop.on(type, (event) => page.sayEvent(event));

  /** @param {string[]} holds */
  async function order(holds) {
    const reply = await page.act('order', () => shop.order(holds));
    if (!reply) return;
    // The next step comes into view with its button in focus.
    requestAnimationFrame(() => requestAnimationFrame(() => {
      const pay = document.querySelector(`[data-order="${CSS.escape(reply.order.order)}"] [data-ls="pay"]`);
      pay?.scrollIntoView({ block: 'center' });
      /** @type {any} */ (pay)?.focus({ preventScroll: true });
    }));
  }

  /** @param {import('../../liveshop/types.js').Hold} hold */
  function make({ hold }) {
    const name = el('p', { class: 'row-title' });
    const count = el('p', { class: 'quiet' });
    const hurry = el('span', { class: 'hurry', text: page.t('hurry') });
    const time = el('span', { ls: 'hold-timer', class: 'time', role: 'timer', 'aria-live': 'off' });
    const place = el('button', { type: 'button', class: 'button primary', ls: 'order', onclick: () => order([hold]) });
    const more = el('button', { type: 'button', class: 'button', ls: 'extend', text: page.t('extend'), onclick: () => page.act(`extend ${hold}`, () => shop.extend(hold)) });
    const back = el('button', { type: 'button', class: 'button plain', ls: 'release', text: page.t('release'), onclick: () => page.act(`release ${hold}`, () => shop.release(hold)) });
    const element = el('li', { class: 'row hold', ls: 'hold', 'data-hold': hold },
      el('div', { class: 'row-text' }, name, count), el('p', { class: 'row-time' }, hurry, time),
      el('div', { class: 'row-actions' }, place, more, back));
    timers.set(hold, { time, hurry, element });
    return { element, update: (/** @type {import('../../liveshop/types.js').Hold} */ now) => {
      const item = page.item(now.sku);
      setText(name, item);
      setText(count, `${now.quantity} × ${page.money(now.unit_price)}`);
      setText(place, page.t('order', { total: page.money(now.quantity * now.unit_price) }));
      show(more, now.extensions_left > 0);
      for (const button of [place, more, back]) setAttribute(button, 'aria-label', `${button.textContent}: ${item}`);
    } };
  }

  return {
    update(state) {
      show(root, state.holds.length > 0);
      sync(list, state.holds, (hold) => hold.hold, make);
      for (const id of timers.keys()) if (!state.holds.some((hold) => hold.hold === id)) timers.delete(id);
      const total = state.holds.reduce((sum, hold) => sum + hold.quantity * hold.unit_price, 0);
      show(all, state.holds.length > 1);
      setText(all, page.t('order.all', { total: page.money(total) }));
      this.tick?.(shop.now());
    },
    tick(now) {
      let soonest = Infinity;
      for (const hold of shop.state.holds) {
        const left = Date.parse(hold.expires_at) - now;
        soonest = Math.min(soonest, left);
        const timer = timers.get(hold.hold);
        setText(timer?.time, clock(left));
        if (timer) show(timer.hurry, left < hurryMilliseconds);
        timer?.element.classList.toggle('is-urgent', left < hurryMilliseconds);
      }
      bar.tell(soonest < Infinity ? `${page.t('holds.short', { n: shop.state.holds.length })} · ${clock(soonest)}` : '');
    },
  };
}
