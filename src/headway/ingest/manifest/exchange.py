"""One store over all sources: each question goes to the store that has its events."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from functools import cached_property
from threading import Thread
from types import TracebackType

import pyarrow as pa

from headway.engine.errors import HeadwayError, StoreError
from headway.engine.statistics import Statistic
from headway.engine.store import Store
from headway.ingest.models import Source
from headway.ingest.opening import opened
from headway.stores.local import LocalStore
from headway.stores.mapped import Warehouse

log = logging.getLogger(__name__)


class Exchange:
    """A statistic that names a warehouse is answered there, every other one by the local store.

    Each is opened when it is first asked, and once. A warehouse that its last probe could not read
    is not asked: StoreError says at once what that probe found.
    """

    def __init__(self, local: Callable[[], LocalStore], warehouses: Mapping[str, Source]) -> None:
        self._open_local = local
        self.warehouses = warehouses
        self._opened: dict[str, Warehouse | HeadwayError] = {}
        self._left = False

    def __enter__(self) -> Exchange:
        return self

    def __exit__(
        self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None
    ) -> None:
        self.close()

    def run(self, statistic: Statistic) -> pa.Table:
        with expected(statistic.span.source or ""):
            return self._for(statistic).run(statistic)

    def sql(self, statistic: Statistic) -> str:
        return self._for(statistic).sql(statistic)

    def dialect(self, statistic: Statistic) -> str:
        return self._for(statistic).dialect(statistic)

    def apart(self) -> Exchange:
        """The same for one who waits, so that `stop` ends only what that one has asked."""
        local = self.local.apart()
        return Exchange(lambda: local, self.warehouses)

    def stop(self) -> None:
        """Ends what the local store runs. Warehouses are left: their own time-outs end it there."""
        self._left = True
        self.local.stop()

    @cached_property
    def local(self) -> LocalStore:
        return self._open_local()

    @property
    def names(self) -> list[tuple[str, int]]:
        """Event names with their number of events, most frequent first; of warehouses, as the last
        probes found them.
        """
        found = Counter(dict(self.local.names))
        for source in self.warehouses.values():
            found.update(dict(source.names))
        return sorted(found.items(), key=lambda item: (-item[1], item[0]))

    @property
    def properties(self) -> list[str]:
        mapped = [name for s in self.warehouses.values() for name in s.definition.columns]
        return sorted({*self.local.properties, *mapped})

    def problem_of(self, named: Iterable[str]) -> str:
        """Of the first of these sources that could not be read; "" when all could."""
        rows = (self.warehouses.get(key) for key in sorted(named))
        return next((str(_unreadable(row)) for row in rows if row and row.problem), "")

    def rests(self, named: Iterable[str], now: datetime) -> bool:
        """Whether one of these sources is a warehouse that was not looked at in this pass."""
        rows = (self.warehouses.get(key) for key in named)
        return any(row.probed_at != now for row in rows if row)

    def warehouse(self, key: str) -> Warehouse:
        """Raises StoreError when it cannot be opened, now and for as long as this is used."""
        if key not in self._opened:
            self._opened[key] = self._try(self.warehouses[key])
        found = self._opened[key]
        if isinstance(found, HeadwayError):
            raise found
        return found

    def close(self) -> None:
        """At once, also where a warehouse that was left still answers."""
        for found in self._opened.values():
            if isinstance(found, HeadwayError):
                continue
            if self._left:
                Thread(target=found.close, daemon=True).start()
            else:
                found.close()
        self._opened.clear()

    def _for(self, statistic: Statistic) -> Store:
        source = self.warehouses.get(statistic.span.source or "")
        if source is None:
            return self.local
        if source.problem:
            raise _unreadable(source)
        return self.warehouse(source.key)

    def _try(self, source: Source) -> Warehouse | HeadwayError:
        try:
            return opened(source.definition)
        except HeadwayError as error:
            return error


@contextmanager
def expected(key: str) -> Iterator[None]:
    """What a driver of somebody else's database may raise beside its own errors is a StoreError
    too. It is not shown, only logged: nobody knows what it quotes.
    """
    try:
        yield
    except HeadwayError:
        raise
    except Exception as error:
        log.exception("The source %s failed", key)
        raise StoreError(
            f"Something unexpected happened: {type(error).__name__}.",
            where=f"source `{key}`" if key else "",
            fix="The log says more.",
        ) from error


def _unreadable(source: Source) -> StoreError:
    return StoreError(source.problem, where=f"source `{source.key}`")
