// A show as a client sees it: joins, keeps `state`, sends requests that survive what happens to the
// connection and to the page, and tells handlers. Made by `connect`.

import { describe, describeError } from './describe.js';
import { LiveShopError } from './failure.js';
import { Link } from './link.js';
import { Memory, newKey } from './memory.js';
import { applyHello, applyMessage, applyReply, emptyState, putProduct } from './state.js';

/** @typedef {import('./types.js').Options} Options */
/** @typedef {import('./types.js').State} State */
/** @typedef {import('./types.js').ServerMessage} ServerMessage */
/** @typedef {import('./types.js').Handled} Handled */
/** @typedef {{id: number, type: string, data: any, at: number, by: string|null, isSent: boolean,
 *   resolve: (reply: any) => void, reject: (error: LiveShopError) => void}} Request */

/** Requests that change nothing: no key, and nothing to do again after a reload. */
const questions = /^(ping|.*\.(get|list|mine|report))$/;
/** What may go out in one message, with some air below the server's 16,384. */
const messageBytes = 16_000;
/** Messages that are shown when the video shows their moment (`video_offset_ms`). */
const isAligned = (/** @type {ServerMessage} */ message) =>
  message.offset !== undefined || message.type === 'stock.changed' || message.type === 'poll.progress';

/** Joins a show. The connection comes back when it can; look at `state.connection`.
 * @param {Options} options */
export const connect = (options) => new Shop(options);

export class Shop {
  /** @param {Options} options */
  constructor(options) {
    this.options = options;
    /** @type {State} */
    this.state = emptyState();
    this.token = options.token ?? null;
    this.name = options.name ?? null;
    this.memory = new Memory(options.show, options.storage);
    /** @type {Map<string, Set<(argument: any) => void>>} */
    this.handlers = new Map();
    /** @type {Map<number, Request>} */
    this.requests = new Map();
    this.lastId = 0;
    this.isJoined = false;
    this.received = 0;
    /** Server's clock minus `performance.now()`. */
    this.skew = Date.now() - performance.now();
    /** @type {ServerMessage[]} */
    this.aligned = [];
    /** @type {Set<string>} */
    this.asked = new Set();
    this.stateIsTold = true;
    this.helloSentAt = 0;
    this.greeted = () => {};
    this.link = new Link(options, {
      opened: () => { this.greet(); },
      received: (object) => this.take(object),
      lost: (info) => this.lose(info),
    });
    /** Settled with the first `hello`; rejected when there will be none.
     * @type {Promise<State>} */
    this.ready = new Promise((resolve, reject) => {
      this.on('connection', (state) => {
        if (state.connection === 'live') resolve(state);
        else if (state.connection === 'ended')
          reject(new LiveShopError({ code: state.closed?.error ?? 'closed', message: state.closed?.reason }));
      });
    });
    this.ready.catch(() => {});
    this.restore();
    this.link.start();
  }

  // MARK: Handlers

  /** Calls `handler` for each event or notice of a type; for `*` each of any type; `state` when something
   * has changed, once for all that came together; `connection` when that changes; `answer` for requests
   * sent before a reload. Returns a function that ends it.
   * @template {string} T
   * @param {T} type
   * @param {(argument: T extends keyof Handled ? Handled[T] : any) => void} handler
   * @returns {() => void} */
  on(type, handler) {
    const handlers = this.handlers.get(type) ?? new Set();
    this.handlers.set(type, handlers.add(handler));
    return () => { handlers.delete(handler); };
  }

  /** A handler that fails does not keep the others from being called.
   * @param {string} type @param {any} argument */
  emit(type, argument) {
    for (const handler of [...(this.handlers.get(type) ?? [])]) {
      try { handler(argument); } catch (error) { globalThis.console?.error(error); }
    }
  }

  changed() {
    if (!this.stateIsTold) return;
    this.stateIsTold = false;
    queueMicrotask(() => { this.stateIsTold = true; this.emit('state', this.state); });
  }

  /** @param {State['connection']} connection @param {State['closed']} [closed] */
  setConnection(connection, closed = null) {
    this.state.closed = closed;
    if (this.state.connection === connection) return;
    this.state.connection = connection;
    this.emit('connection', this.state);
    this.changed();
  }

  // MARK: The way in

  /** Sends `hello`. Of several tabs that open at once one becomes the guest, the others wait for the token. */
  async greet() {
    const locks = this.options.storage === undefined ? globalThis.navigator?.locks : undefined;
    if (this.token || this.memory.guest || !locks) { this.sendHello(); return; }
    const socket = this.link.socket;
    await locks.request(`liveshop:${this.options.show}`, async () => {
      if (this.link.socket !== socket) return;
      const done = new Promise((resolve) => { this.greeted = () => resolve(undefined); });
      this.sendHello();
      await done;
    });
  }

  sendHello() {
    const { show, attribution } = this.options;
    const guest = this.token ? null : this.memory.guest;
    const token = this.token ?? guest?.token;
    /** @type {any} */
    const data = { show, attribution };
    if (token) data.token = token;
    else data.name = this.name ?? 'Guest';
    if (this.state.epoch) data.resume = { epoch: this.state.epoch, offset: this.received };
    this.helloSentAt = performance.now();
    this.link.send(JSON.stringify({ id: 'hello', type: 'hello', data }));
  }

  /** @param {any} reply */
  welcome(reply) {
    const now = performance.now();
    this.skew = Date.parse(reply.server_time) - (this.helloSentAt + now) / 2;
    if (!reply.resumed) { this.received = reply.offset; this.aligned = []; }
    applyHello(this.state, reply);
    const { participant, name, token } = reply.you;
    if (token && !this.token) this.memory.guest = { token, name };
    this.isJoined = true;
    this.asked.clear();
    this.link.succeeded();
    this.greeted();
    for (const request of [...this.requests.values()]) {
      // A request of somebody else, made in this tab before, is nobody's now.
      if (request.by === null) request.by = participant;
      if (request.by !== participant) this.settle(request, () => request.reject(new LiveShopError({ code: 'closed' })));
    }
    this.remember();
    this.setConnection('live');
    this.changed();
    this.flush();
  }

  /** The answer to `hello` was no.
   * @param {LiveShopError} error */
  refuse(error) {
    this.greeted();
    const guest = this.token ? null : this.memory.guest;
    if (error.code === 'unauthorized' && guest) {
      // The guest's token is of another time or server: come as a new guest.
      this.memory.guest = null;
      this.name ??= guest.name;
      this.link.restart();
    } else if (['rate_limited', 'overloaded', 'storage_unavailable', 'internal'].includes(error.code)) {
      this.link.advice = error.retryAfter;
      this.link.drop(4030, error.message);
    } else {
      this.end({ code: 0, reason: error.message, error: error.code });
    }
  }

  /** Comes as a new guest under another name, or after a refusal again.
   * @param {string} name */
  join(name) {
    this.name = name;
    this.memory.guest = null;
    this.again();
  }

  /** Comes as the person of a token.
   * @param {string} token */
  signIn(token) {
    this.token = token;
    this.again();
  }

  again() {
    this.isJoined = false;
    this.greeted();
    for (const request of [...this.requests.values()])
      if (request.by !== null) this.settle(request, () => request.reject(new LiveShopError({ code: 'closed' })));
    this.setConnection('connecting');
    this.link.restart();
  }

  /** Leaves. Requests without an answer are rejected, and sent again by the next page of this tab. */
  close() { this.end({ code: 1000, reason: 'closed' }); }

  /** @param {NonNullable<State['closed']>} closed */
  end(closed) {
    this.isJoined = false;
    this.greeted();
    this.link.stop();
    this.setConnection('ended', closed);
    const waiting = [...this.requests.values()];
    this.requests.clear();
    for (const request of waiting) request.reject(new LiveShopError({ code: 'closed', message: closed.reason }));
  }

  /** @param {{code: number, reason: string, final: boolean}} info */
  lose(info) {
    this.isJoined = false;
    this.greeted();
    for (const request of this.requests.values()) request.isSent = false;
    if (!info.final) { this.setConnection('offline'); return; }
    const error = { 4500: 'unauthorized', 4501: 'banned', 4502: 'not_found' }[info.code];
    this.end({ code: info.code, reason: info.reason, error });
  }

  // MARK: What comes in

  /** @param {ServerMessage} message */
  take(message) {
    if (message.type === 'reply' || message.type === 'error') { this.answer(message); return; }
    if (message.time) this.skew = Math.max(this.skew, Date.parse(message.time) - performance.now());
    if (message.offset !== undefined) {
      if (message.offset <= this.received) return;
      // Cannot happen; a gap is mended as a lost connection is.
      if (message.offset > this.received + 1) { this.isJoined = false; this.link.restart(); return; }
      this.received = message.offset;
    }
    if (message.type === 'server.restarting') this.link.advice = message.data?.reconnect_after_ms ?? 0;
    const delay = Math.max(0, this.state.room.video_offset_ms ?? 0);
    if (isAligned(message) && (delay > 0 || this.aligned.length > 0)) {
      this.aligned.push(message);
      if (this.aligned.length === 1) this.show(delay);
    } else {
      this.apply(message);
    }
  }

  /** Shows what the video has reached by now, and comes again for the next.
   * @param {number} delay */
  show(delay) {
    const [next] = this.aligned;
    if (!next) return;
    const wait = next.time ? Date.parse(next.time) + delay - this.now() : 0;
    if (wait > 0) { setTimeout(() => this.show(Math.max(0, this.state.room.video_offset_ms ?? 0)), wait); return; }
    this.aligned.shift();
    this.apply(next);
    this.show(delay);
  }

  /** @param {ServerMessage} message */
  apply(message) {
    const wish = applyMessage(this.state, message);
    if (message.offset !== undefined) this.state.offset = message.offset;
    this.emit(message.type, message);
    this.emit('*', message);
    this.changed();
    if (wish === 'unsure') {
      // A fresh `hello` tells all. Of many clients not all at once.
      if (message.type === 'catalogue.changed') this.state.epoch = null;
      this.link.restart(message.type === 'catalogue.changed' ? 200 + Math.random() * 3000 : 1);
      this.isJoined = false;
    } else if (wish?.ask) {
      const name = JSON.stringify(wish.ask);
      if (this.asked.has(name)) return;
      this.asked.add(name);
      this.request('product.get', wish.ask).catch(() => {}).finally(() => this.asked.delete(name));
    }
  }

  /** @param {ServerMessage} message */
  answer(message) {
    const error = message.type === 'error' ? new LiveShopError(message.error) : null;
    if (error && ['rate_limited', 'overloaded'].includes(error.code)) this.link.advice = error.retryAfter;
    if (message.id === 'hello') {
      if (error) this.refuse(error);
      else this.welcome(message.data);
      return;
    }
    const request = this.requests.get(/** @type {number} */ (message.id));
    if (!request) return;
    if (!error) { applyReply(this.state, request, message.data); this.changed(); }
    this.settle(request, () => (error ? request.reject(error) : request.resolve(message.data)));
  }

  // MARK: What goes out

  /** Sends a request and gives the data of its reply. What changes something gets a `key`, is sent again
   * until it is answered, and may have been carried out already when the promise is still open.
   * @param {string} type @param {Record<string, any>} [data] @returns {Promise<any>} */
  request(type, data = {}) {
    const content = questions.test(type) || data.key ? { ...data } : { ...data, key: newKey() };
    return new Promise((resolve, reject) => {
      if (this.state.connection === 'ended') { reject(new LiveShopError({ code: 'closed', message: 'not connected' })); return; }
      this.add(type, content, Date.now(), null, resolve, reject);
      this.remember();
      this.flush();
    });
  }

  /** @param {string} type @param {any} data @param {number} at @param {string|null} by
   * @param {(reply: any) => void} resolve @param {(error: any) => void} reject */
  add(type, data, at, by, resolve, reject) {
    this.lastId += 1;
    const participant = by ?? (this.isJoined ? this.state.you?.participant ?? null : null);
    this.requests.set(this.lastId, { id: this.lastId, type, data, at, by: participant, isSent: false, resolve, reject });
  }

  /** Sends what waits, several in one message as long as they fit. */
  flush() {
    if (!this.isJoined) return;
    let message = '';
    for (const request of this.requests.values()) {
      if (request.isSent) continue;
      request.isSent = true;
      const line = JSON.stringify({ id: request.id, type: request.type, data: request.data });
      if (message && (message.length + line.length) * 3 > messageBytes) { this.link.send(message); message = ''; }
      message += message ? '\n' + line : line;
    }
    if (message) this.link.send(message);
  }

  /** @param {Request} request @param {() => void} tell */
  settle(request, tell) {
    this.requests.delete(request.id);
    this.remember();
    tell();
  }

  /** Writes down what has no answer yet. */
  remember() {
    const kept = [...this.requests.values()].filter((request) => request.data.key);
    if (kept.length === 0 && this.hasRemembered === false) return;
    this.hasRemembered = kept.length > 0;
    this.memory.pending = kept.map(({ type, data, at, by }) => ({ type, data, at, by }));
  }

  /** Takes up what the page before this one had no answer to. */
  restore() {
    const oldest = Date.now() - (this.options.pendingSeconds ?? 600) * 1000;
    for (const one of this.memory.pending) {
      if (!(one.at >= oldest)) continue;
      const tell = (/** @type {any} */ end) => this.emit('answer', { type: one.type, data: one.data, ...end });
      this.add(one.type, one.data, one.at, /** @type {any} */ (one).by ?? null,
        (reply) => tell({ reply }), (error) => tell({ error }));
    }
  }

  // MARK: In words of the shop

  /** The server's time in milliseconds since 1970. */
  now() { return performance.now() + this.skew; }

  /** @param {string} sku @param {{quantity?: number, unit_price?: number, partial?: boolean,
   *   waitlist?: boolean, key?: string}} [more] `unit_price` is the price the buyer saw */
  claim(sku, more = {}) { return this.request('claim.create', { sku, ...more }); }
  /** @param {string} hold */
  extend(hold) { return this.request('hold.extend', { hold }); }
  /** @param {string} hold @param {number} [quantity] default: all of it */
  release(hold, quantity) { return this.request('hold.release', { hold, quantity }); }
  /** Takes an offer.
   * @param {string} sku @param {number} [unit_price] */
  accept(sku, unit_price) { return this.request('waitlist.accept', { sku, unit_price }); }
  /** Leaves a waitlist or passes an offer.
   * @param {string} sku */
  leave(sku) { return this.request('waitlist.leave', { sku }); }
  /** @param {string[]} [holds] default: all you hold */
  order(holds = this.state.holds.map((hold) => hold.hold)) { return this.request('order.place', { holds }); }
  /** Pays with test money.
   * @param {string} order @param {'succeeded'|'failed'|'timeout'} [method] */
  pay(order, method = 'succeeded') { return this.request('order.pay', { order, method }); }
  /** @param {string} order */
  cancel(order) { return this.request('order.cancel', { order }); }
  /** @param {string} text @param {{reply_to?: string, product?: string}} [more] */
  say(text, more = {}) { return this.request('chat.send', { text, ...more }); }
  /** @param {string} poll @param {number} choice from 0 */
  vote(poll, choice) { return this.request('poll.vote', { poll, choice }); }
  /** A product with its description.
   * @param {string} product */
  product(product) { return this.request('product.get', { product }).then((reply) => this.state.byProduct.get(product) ?? reply.product); }
  /** Takes in products that came another way, such as `GET /v1/shows/ID/products`; known ones stay.
   * @param {import('./types.js').Product[]} products */
  learn(products) {
    for (const product of products) if (!this.state.byProduct.has(product.id)) putProduct(this.state, product);
    this.changed();
  }
  /** @param {ServerMessage} event @param {string} language */
  describe(event, language) { return describe(event, language, this.state); }
  /** @param {LiveShopError} error @param {string} language */
  describeError(error, language) { return describeError(error, language, this.state); }
}
