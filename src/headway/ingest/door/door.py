"""Where SDKs knock: their addresses are answered before anything else of the web is asked.

No session, no cookie and no query: a write key says to which source a delivery belongs, and it is
answered with 200 once it is on disk.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from io import BytesIO
from typing import Any
from urllib.parse import parse_qsl

import msgspec
from django.conf import settings
from django.db import DatabaseError

from headway.engine.errors import HeadwayError, InputError, StoreError
from headway.ingest.dialects.answers import denied
from headway.ingest.dialects.cleaned import CLEANED, written
from headway.ingest.dialects.dialect import HEADERS, Answer, Delivery, Dialect
from headway.ingest.dialects.unpacking import TooLarge, unpacked
from headway.ingest.door.inbox import MEGABYTE, Entry, Full, Inbox, Unavailable
from headway.ingest.door.keys import Keys, Known
from headway.ingest.door.routes import Route, route
from headway.ingest.door.signing import verified
from headway.ingest.packing import packed

log = logging.getLogger(__name__)

Environ = dict[str, Any]
Respond = Callable[..., Any]
"""What WSGI calls `start_response`."""

Application = Callable[[Environ, Respond], Iterable[bytes]]

METHODS = "GET, POST, OPTIONS"
REMEMBERED_FOR = "7200"
"""Seconds for which a browser need not ask again whether it may send."""

SOON, LATER = "2", "30"
"""Seconds after which a client may try again."""

REASONS = {
    200: "OK", 204: "No Content", 400: "Bad Request", 401: "Unauthorized", 404: "Not Found",
    405: "Method Not Allowed", 413: "Content Too Large", 429: "Too Many Requests",
    503: "Service Unavailable",
}  # fmt: skip

NO_KEY = (
    "There is no write key. The page of a source shows its keys; one is given as the SDK gives its "
    "own, as the user name (curl -u KEY:), or in the address: /in/KEY/v1/batch."
)

DROPPING = 8
"""Threads that hear refused clients to their end: slow ones do not take those of the pages."""

DROPPED = 5
"""So many times what a delivery may have is read and thrown away."""


class Refused(Exception):
    """What the client is told instead of being thanked."""

    def __init__(self, status: int, words: str, retry_after: str = "") -> None:
        super().__init__(words)
        self.status, self.words, self.retry_after = status, words, retry_after


@dataclass
class Door:
    """A WSGI application before `inside`, the rest of the web."""

    inside: Application
    inbox: Inbox = field(default_factory=Inbox)
    keys: Keys = field(default_factory=Keys)
    _dropping: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(DROPPING))
    _busy: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self, environ: Environ, respond: Respond) -> Iterable[bytes]:
        found = route(environ.get("PATH_INFO", ""))
        if found is None:
            return self.inside(environ, respond)
        headers = _allowed(environ)
        answer = self._answer(found, environ, headers)
        headers += [("Content-Type", answer.content_type), ("Cache-Control", "no-store")]
        headers.append(("Content-Length", str(len(answer.body))))
        respond(f"{answer.status} {REASONS.get(answer.status, 'Answer')}", headers)
        return [answer.body]

    def _answer(self, found: Route, environ: Environ, headers: list[tuple[str, str]]) -> Answer:
        refused = found.dialect.refused if found.dialect else denied
        try:
            if environ["REQUEST_METHOD"] == "OPTIONS":
                return Answer(204)
            with self._room():
                return self._received(found, environ)
        except Refused as error:
            if self._dropping.acquire(blocking=False):
                try:
                    _drop_rest(environ)
                finally:
                    self._dropping.release()
            if error.retry_after:
                headers.append(("Retry-After", error.retry_after))
            return refused(error.status, error.words)

    def _received(self, found: Route, environ: Environ) -> Answer:
        if found.dialect is None and not found.others:
            raise Refused(404, "No SDK sends to this address.")
        if environ["REQUEST_METHOD"] not in ("GET", "POST"):
            raise Refused(405, f"Use one of {METHODS}.")
        delivery = _delivery(found, environ)
        found = found.told(delivery)
        if found.dialect is None:
            raise Refused(404, "No SDK sends to this address.")
        if found.asks and found.dialect.asked:
            return found.dialect.asked(delivery)
        key = self._key(found, delivery)
        try:
            delivery = verified(key.source_id, found.dialect, delivery)
        except (StoreError, DatabaseError) as error:
            log.warning("A signature cannot be checked: %s", error)
            raise Refused(503, "The signature cannot be checked for now.", LATER) from None
        except HeadwayError as error:
            raise _unfit(error) from None
        _check(found.dialect, delivery)
        self._keep(key, *_discreet(key, found.dialect, delivery))
        return found.dialect.accepted(delivery)

    def _key(self, found: Route, delivery: Delivery) -> Known:
        assert found.dialect
        value = found.key or found.dialect.key(delivery)
        if not value:
            _check(found.dialect, delivery)  # a key that stands in the body cannot be read either
            raise Refused(401, NO_KEY)
        try:
            known = self.keys.find(value)
        except DatabaseError as error:
            log.warning("Write keys cannot be read: %s", error)
            raise Refused(503, "The database does not answer.", SOON) from None
        if known is None:
            raise Refused(401, "No source has this write key, or it was revoked.")
        return known

    def _keep(self, key: Known, dialect: Dialect, delivery: Delivery) -> None:
        kept = {n: v for n, v in delivery.headers.items() if n in HEADERS}
        query, headers = (msgspec.json.encode(m).decode() for m in (delivery.query, kept))
        try:
            self.inbox.put(
                Entry(
                    key.id, key.source_id, dialect.name, delivery.path, query, headers,
                    packed(delivery.body), len(delivery.body), delivery.received_at,
                )
            )  # fmt: skip
        except Full:
            raise Refused(
                429, "The inbox is full until the worker has emptied it.", LATER
            ) from None
        except Unavailable as error:
            log.warning("A delivery was turned away: %s", error or "the database is busy")
            raise Refused(503, "It could not be written to disk.", SOON) from None

    @contextmanager
    def _room(self) -> Iterator[None]:
        """Pages keep threads of their own, however many deliveries wait for a slow disk."""
        with self._lock:
            if self._busy >= settings.INBOX_REQUESTS:
                raise Refused(429, "Too many deliveries at once.", SOON)
            self._busy += 1
        try:
            yield
        finally:
            with self._lock:
                self._busy -= 1


def _check(dialect: Dialect, delivery: Delivery) -> None:
    try:
        dialect.check(delivery)
    except HeadwayError as error:
        raise _unfit(error) from None


def _unfit(error: HeadwayError) -> Refused:
    return Refused(400, f"{error.message} {error.fix}".strip())


def _discreet(key: Known, dialect: Dialect, delivery: Delivery) -> tuple[Dialect, Delivery]:
    """What is written down: where properties are personal, nothing but the cleaned events."""
    if not key.discretion:
        return dialect, delivery
    try:
        found = key.discretion.parsed(dialect.parse(delivery))
    except Exception:
        log.exception("A delivery of %s cannot be read, and is not kept", dialect.name)
        raise Refused(400, "It cannot be read.") from None
    body = written(found)
    return CLEANED, Delivery(delivery.path, body, delivery.received_at)


def _delivery(found: Route, environ: Environ) -> Delivery:
    most = settings.DELIVERY_MEGABYTES * MEGABYTE
    try:
        body = unpacked(_read(environ, most), most)
    except TooLarge:
        raise Refused(413, f"A delivery may have {settings.DELIVERY_MEGABYTES} MB.") from None
    except InputError as error:
        raise Refused(400, f"{error.message} {error.fix}".strip()) from None
    return Delivery(
        path=found.path,
        body=body,
        received_at=datetime.now(UTC),
        query=dict(parse_qsl(environ.get("QUERY_STRING", ""), keep_blank_values=True)),
        headers=_headers(environ),
    )


def _read(environ: Environ, most: int) -> bytes:
    if environ["REQUEST_METHOD"] == "GET":
        return b""
    said = environ.get("CONTENT_LENGTH") or ""
    if said.isdecimal() and int(said) > most:
        raise TooLarge("")
    try:
        found: bytes = environ["wsgi.input"].read(int(said) if said.isdecimal() else most + 1)
    except OSError as error:
        raise InputError(f"The body is cut off ({error}).") from None
    environ["wsgi.input"] = BytesIO()  # there is no more to read
    if said.isdecimal() and len(found) < int(said):
        raise InputError("The body is cut off: it is shorter than its header says.")
    return found


def _drop_rest(environ: Environ) -> None:
    """A client hears no answer before it has sent all of it, and would send it again. Far more than
    may come is cut off.
    """
    said = environ.get("CONTENT_LENGTH") or ""
    most = DROPPED * settings.DELIVERY_MEGABYTES * MEGABYTE
    left = min(int(said), most) if said.isdecimal() else 0
    with suppress(OSError):
        while left > 0 and (got := environ["wsgi.input"].read(min(left, MEGABYTE))):
            left -= len(got)


def _headers(environ: Mapping[str, Any]) -> dict[str, str]:
    found = {
        name[5:].replace("_", "-").lower(): str(value)
        for name, value in environ.items()
        if name.startswith("HTTP_")
    }
    return found | {"content-type": environ.get("CONTENT_TYPE") or ""}


def _allowed(environ: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Any page may send: write keys are public, and the door looks at no cookie."""
    origin = environ.get("HTTP_ORIGIN")
    if not origin:
        return []
    found = [
        ("Access-Control-Allow-Origin", origin),
        ("Access-Control-Allow-Credentials", "true"),
        ("Vary", "Origin"),
    ]
    if environ["REQUEST_METHOD"] == "OPTIONS":
        asked = environ.get("HTTP_ACCESS_CONTROL_REQUEST_HEADERS", "")
        found += [
            ("Access-Control-Allow-Methods", METHODS),
            ("Access-Control-Allow-Headers", asked or "content-type"),
            ("Access-Control-Max-Age", REMEMBERED_FOR),
        ]
    return found
