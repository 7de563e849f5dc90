"""A store for somebody who waits: it gives up when the time is over."""

from __future__ import annotations

from contextlib import suppress
from queue import SimpleQueue
from threading import Thread, Timer
from types import TracebackType
from typing import Protocol, TypeAlias

import pyarrow as pa

from headway.engine.errors import StoreError
from headway.engine.statistics import Statistic
from headway.engine.store import Store

Outcome: TypeAlias = "pa.Table | Exception"


class Stoppable(Store, Protocol):
    def stop(self) -> None:
        """Ends what `run` is doing in other threads, as soon as the database allows it."""


class Patient:
    """Within `seconds` in all, counted from `with`; after that every question raises StoreError.

    The one who asks goes on at once, even where a database is slow to stop.
    """

    def __init__(self, store: Stoppable, seconds: float) -> None:
        self._store = store
        self._seconds = seconds
        self._timer = Timer(seconds, self._time_is_up)
        self._timer.daemon = True
        self._late = False
        self._outcome: SimpleQueue[Outcome] = SimpleQueue()

    def __enter__(self) -> Patient:
        self._timer.start()
        return self

    def __exit__(
        self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None
    ) -> None:
        self._timer.cancel()

    def run(self, statistic: Statistic) -> pa.Table:
        if self._late:
            raise self._too_late()
        outcome = self._outcome = SimpleQueue()
        Thread(target=self._ask, args=(statistic, outcome), daemon=True).start()
        found = outcome.get()
        if self._late or isinstance(found, Exception):
            raise self._too_late() if self._late else found
        return found

    def sql(self, statistic: Statistic) -> str:
        return self._store.sql(statistic)

    def dialect(self, statistic: Statistic) -> str:
        return self._store.dialect(statistic)

    def _ask(self, statistic: Statistic, outcome: SimpleQueue[Outcome]) -> None:
        try:
            outcome.put(self._store.run(statistic))
        except Exception as error:
            outcome.put(error)

    def _time_is_up(self) -> None:
        self._late = True
        self._outcome.put(self._too_late())
        with suppress(Exception):
            self._store.stop()

    def _too_late(self) -> StoreError:
        return StoreError(
            f"This takes longer than {self._seconds:g} seconds.",
            fix="Nothing is wrong with the number; the command line has no limit.",
        )
