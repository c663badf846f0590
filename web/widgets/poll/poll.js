// The open poll: choices to press, counts as they come, your own vote, the time left; after the end the
// result for a while.

import { clock } from '../../liveshop.js';
import { el, setAttribute, setText, show, sync } from '../../dom.js';

const resultMilliseconds = 30_000;

/** @param {HTMLElement} root
 * @param {import('../../page.js').Page} page
 * @returns {import('../../page.js').Widget} */
export default function mount(root, page) {
  const { shop } = page;
  const kicker = el('p', { class: 'kicker' });
  const question = el('h2', { class: 'poll-question', id: 'poll-question' });
  const choices = el('div', { class: 'choices', role: 'group', 'aria-labelledby': 'poll-question' });
  const foot = el('p', { class: 'quiet' });
  const box = el('div', { class: 'poll', ls: 'poll' }, kicker, question, choices, foot);
  root.append(box);
  let shownUntil = 0;
  let drawn = '';
  shop.on('poll.opened', (event) => page.newsEvent(event));
  shop.on('poll.closed', (event) => { shownUntil = performance.now() + resultMilliseconds; page.newsEvent(event); });

  const current = () => shop.state.poll ?? (performance.now() < shownUntil ? shop.state.pollClosed : null);

  return {
    update(state) {
      const poll = current();
      show(root, poll !== null);
      if (!poll) return;
      if (drawn !== poll.poll) { drawn = poll.poll; sync(choices, [], String, () => ({ element: null, update() {} })); }
      setAttribute(box, 'data-poll', poll.poll);
      setText(question, poll.question);
      const counts = poll.counts ?? [];
      sync(choices, poll.choices.map((text, index) => ({ text, index, count: counts[index] ?? 0 })), (choice) => String(choice.index), ({ index }) => {
        const text = el('span', { class: 'choice-text' });
        const share = el('span', { class: 'choice-share' });
        const bar = el('span', { class: 'choice-bar', 'aria-hidden': 'true' });
        const element = el('button', { type: 'button', class: 'choice', ls: 'choice', 'data-choice': index,
          onclick: () => { const open = shop.state.poll; if (open) page.act(`vote ${open.poll}`, () => shop.vote(open.poll, index)); } }, bar, text, share);
        return { element, update: (choice) => {
          const isMine = shop.state.votes.get(drawn) === index;
          const total = (current()?.counts ?? []).reduce((sum, count) => sum + count, 0);
          setText(text, choice.text + (isMine ? ` (${page.t('poll.mine')})` : ''));
          setText(share, total > 0 ? page.t('poll.votes', { n: choice.count }) : '');
          bar.style.setProperty('--share', String(total > 0 ? choice.count / total : 0));
          setAttribute(element, 'aria-pressed', isMine ? 'true' : 'false');
          element.disabled = shop.state.poll === null;
        } };
      });
      this.tick?.(shop.now());
    },
    tick(now) {
      const poll = current();
      if (!poll) { show(root, false); return; }
      const isOpen = shop.state.poll !== null;
      setText(kicker, page.t(isOpen ? 'poll' : 'poll.closed'));
      const votes = page.t('poll.votes', { n: poll.voters ?? 0 });
      setText(foot, isOpen ? `${votes} · ${page.t('flash.left', { time: clock(Date.parse(poll.ends_at) - now) })}` : votes);
    },
  };
}
