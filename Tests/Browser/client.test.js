// liveshop.js against the real server. Run: node --experimental-websocket --test Tests/Browser/
// (Node 22 and later have a WebSocket without the flag.)

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { connect, LiveShopError } from '../../web/liveshop.js';
import { openShop, openWire, stateOf, storage, until } from './shop.js';

let shop;

before(async () => {
  shop = await openShop('--set', 'chat_rate=0', '--set', 'request_rate=0');
});
after(async () => { await shop.close(); });

/** Clients of one test; all are closed after it. */
function client(t, options = {}) {
  const made = connect({ show: 'spring', server: shop.url, name: 'Ana', storage: storage(), backoffMax: 50, ...options });
  t.after(() => made.close());
  return made;
}

async function hostOf(t) {
  const made = client(t, { token: shop.hostToken, name: undefined });
  await made.ready;
  if (made.state.show.status !== 'live') await made.request('show.start');
  return made;
}

/** What a state says of the show, in an order of its own: products come in the order they became known. */
function publicPart(state) {
  const { show, pinned, queue, products, flash, note, room, offset, products_total } = state;
  const plain = products.map(({ description, media, ...product }) => ({
    ...product, variants: product.variants.map(({ regular, prior, ...variant }) => variant),
  }));
  plain.sort((one, other) => (one.id < other.id ? -1 : 1));
  return JSON.parse(JSON.stringify({ show, pinned, queue, products: plain, flash, note, room, offset, products_total }));
}

test('a guest joins, claims, orders and pays; the state follows', async (t) => {
  await hostOf(t);
  const ana = client(t);
  await ana.ready;
  assert.equal(ana.state.show.title, 'Spring firing');
  const reply = await ana.claim('MUG-SEA', { quantity: 2, unit_price: 2400 });
  assert.equal(reply.outcome, 'held');
  assert.deepEqual(ana.state.holds, [reply.hold]);
  const { order } = await ana.order();
  assert.deepEqual(ana.state.holds, []);
  assert.equal(ana.state.orders[0].total, 4800);
  await ana.pay(order.order);
  assert.equal(ana.state.orders[0].status, 'paid');
  await stateOf(ana, (state) => state.bySku.get('MUG-SEA').variant.available === 18);
});

test('events applied to an old state give what a fresh snapshot says', async (t) => {
  const boss = await hostOf(t);
  const old = client(t);
  await old.ready;
  const settle = await Promise.all([
    boss.request('product.pin', { sku: 'BOWL' }),
    boss.request('queue.set', { products: ['mug'] }),
    boss.request('price.set', { sku: 'MUG-SAND', price: 1900 }),
    boss.request('flash.start', { sku: 'MUG-SEA', price: 2000, countdown_seconds: 0, duration_seconds: 600 }),
    boss.request('note.set', { text: 'Free shipping tonight' }),
    boss.request('room.configure', { hold_extensions: 3 }),
    boss.request('product.add', { product: { id: 'vase', title: 'Vase', variants: [{ sku: 'VASE', title: '', price: 100, on_hand: 4 }] } }),
    boss.request('show.pause'),
  ]);
  assert.equal(settle.length, 8);
  await boss.request('product.remove', { product: 'vase' });
  await boss.request('show.resume');
  await boss.request('queue.next');
  const fresh = client(t, { name: 'Ben' });
  await fresh.ready;
  await stateOf(old, (state) => state.offset >= fresh.state.offset);
  assert.deepEqual(publicPart(old.state), publicPart(fresh.state));
  await boss.request('flash.stop', { sku: 'MUG-SEA' });
  await boss.request('note.clear');
  for (const one of [old, fresh]) await stateOf(one, (state) => state.note === null);
  await stateOf(fresh, (state) => state.bySku.get('MUG-SEA').variant.price === 2400);
  assert.deepEqual(publicPart(old.state), publicPart(fresh.state));
});

test('a cut connection is resumed: no chat line and no event is lost or doubled', async (t) => {
  const boss = await hostOf(t);
  const wire = await openWire(shop.url);
  t.after(() => wire.close());
  const ana = client(t, { server: wire.url });
  await ana.ready;
  const offsets = [];
  const texts = [];
  ana.on('*', (event) => {
    if (event.offset) offsets.push(event.offset);
    if (event.type === 'chat.message' && !texts.includes(event.data.text)) texts.push(event.data.text);
  });
  const first = ana.state.offset + 1;
  for (let round = 0; round < 5; round += 1) {
    await boss.say(`line ${round}a`);
    wire.cut();
    await boss.say(`line ${round}b`);
    await boss.request('note.set', { text: `note ${round}` });
    await until(ana, 'connection', (state) => state.connection === 'live');
  }
  await stateOf(ana, (state) => state.note?.text === 'note 4' && state.chat.some((line) => line.text === 'line 4b'));
  assert.deepEqual(offsets, offsets.map((_, index) => first + index));
  const lines = ana.state.chat.map((line) => line.text).filter((text) => text.startsWith('line '));
  assert.equal(new Set(lines).size, 10);
  assert.equal(lines.length, 10);
});

test('a claim whose answer is lost on the way is made once', async (t) => {
  const boss = await hostOf(t);
  const wire = await openWire(shop.url);
  t.after(() => wire.close());
  const ana = client(t, { server: wire.url });
  await ana.ready;
  wire.isDeaf = true;
  const seen = until(boss, 'claim.held');
  const claim = ana.claim('MUG-SAND');
  await seen;
  wire.cut();
  wire.isDeaf = false;
  const reply = await claim;
  assert.equal(reply.outcome, 'held');
  assert.deepEqual(ana.state.holds.map((hold) => hold.hold), [reply.hold.hold]);
});

test('a claim survives a reload of the page until it is answered', async (t) => {
  await hostOf(t);
  const wire = await openWire(shop.url);
  t.after(() => wire.close());
  const kept = storage();
  const ana = client(t, { server: wire.url, storage: kept });
  await ana.ready;
  wire.isDeaf = true;
  ana.claim('MUG-SAND').catch(() => {});
  ana.close();
  wire.isDeaf = false;
  const again = client(t, { storage: kept });
  const answer = await until(again, 'answer');
  assert.equal(answer.type, 'claim.create');
  assert.equal(answer.reply.outcome, 'held');
  assert.equal(again.state.you.participant, ana.state.you.participant);
  assert.equal(again.state.holds.length, 1);
  assert.equal(kept.getItem('liveshop:spring:pending'), null);
});

test('a request sent before the connection stands is carried out when it does', async (t) => {
  await hostOf(t);
  const ana = client(t);
  const replies = await Promise.all([ana.claim('MUG-SAND'), ana.say('first!'), ana.product('mug')]);
  assert.equal(replies[0].outcome, 'held');
  assert.equal(replies[2].title, 'Tideline Mug');
});

test('two tabs of one guest see one hold, also when the other tab orders it', async (t) => {
  await hostOf(t);
  const kept = storage();
  const one = client(t, { storage: kept });
  await one.ready;
  const other = client(t, { storage: kept });
  await other.ready;
  assert.equal(other.state.you.participant, one.state.you.participant);
  await one.claim('MUG-SAND');
  await stateOf(other, (state) => state.holds.length === 1);
  const { order } = await other.order();
  await stateOf(one, (state) => state.orders.some((known) => known.order === order.order));
  assert.deepEqual(one.state.holds, []);
});

test('sold out, waitlist, offer, accept; the other tab sees the same', async (t) => {
  await hostOf(t);
  const ana = client(t);
  await ana.ready;
  const taken = await ana.claim('BOWL', { quantity: 2 });
  const kept = storage();
  const ben = client(t, { name: 'Ben', storage: kept });
  await ben.ready;
  const otherTab = client(t, { storage: kept });
  await otherTab.ready;
  const waiting = await ben.claim('BOWL', { quantity: 2 });
  assert.equal(waiting.outcome, 'waitlisted');
  assert.deepEqual(ben.state.waitlist, [{ sku: 'BOWL', quantity: 2, place: 1 }]);
  await ana.release(taken.hold.hold);
  await stateOf(ben, (state) => state.waitlist[0]?.offer);
  assert.equal(ben.state.waitlist[0].offer.unit_price, 3400);
  await ben.accept('BOWL', 3400);
  for (const tab of [ben, otherTab]) {
    await stateOf(tab, (state) => state.holds.length === 1 && state.waitlist.length === 0);
    assert.equal(tab.state.holds[0].quantity, 2);
  }
  await ben.release(ben.state.holds[0].hold);
});

test('a refusal rejects with its code and its figures', async (t) => {
  await hostOf(t);
  const ana = client(t);
  await ana.ready;
  await assert.rejects(ana.claim('MUG-SAND', { unit_price: 1 }), (error) =>
    error instanceof LiveShopError && error.code === 'price_changed' && error.details.price === 1900);
});

test('a show that is not there and a bad token are final; a guest of another time comes anew', async (t) => {
  const lost = client(t, { show: 'nowhere' });
  await assert.rejects(lost.ready, (error) => error.code === 'not_found');
  assert.equal(lost.state.connection, 'ended');
  const bad = client(t, { token: 'a.b.c' });
  await assert.rejects(bad.ready, (error) => error.code === 'unauthorized');
  const kept = storage();
  kept.setItem('liveshop:spring:guest', JSON.stringify({ token: 'a.b.c', name: 'Old Ana' }));
  const back = client(t, { storage: kept, name: undefined });
  await back.ready;
  assert.equal(back.state.you.name, 'Old Ana');
});
