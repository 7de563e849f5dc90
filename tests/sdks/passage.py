"""The way between an SDK and Headway: it carries every delivery twice, and knows the answers."""

from __future__ import annotations

import http.client
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from headway.ingest.door.routes import route

HOP = frozenset(("connection", "keep-alive", "transfer-encoding", "content-length", "host"))


@dataclass
class Passage:
    """A client that was not answered sends again: here each does, and the second answer counts.

    The first `busy` deliveries do not come through: they are asked to come back, in the words of
    the door. `answers` are the status of each other answer, by the path that was asked.
    """

    target: str
    twice: bool = True
    busy: int = 0
    answers: list[tuple[str, int]] = field(default_factory=list)

    def __enter__(self) -> Passage:
        carried = self

        class Carrier(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                carried.carry(self, body, 2 if carried.twice else 1)

            def do_GET(self) -> None:
                carried.carry(self, None, 2 if carried.twice else 1)

            def do_OPTIONS(self) -> None:
                carried.carry(self, None, 1)

            def log_message(self, format: str, *args: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Carrier)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def carry(self, asked: BaseHTTPRequestHandler, body: bytes | None, times: int) -> None:
        if self._is_turned_away(asked):
            return
        for _ in range(times):
            answer, content = self._ask(asked, body)
        if asked.command != "OPTIONS":
            self.answers.append((asked.path, answer.status))
        asked.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in HOP | {"server", "date"}:
                asked.send_header(name, value)
        asked.send_header("Content-Length", str(len(content)))
        asked.end_headers()
        asked.wfile.write(content)

    def _is_turned_away(self, asked: BaseHTTPRequestHandler) -> bool:
        found = route(urlsplit(asked.path).path)
        delivers = asked.command != "OPTIONS" and found and found.dialect and not found.asks
        if not delivers or self.busy <= 0:
            return False
        self.busy -= 1
        answer = found.dialect.refused(429, "Too many deliveries at once.")
        asked.send_response(answer.status)
        asked.send_header("Retry-After", "1")
        asked.send_header("Access-Control-Allow-Origin", asked.headers.get("Origin", "*"))
        asked.send_header("Access-Control-Allow-Credentials", "true")
        asked.send_header("Content-Length", str(len(answer.body)))
        asked.end_headers()
        asked.wfile.write(answer.body)
        return True

    def _ask(
        self, asked: BaseHTTPRequestHandler, body: bytes | None
    ) -> tuple[http.client.HTTPResponse, bytes]:
        connection = http.client.HTTPConnection(urlsplit(self.target).netloc, timeout=30)
        headers = {n: v for n, v in asked.headers.items() if n.lower() not in HOP}
        try:
            connection.request(asked.command, asked.path, body, headers)
            answer = connection.getresponse()
            return answer, answer.read()
        finally:
            connection.close()
