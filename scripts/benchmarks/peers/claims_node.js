// What people build today: Node's `ws` in front of Redis, one script call per claim. Run by claims.py:
// node claims_node.js PORT REDIS-SOCKET SHA. Speaks the same messages as LiveShop, so that the load is the same;
// it knows no shows, buyers or limits. Calls that come together go to Redis in one write.
'use strict';
const { createClient } = require('redis');
const { WebSocketServer } = require('ws');

const [port, path, sha] = process.argv.slice(2);

async function main() {
    const redis = createClient({ socket: { path } });
    await redis.connect();
    const server = new WebSocketServer({ host: '127.0.0.1', port: Number(port), perMessageDeflate: false });
    server.on('connection', (socket) => {
        socket.on('message', async (bytes) => {
            const { id, data } = JSON.parse(bytes);
            const outcome = await redis.evalSha(sha, {
                keys: ['stock:' + data.sku, 'holds:' + data.sku],
                arguments: [data.key, data.buyer, '1'],
            });
            if (outcome.startsWith('held')) {
                socket.send(JSON.stringify({ type: 'reply', id, data: { outcome: 'held', hold: outcome } }));
            } else {
                socket.send(JSON.stringify({ type: 'error', id, error: { code: outcome } }));
            }
        });
    });
}

main();
