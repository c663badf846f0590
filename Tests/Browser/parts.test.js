// The parts of liveshop.js without a server: languages, money, what events do to the state, and how the
// connection behaves when a server does what a real one seldom does.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { mock, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { connect, describe, describeError, emptyState, fill, languages, money, pickLanguage } from '../../web/liveshop.js';
import { texts } from '../../web/liveshop/texts.js';
import { storage, until } from './shop.js';

const web = fileURLToPath(new URL('../../web/', import.meta.url));

// MARK: Languages

test('every language has every text, with the same holes', () => {
  const holes = (text) => [...text.matchAll(/\{(\w+)/g)].map((match) => match[1]).sort();
  for (const language of languages) {
    assert.deepEqual(Object.keys(texts[language]), Object.keys(texts.en), language);
    for (const [key, text] of Object.entries(texts[language]))
      assert.deepEqual([...new Set(holes(text))], [...new Set(holes(texts.en[key]))], `${language} ${key}`);
  }
});

test('texts with numbers give as many forms as their language has', () => {
  for (const language of languages)
    for (const [key, text] of Object.entries(texts[language]))
      for (const [, forms] of text.matchAll(/\{\w+:([^}]*)\}/g))
        assert.equal(forms.split('|').length, language === 'pl' ? 3 : 2, `${language} ${key}`);
});

test('numbers take the form that the language asks for', () => {
  const said = (language, viewers) => describe({ type: 'viewers.count', data: { viewers } }, language);
  assert.deepEqual([1, 2, 5, 12, 22, 25].map((count) => fill('pl', '{n:# sztuka|# sztuki|# sztuk}', { n: count })),
    ['1 sztuka', '2 sztuki', '5 sztuk', '12 sztuk', '22 sztuki', '25 sztuk']);
  assert.deepEqual([0, 1, 2].map((count) => said('fi', count)), ['0 katsojaa', '1 katsoja', '2 katsojaa']);
  assert.equal(said('el', 1), '1 θεατής');
  assert.equal(said('nl', 3), '3 kijkers');
  assert.equal(said('sv', 2), '2 tittare');
  assert.equal(said('en', 1), '1 viewer');
  assert.equal(said('pl', 5), '5 widzów');
  assert.equal(said('pl-PL', 1), '1 widz');
});

test('money is written as its readers write it, with the digits of its currency', () => {
  const plain = (text) => text.replace(/[\u00a0\u202f]/g, ' ');
  assert.equal(money('en', 3400, 'EUR'), '€34.00');
  for (const language of ['fi', 'el', 'pl', 'sv']) assert.equal(plain(money(language, 3400, 'EUR')), '34,00 €');
  assert.equal(plain(money('nl', 3400, 'EUR')), '€ 34,00');
  assert.equal(money('en', 1990, 'JPY'), '¥1,990');
  assert.equal(plain(money('en', 1990, 'KWD')), 'KWD 1.990');
  assert.equal(plain(money('en', 1990, 'RSD')), 'RSD 19.90');
});

test('the language is the first wanted one that is spoken here', () => {
  assert.equal(pickLanguage(['de-AT', 'pl-PL', 'en']), 'pl');
  assert.equal(pickLanguage(['de']), 'en');
});

test('an event is told with titles and amounts when the state knows them, in all languages', () => {
  const state = emptyState();
  state.show = { currency: 'EUR' };
  const product = { id: 'mug', title: 'Mug', variants: [{ sku: 'S', title: 'Sea' }, { sku: 'T', title: 'Sand' }] };
  state.byProduct.set('mug', product);
  state.bySku.set('S', { product, variant: product.variants[0] });
  const time = '2026-11-30T10:00:00.000Z';
  const sale = { type: 'flash.scheduled', time, data: { sku: 'S', price: 1000, starts_at: '2026-11-30T10:01:05.000Z' } };
  assert.equal(describe(sale, 'en', state), 'Flash sale: Mug – Sea for €10.00, starts in 1:05.');
  assert.equal(describe(sale, 'en'), 'Flash sale: S for 1,000, starts in 1:05.');
  const held = { type: 'claim.held', data: { claims: ['A', 'B', 'C'].map((name) => ({ name, sku: 'S', quantity: 2 })), totals: [] } };
  assert.equal(describe(held, 'pl', state), 'B dostaje 2 sztuki: Mug – Sea. C dostaje 2 sztuki: Mug – Sea. … i jeszcze 1 rezerwacja.');
  for (const language of languages) for (const type of Object.keys(texts.en))
    if (!/^(error|role|room)\./.test(type))
      assert.doesNotMatch(describe({ type, time, data: { order: { order: 'o_1' } } }, language, state), /[{}]|undefined/);
  assert.equal(describe({ type: 'auction.started', data: {} }, 'en'), '');
  assert.equal(describeError({ code: 'price_changed', details: { price: 990 } }, 'fi', state).replace('\u00a0', ' '), 'Hinta on muuttunut, nyt 9,90 €.');
  assert.equal(describeError({ code: 'who_knows', details: {} }, 'sv'), 'Servern vägrar (who_knows).');
});

// MARK: A server of our own making

/** A socket whose other end is the test. */
class FakeSocket {
  static all = [];
  constructor(url) {
    this.url = url;
    this.readyState = 0;
    this.sent = [];
    FakeSocket.all.push(this);
  }
  send(text) { this.sent.push(...text.split('\n').map((line) => JSON.parse(line))); }
  close() { this.readyState = 3; }
  open() { this.readyState = 1; this.onopen({}); }
  say(...objects) { this.onmessage({ data: objects.map((object) => JSON.stringify(object)).join('\n') }); }
  end(code) { this.readyState = 3; this.onclose?.({ code, reason: '' }); }
  /** Opens, and answers `hello` with a snapshot. */
  welcome({ offset = 0, room = {}, resumed = false, you = {} } = {}) {
    this.open();
    this.say({ type: 'reply', id: 'hello', data: {
      server_time: new Date().toISOString(), epoch: 'e', offset, resumed, limits: {},
      you: { participant: 'g', name: 'Ana', holds: [], waitlist: [], orders: [], ...you },
      snapshot: resumed ? undefined : { show: { id: 's', status: 'live', currency: 'EUR' }, room, products: [
        { id: 'p', title: 'P', media: [], variants: [{ sku: 'A', title: '', price: 1000, available: 5 }] }] },
    } });
  }
  get ids() { return this.sent.map((request) => request.type); }
}

function faked(t, options = {}) {
  FakeSocket.all = [];
  const shop = connect({ show: 's', server: 'ws://shop.test/v1/socket', name: 'Ana', WebSocket: FakeSocket, storage: storage(), ...options });
  t.after(() => shop.close());
  return shop;
}
const latest = () => FakeSocket.all.at(-1);
const event = (offset, type, data = {}, time = new Date().toISOString()) => ({ type, show: 's', offset, time, data });

test('a message of several lines is several objects; one it does not know is kept and passed on', async (t) => {
  const shop = faked(t);
  latest().welcome();
  const heard = [];
  shop.on('comet.seen', (message) => heard.push(message.data.tail));
  let told = 0;
  shop.on('state', () => { told += 1; });
  await Promise.resolve();
  told = 0;
  latest().onmessage({ data: `\n${JSON.stringify(event(1, 'comet.seen', { tail: 3 }))}\n\n${JSON.stringify(event(2, 'note.set', { text: 'x' }))}\n` });
  assert.deepEqual(heard, [3]);
  assert.equal(shop.state.unknown[0].type, 'comet.seen');
  assert.equal(shop.state.note.text, 'x');
  assert.equal(shop.state.offset, 2);
  await Promise.resolve();
  assert.equal(told, 1);
});

test('an event that comes twice counts once; a gap is mended by another hello', (t) => {
  const shop = faked(t);
  latest().welcome({ offset: 4 });
  const seen = [];
  shop.on('note.set', (message) => seen.push(message.offset));
  latest().say(event(4, 'note.set'), event(5, 'note.set'), event(5, 'note.set'), event(7, 'note.set'), event(8, 'note.set'));
  assert.deepEqual(seen, [5]);
  assert.equal(FakeSocket.all.length, 2);
  latest().welcome({ resumed: true });
  assert.deepEqual(latest().sent[0].data.resume, { epoch: 'e', offset: 5 });
});

test('codes below 4500 are come back from, those from 4500 on are not', async (t) => {
  for (const [code, returns] of [[1000, true], [1001, true], [1006, true], [4008, true], [4029, true], [4030, true],
    [4401, true], [4499, true], [4500, false], [4502, false], [4999, false], [1009, false], [1003, false]]) {
    const shop = faked(t);
    latest().welcome();
    latest().end(code);
    assert.equal(shop.state.connection, returns ? 'offline' : 'ended', String(code));
    shop.close();
  }
});

test('pauses grow, differ, stay below their limit, and are as long as the server asks', (t) => {
  mock.timers.enable(['setTimeout']);
  t.after(() => mock.timers.reset());
  const shop = faked(t, { random: () => 0, backoffMax: 3000 });
  const pauses = [];
  const waitForNext = () => {
    const before = FakeSocket.all.length;
    let waited = 0;
    for (; FakeSocket.all.length === before; waited += 50) mock.timers.tick(50);
    pauses.push(waited);
  };
  for (let round = 0; round < 5; round += 1) { latest().end(1006); waitForNext(); }
  assert.deepEqual(pauses, [250, 500, 1000, 1500, 1500]);
  latest().welcome();
  latest().say({ type: 'server.restarting', show: 's', data: { reconnect_after_ms: 4200 } });
  latest().end(1001);
  pauses.length = 0;
  waitForNext();
  latest().welcome({ resumed: true });
  latest().say({ type: 'error', error: { code: 'rate_limited', retry_after_ms: 6000 } });
  latest().end(4029);
  waitForNext();
  latest().open();
  latest().say({ type: 'error', id: 'hello', error: { code: 'overloaded', retry_after_ms: 7000 } });
  waitForNext();
  assert.deepEqual(pauses, [4200, 6000, 7000]);
  assert.equal(shop.state.connection, 'offline');
});

test('the pause of two clients is not the same', (t) => {
  mock.timers.enable(['setTimeout']);
  t.after(() => mock.timers.reset());
  const waits = [0, 0.5, 0.999].map((chance) => {
    faked(t, { random: () => chance });
    latest().end(1006);
    let waited = 0;
    while (FakeSocket.all.length === 1) { mock.timers.tick(1); waited += 1; }
    return waited;
  });
  assert.deepEqual(waits, [250, 375, 500]);
});

test('an unanswered request goes again with the same key, an answered one does not', async (t) => {
  const kept = storage();
  const shop = faked(t, { storage: kept, backoffMax: 1 });
  latest().welcome();
  const first = shop.claim('A');
  const second = shop.claim('A');
  const [one, two] = latest().sent.slice(1);
  latest().say({ type: 'reply', id: one.id, data: { outcome: 'held', seq: 1 } });
  await first;
  assert.equal(JSON.parse(kept.getItem('liveshop:s:pending')).length, 1);
  latest().end(1006);
  await new Promise((done) => setTimeout(done, 10));
  latest().welcome({ resumed: true });
  const again = latest().sent.slice(1);
  assert.deepEqual(again, [two]);
  latest().say({ type: 'reply', id: two.id, data: { outcome: 'held', seq: 2 } });
  assert.equal((await second).seq, 2);
  assert.equal(kept.getItem('liveshop:s:pending'), null);
});

test('a request of somebody else, or of long ago, is not sent again', (t) => {
  const kept = storage();
  const old = { type: 'claim.create', data: { sku: 'A', key: 'old' }, at: Date.now() - 700_000, by: 'g' };
  const other = { type: 'claim.create', data: { sku: 'A', key: 'other' }, at: Date.now(), by: 'g2' };
  const mine = { type: 'claim.create', data: { sku: 'A', key: 'mine' }, at: Date.now(), by: 'g' };
  kept.setItem('liveshop:s:pending', JSON.stringify([old, other, mine]));
  faked(t, { storage: kept });
  latest().welcome();
  assert.deepEqual(latest().sent.slice(1).map((request) => request.data.key), ['mine']);
});

test('many requests go out in messages that the server takes', (t) => {
  const shop = faked(t);
  const sizes = [];
  latest().send = (text) => sizes.push(new TextEncoder().encode(text).length);
  for (let count = 0; count < 200; count += 1) shop.say('ä'.repeat(200)).catch(() => {});
  latest().welcome();
  assert.ok(sizes.length > 2 && sizes.length < 60, `${sizes.length} messages`);
  assert.ok(Math.max(...sizes) <= 16_384);
});

test('silence is asked about, and ends a connection that stays silent', async (t) => {
  const shop = faked(t, { pingSeconds: 0.1, answerSeconds: 0.1 });
  latest().welcome();
  const socket = latest();
  await until(shop, 'connection', (state) => state.connection === 'offline');
  assert.deepEqual(socket.ids, ['hello', 'ping']);
});

test('storage that throws is done without', async (t) => {
  const broken = { getItem() { throw new Error('no'); }, setItem() { throw new Error('full'); }, removeItem() { throw new Error('no'); } };
  const shop = faked(t, { storage: broken });
  latest().welcome({ you: { token: 't' } });
  shop.claim('A').catch(() => {});
  assert.equal(shop.state.connection, 'live');
});

test('a handler that throws does not keep the others from hearing', (t) => {
  const error = mock.method(console, 'error', () => {});
  t.after(() => error.mock.restore());
  const shop = faked(t);
  latest().welcome();
  let heard = 0;
  shop.on('note.set', () => { throw new Error('mine'); });
  shop.on('note.set', () => { heard += 1; });
  latest().say(event(1, 'note.set', { text: 'x' }));
  assert.equal(heard, 1);
});

// MARK: What events do

test('a flash sale moves the price there and back; joined in its middle the client asks', (t) => {
  const shop = faked(t);
  latest().welcome();
  const sale = { flash: 'f1', sku: 'A', price: 600, starts_at: '', ends_at: '', per_buyer: 1 };
  latest().say(event(1, 'flash.scheduled', sale));
  assert.equal(shop.state.bySku.get('A').variant.price, 1000);
  latest().say(event(2, 'flash.started', sale));
  assert.equal(shop.state.bySku.get('A').variant.price, 600);
  assert.equal(shop.state.bySku.get('A').variant.regular, 1000);
  latest().say(event(3, 'flash.ended', sale));
  assert.equal(shop.state.bySku.get('A').variant.price, 1000);
  shop.state.flash = [{ ...sale, running: true }];
  latest().say(event(4, 'flash.ended', sale));
  assert.equal(latest().ids.at(-1), 'product.get');
});

test('a poll opens, counts, keeps my vote, and closes', async (t) => {
  const shop = faked(t);
  latest().welcome({ you: { votes: [{ quiz: 'z1', choice: 0 }] } });
  const poll = { poll: 'p1', question: '?', choices: ['a', 'b'], ends_at: '' };
  latest().say(event(1, 'poll.opened', poll));
  const vote = shop.vote('p1', 1);
  latest().say({ type: 'reply', id: latest().sent.at(-1).id, data: { poll: 'p1', choice: 1 } });
  await vote;
  assert.equal(shop.state.votes.get('p1'), 1);
  latest().say({ type: 'poll.progress', show: 's', data: { poll: 'p1', counts: [0, 1], voters: 1 } });
  assert.deepEqual(shop.state.poll.counts, [0, 1]);
  latest().say(event(2, 'poll.closed', { ...poll, counts: [0, 1], voters: 1 }));
  assert.equal(shop.state.poll, null);
  assert.equal(shop.state.pollClosed.poll, 'p1');
});

test('events wait until the video shows their moment, in their order; what is mine does not', async (t) => {
  const shop = faked(t);
  latest().welcome({ room: { video_offset_ms: 120 } });
  const heard = [];
  shop.on('*', (message) => heard.push(message.type));
  const begun = performance.now();
  latest().say(event(1, 'product.sold_out', { sku: 'A' }),
    { type: 'stock.changed', show: 's', time: new Date().toISOString(), data: { sku: 'A', available: 2 } },
    { type: 'hold.created', show: 's', time: new Date().toISOString(), data: { hold: 'h1', sku: 'A', quantity: 1 } });
  assert.deepEqual(heard, ['hold.created']);
  await until(shop, 'stock.changed');
  assert.ok(performance.now() - begun > 90);
  assert.deepEqual(heard, ['hold.created', 'product.sold_out', 'stock.changed']);
  assert.equal(shop.state.bySku.get('A').variant.available, 2);
});

test('a timeout that is lifted says so', (t) => {
  const shop = faked(t);
  latest().welcome();
  const said = [];
  shop.on('participant.timed_out', (message) => said.push(shop.describe(message, 'en')));
  const tell = (until) => latest().say({ type: 'participant.timed_out', show: 's', time: '2026-01-01T10:00:00.000Z', data: { until, reason: 'Calm down.' } });
  tell('2026-01-01T10:05:00.000Z');
  assert.equal(shop.state.you.muted_until, '2026-01-01T10:05:00.000Z');
  tell('2026-01-01T10:00:00.000Z');
  assert.equal(shop.state.you.muted_until, undefined);
  assert.deepEqual(said, ['You may not write for 5:00. Calm down.', 'You may write again.']);
});

test('what ran out of time says so', (t) => {
  const shop = faked(t);
  latest().welcome({ you: { waitlist: [{ sku: 'A', quantity: 1, place: 1, offer: { quantity: 1, unit_price: 5, expires_at: '2026-01-01T00:00:00.000Z' } }] } });
  let said = '';
  shop.on('waitlist.passed', (message) => { said = shop.describe(message, 'en'); });
  latest().say({ type: 'waitlist.passed', show: 's', time: '2026-01-01T00:00:00.100Z', data: { sku: 'A' } });
  assert.equal(said, 'Your offer of P has run out.');
});

// MARK: The files

const sources = (folder) => readdirSync(folder).flatMap((name) => {
  const path = join(folder, name);
  return statSync(path).isDirectory() ? sources(path) : [path];
});

test('nothing is loaded from elsewhere, and nothing needs what the policy forbids', () => {
  for (const path of sources(web)) {
    if (path.endsWith('.md')) continue;
    const text = readFileSync(path, 'utf8');
    assert.doesNotMatch(text, /\beval\(|new Function|innerHTML|outerHTML|insertAdjacentHTML|document\.write/, path);
    assert.doesNotMatch(text, /(?:import|from|src=|href=|url\()\s*['"]?(?:https?:)?\/\//, path);
    if (path.endsWith('.html')) assert.doesNotMatch(text, /<style|\sstyle=|\son\w+=|<script(?![^>]*src=)/, path);
  }
});

test('a page names only files that are there, and all modules it needs', () => {
  for (const page of ['viewer.html', 'home.html']) {
    const text = readFileSync(join(web, page), 'utf8');
    const named = [...text.matchAll(/(?:href|src)="\/assets\/([^"]+)"/g)].map((match) => match[1]);
    for (const file of named) assert.ok(statSync(join(web, file)).isFile(), file);
    const widgets = [...text.matchAll(/data-widget="(\w+)"/g)].map((match) => `widgets/${match[1]}/${match[1]}.js`);
    const needed = new Set();
    const follow = (file) => {
      if (needed.has(file)) return;
      needed.add(file);
      for (const [, path] of readFileSync(join(web, file), 'utf8').matchAll(/from '(\.[^']+)'/g)) follow(join(dirname(file), path));
    };
    for (const file of [...widgets, page.replace('.html', '.js')]) follow(file);
    if (page === 'viewer.html') assert.deepEqual([...needed].filter((file) => !named.includes(file)), []);
  }
});

const tsc = () => { try { execFileSync('tsc', ['--version']); return true; } catch { return false; } };

test('a checker accepts the types', { skip: tsc() ? false : 'tsc is not installed (Debian: node-typescript)' }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'liveshop-types-'));
  const uses = join(folder, 'uses.js');
  writeFileSync(uses, `import { connect } from '${join(web, 'liveshop.js')}';
    const shop = connect({ show: 'spring' });
    shop.on('product.pinned', (event) => event.data.product.length);
    shop.on('hold.expiring', (event) => Date.parse(event.data.expires_at));
    shop.on('state', (state) => state.holds[0]?.unit_price.toFixed());
    shop.on('comet.seen', (event) => event.data.tail);
    // @ts-expect-error a product id is no number
    shop.on('product.pinned', (event) => event.data.product.toFixed());
    // @ts-expect-error the show is needed
    connect({});`);
  const config = join(folder, 'tsconfig.json');
  writeFileSync(config, JSON.stringify({ compilerOptions: { allowJs: true, checkJs: true, noEmit: true, strict: true,
    target: 'es2022', module: 'es2022', moduleResolution: 'node', lib: ['es2022', 'dom', 'dom.iterable'], types: [] },
  include: [join(web, '**/*.js'), uses] }));
  try { execFileSync('tsc', ['-p', config]); } catch (error) { assert.fail(String(error.stdout)); } finally { rmSync(folder, { recursive: true }); }
});
