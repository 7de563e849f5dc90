"""What the bench of the door sends is what the dialect reads, and what it counts is answered."""

from __future__ import annotations

import socket
import threading
from datetime import UTC, datetime

from bench import ingest
from bench.sender import MARK, Request, send
from headway.ingest.dialects import segment
from headway.ingest.dialects.dialect import Delivery


def test_each_batch_holds_events_of_its_own() -> None:
    now = datetime(2026, 11, 22, 12, tzinfo=UTC)
    bodies = [ingest.body().replace(MARK, b"%012d" % number) for number in (1, 2)]
    parsed = [segment.parse(Delivery("/v1/batch", body, now)) for body in bodies]
    assert [len(one.events) for one in parsed] == [ingest.EVENTS] * 2
    assert len({event.message_id for one in parsed for event in one.events}) == 200
    assert not any(one.refused for one in parsed)


def test_only_what_is_thanked_for_counts() -> None:
    """A server that thanks for every other request."""
    listening = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        client, _ = listening.accept()
        with client:
            for answer in (b"yes", b"no", b"yes", b""):
                if not client.recv(100) or not answer:
                    return
                client.sendall(answer)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    sent = send(listening.getsockname()[1], Request(b"ask " + MARK, b"yes"), 1, 30)
    thread.join(5)
    listening.close()
    assert sent.acknowledged == 2
    assert sent.other[:1] == [b"no"]
    assert sent.quantile(0.99) > 0
