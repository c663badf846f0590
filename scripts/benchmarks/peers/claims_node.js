// What people build today: Node's `ws` in front of Redis, one script call per claim. Run by
// claims.py: node claims_node.js PORT REDIS-SOCKET SHA. Speaks the same messages as LiveShop, so
// that the load is the same; it knows no shows, buyers or limits. Calls that come together go to
// Redis in one write.
'use strict';
const { createClient } = require('redis');
const { WebSocketServer } = require('ws');

const [port, path, sha] = process.argv.slice(2);

async function main() {
    const redis = createClient({ socket: { path } });
    await redis.connect();
    const address = { host: '127.0.0.1', port: Number(port) };
    const server = new WebSocketServer({ ...address, perMessageDeflate: false });
    server.on('connection', (socket) => {
        socket.on('message', async (bytes) => {
            const { id, data } = JSON.parse(bytes);
            const outcome = await redis.evalSha(sha, {
                keys: ['stock:' + data.sku, 'holds:' + data.sku],
                arguments: [data.key, data.buyer, '1'],
            });
            const answer = outcome.startsWith('held')
                ? { type: 'reply', id, data: { outcome: 'held', hold: outcome } }
                : { type: 'error', id, error: { code: outcome } };
            socket.send(JSON.stringify(answer));
        });
    });
}

main();
