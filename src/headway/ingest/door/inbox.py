"""Deliveries on their way to the disk: those that come together share one commit."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.conf import settings
from django.db import DatabaseError, OperationalError, connection, transaction
from django.db.models import Count, Sum

from headway.ingest.models import Delivered, WriteKey

log = logging.getLogger(__name__)

MEGABYTE = 1_000_000
OVERHEAD = 200
"""Bytes that a delivery takes beside its body."""

PATIENCE = 8.0
"""Seconds that a client waits for its commit to begin; those of SDKs wait for ten or more."""

LOCKED_FOR = 5000
"""Milliseconds that a commit waits for whoever else writes to the database."""

LOOK_EVERY, LOOK_SHARE = 1.0, 50
"""Seconds between two looks at what waits, or so many times what the last one took."""

USE_IS_NOTED_EVERY = timedelta(minutes=1)
FIELDS = ("source_id", "dialect", "path", "query", "headers", "body", "bytes", "received_at")


Row = tuple[int | str | bytes | None, ...]


class Full(Exception):
    """So much waits for the worker that no more is taken for now."""


class Unavailable(Exception):
    """Nothing can be written for now: the disk is full, or somebody else holds the database."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A delivery as the inbox keeps it, and the key with which it came.

    `body` is packed, `bytes` is what it has unpacked.
    """

    key_id: int
    source_id: int
    dialect: str
    path: str
    query: str
    headers: str
    body: bytes
    bytes: int
    received_at: datetime

    @property
    def row(self) -> Row:
        at = str(connection.ops.adapt_datetimefield_value(self.received_at))
        texts = (self.dialect, self.path, self.query, self.headers)
        return (self.source_id, *texts, self.body, self.bytes, at, "")


@dataclass
class Inbox:
    """One for each process. A thread of its own commits, and nobody else waits for the disk."""

    _queue: list[tuple[Entry, Future[None]]] = field(default_factory=list)
    _changed: threading.Condition = field(default_factory=threading.Condition)
    _thread: threading.Thread | None = None
    _used: dict[int, datetime] = field(default_factory=dict)
    _level: int = 0
    _look_at: float = 0.0

    def put(self, entry: Entry) -> None:
        """Returns once it is on disk. Raises Full or Unavailable, and then it is not there."""
        if self._level >= settings.INBOX_MEGABYTES * MEGABYTE:
            self._wake()
            raise Full
        settled: Future[None] = Future()
        with self._changed:
            self._queue.append((entry, settled))
        self._wake()
        try:
            settled.result(PATIENCE)
        except TimeoutError:
            if settled.cancel():
                raise Unavailable from None
            settled.result()

    def _wake(self) -> None:
        with self._changed:
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="inbox", daemon=True)
                self._thread.start()
            self._changed.notify()

    def _run(self) -> None:
        while True:
            with self._changed:
                if not self._queue:
                    self._changed.wait()
                taken, self._queue = self._queue, []
            self._settle([one for one in taken if one[1].set_running_or_notify_cancel()])
            self._look()

    def _settle(self, taken: Sequence[tuple[Entry, Future[None]]]) -> None:
        """One that the database refuses does not take the others with it."""
        if not taken:
            return
        try:
            self._commit([entry for entry, _ in taken])
        except Exception as error:
            connection.close()
            if len(taken) > 1 and not isinstance(error, OperationalError):
                for one in taken:
                    self._settle([one])
                return
            log.warning("Deliveries could not be kept: %s", error)
            for _, settled in taken:
                settled.set_exception(Unavailable(str(error)))
        else:
            for _, settled in taken:
                settled.set_result(None)

    def _commit(self, entries: Sequence[Entry]) -> None:
        _connect()
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.executemany(_insert(), [entry.row for entry in entries])
            self._note(entries)
        self._level += sum(entry.bytes + OVERHEAD for entry in entries)

    def _note(self, entries: Sequence[Entry]) -> None:
        """When a key was last used, to the minute."""
        for key_id, at in {e.key_id: e.received_at for e in entries}.items():
            if key_id not in self._used or at - self._used[key_id] >= USE_IS_NOTED_EVERY:
                WriteKey.objects.filter(pk=key_id).update(last_used_at=at)
                self._used[key_id] = at

    def _look(self) -> None:
        """How much waits, now and then: the worker takes out what this process puts in."""
        began = time.monotonic()
        if began < self._look_at:
            return
        try:
            _connect()
            found = Delivered.objects.aggregate(bytes=Sum("bytes"), count=Count("pk"))
            self._level = (found["bytes"] or 0) + OVERHEAD * found["count"]
        except DatabaseError:
            connection.close()
        ended = time.monotonic()
        self._look_at = ended + max(LOOK_EVERY, LOOK_SHARE * (ended - began))


def _connect() -> None:
    """SQLite waits less here than elsewhere, so that a client hears of it before it gives up."""
    if connection.connection is not None or connection.vendor != "sqlite":
        return
    with connection.cursor() as cursor:
        cursor.execute(f"PRAGMA busy_timeout = {LOCKED_FOR}")


def _insert() -> str:
    table = connection.ops.quote_name(Delivered._meta.db_table)
    columns = (*FIELDS, "problem")
    named = ", ".join(connection.ops.quote_name(name) for name in columns)
    return f"INSERT INTO {table} ({named}) VALUES ({', '.join(['%s'] * len(columns))})"
