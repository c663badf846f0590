// What the host wants everybody to read, and what the law wants said: the note and the disclosure.

import { el, setText, show } from '../../dom.js';

/** @param {HTMLElement} root
 * @param {import('../../page.js').Page} page
 * @returns {import('../../page.js').Widget} */
export default function mount(root, page) {
  const note = el('p', { class: 'note', ls: 'note' });
  const disclosure = el('p', { class: 'disclosure', ls: 'disclosure' });
  root.append(note, disclosure);
  page.shop.on('note.set', (event) => page.newsEvent(event));
  return {
    update(state) {
      setText(note, state.note?.text ?? '');
      show(note, Boolean(state.note?.text));
      setText(disclosure, state.disclosure ?? '');
      show(disclosure, Boolean(state.disclosure));
    },
  };
}
