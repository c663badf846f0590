// A chat room with Node's `ws`, as its documentation shows it: what the publisher says goes to
// everybody. node node_ws.js PORT
const { WebSocketServer, WebSocket } = require('/usr/share/nodejs/ws');

const server = new WebSocketServer({
  host: '127.0.0.1',
  port: Number(process.argv[2]),
  backlog: 4096,
  perMessageDeflate: false,
  clientTracking: false,
});
const viewers = new Set();

server.on('connection', (socket, request) => {
  if (request.url !== '/publish') {
    viewers.add(socket);
    socket.on('close', () => viewers.delete(socket));
    return;
  }
  socket.on('message', (message) => {
    for (const viewer of viewers) {
      if (viewer.readyState === WebSocket.OPEN) viewer.send(message, { binary: false });
    }
  });
});
