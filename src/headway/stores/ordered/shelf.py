"""The ledgers that cover a store's parts, and the statistics that they can answer."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Any

import pyarrow as pa

from headway.engine.errors import StoreError
from headway.engine.event import COLUMNS as EVENT_COLUMNS
from headway.engine.identity import Claim
from headway.engine.selection import Match
from headway.engine.sql.seen import ACCOUNT
from headway.engine.statistics import Statistic
from headway.stores.memory import Memory
from headway.stores.ordered.answers import ANSWERS
from headway.stores.ordered.build import COLUMNS, build
from headway.stores.ordered.ledger import FOLDER, Ledger
from headway.stores.ordered.properties import Properties, named
from headway.stores.ordered.runs import Runs
from headway.stores.parts import PartFile

log = logging.getLogger(__name__)

GROWTH = 2
"""New rows are joined with ledgers of up to so many times their number, so that few remain."""

BYTES_A_ROW = 40
"""What a row takes at most while its ledger is made: more rows than fit become several ledgers."""


@dataclass(frozen=True)
class Shelf:
    """`type_of` says what all parts have a column as, `traits` which properties subjects carry."""

    root: Path
    parts: Sequence[PartFile]
    type_of: Callable[[str], str | None]
    traits: frozenset[str]
    claims: tuple[Claim, ...] = ()
    memory: Memory = field(default_factory=Memory)
    _runs: dict[str, Runs] = field(default_factory=dict)
    _lock: Any = field(default_factory=Lock)

    def answer(self, statistic: Statistic) -> pa.Table | None:
        """None where only SQL knows the answer."""
        answer = ANSWERS.get(type(statistic))
        by = getattr(statistic, "by", "user")
        if answer is None or by not in COLUMNS or statistic.span.who is not None:
            return None
        if by == "account" and ACCOUNT in self.traits:
            return None  # ledgers have the account that an event names itself
        used = set(_properties(statistic))
        if used & self.traits or used & {*EVENT_COLUMNS, *COLUMNS}:
            return None
        try:
            runs = self.runs(by)
        except (OSError, StoreError, pa.ArrowException) as error:
            log.warning("No ledger can be kept, so that answers are slow: %s", error)
            return None
        found: pa.Table | None = answer(statistic, runs)
        return found

    def runs(self, by: str) -> Runs:
        with self._lock:
            if by not in self._runs:
                ledgers = tuple(self._ledgers(by))
                properties = Properties(self.root, self.type_of)
                self._runs[by] = Runs(ledgers, properties, self.claims)
            return self._runs[by]

    def _ledgers(self, by: str) -> Iterator[Ledger]:
        there = self._there(by)
        for source in sorted({p.source for p in self.parts}):
            mine = {p.path: p for p in self.parts if p.source == source}
            covered = _cover([s for s in there if s.source == source], set(mine))
            yield from self._completed(mine, covered, by)

    def _there(self, by: str) -> list[Ledger]:
        folders = sorted((self.root / FOLDER).glob(f"*-{by}"))
        return [s for folder in folders if (s := Ledger.open(folder)) and s.by == by]

    def _completed(
        self, parts: Mapping[str, PartFile], covered: list[Ledger], by: str
    ) -> Iterator[Ledger]:
        """The ledgers, after what is not in them is written, with those not much larger."""
        new = set(parts).difference(*(s.parts for s in covered))
        kept = sorted(covered, key=lambda s: s.rows)
        size = sum(parts[p].rows for p in new)
        while new and kept and kept[0].rows <= min(GROWTH * size, self._most - size):
            size += kept[0].rows
            new |= set(kept.pop(0).parts)
        yield from kept
        if new:
            for some in _fitting([parts[path] for path in new], self._most):
                yield build(self.root, some, by)
            for old in covered:
                if old not in kept:
                    shutil.rmtree(old.path, ignore_errors=True)

    @property
    def _most(self) -> int:
        return self.memory.limit // BYTES_A_ROW


def _fitting(parts: Sequence[PartFile], most: int) -> Iterator[list[PartFile]]:
    """In order of time, as many together as have no more rows than that; at least one."""
    some: list[PartFile] = []
    for part in sorted(parts, key=lambda p: (p.first_at, p.path)):
        if some and sum(p.rows for p in some) + part.rows > most:
            yield some
            some = []
        some.append(part)
    yield some


def _cover(there: Sequence[Ledger], parts: set[str]) -> list[Ledger]:
    """Ledgers of these parts alone, the largest first, none of which shares a part."""
    found: list[Ledger] = []
    left = set(parts)
    for ledger in sorted(there, key=lambda s: (-s.rows, s.path)):
        if left.issuperset(ledger.parts):
            found.append(ledger)
            left -= set(ledger.parts)
    return found


def _properties(statistic: Statistic) -> Iterator[str]:
    for name in statistic.__dataclass_fields__:
        value = getattr(statistic, name)
        for part in value if isinstance(value, tuple) else (value,):
            if isinstance(part, Match):
                yield from named(part)
            elif isinstance(part, str) and name in NUMBERS:
                yield part
    if statistic_segment := getattr(statistic, "segment", None):
        yield statistic_segment


NUMBERS = ("value", "set_to")
"""Fields that name a property in which a number stands."""
