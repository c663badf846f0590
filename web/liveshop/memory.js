// What outlives a page: the guest's token (for all tabs of a browser) and the requests that are not
// answered yet (of this tab). Storage that is missing, full or forbidden is done without.

/** @typedef {import('./types.js').KeyValueStorage} KeyValueStorage */
/** @typedef {{type: string, data: any, at: number}} Pending */

/** @param {'localStorage'|'sessionStorage'} name @returns {KeyValueStorage|null} */
function browserStorage(name) {
  // Reading the property throws where storage is forbidden.
  try { return /** @type {any} */ (globalThis)[name] ?? null; } catch { return null; }
}

export class Memory {
  /** @param {string} show @param {KeyValueStorage|null|undefined} storage as in the options of `connect` */
  constructor(show, storage) {
    this.tokenKey = `liveshop:${show}:guest`;
    this.pendingKey = `liveshop:${show}:pending`;
    this.kept = storage === undefined ? browserStorage('localStorage') : storage;
    this.session = storage === undefined ? browserStorage('sessionStorage') : storage;
  }

  /** @param {KeyValueStorage|null} storage @param {string} key */
  read(storage, key) {
    try { return JSON.parse(storage?.getItem(key) ?? 'null'); } catch { return null; }
  }

  /** @param {KeyValueStorage|null} storage @param {string} key @param {any} value null removes it */
  write(storage, key, value) {
    try {
      if (value === null) storage?.removeItem(key);
      else storage?.setItem(key, JSON.stringify(value));
    } catch { /* a page without storage works, and forgets */ }
  }

  /** @returns {{token: string, name: string}|null} */
  get guest() {
    const guest = this.read(this.kept, this.tokenKey);
    return typeof guest?.token === 'string' ? guest : null;
  }
  set guest(guest) { this.write(this.kept, this.tokenKey, guest); }

  /** @returns {Pending[]} */
  get pending() {
    const list = this.read(this.session, this.pendingKey);
    return Array.isArray(list) ? list.filter((one) => one?.type && one.data?.key) : [];
  }
  set pending(list) { this.write(this.session, this.pendingKey, list.length > 0 ? list : null); }
}

/** A key nobody else has. `crypto.randomUUID` exists on https and localhost only. */
export function newKey() {
  const crypto = globalThis.crypto;
  if (crypto.randomUUID) return crypto.randomUUID();
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
