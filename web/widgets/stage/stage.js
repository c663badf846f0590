// The video of the show; without one its poster, the picture of what is on screen, or a quiet stage with
// the title. Below it runs who has just got something.

import { clock } from '../../liveshop.js';
import { el, safeAddress, setText, show } from '../../dom.js';

/** @param {HTMLElement} root
 * @param {import('../../page.js').Page} page
 * @returns {import('../../page.js').Widget} */
export default function mount(root, page) {
  const video = el('video', { playsinline: true, controls: true, muted: true, 'aria-label': page.t('video') });
  video.muted = true;
  const image = el('img', { class: 'stage-image', alt: '', referrerpolicy: 'no-referrer' });
  const title = el('p', { class: 'stage-title' });
  const hosts = el('p', { class: 'stage-hosts' });
  const line = el('p', { class: 'stage-line' });
  const quiet = el('div', { class: 'stage-quiet' }, line, title, hosts);
  const ticker = el('p', { class: 'ticker', 'aria-hidden': 'true' });
  root.append(image, quiet, video, ticker);
  show(video, false);
  show(image, false);
  let shownVideo = '';
  /** @type {Set<string>} */
  const failedVideos = new Set();
  let shownImage = '';
  /** @type {Set<string>} */
  const failedImages = new Set();
  /** @type {any} */
  let tickerTimer;

  video.addEventListener('error', () => { failedVideos.add(shownVideo); page.shop.changed(); }, true);
  image.addEventListener('error', () => { failedImages.add(shownImage); page.shop.changed(); });
  page.shop.on('claim.held', (event) => {
    const text = page.shop.describe(event, page.language);
    if (!text) return;
    setText(ticker, text);
    ticker.classList.add('is-fresh');
    clearTimeout(tickerTimer);
    tickerTimer = setTimeout(() => ticker.classList.remove('is-fresh'), 5000);
  });

  /** @param {import('../../liveshop/types.js').State} state */
  function updateVideo(state) {
    const { hls, webm, live } = state.show?.video ?? {};
    const canPlayList = video.canPlayType('application/vnd.apple.mpegurl') !== '';
    const address = [canPlayList ? hls : null, webm].map(safeAddress).find((one) => one && !failedVideos.has(one)) ?? null;
    if (address && address !== shownVideo) {
      shownVideo = address;
      video.src = address;
      if (!matchMedia('(prefers-reduced-motion: reduce)').matches) video.play().catch(() => {});
    }
    const isShown = address !== null && live !== false && state.show?.status !== 'ended';
    show(video, isShown);
    if (!isShown && !video.paused) video.pause();
    return isShown;
  }

  return {
    update(state) {
      const hasVideo = updateVideo(state);
      const pinned = state.byProduct.get(state.pinned.at(-1)?.product ?? '');
      const candidates = [state.show?.video?.poster, pinned?.media?.[0]].map(safeAddress);
      const address = candidates.find((one) => one && !failedImages.has(one)) ?? null;
      if (address && address !== shownImage) { shownImage = address; image.src = address; }
      show(image, !hasVideo && address !== null);
      document.body.classList.toggle('stage-is-quiet', !hasVideo && address === null);
      setText(title, state.show?.title ?? '');
      const names = (state.show?.hosts ?? []).map((host) => host.name).join(', ');
      setText(hosts, names ? page.t('hosts', { names }) : '');
      this.tick?.(page.shop.now());
    },
    tick(now) {
      const { show: about } = page.shop.state;
      let text = '';
      if (about?.status === 'paused') text = page.t('paused.long');
      else if (about?.status === 'ended') text = page.t('ended.long');
      else if (about?.status === 'scheduled') {
        const left = about.scheduled_at ? Date.parse(about.scheduled_at) - now : 0;
        text = left <= 0 ? page.t('starts.soon')
          : left < 86_400_000 ? page.t('starts.in', { time: clock(left) })
            : page.t('starts.at', { time: new Date(about.scheduled_at ?? 0).toLocaleString(page.language, { dateStyle: 'full', timeStyle: 'short' }) });
      }
      setText(line, text);
    },
  };
}
