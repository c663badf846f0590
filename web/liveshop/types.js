// The shapes of liveshop.v1 as JSDoc types, for editors and for `tsc --checkJs`. Nothing here runs.

/** @typedef {{sku: string, title: string, options: Record<string, string>, price: number,
 *   available: number, limit: number, regular?: number, prior?: number}} Variant
 *   `regular` is the price outside a running flash sale, `prior` the one before the latest cut. */
/** @typedef {{id: string, title: string, code?: string, description?: string, media: string[],
 *   sponsored: boolean, variants: Variant[]}} Product */
/** @typedef {{product: string, sku?: string, until?: string}} Pin */
/** @typedef {{flash: string, sku: string, price: number, starts_at: string, ends_at: string,
 *   per_buyer: number, quantity?: number, running?: boolean}} FlashSale */
/** @typedef {{hold: string, sku: string, quantity: number, unit_price: number, expires_at: string,
 *   extensions_left: number}} Hold */
/** @typedef {{quantity: number, unit_price: number, expires_at: string}} Offer */
/** @typedef {{sku: string, quantity: number, place: number, offer?: Offer}} WaitlistEntry */
/** @typedef {{sku: string, title: string, quantity: number, unit_price: number, total: number,
 *   discount?: number}} OrderLine */
/** @typedef {{order: string, status: 'placed'|'paid'|'cancelled'|'refund_due'|'refunded',
 *   lines: OrderLine[], discount: number, total: number, pay_by?: string,
 *   checkout_url?: string}} Order */
/** @typedef {{message: string, participant: string, name: string, role: string, guest: boolean,
 *   text: string, reply_to?: string, product?: string, pending?: boolean,
 *   sampled?: {dropped: number}, replayed?: boolean}} ChatMessage */
/** @typedef {{poll: string, question: string, choices: string[], ends_at: string,
 *   counts?: number[], voters?: number}} Poll */
/** @typedef {{name: string, sku: string, quantity: number, seq: number}} Claim */
/** @typedef {{id: string, title: string, status: 'scheduled'|'rehearsal'|'live'|'paused'|'ended',
 *   currency: string, hosts: {name: string}[], disclosure: string|null,
 *   video: {hls?: string, webm?: string, poster?: string, live?: boolean}|null,
 *   scheduled_at: string|null, started_at: string|null}} Show */
/** @typedef {{participant: string, name: string, role: string, capabilities: string[],
 *   muted_until?: string, restricted?: boolean, token?: string, points?: number}} You */

/** What is known of the show and of you. Read it; only the client writes it.
 * @typedef {object} State
 * @property {'connecting'|'live'|'offline'|'ended'} connection `ended`: it will not come back
 * @property {boolean} joined whether a `hello` has succeeded, at any time
 * @property {{code: number, reason: string, error?: string}|null} closed why it will not come back
 * @property {string|null} epoch
 * @property {number} offset of the latest event in this state
 * @property {You|null} you
 * @property {Record<string, any>} limits
 * @property {Show|null} show
 * @property {Pin[]} pinned
 * @property {string[]} queue ids of products
 * @property {Product[]} products in the order in which they became known
 * @property {Map<string, Product>} byProduct
 * @property {Map<string, {product: Product, variant: Variant}>} bySku
 * @property {number} products_total
 * @property {FlashSale[]} flash scheduled and running ones
 * @property {{text: string, until?: string}|null} note
 * @property {string|null} disclosure the latest one shown
 * @property {Poll|null} poll the open one
 * @property {Poll|null} pollClosed the one that closed last
 * @property {Record<string, any>} room settings in force
 * @property {number} viewers
 * @property {ChatMessage[]} chat the newest, oldest first
 * @property {Claim[]} claims the newest, oldest first
 * @property {Hold[]} holds yours, open ones
 * @property {WaitlistEntry[]} waitlist yours
 * @property {Order[]} orders yours
 * @property {Map<string, number>} waiting how many buyers wait, by SKU
 * @property {Map<string, number>} votes your choices, by poll
 * @property {Record<string, any>} more members of the snapshot this version does not know
 * @property {ServerMessage[]} unknown the newest events and notices this version does not know
 */

/** @typedef {{type: string, id?: number|string, show?: string, offset?: number, time?: string,
 *   data?: any, error?: any, because?: 'time'}} ServerMessage
 *   `because` is added here: an offer or an order ended because its time was up. */

/** The data of events and notices, by type.
 * @typedef {{
 *   'show.started': {status: string},
 *   'show.paused': {status: string},
 *   'show.resumed': {status: string},
 *   'show.ended': {status: string},
 *   'show.updated': {show: Show},
 *   'product.added': {product: Product},
 *   'product.updated': {product: Product},
 *   'product.removed': {product: string},
 *   'catalogue.changed': {products_total: number},
 *   'product.pinned': Pin,
 *   'product.unpinned': {product: string},
 *   'product.sold_out': {sku: string},
 *   'product.restocked': {sku: string},
 *   'queue.changed': {products: string[]},
 *   'price.changed': {sku: string, price: number, prior_price: number, lowest_30d?: number},
 *   'flash.scheduled': FlashSale,
 *   'flash.started': FlashSale,
 *   'flash.ended': FlashSale,
 *   'claim.held': {claims?: Claim[], totals: {sku: string, claims: number, units: number}[]},
 *   'room.configured': Record<string, any>,
 *   'note.set': {text: string, until?: string},
 *   'note.cleared': {},
 *   'disclosure.shown': {text: string, product?: string},
 *   'chat.deleted': {message: string},
 *   'poll.opened': Poll,
 *   'poll.closed': Poll,
 *   'poll.progress': {poll: string, counts: number[], voters: number},
 *   'stock.changed': {sku: string, available: number, held: number, sold: number, on_hand: number, as_of: number},
 *   'waitlist.length': {sku: string, length: number},
 *   'viewers.count': {viewers: number, connections: number},
 *   'chat.message': ChatMessage,
 *   'chat.rejected': {message: string, reason?: string},
 *   'server.restarting': {reconnect_after_ms: number},
 *   'hold.created': Hold,
 *   'hold.extended': Hold,
 *   'hold.expiring': Hold,
 *   'hold.expired': Hold,
 *   'hold.released': Hold & {remaining?: number},
 *   'waitlist.joined': WaitlistEntry,
 *   'waitlist.offered': Offer & {sku: string},
 *   'waitlist.passed': {sku: string},
 *   'order.placed': {order: Order},
 *   'order.paid': {order: Order},
 *   'order.cancelled': {order: Order},
 *   'order.refund_due': {order: Order},
 *   'order.refunded': {order: Order},
 *   'participant.timed_out': {until: string, reason?: string},
 *   'participant.restricted': {restricted: boolean, reason?: string},
 *   'participant.role_changed': {role: string},
 * }} EventData */

/** What a handler gets, by the name it was registered under. Names of events not listed here give the
 * message as it came; `*` gives every one.
 * @typedef {{[T in keyof EventData]: {type: T, show: string, offset?: number, time: string,
 *     data: EventData[T], because?: 'time'}}
 *   & {state: State, connection: State, answer: Answer, '*': ServerMessage}} Handled */

/** The end of a request that was sent before a reload and answered after it.
 * @typedef {{type: string, data: any, reply?: any, error?: import('./failure.js').LiveShopError}} Answer */

/** @typedef {{getItem(key: string): string|null, setItem(key: string, value: string): void,
 *   removeItem(key: string): void}} KeyValueStorage */

/** @typedef {object} Options
 * @property {string} show the show's id
 * @property {string} [server] `https://shop.example`, or the address of a socket; default: this page's
 * @property {string} [name] for guests; a guest who was here before comes back under the old name
 * @property {string} [token] wins over a guest's
 * @property {KeyValueStorage|null} [storage] keeps the guest's token and unanswered requests; default:
 *   localStorage for the one, sessionStorage for the others; null keeps nothing
 * @property {new (url: string, protocols: string[]) => any} [WebSocket] default: the global one
 * @property {typeof globalThis.fetch} [fetch] asks `GET /v1/shows/ID` for other addresses; default: the global one
 * @property {{source?: string, medium?: string, campaign?: string, ref?: string}} [attribution]
 * @property {number} [pingSeconds] silence after which a ping is sent (20)
 * @property {number} [answerSeconds] silence after a ping that means a dead connection (8)
 * @property {number} [pendingSeconds] how old an unanswered request may be that a reload sends again (600)
 * @property {number} [backoffMax] longest pause between attempts, in milliseconds (20000)
 * @property {() => number} [random] default: Math.random
 */

export {};
