// One connection at a time to the server: opens it, notices when it is dead, opens the next one after a
// pause that grows and is never the same for two clients. Knows close codes, nothing of shows. Used by shop.js.

/** @typedef {import('./types.js').Options} Options */
/** @typedef {{opened: () => void, received: (object: any) => void,
 *   lost: (info: {code: number, reason: string, final: boolean}) => void}} Hooks */

const backoffFirst = 500;
const openSeconds = 10;
/** A connection that lived shorter than this was no success. */
const steadyMilliseconds = 5000;
/** Close codes after which coming back would only repeat the mistake. */
const mistakes = new Set([1002, 1003, 1007, 1009]);

/** @param {number} code */
const isFinal = (code) => mistakes.has(code) || (code >= 4500 && code <= 4999);

export class Link {
  /** @param {Options} options @param {Hooks} hooks */
  constructor(options, hooks) {
    this.options = options;
    this.hooks = hooks;
    const page = globalThis.location?.origin;
    const server = options.server ?? page;
    if (!server) throw new TypeError('connect: `server` is needed where there is no page, such as https://shop.example');
    const url = new URL(server);
    this.isExact = url.protocol.startsWith('ws');
    this.http = url.origin.replace(/^ws/, 'http');
    if (this.isExact) this.http = `http${url.protocol === 'wss:' ? 's' : ''}://${url.host}`;
    this.own = this.isExact ? server : `${this.http.replace(/^http/, 'ws')}/v1/socket`;
    /** @type {any} */
    this.socket = null;
    this.attempt = 0;
    this.openedAt = 0;
    this.heardAt = 0;
    this.askedAt = 0;
    /** The server's advice for the next attempt, in milliseconds. */
    this.advice = 0;
    this.failedBefore = false;
    this.isStopped = true;
    /** @type {any} */
    this.retryTimer = null;
    /** @type {any} */
    this.watchTimer = null;
    this.wake = () => this.look();
    this.gone = () => { if (this.socket) this.drop(1006, 'offline'); };
  }

  start() {
    if (!this.isStopped) return;
    this.listen();
    this.open();
  }

  /** From now on the connection is kept up, and follows what the browser tells of network and page. */
  listen() {
    if (!this.isStopped) return;
    this.isStopped = false;
    const page = /** @type {any} */ (globalThis);
    page.addEventListener?.('online', this.wake);
    page.addEventListener?.('offline', this.gone);
    page.addEventListener?.('pageshow', this.wake);
    page.document?.addEventListener?.('visibilitychange', this.wake);
  }

  stop() {
    this.isStopped = true;
    clearTimeout(this.retryTimer);
    const page = /** @type {any} */ (globalThis);
    page.removeEventListener?.('online', this.wake);
    page.removeEventListener?.('offline', this.gone);
    page.removeEventListener?.('pageshow', this.wake);
    page.document?.removeEventListener?.('visibilitychange', this.wake);
    this.leave();
  }

  /** Another connection instead of this one, at once or after a pause.
   * @param {number} [pause] */
  restart(pause = 0) {
    this.leave();
    clearTimeout(this.retryTimer);
    this.retryTimer = null;
    this.listen();
    if (pause > 0) this.retryTimer = setTimeout(() => this.open(), pause);
    else this.open();
  }

  /** @param {string} text */
  send(text) {
    if (this.socket?.readyState === 1) this.socket.send(text);
  }

  /** The server took our `hello`: the address is good and the next pause may be short again. */
  succeeded() {
    this.openedAt = performance.now();
    this.failedBefore = false;
    this.advice = 0;
  }

  /** Lets go of the socket without a word to the hooks. */
  leave() {
    const socket = this.socket;
    this.socket = null;
    clearInterval(this.watchTimer);
    if (!socket) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.onerror = () => {};
    try { socket.close(); } catch { /* it was not open yet */ }
  }

  async open() {
    this.retryTimer = null;
    const url = this.failedBefore && !this.isExact ? await this.lookUp() : this.own;
    if (this.isStopped || this.socket) return;
    const WebSocket = this.options.WebSocket ?? globalThis.WebSocket;
    if (!WebSocket) throw new TypeError('connect: give a `WebSocket`; this platform has none');
    /** @type {any} */
    let socket;
    try { socket = new WebSocket(url, ['liveshop.v1']); } catch { this.drop(1006, 'no socket'); return; }
    this.socket = socket;
    this.openedAt = 0;
    this.heardAt = performance.now();
    this.askedAt = 0;
    socket.onopen = () => { this.heard(); this.hooks.opened(); };
    socket.onmessage = (/** @type {any} */ event) => {
      this.heard();
      for (const line of String(event.data).split('\n')) {
        if (line === '') continue;
        let object;
        try { object = JSON.parse(line); } catch { continue; }
        this.hooks.received(object);
        if (this.socket !== socket) return;
      }
    };
    socket.onclose = (/** @type {any} */ event) => this.drop(event.code, event.reason);
    // Where a policy forbids the address, Chromium tells an error and no close.
    socket.onerror = () => setTimeout(() => {
      if (this.socket === socket && socket.readyState === 3) this.drop(1006, 'not allowed');
    });
    clearInterval(this.watchTimer);
    this.watchTimer = setInterval(() => this.watch(), 1000);
  }

  heard() {
    this.heardAt = performance.now();
    this.askedAt = 0;
  }

  /** Asks after a silence, and gives up on a server that does not answer. */
  watch() {
    const now = performance.now();
    const { pingSeconds = 20, answerSeconds = 8 } = this.options;
    if (!this.socket) return;
    if (this.socket.readyState === 0) {
      if (now - this.heardAt > openSeconds * 1000) this.drop(1006, 'no answer');
    } else if (this.askedAt > 0) {
      if (now - this.askedAt > answerSeconds * 1000) this.drop(1006, 'no answer');
    } else if (now - this.heardAt > pingSeconds * 1000) {
      this.askedAt = now;
      this.send('{"id":"ping","type":"ping"}');
    }
  }

  /** The page is in front again or the network is back: do not wait for a timer. */
  look() {
    if (this.isStopped || globalThis.document?.visibilityState === 'hidden') return;
    if (this.retryTimer) {
      clearTimeout(this.retryTimer);
      this.open();
    } else if (this.socket?.readyState === 1 && this.askedAt === 0 && performance.now() - this.heardAt > 3000) {
      // Timers may have slept with the page: of that silence nothing follows, an answer has to come now.
      this.askedAt = performance.now();
      this.send('{"id":"ping","type":"ping"}');
    }
  }

  /** The connection is gone.
   * @param {number} code @param {string} reason */
  drop(code, reason) {
    this.leave();
    if (this.isStopped) return;
    const lived = this.openedAt > 0 ? performance.now() - this.openedAt : 0;
    if (lived > steadyMilliseconds) this.attempt = 0;
    if (this.openedAt === 0 || code === 4030) this.failedBefore = true;
    const final = isFinal(code);
    if (!final) this.retryTimer = setTimeout(() => this.open(), this.pause());
    this.hooks.lost({ code, reason, final });
  }

  /** How long to wait: grows with each failure, by chance between half and all of it, and never shorter
   * than the server asked for. */
  pause() {
    const { backoffMax = 20_000, random = Math.random } = this.options;
    const longest = Math.min(backoffMax, backoffFirst * 2 ** this.attempt);
    this.attempt += 1;
    const pause = Math.max(this.advice, longest * (0.5 + random() / 2));
    this.advice = 0;
    return pause;
  }

  /** After a failure: the addresses the server advertises, one of them by chance, or its own. */
  async lookUp() {
    const fetch = this.options.fetch ?? globalThis.fetch;
    try {
      const answer = await fetch(`${this.http}/v1/shows/${encodeURIComponent(this.options.show)}`,
        { signal: /** @type {any} */ (AbortSignal).timeout(5000) });
      const { sockets } = await answer.json();
      // A page that came by https may not open ws://.
      const usable = sockets.filter((/** @type {string} */ url) => !this.http.startsWith('https') || url.startsWith('wss:'));
      const random = this.options.random ?? Math.random;
      // The own address stays in the draw: an advertised one may be out of reach from here.
      const draw = this.attempt % 2 === 1 && usable.length > 0 ? usable : [this.own];
      return draw[Math.floor(random() * draw.length)] ?? this.own;
    } catch {
      return this.own;
    }
  }
}
