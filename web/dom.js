// The little that the widgets need to make and keep elements. Text is always set as text: nothing that
// people wrote is ever read as HTML.

/** Makes an element. `ls` is its stable name (data-ls), `on…` are listeners, `text` is its text, false and
 * null leave an attribute out.
 * @param {string} tag
 * @param {Record<string, any>} [attributes]
 * @param {...(Node|string|null|undefined|false)} children
 * @returns {any} */
export function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === 'text') element.textContent = value;
    else if (name === 'ls') element.dataset.ls = value;
    else if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? '' : String(value));
  }
  for (const child of children) if (child) element.append(child);
  return element;
}

/** Sets a text only when it is another one, so that readers and selections are left in peace.
 * @param {Element|null|undefined} element
 * @param {string} text */
export function setText(element, text) {
  if (element && element.textContent !== text) element.textContent = text;
}

/** @param {Element} element
 * @param {string} name
 * @param {string|number|null|false|undefined} value */
export function setAttribute(element, name, value) {
  if (value === null || value === undefined || value === false) {
    if (element.hasAttribute(name)) element.removeAttribute(name);
  } else if (element.getAttribute(name) !== String(value)) {
    element.setAttribute(name, String(value));
  }
}

/** @param {any} element
 * @param {boolean} isShown */
export function show(element, isShown) {
  if (element.hidden === isShown) element.hidden = !isShown;
}

/** Keeps the children of `parent` in step with a list: elements stay with their key, so that focus, scroll
 * and input stay, too.
 * @template T
 * @param {any} parent
 * @param {readonly T[]} items
 * @param {(item: T) => string} keyOf
 * @param {(item: T) => {element: any, update: (item: T) => void}} make */
export function sync(parent, items, keyOf, make) {
  /** @type {Map<string, {element: any, update: (item: any) => void}>} */
  const kept = (parent.parts ??= new Map());
  const wanted = new Set(items.map(keyOf));
  for (const [key, part] of kept)
    if (!wanted.has(key)) { part.element.remove(); kept.delete(key); }
  let place = parent.firstElementChild;
  for (const item of items) {
    const key = keyOf(item);
    let part = kept.get(key);
    if (!part) { part = make(item); kept.set(key, part); }
    if (part.element === place) place = place.nextElementSibling;
    else parent.insertBefore(part.element, place);
    part.update(item);
  }
}

/** An address that may be loaded: https, a path of this server, or http on this machine.
 * @param {string|null|undefined} address
 * @returns {string|null} */
export function safeAddress(address) {
  if (!address) return null;
  try {
    const url = new URL(address, location.origin);
    const isNear = url.origin === location.origin;
    const isLocal = url.protocol === 'http:' && ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname);
    return url.protocol === 'https:' || isNear || isLocal ? url.href : null;
  } catch {
    return null;
  }
}

/** Pictures that did not load: they are not asked for again.
 * @type {Set<string>} */
const failed = new Set();

/** One of six numbers for a text, always the same.
 * @param {string} text */
function tone(text) {
  let hash = 2166136261;
  for (const letter of text) hash = Math.imul(hash ^ letter.charCodeAt(0), 16777619) >>> 0;
  return (hash >>> 7) % 6;
}

/** A picture, or a quiet tile with the first letter where there is none or it does not load.
 * @param {{id: string, title: string, media?: string[]}} product */
export function picture(product) {
  const letter = [...product.title.trim()][0] ?? '';
  const box = el('div', { class: `picture tone-${tone(product.id)}`, 'aria-hidden': 'true' },
    el('span', { class: 'letter', text: letter.toLocaleUpperCase() }));
  const address = safeAddress(product.media?.[0]);
  if (address && !failed.has(address)) {
    const image = el('img', { alt: '', decoding: 'async', loading: 'lazy', referrerpolicy: 'no-referrer' });
    image.addEventListener('load', () => { box.classList.add('has-image'); });
    image.addEventListener('error', () => { failed.add(address); image.remove(); });
    image.src = address;
    box.append(image);
  }
  return box;
}
