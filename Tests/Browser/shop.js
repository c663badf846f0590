// For the tests of liveshop.js: a server of the built program with one show, a wire to it that can be cut,
// and storage as a browser has it. LIVESHOP_BIN names the program; else the debug build is taken.

import { spawn, execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect as dial, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const program = process.env.LIVESHOP_BIN || join(root, '.build/debug/liveshop');

export const catalogue = { products: [
  { id: 'bowl', title: 'Moonrise Bowl', variants: [{ sku: 'BOWL', title: '', price: 3400, on_hand: 2 }] },
  { id: 'mug', title: 'Tideline Mug', variants: [
    { sku: 'MUG-SEA', title: 'Sea', options: { Glaze: 'Sea' }, price: 2400, on_hand: 20 },
    { sku: 'MUG-SAND', title: 'Sand', options: { Glaze: 'Sand' }, price: 2600, on_hand: 20 }] },
] };

/** A running server with the show `spring`; `close` ends it. */
export async function openShop(...flags) {
  const directory = mkdtempSync(join(tmpdir(), 'liveshop-web-'));
  const data = join(directory, 'data');
  const file = join(directory, 'catalogue.json');
  writeFileSync(file, JSON.stringify(catalogue));
  const run = (...words) => execFileSync(program, words, { stdio: 'pipe' });
  run('show', 'create', '--data', data, '--show', 'spring', '--title', 'Spring firing', '--currency', 'EUR');
  run('import', '--data', data, '--show', 'spring', file);
  const server = spawn(program, ['serve', '--data', data, '--listen', '127.0.0.1:0', ...flags]);
  const url = await new Promise((done, failed) => {
    let said = '';
    server.stdout.on('data', (bytes) => {
      said += bytes;
      const found = /ws:\/\/([\d.:]+)\//.exec(said);
      if (found) done(`http://${found[1]}`);
    });
    server.on('exit', (code) => failed(new Error(`the server ended with ${code}: ${said}`)));
  });
  return {
    url,
    hostToken: readFileSync(join(data, 'host.token'), 'utf8').trim(),
    async close() {
      server.kill('SIGKILL');
      await new Promise((done) => server.once('close', done));
      rmSync(directory, { recursive: true });
    },
  };
}

/** A wire between client and server. `cut` breaks all connections; while `isDeaf` nothing comes back. */
export async function openWire(url) {
  const target = new URL(url);
  const ends = new Set();
  const wire = { url: '', isDeaf: false, opened: 0, cut() { for (const end of ends) end.destroy(); }, close() {} };
  const server = createServer((client) => {
    wire.opened += 1;
    const far = dial(Number(target.port), target.hostname);
    ends.add(client).add(far);
    client.pipe(far);
    far.on('data', (bytes) => { if (!wire.isDeaf) client.write(bytes); });
    for (const end of [client, far]) {
      end.on('error', () => {});
      end.on('close', () => { ends.delete(end); client.destroy(); far.destroy(); });
    }
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  wire.url = `http://127.0.0.1:${server.address().port}`;
  wire.close = () => { wire.cut(); server.close(); };
  return wire;
}

/** Storage that lives as long as the test. */
export function storage() {
  const kept = new Map();
  return {
    getItem: (key) => kept.get(key) ?? null,
    setItem: (key, value) => { kept.set(key, String(value)); },
    removeItem: (key) => { kept.delete(key); },
    kept,
  };
}

/** Resolves with the first argument of `name` that fits. */
export const until = (shop, name, fits = () => true) => new Promise((done) => {
  const off = shop.on(name, (argument) => { if (fits(argument)) { off(); done(argument); } });
});

/** Resolves when the state fits, now or later. */
export const stateOf = (shop, fits) =>
  fits(shop.state) ? Promise.resolve(shop.state) : until(shop, 'state', fits);
