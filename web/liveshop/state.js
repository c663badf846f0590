// What a client knows of its show: made from the reply to `hello`, moved on by events and notices.
// No sockets and no clock here; shop.js feeds it. Applying later events gives what a fresh snapshot says.

/** @typedef {import('./types.js').State} State */
/** @typedef {import('./types.js').ServerMessage} ServerMessage */
/** @typedef {import('./types.js').Product} Product */

const chatMax = 300;
const claimsMax = 100;
const unknownMax = 100;
const ordersMax = 200;
const snapshotMembers = new Set([
  'show', 'pinned', 'queue', 'products', 'products_total', 'flash', 'note', 'room', 'viewers', 'chat', 'poll',
]);

/** @returns {State} */
export function emptyState() {
  return {
    connection: 'connecting', joined: false, closed: null, epoch: null, offset: 0,
    you: null, limits: {}, show: null, pinned: [], queue: [], products: [], byProduct: new Map(),
    bySku: new Map(), products_total: 0, flash: [], note: null, disclosure: null, poll: null,
    pollClosed: null, room: {}, viewers: 0, chat: [], claims: [], holds: [], waitlist: [], orders: [],
    waiting: new Map(), votes: new Map(), more: {}, unknown: [],
  };
}

/** @param {State} state @param {string} id */
export const productOf = (state, id) => state.byProduct.get(id);
/** @param {State} state @param {string} sku */
export const variantOf = (state, sku) => state.bySku.get(sku);
/** The scheduled or running flash sale of a SKU.
 * @param {State} state @param {string} sku */
export const saleOf = (state, sku) => state.flash.find((sale) => sale.sku === sku);

/** Takes the reply to `hello`: what is yours always, the show when there is a snapshot.
 * @param {State} state @param {any} reply */
export function applyHello(state, reply) {
  const { holds, waitlist, orders, votes, token, ...you } = reply.you;
  state.you = you;
  state.holds = [...(holds ?? [])];
  state.waitlist = [...(waitlist ?? [])];
  state.orders = [...(orders ?? [])];
  state.votes = new Map((votes ?? []).filter((/** @type {any} */ vote) => vote.poll)
    .map((/** @type {any} */ vote) => [vote.poll, vote.choice]));
  state.limits = reply.limits ?? {};
  state.epoch = reply.epoch;
  state.joined = true;
  const snapshot = reply.snapshot;
  if (reply.resumed || !snapshot) return;
  state.offset = reply.offset;
  state.show = snapshot.show;
  state.pinned = [...(snapshot.pinned ?? [])];
  state.queue = [...(snapshot.queue ?? [])];
  state.products = [];
  state.byProduct.clear();
  state.bySku.clear();
  for (const product of snapshot.products ?? []) putProduct(state, product);
  state.products_total = snapshot.products_total ?? state.products.length;
  state.flash = [...(snapshot.flash ?? [])];
  state.note = snapshot.note ?? null;
  state.disclosure = snapshot.show?.disclosure ?? null;
  state.poll = snapshot.poll ?? null;
  state.pollClosed = null;
  state.room = snapshot.room ?? {};
  state.viewers = snapshot.viewers ?? 0;
  state.chat = (snapshot.chat ?? []).slice(-chatMax);
  state.claims = [];
  state.waiting.clear();
  state.unknown = [];
  state.more = {};
  for (const [name, value] of Object.entries(snapshot))
    if (!snapshotMembers.has(name)) state.more[name] = value;
}

/** Adds or replaces a product, in its place. What an event leaves out (the description) stays.
 * @param {State} state @param {Product} product */
export function putProduct(state, product) {
  const old = state.byProduct.get(product.id);
  const merged = { ...old, ...product };
  const index = old ? state.products.indexOf(old) : -1;
  if (index >= 0) state.products[index] = merged;
  else state.products.push(merged);
  for (const variant of old?.variants ?? []) state.bySku.delete(variant.sku);
  state.byProduct.set(merged.id, merged);
  for (const variant of merged.variants) state.bySku.set(variant.sku, { product: merged, variant });
  for (const sale of state.flash) {
    const of = old?.variants.find((variant) => variant.sku === sale.sku);
    const variant = state.bySku.get(sale.sku)?.variant;
    if (sale.running && variant && of?.regular !== undefined) variant.regular = of.regular;
  }
}

/** @template T @param {T[]} list @param {keyof T} key @param {T} thing */
function put(list, key, thing) {
  const index = list.findIndex((other) => other[key] === thing[key]);
  if (index >= 0) list[index] = thing;
  else list.push(thing);
}

/** @template T @param {T[]} list @param {keyof T} key @param {any} value */
function drop(list, key, value) {
  const index = list.findIndex((other) => other[key] === value);
  if (index >= 0) list.splice(index, 1);
}

/** @param {State} state @param {any} hold */
function putHold(state, hold) {
  const isNew = !state.holds.some((other) => other.hold === hold.hold);
  put(state.holds, 'hold', hold);
  // While a place on the waitlist is open, its offer is the only way to a new hold of the SKU.
  const entry = state.waitlist.find((other) => other.sku === hold.sku);
  if (!isNew || !entry?.offer) return;
  const rest = entry.quantity - entry.offer.quantity;
  if (rest > 0) put(state.waitlist, 'sku', { sku: entry.sku, quantity: rest, place: entry.place });
  else drop(state.waitlist, 'sku', entry.sku);
}

/** @param {State} state @param {any} order */
function putOrder(state, order) {
  put(state.orders, 'order', order);
  if (state.orders.length > ordersMax) state.orders.shift();
}

/** Takes the holds that became an order. Another tab's order tells lines, not holds: of several holds
 * that look alike any may be the one.
 * @param {State} state @param {any} order
 * @returns {boolean} false when it was not certain which */
function takeOrdered(state, order) {
  let certain = true;
  if (state.orders.some((other) => other.order === order.order)) return true;
  for (const line of order.lines) {
    const alike = state.holds.filter((hold) => hold.sku === line.sku && hold.quantity === line.quantity
      && hold.unit_price === line.unit_price);
    if (alike.length > 1) certain = false;
    if (alike[0]) drop(state.holds, 'hold', alike[0].hold);
  }
  return certain;
}

/** @param {State} state @param {any} sale @param {boolean} running */
function putSale(state, sale, running) {
  put(state.flash, 'flash', { ...sale, running });
  const variant = state.bySku.get(sale.sku)?.variant;
  if (!running || !variant || variant.price === sale.price) return;
  variant.regular = variant.price;
  variant.price = sale.price;
}

/** What each event and notice changes. An answer of `unsure` asks for a fresh `hello`, `{ask: sku}` for the
 * product, because the message alone does not tell all.
 * @type {Record<string, (state: State, data: any, message: ServerMessage) => any>} */
const changes = {
  'show.started': (state, data) => { if (state.show) state.show = { ...state.show, status: data.status }; },
  'show.updated': (state, data) => {
    if (state.show) state.show = { ...state.show, ...(data.show ?? data) };
    state.disclosure = state.show?.disclosure ?? null;
  },
  'product.added': (state, data) => {
    if (!state.byProduct.has(data.product.id)) state.products_total += 1;
    putProduct(state, data.product);
  },
  'product.updated': (state, data) => putProduct(state, data.product),
  'product.removed': (state, data) => {
    const product = state.byProduct.get(data.product);
    state.products_total = Math.max(0, state.products_total - 1);
    state.queue = state.queue.filter((id) => id !== data.product);
    drop(state.pinned, 'product', data.product);
    if (!product) return;
    drop(state.products, 'id', data.product);
    state.byProduct.delete(data.product);
    for (const variant of product.variants) state.bySku.delete(variant.sku);
  },
  'catalogue.changed': (state, data) => { state.products_total = data.products_total; return 'unsure'; },
  'product.pinned': (state, data) => {
    drop(state.pinned, 'product', data.product);
    state.pinned.push(data);
    if (!state.byProduct.has(data.product)) return { ask: { product: data.product } };
  },
  'product.unpinned': (state, data) => drop(state.pinned, 'product', data.product),
  'product.sold_out': (state, data) => setAvailable(state, data.sku, 0),
  'product.restocked': () => {},
  'queue.changed': (state, data) => { state.queue = data.products; },
  'price.changed': (state, data) => {
    const variant = state.bySku.get(data.sku)?.variant;
    if (!variant) return;
    variant.price = data.price;
    if (data.price < data.prior_price) variant.prior = data.prior_price;
    else delete variant.prior;
  },
  'flash.scheduled': (state, data) => {
    putSale(state, data, false);
    if (!state.bySku.has(data.sku)) return { ask: { sku: data.sku } };
  },
  'flash.started': (state, data) => putSale(state, data, true),
  'flash.ended': (state, data) => {
    const sale = state.flash.find((other) => other.flash === data.flash);
    drop(state.flash, 'flash', data.flash);
    const variant = state.bySku.get(data.sku)?.variant;
    if (!variant || !sale?.running) return;
    if (variant.regular === undefined) return { ask: { sku: data.sku } };
    variant.price = variant.regular;
    delete variant.regular;
  },
  'claim.held': (state, data) => {
    if (data.claims) state.claims = [...state.claims, ...data.claims].slice(-claimsMax);
  },
  'room.configured': (state, data) => { state.room = { ...state.room, ...data }; },
  'note.set': (state, data) => { state.note = data; },
  'note.cleared': (state) => { state.note = null; },
  'disclosure.shown': (state, data) => { state.disclosure = data.text; },
  'chat.message': (state, data) => {
    const index = state.chat.findIndex((other) => other.message === data.message);
    if (index >= 0) { state.chat[index] = data; return; }
    state.chat.push(data);
    if (state.chat.length > chatMax) state.chat.splice(0, state.chat.length - chatMax);
  },
  'chat.deleted': (state, data) => drop(state.chat, 'message', data.message),
  'chat.rejected': (state, data) => drop(state.chat, 'message', data.message),
  'poll.opened': (state, data) => { state.poll = data; },
  'poll.progress': (state, data) => {
    if (state.poll?.poll === data.poll) state.poll = { ...state.poll, ...data };
  },
  'poll.closed': (state, data) => { state.poll = null; state.pollClosed = data; },
  'stock.changed': (state, data) => setAvailable(state, data.sku, data.available),
  'waitlist.length': (state, data) => { state.waiting.set(data.sku, data.length); },
  'viewers.count': (state, data) => { state.viewers = data.viewers; },
  'server.restarting': () => {},
  'hold.created': putHold,
  'hold.extended': (state, data) => put(state.holds, 'hold', data),
  'hold.expiring': (state, data) => put(state.holds, 'hold', data),
  'hold.expired': (state, data) => drop(state.holds, 'hold', data.hold),
  'hold.released': (state, data) => {
    const hold = state.holds.find((other) => other.hold === data.hold);
    if (hold && data.remaining > 0) put(state.holds, 'hold', { ...hold, quantity: data.remaining });
    else drop(state.holds, 'hold', data.hold);
  },
  'waitlist.joined': (state, data) => {
    const offer = state.waitlist.find((entry) => entry.sku === data.sku)?.offer;
    put(state.waitlist, 'sku', offer && !data.offer ? { ...data, offer } : data);
  },
  'waitlist.offered': (state, data) => {
    const { sku, ...offer } = data;
    const entry = state.waitlist.find((other) => other.sku === sku);
    put(state.waitlist, 'sku', { sku, quantity: entry?.quantity ?? offer.quantity, place: entry?.place ?? 1, offer });
  },
  'waitlist.passed': (state, data, message) => {
    const offer = state.waitlist.find((entry) => entry.sku === data.sku)?.offer;
    if (offer && message.time && message.time >= offer.expires_at) message.because = 'time';
    drop(state.waitlist, 'sku', data.sku);
  },
  'order.placed': (state, data) => {
    const certain = takeOrdered(state, data.order);
    putOrder(state, data.order);
    if (!certain) return 'unsure';
  },
  'order.paid': (state, data) => putOrder(state, data.order),
  'order.cancelled': (state, data, message) => {
    const due = state.orders.find((other) => other.order === data.order.order)?.pay_by;
    if (due && message.time && message.time >= due) message.because = 'time';
    putOrder(state, data.order);
  },
  'order.refund_due': (state, data) => putOrder(state, data.order),
  'order.refunded': (state, data) => putOrder(state, data.order),
  'participant.timed_out': (state, data, message) => {
    // A time that is not in the future lifts it.
    const isOver = message.time !== undefined && Date.parse(data.until) <= Date.parse(message.time);
    if (state.you) state.you = { ...state.you, muted_until: isOver ? undefined : data.until };
  },
  'participant.restricted': (state, data) => {
    if (state.you) state.you = { ...state.you, restricted: data.restricted !== false };
  },
  'participant.role_changed': (state, data) => { if (state.you) state.you = { ...state.you, role: data.role }; },
};
changes['show.paused'] = changes['show.resumed'] = changes['show.ended'] = changes['show.started'];

/** @param {State} state @param {string} sku @param {number} available */
function setAvailable(state, sku, available) {
  const variant = state.bySku.get(sku)?.variant;
  if (variant) variant.available = available;
}

/** Moves the state on by one event or notice.
 * @param {State} state @param {ServerMessage} message
 * @returns {undefined|'unsure'|{ask: {product?: string, sku?: string}}} */
export function applyMessage(state, message) {
  const change = changes[message.type];
  if (!change) {
    state.unknown.push(message);
    if (state.unknown.length > unknownMax) state.unknown.shift();
    return undefined;
  }
  const wish = change(state, message.data ?? {}, message);
  return wish === 'unsure' || wish?.ask ? wish : undefined;
}

/** Moves the state on by the reply to one of your own requests, so that it shows before its notice comes.
 * @param {State} state @param {{type: string, data: any}} request @param {any} reply */
export function applyReply(state, request, reply) {
  if (reply.hold?.hold) putHold(state, reply.hold);
  if (reply.waitlist) put(state.waitlist, 'sku', reply.waitlist);
  if (reply.order?.order) {
    if (request.type === 'order.place') for (const hold of request.data.holds) drop(state.holds, 'hold', hold);
    putOrder(state, reply.order);
  }
  if (request.type === 'hold.release')
    changes['hold.released'](state, reply, { type: 'hold.released' });
  if (request.type === 'waitlist.leave') drop(state.waitlist, 'sku', request.data.sku);
  if (request.type === 'poll.vote') state.votes.set(request.data.poll, request.data.choice);
  if (request.type === 'product.get') putProduct(state, reply.product);
}
