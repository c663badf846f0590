// LiveShop's client for browsers and Node: the entry. `import { connect } from '/liveshop.js'`.
// No dependency and no build step; docs/CLIENTS.md says how to use it, liveshop/types.js what it speaks.

export { Shop, connect } from './liveshop/shop.js';
export { LiveShopError } from './liveshop/failure.js';
export { describe, describeError } from './liveshop/describe.js';
export { languages, pickLanguage, fill, money, digits, clock } from './liveshop/words.js';
export { emptyState, productOf, variantOf, saleOf } from './liveshop/state.js';
