"""Several clients in one process, each of which waits for its answer before it sends again.

Requests are bytes that were made before; only a number in them is new each time. What is measured
is the server, so that its clients cost as little as they can.
"""

from __future__ import annotations

import selectors
import socket
import time
from dataclasses import dataclass, field

MARK = b"@@@@@@@@@@@@"
"""Where a request has the twelve digits that no other one has."""


@dataclass(frozen=True)
class Request:
    """`thanks` is how an answer begins that acknowledges it; answers are short, one packet each."""

    content: bytes
    thanks: bytes
    events: int = 100


@dataclass
class Sent:
    """`acknowledged` requests, the seconds of each, and what else was answered."""

    seconds: float = 0.0
    acknowledged: int = 0
    waits: list[float] = field(default_factory=list)
    other: list[bytes] = field(default_factory=list)

    def quantile(self, share: float) -> float:
        """Milliseconds."""
        return 1000 * sorted(self.waits)[min(len(self.waits) - 1, int(share * len(self.waits)))]


def send(port: int, request: Request, connections: int, seconds: float, first: int = 0) -> Sent:
    """`first` numbers the first request."""
    numbers = iter(range(first, 10**12))
    selector, sent = selectors.DefaultSelector(), Sent()
    asked: dict[socket.socket, float] = {}

    def ask(client: socket.socket) -> None:
        asked[client] = time.perf_counter()
        client.sendall(request.content.replace(MARK, b"%012d" % next(numbers)))

    began = time.perf_counter()
    for _ in range(connections):
        client = socket.create_connection(("127.0.0.1", port))
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        selector.register(client, selectors.EVENT_READ)
        ask(client)
    while asked:
        for key, _ in selector.select():
            client = key.fileobj
            assert isinstance(client, socket.socket)
            answer, now = client.recv(4096), time.perf_counter()
            sent.waits.append(now - asked.pop(client))
            sent.acknowledged += (thanked := answer.startswith(request.thanks))
            sent.other += [] if thanked else [answer]
            if answer and now - began < seconds:
                ask(client)
            else:
                selector.unregister(client)
                client.close()
    sent.seconds = time.perf_counter() - began
    return sent
