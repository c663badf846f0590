// The chat: the newest messages, a line to write in, and under which name one writes. What people wrote
// is set as text. Only the newest lines are in the page, however long the evening.

import { el, setAttribute, setText, show, sync } from '../../dom.js';

/** @typedef {import('../../liveshop/types.js').ChatMessage} ChatMessage */

const linesMax = 120;
/** Nearer to the end than this, new lines pull the list along. */
const endPixels = 60;

/** @param {HTMLElement} root
 * @param {any} page
 * @returns {import('../../page.js').Widget} */
export default function mount(root, page) {
  const { shop } = page;
  const list = el('div', { class: 'lines-of-chat', ls: 'chat-list', role: 'log', 'aria-live': 'off', 'aria-label': page.t('chat'), tabindex: 0 });
  const empty = el('p', { class: 'quiet chat-empty', text: page.t('chat.empty') });
  const newer = el('button', { type: 'button', class: 'newer', text: page.t('chat.newer'), onclick: () => { list.scrollTop = list.scrollHeight; show(newer, false); } });
  const input = el('input', { class: 'field', ls: 'chat-input', name: 'message', autocomplete: 'off', enterkeyhint: 'send', maxlength: 200, placeholder: page.t('chat.write'), 'aria-label': page.t('chat.write') });
  const send = el('button', { class: 'button', ls: 'chat-send', text: page.t('chat.send') });
  const form = el('form', { class: 'composer', onsubmit: (/** @type {Event} */ event) => { event.preventDefault(); say(); } }, input, send);
  const who = el('p', { class: 'quiet who' });
  const name = el('input', { class: 'field', ls: 'name-input', name: 'name', maxlength: 40, autocomplete: 'nickname', required: true, placeholder: page.t('name'), 'aria-label': page.t('name') });
  const join = el('button', { class: 'button', ls: 'join', text: page.t('join') });
  const naming = el('form', { class: 'composer', onsubmit: (/** @type {Event} */ event) => { event.preventDefault(); rename(); } }, name, join);
  root.append(el('h2', { class: 'section', text: page.t('chat') }), el('div', { class: 'chat-box' }, list, empty, newer), form, who, naming);
  show(newer, false);
  let hasJoined = page.hasName();
  let isAtEnd = true;
  list.addEventListener('scroll', () => {
    isAtEnd = list.scrollHeight - list.scrollTop - list.clientHeight < endPixels;
    if (isAtEnd) show(newer, false);
  }, { passive: true });

  async function say() {
    const text = input.value.trim();
    if (!text) return;
    input.value = '';
    const reply = await page.act(`say ${text}`, () => shop.say(text));
    // A refused message is not lost to its writer.
    if (!reply && input.value === '') input.value = text;
    isAtEnd = true;
  }

  function rename() {
    const chosen = name.value.trim();
    if (!chosen) return;
    hasJoined = true;
    name.value = '';
    page.rename(chosen);
    shop.changed();
  }
  shop.on('connection', (/** @type {any} */ state) => {
    if (state.connection !== 'ended' || state.closed?.error !== 'bad_request') return;
    hasJoined = false;
    page.forgetName();
    page.fail(page.t('name.bad'));
    shop.changed();
    requestAnimationFrame(() => requestAnimationFrame(() => name.focus()));
  });
  for (const type of ['participant.timed_out', 'participant.restricted', 'participant.role_changed', 'chat.rejected'])
    shop.on(type, (/** @type {any} */ event) => page.sayEvent(event));

  /** @param {ChatMessage} message */
  function make(message) {
    const isStaff = ['host', 'co_host', 'moderator', 'admin'].includes(message.role);
    const isMine = message.participant === shop.state.you?.participant;
    const text = el('span', { class: 'chat-text', dir: 'auto', text: message.text });
    const element = el('p', { ls: 'chat-message', 'data-message': message.message, class: isStaff ? 'is-staff' : '' },
      el('b', { class: 'chat-name', dir: 'auto', text: message.name }),
      isStaff && el('span', { class: 'tag', text: page.t(`role.${message.role === 'admin' ? 'host' : message.role}`) }),
      isMine && el('span', { class: 'tag mine', text: page.t('you') }), ' ', text,
      message.sampled && el('span', { class: 'quiet dropped', text: page.t('chat.dropped', { n: message.sampled.dropped }) }));
    return { element, update: (/** @type {ChatMessage} */ now) => {
      setText(text, now.text);
      setAttribute(element, 'data-pending', now.pending && 'true');
    } };
  }

  return {
    update(state) {
      const lines = state.chat.slice(-linesMax);
      const newest = list.lastElementChild?.getAttribute('data-message');
      sync(list, lines, (line) => line.message, make);
      if (isAtEnd) list.scrollTop = list.scrollHeight;
      else if (newest !== list.lastElementChild?.getAttribute('data-message')) show(newer, true);
      show(empty, state.joined && lines.length === 0);
      const { chat_length } = state.limits;
      if (chat_length) setAttribute(input, 'maxlength', chat_length);
      const isOff = state.room.chat === 'off';
      const isOver = state.show?.status === 'ended';
      show(form, !isOver);
      if (input.disabled !== isOff) { input.disabled = isOff; send.disabled = isOff; }
      setAttribute(input, 'placeholder', page.t(isOff ? 'chat.off' : 'chat.write'));
      setText(who, state.you ? page.t('you.are', { name: state.you.name }) : '');
      // Another name makes another guest: only while there is nothing to lose.
      const hasNothing = state.holds.length + state.orders.length + state.waitlist.length === 0;
      const isRefused = state.closed?.error === 'bad_request';
      show(naming, (!hasJoined && hasNothing && !page.hasToken() && !isOver && state.connection !== 'ended') || isRefused);
    },
  };
}
