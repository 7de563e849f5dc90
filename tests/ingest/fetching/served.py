"""A web server on a real socket, whose answers a test decides, and which can misbehave."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit


@dataclass
class Asked:
    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]

    def one(self, name: str, default: str = "") -> str:
        return self.query.get(name, [default])[0]


@dataclass
class Answer:
    """`breaks`: the connection ends in the middle of the body."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    breaks: bool = False

    @staticmethod
    def json(value: Any, status: int = 200, **headers: str) -> Answer:
        kind = {"Content-Type": "application/json"}
        return Answer(status, json.dumps(value).encode(), kind | headers)


@dataclass
class Server:
    """`next` are answers that come before those of `answer`."""

    url: str
    answer: Callable[[Asked], Answer]
    next: list[Answer | None] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)


@contextmanager
def served(answer: Callable[[Asked], Answer]) -> Iterator[Server]:
    class Requests(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            headers = {name.lower(): value for name, value in self.headers.items()}
            asked = Asked(parts.path, parse_qs(parts.query), headers)
            server.asked.append(asked)
            found = server.next.pop(0) if server.next else None
            self._send(found or server.answer(asked))

        def _send(self, found: Answer) -> None:
            self.send_response(found.status)
            for name, value in found.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(found.body)))
            self.end_headers()
            self.wfile.write(found.body[: len(found.body) // 2] if found.breaks else found.body)
            if found.breaks:
                self.wfile.flush()
                self.connection.shutdown(socket.SHUT_RDWR)
                self.close_connection = True

        def log_message(self, format: str, *args: Any) -> None:
            pass

    http = ThreadingHTTPServer(("127.0.0.1", 0), Requests)
    server = Server(f"http://127.0.0.1:{http.server_port}", answer)
    thread = Thread(target=http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        http.shutdown()
        http.server_close()
        thread.join()
