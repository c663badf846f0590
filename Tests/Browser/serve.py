#!/usr/bin/env python3
"""Serves web/ beside a running liveshop, for tests and for work on the pages.

    Tests/Browser/serve.py --server http://127.0.0.1:8080 [--port 0]

`/`, `/s/ID`, `/liveshop.js`, `/liveshop/…` and `/assets/…` come from web/ with the headers that web/README.md
asks for; everything under `/v1/` is handed on, the WebSocket included. Nothing is cached, so that a change
shows with the next load.
"""

import argparse
import http.server
import mimetypes
import pathlib
import select
import socket
import sys
import threading
import urllib.parse

WEB = pathlib.Path(__file__).resolve().parents[2] / "web"
PART = 65_536
TYPES = {".js": "text/javascript", ".css": "text/css", ".html": "text/html", ".svg": "image/svg+xml"}
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' https: data:; "
    "media-src 'self' https: blob:; connect-src 'self' ws://{host} wss://{host}; font-src 'self'; "
    "form-action 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'self'"
)


def file_of(path):
    """The file behind a path of the pages; None where there is none."""
    if path == "/":
        return WEB / "home.html"
    if path.startswith("/s/") and path.count("/") == 2:
        return WEB / "viewer.html"
    if path == "/liveshop.js" or path.startswith("/liveshop/"):
        found = WEB / path[1:]
    elif path.startswith("/assets/"):
        found = WEB / path.removeprefix("/assets/")
    else:
        return None
    found = found.resolve()
    return found if found.is_file() and found.is_relative_to(WEB) and found.suffix not in (".md", ".json") else None


class Pages(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    backend = ("127.0.0.1", 8080)
    # Connections that are handed on; a test may cut them, keep answers back, or refuse new ones.
    relayed = set()
    is_deaf = False
    is_closed = False

    def do_GET(self):
        path = urllib.parse.unquote(urllib.parse.urlsplit(self.path).path)
        if path.startswith("/v1/"):
            self.relay()
            return
        found = file_of(path)
        if found is None:
            self.send_error(404)
            return
        body = found.read_bytes()
        self.send_response(200)
        kind = TYPES.get(found.suffix) or mimetypes.guess_type(found.name)[0] or "application/octet-stream"
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Security-Policy", POLICY.format(host=self.headers.get("Host", "")))
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Referrer-Policy", "strict-origin-when-cross-origin")
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(body)

    def relay(self):
        """Hands the request on as it came, and then bytes both ways until one side ends."""
        if Pages.is_closed:
            self.close_connection = True
            return
        try:
            far = socket.create_connection(self.backend, timeout=5)
        except OSError:
            self.send_error(502)
            return
        far.settimeout(None)
        upgrade = self.headers.get("Upgrade", "").lower() == "websocket"
        lines = [self.requestline]
        lines += [f"{name}: {value}" for name, value in self.headers.items() if upgrade or name.lower() != "connection"]
        lines += [] if upgrade else ["Connection: close"]
        far.sendall(("\r\n".join(lines) + "\r\n\r\n").encode("latin-1"))
        pair = (self.connection, far)
        Pages.relayed.add(pair)
        try:
            while True:
                for ready in select.select(pair, (), ())[0]:
                    part = ready.recv(PART)
                    if not part:
                        return
                    if ready is self.connection:
                        far.sendall(part)
                    elif not Pages.is_deaf:
                        self.connection.sendall(part)
        except (OSError, ValueError):
            pass
        finally:
            Pages.relayed.discard(pair)
            far.close()
            self.close_connection = True

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, *_):
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(*_)

    def cut(self):
        """Breaks every connection that is handed on."""
        for pair in list(Pages.relayed):
            for end in pair:
                try:
                    end.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass


def start(server, port=0):
    """A running server of the pages, in a thread of its own; its address is `url`."""
    address = urllib.parse.urlsplit(server)
    Pages.backend = (address.hostname, address.port)
    pages = Server(("127.0.0.1", port), Pages)
    pages.url = f"http://127.0.0.1:{pages.server_address[1]}"
    threading.Thread(target=pages.serve_forever, daemon=True).start()
    return pages


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Serves web/ beside a running liveshop.")
    parser.add_argument("--server", default="http://127.0.0.1:8080", help="the running liveshop")
    parser.add_argument("--port", type=int, default=8081)
    options = parser.parse_args()
    print(start(options.server, options.port).url, flush=True)
    threading.Event().wait()
