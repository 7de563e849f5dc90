"""A real server that answers well, badly, late, elsewhere, a byte at a time, or not at all."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

CERTIFICATE = Path(__file__).parent / "untrusted.pem"


@dataclass
class Site:
    """`down`: it answers everything with 500."""

    url: str
    down: bool = False
    asked: list[tuple[str, str]] = field(default_factory=list)


@contextmanager
def serving(*, safe: bool = False) -> Iterator[Site]:
    server = Quiet(("127.0.0.1", 0), Answering)
    if safe:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(CERTIFICATE)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    scheme = "https" if safe else "http"
    server.site = Site(f"{scheme}://127.0.0.1:{server.server_port}")  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield server.site  # type: ignore[attr-defined]
    finally:
        server.shutdown()
        server.server_close()


def closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Answering(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        site: Site = self.server.site  # type: ignore[attr-defined]
        site.asked.append((self.command, self.path))
        if site.down:
            self._say(500, b"broken")
            return
        getattr(self, "_" + self.path.strip("/").partition("/")[0], self._well)()

    do_HEAD = do_POST = do_GET  # noqa: N815  and for these

    def _say(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def _well(self) -> None:
        self._say(200, "All is wéll".encode())

    def _fails(self) -> None:
        self._say(503, b"busy")

    def _hangs(self) -> None:
        time.sleep(6)

    def _trickles(self) -> None:
        self.send_response(200)
        self.end_headers()
        for _ in range(40):
            self.wfile.write(b".")
            self.wfile.flush()
            time.sleep(0.15)

    def _slow(self) -> None:
        for letter in b"HTTP/1.1 200 OK\r\nX-Long: ":
            self.wfile.write(bytes([letter]))
            self.wfile.flush()
            time.sleep(0.2)

    def _moved(self) -> None:
        self._say(302, b"", Location="/well")

    def _round(self) -> None:
        self._say(302, b"", Location="/round")

    def _inside(self) -> None:
        self._say(302, b"", Location="http://169.254.169.254/latest/meta-data")

    def _file(self) -> None:
        self._say(302, b"", Location="file:///etc/passwd")

    def _cut(self) -> None:
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def _garbage(self) -> None:
        self.wfile.write(b"SSH-2.0-OpenSSH_9.2\r\n\r\n")
        self.close_connection = True

    def log_message(self, *_: Any) -> None: ...


class Quiet(ThreadingHTTPServer):
    """Somebody who hangs up is no news."""

    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None: ...
