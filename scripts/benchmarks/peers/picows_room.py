"""A chat room with picows: what the publisher says goes to everybody. picows_room.py PORT"""

import asyncio
import resource
import sys

from picows import WSListener, WSMsgType, ws_create_server

viewers = set()


class Viewer(WSListener):
    def on_ws_connected(self, transport):
        viewers.add(transport)

    def on_ws_disconnected(self, transport):
        viewers.discard(transport)


class Publisher(WSListener):
    def on_ws_frame(self, transport, frame):
        if frame.msg_type == WSMsgType.TEXT:
            message = frame.get_payload_as_bytes()
            for viewer in viewers:
                viewer.send(WSMsgType.TEXT, message)


def listener(request):
    return Publisher() if request.path == b"/publish" else Viewer()


async def main():
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    server = await ws_create_server(listener, "127.0.0.1", int(sys.argv[1]), backlog=4096)
    await server.serve_forever()


asyncio.run(main())
