// The head of the page: title, status of the show, viewers, and how the connection is. When the
// connection has ended it says why, and what one can do.

import { el, setAttribute, setText, show } from '../../dom.js';

/** @param {HTMLElement} root
 * @param {import('../../page.js').Page} page
 * @returns {import('../../page.js').Widget} */
export default function mount(root, page) {
  const title = root.querySelector('h1');
  const status = root.querySelector('[data-ls="status"]');
  const viewers = root.querySelector('[data-ls="viewers"]');
  const connection = root.querySelector('[data-ls="connection"]');
  const words = /** @type {HTMLElement} */ (connection?.querySelector('span'));
  const wall = el('div', { class: 'wall', role: 'alert' });
  const reason = el('p', {});
  const again = el('button', { type: 'button', class: 'button', text: page.t('again'), onclick: () => location.reload() });
  wall.append(reason, again);
  wall.hidden = true;
  root.after(wall);
  let wasLost = false;
  page.shop.on('connection', (state) => {
    if (state.connection === 'live' && wasLost) {
      wasLost = false;
      page.say(page.t('connection.back'));
    } else if (state.connection === 'offline' && state.joined && !wasLost) {
      wasLost = true;
      page.fail(page.t('connection.offline'));
    }
  });
  page.shop.on('server.restarting', (event) => page.newsEvent(event));
  for (const type of /** @type {const} */ (['show.started', 'show.paused', 'show.resumed', 'show.ended']))
    page.shop.on(type, (event) => page.newsEvent(event));

  return {
    update(state) {
      if (!connection) return;
      const isOver = state.show?.status === 'ended' && state.connection === 'live';
      setAttribute(connection, 'data-state', isOver ? 'ended' : state.connection);
      setText(words, page.t(isOver ? 'status.ended' : `connection.${state.connection}`));
      document.body.dataset.connection = state.connection;
      const { closed } = state;
      show(wall, state.connection === 'ended' && closed !== null);
      show(again, closed?.error !== 'bad_request');
      if (closed) {
        const known = ['not_found', 'unauthorized', 'banned'].includes(closed.error ?? '') ? closed.error : 'other';
        setText(reason, closed.error === 'bad_request' ? page.t('name.bad') : page.t(`closed.${known}`));
      }
      if (!state.show) return;
      setText(title, state.show.title);
      if (document.title !== state.show.title) document.title = state.show.title;
      if (status) {
        setText(status, page.t(`status.${state.show.status}`));
        setAttribute(status, 'data-status', state.show.status);
      }
      document.body.dataset.status = state.show.status;
      setText(viewers, page.t('viewers', { n: state.viewers }));
    },
  };
}
