// The home page: shows that are on, that come, and that are over.

import { clock, fill } from './liveshop.js';
import { el } from './dom.js';
import { languageOfPage, loadWords } from './page.js';

/** @typedef {import('./liveshop/types.js').Show} Show */

const language = languageOfPage();
const words = await loadWords(language);
/** @param {string} key
 * @param {Record<string, any>} [values] */
const t = (key, values = {}) => fill(language, words[key] ?? key, values);
const root = /** @type {HTMLElement} */ (document.querySelector('#shows'));

/** @param {string|null} moment */
const date = (moment) => (moment ? new Date(moment).toLocaleString(language, { dateStyle: 'medium', timeStyle: 'short' }) : '');

/** When a show begins or began, as people say it.
 * @param {Show} show */
function when(show) {
  if (show.status !== 'scheduled') return date(show.started_at);
  if (!show.scheduled_at) return t('starts.soon');
  const left = Date.parse(show.scheduled_at) - Date.now();
  if (left <= 0) return t('starts.soon');
  return left < 3_600_000 ? t('starts.in', { time: clock(left) }) : t('starts.at', { time: date(show.scheduled_at) });
}

/** @param {Show} show */
function card(show) {
  const names = show.hosts.map((host) => host.name).join(', ');
  const language = new URLSearchParams(location.search).get('lang');
  const address = `/s/${encodeURIComponent(show.id)}${language ? `?lang=${encodeURIComponent(language)}` : ''}`;
  return el('li', {}, el('a', { class: 'show', href: address, 'data-show': show.id, 'data-status': show.status },
    el('span', { class: 'status', 'data-status': show.status, text: t(`status.${show.status}`) }),
    el('span', { class: 'show-title', text: show.title }),
    el('span', { class: 'quiet', text: [when(show), names ? t('hosts', { names }) : ''].filter(Boolean).join(' · ') })));
}

/** @param {string} key
 * @param {Show[]} shows */
function group(key, shows) {
  if (shows.length === 0) return null;
  return el('section', { class: `group group-${key}` }, el('h2', { class: 'section', text: t(`home.${key}`) }),
    el('ul', { class: 'shows' }, ...shows.map(card)));
}

/** @param {string|null} moment */
const time = (moment) => (moment ? Date.parse(moment) : Infinity);

try {
  const answer = await fetch('/v1/shows');
  if (!answer.ok) throw new Error(String(answer.status));
  /** @type {Show[]} */
  const shows = (await answer.json()).shows;
  const groups = [
    group('now', shows.filter((show) => ['live', 'paused'].includes(show.status))),
    group('next', shows.filter((show) => show.status === 'scheduled').sort((one, other) => time(one.scheduled_at) - time(other.scheduled_at))),
    group('past', shows.filter((show) => show.status === 'ended').sort((one, other) => time(other.started_at) - time(one.started_at))),
  ].filter((part) => part !== null);
  root.replaceChildren(...(groups.length > 0 ? groups : [el('p', { class: 'quiet', text: t('home.none') })]));
} catch {
  root.replaceChildren(el('p', { class: 'quiet', role: 'alert', text: t('home.failed') }));
}
root.setAttribute('aria-busy', 'false');
