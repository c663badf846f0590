// What machines read of the show: a Schema.org BroadcastEvent, and a Product for each product on screen.
// The policy of the page lets such data in, since it is not run.

import { digits } from '../../liveshop.js';
import { safeAddress } from '../../dom.js';

/** @typedef {import('../../liveshop/types.js').State} State */

const availability = { some: 'https://schema.org/InStock', none: 'https://schema.org/SoldOut' };

/** @param {State} state */
function describe(state) {
  const { show } = state;
  if (!show) return [];
  const places = digits(show.currency);
  const event = {
    '@type': 'BroadcastEvent', name: show.title, url: location.origin + location.pathname,
    isLiveBroadcast: show.status === 'live', startDate: show.started_at ?? show.scheduled_at ?? undefined,
    eventStatus: 'https://schema.org/EventScheduled',
    eventAttendanceMode: 'https://schema.org/OnlineEventAttendanceMode',
    organizer: show.hosts.map((host) => ({ '@type': 'Person', name: host.name })),
    image: safeAddress(show.video?.poster) ?? undefined,
  };
  const products = state.pinned.flatMap((pin) => state.byProduct.get(pin.product) ?? []).map((product) => ({
    '@type': 'Product', name: product.title, description: product.description,
    image: product.media.map(safeAddress).filter((address) => address !== null),
    offers: product.variants.map((variant) => ({
      '@type': 'Offer', sku: variant.sku, name: variant.title || undefined,
      price: (variant.price / 10 ** places).toFixed(places), priceCurrency: show.currency,
      availability: variant.available > 0 ? availability.some : availability.none,
    })),
  }));
  return [event, ...products];
}

/** @param {HTMLElement} root
 * @returns {import('../../page.js').Widget} */
export default function mount(root) {
  const script = document.createElement('script');
  script.type = 'application/ld+json';
  root.append(script);
  let told = '';
  return {
    update(state) {
      const text = JSON.stringify({ '@context': 'https://schema.org', '@graph': describe(state) });
      if (text !== told) { told = text; script.textContent = text; }
    },
  };
}
