// The viewer's page: takes the token out of the address, joins the show, and lets the widgets of
// viewer.html show it. A widget is a folder widgets/NAME with NAME.js, whose default export gets its
// element and the page, and gives `update` (the state changed) and `tick` (four times a second).

import { connect } from './liveshop.js';
import { Page, languageOfPage, loadWords } from './page.js';

const show = decodeURIComponent(location.pathname.split('/')[2] ?? '');
const tokenKey = `liveshop:${show}:token`;
const nameKey = 'liveshop:name';

/** @param {'localStorage'|'sessionStorage'} kind
 * @param {string} key
 * @param {string} [value] */
function kept(kind, key, value) {
  try {
    if (value !== undefined) window[kind].setItem(key, value);
    return window[kind].getItem(key);
  } catch { return value ?? null; }
}

/** The token of `#token=…`, which must not stay in the address, or the one this tab was given before. */
function takeToken() {
  const given = new URLSearchParams(location.hash.slice(1)).get('token');
  if (given === null) return kept('sessionStorage', tokenKey) ?? undefined;
  history.replaceState(null, '', location.pathname + location.search);
  return kept('sessionStorage', tokenKey, given) ?? given;
}

const token = takeToken();
const parameters = new URLSearchParams(location.search);
document.body.classList.toggle('is-embedded', parameters.get('embed') === '1');

const language = languageOfPage();
const loading = loadWords(language);
// The words are loading while the connection is made.
const number = String(1000 + Math.floor(Math.random() * 9000));
const guest = { en: 'Guest', fi: 'Vieras', el: 'Επισκέπτης', pl: 'Gość', nl: 'Gast', sv: 'Gäst' }[language];
const name = kept('localStorage', nameKey) || `${guest ?? 'Guest'} ${number}`;
const attribution = Object.fromEntries(['source', 'medium', 'campaign'].map((part) => [part, parameters.get(`utm_${part}`)])
  .concat([['ref', parameters.get('ref')]]).filter(([, value]) => value).map(([part, value]) => [part, String(value).slice(0, 100)]));
const shop = connect({ show, token, name, attribution });
// When the page was joined, for those who measure.
shop.ready.then(() => performance.mark('liveshop:joined'), () => {});

// An embedding page of an allowed origin may hand a token in.
const allowed = (document.querySelector('meta[name="liveshop-origins"]')?.getAttribute('content') ?? '').split(/\s+/).filter(Boolean);
addEventListener('message', (event) => {
  if (event.origin !== location.origin && !allowed.includes(event.origin)) return;
  if (event.data?.type !== 'liveshop.token' || typeof event.data.token !== 'string') return;
  kept('sessionStorage', tokenKey, event.data.token);
  shop.signIn(event.data.token);
});

const page = new Page(shop, language, await loading);
/** Joins as a new guest under a name, and remembers it for other shows.
 * @param {string} chosen */
const rename = (chosen) => { kept('localStorage', nameKey, chosen); shop.join(chosen); };
Object.assign(page, { rename, hasToken: () => shop.token !== null, hasName: () => Boolean(kept('localStorage', nameKey)), forgetName: () => kept('localStorage', nameKey, '') });

/** @type {import('./page.js').Widget[]} */
const widgets = [];
await Promise.all([...document.querySelectorAll('[data-widget]')].map(async (element) => {
  const widget = /** @type {HTMLElement} */ (element).dataset.widget;
  const { default: mount } = await import(`./widgets/${widget}/${widget}.js`);
  widgets.push(mount(element, page));
}));

let isDrawing = false;
function draw() {
  isDrawing = false;
  for (const widget of widgets) {
    try { widget.update?.(shop.state); } catch (error) { console.error(error); }
  }
  tick();
}
function tick() {
  const now = shop.now();
  for (const widget of widgets) widget.tick?.(now);
}
shop.on('state', () => {
  if (isDrawing) return;
  isDrawing = true;
  // A page in the background draws once, when it is in front again.
  requestAnimationFrame(draw);
});
setInterval(() => { if (document.visibilityState === 'visible' && !isDrawing) tick(); }, 250);
draw();
