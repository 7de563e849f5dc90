"""Runs: the selected events of one name in one ledger, as the kernels walk them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from numba.typed import List

from headway.engine.event import MARKERS
from headway.engine.identity import Claim
from headway.engine.period import Calendar, day_at
from headway.engine.selection import Match, Span
from headway.stores.marks import marks
from headway.stores.ordered.days import local_days, union_days
from headway.stores.ordered.ledger import Block, Days, Keys, Ledger, Subjects, Times
from headway.stores.ordered.properties import Mask, Properties
from headway.stores.ordered.walk import MICROS_A_DAY

NOBODY: Mask = np.zeros(0, np.bool_)
Offsets = tuple[Times, Times]
Whose = tuple[int, int, np.uint64]
"""After when, until when, and whose an id was: the key of the person."""


@dataclass(frozen=True)
class Run:
    """Sorted by key; `row` is that of the block, and `skip` the subjects who are told elsewhere."""

    ledger: Ledger
    name: str
    keys: Keys
    subject: Subjects
    at: Times
    skip: Mask = field(default_factory=lambda: NOBODY)
    row: npt.NDArray[np.int64] | None = None
    """None: all rows of the block."""

    def only(self, held: Mask) -> Run:
        """`held` is by row of the block."""
        mine = held if self.row is None else held[self.row]
        (rows,) = np.nonzero(mine)
        row = rows if self.row is None else self.row[rows]
        return replace(self, subject=self.subject[rows], at=self.at[rows], row=row)


@dataclass(frozen=True)
class Active:
    """A rollup: `days` are local day numbers, each once for a subject and in order."""

    keys: Keys
    skip: Mask
    subject: Subjects
    days: npt.NDArray[np.int32]


@dataclass(frozen=True)
class Runs:
    """All ledgers of one sort of subject; `claims` say whose an id was for some time."""

    ledgers: tuple[Ledger, ...]
    properties: Properties
    claims: tuple[Claim, ...] = ()
    _known: dict[Path, dict[int, list[Whose]]] = field(default_factory=dict)

    def of(self, match: Match, source: str | None) -> list[Run]:
        """The events that pass, with copies of nothing where all rows of a block do."""
        found = []
        for run in self.named(match.events, source):
            held = self.properties.mask(run.ledger, run.name, match)
            found.append(run if held is None else run.only(held))
        return [run for run in found if run.subject.size]

    def named(self, names: Sequence[str], source: str | None) -> Iterator[Run]:
        for ledger in self._ledgers(source):
            yield from self._named(ledger, names)

    def _ledgers(self, source: str | None) -> Iterator[Ledger]:
        yield from (one for one in self.ledgers if source is None or one.source == source)

    def _named(self, ledger: Ledger, names: Sequence[str]) -> Iterator[Run]:
        for name in sorted(set(names) or set(ledger.names) - set(MARKERS)):
            block = ledger.block(name)
            if block is not None and block.subject.size:
                yield from self._whose(ledger, name, block)

    def by_text(self, run: Run, of: str) -> Iterator[tuple[str, Run]]:
        """The run by what its events have as their segment."""
        codes, texts = self.properties.texts(run.ledger, run.name, of)
        for i, text in enumerate(texts):
            part = run.only(codes == i)
            if part.subject.size:
                yield text, part

    def active(self, match: Match, span: Span) -> Iterator[Active]:
        """The days on which the selected events' subjects were active."""
        if match.events or match.tests or match.without:
            for run in self.of(match, span.source):
                yield Active(run.keys, run.skip, *self._days_of(run, span.calendar))
            return
        for ledger in self._ledgers(span.source):
            runs = list(self._named(ledger, ()))
            whole = [run for run in runs if run.row is None]
            if whole:
                days = self._anything(ledger, whole, span.calendar)
                yield Active(ledger.keys, whole[0].skip, *days)
            for run in runs:
                if run.row is not None:
                    yield Active(run.keys, run.skip, *rolled(run, span.calendar))

    def _days_of(self, run: Run, calendar: Calendar) -> Days:
        """Its rollup; that of a whole block is kept beside it."""
        if run.row is not None:
            return rolled(run, calendar)
        return run.ledger.kept_days(run.name, calendar.timezone, lambda: rolled(run, calendar))

    def _anything(self, ledger: Ledger, whole: Sequence[Run], calendar: Calendar) -> Days:
        """The rollup of all names together."""

        def made() -> Days:
            every = [replace(run, skip=NOBODY) for run in whole]
            return _together([self._days_of(run, calendar) for run in every], ledger.keys)

        return ledger.kept_days("", calendar.timezone, made)

    def _whose(self, ledger: Ledger, name: str, block: Block) -> Iterator[Run]:
        """The block as it is, without those who are somebody else at times; and they apart."""
        moves = self._moves(ledger)
        if not moves:
            yield Run(ledger, name, block.keys, block.subject, block.at)
            return
        yield Run(ledger, name, block.keys, block.subject, block.at, self._skips(ledger, moves))
        rows, keys = _moved(block, moves)
        if rows.size:
            rows = rows[order := np.lexsort((block.at[rows], keys))]
            persons, subject = np.unique(keys[order], return_inverse=True)
            yield Run(
                ledger, name, persons, subject.astype(np.uint32), block.at[rows], NOBODY, rows
            )

    def _moves(self, ledger: Ledger) -> dict[int, list[Whose]]:
        """Place of an id in the ledger's keys → (after, until, key of the person)."""
        if ledger.by != "user" or not self.claims:
            return {}
        if ledger.path not in self._known:
            places = np.searchsorted(ledger.keys, self._claimed)
            inside = np.minimum(places, max(len(ledger.keys) - 1, 0))
            hit = ledger.keys[inside] == self._claimed if len(ledger.keys) else places < 0
            found: dict[int, list[Whose]] = defaultdict(list)
            for i in np.nonzero(hit)[0]:
                claim = self.claims[i]
                found[int(places[i])].append((claim.after, claim.until, self._persons[i]))
            self._known[ledger.path] = dict(found)
        return self._known[ledger.path]

    def _skips(self, ledger: Ledger, moves: dict[int, Any]) -> Mask:
        skip: Mask = np.zeros(len(ledger.keys), np.bool_)
        skip[list(moves)] = True
        return skip

    @cached_property
    def _claimed(self) -> Keys:
        return marks(pa.array([claim.id for claim in self.claims], pa.string()))

    @cached_property
    def _persons(self) -> Keys:
        return marks(pa.array([claim.person for claim in self.claims], pa.string()))


def _moved(block: Block, moves: dict[int, list[Whose]]) -> tuple[npt.NDArray[np.int64], Keys]:
    """The rows of ids that are somebody else at times, and whose each is."""
    ids = np.array(sorted(moves), np.uint32)
    starts = np.searchsorted(block.subject, ids, side="left")
    ends = np.searchsorted(block.subject, ids, side="right")
    rows, keys = [np.zeros(0, np.int64)], [np.zeros(0, np.uint64)]
    for place, start, end in zip(ids, starts, ends, strict=True):
        if start == end:
            continue
        at, whose = block.at[start:end], np.full(end - start, block.keys[place])
        for after, until, person in moves[int(place)]:
            whose[(at > after) & (at <= until)] = person
        rows.append(np.arange(start, end))
        keys.append(whose)
    return np.concatenate(rows), np.concatenate(keys)


def _together(rolled: Sequence[Days], keys: Keys) -> Days:
    first = min(int(days.min()) for _, days in rolled)
    width = max(int(days.max()) for _, days in rolled) - first + 1
    of, on, sizes = union_days(
        typed([keys] * len(rolled)), typed([subject for subject, _ in rolled]),
        typed([NOBODY] * len(rolled)), typed([days for _, days in rolled]), first, width,
    )  # fmt: skip
    parts = [(of[b, :n], on[b, :n]) for b, n in enumerate(sizes)]
    return np.concatenate([p[0] for p in parts]), np.concatenate([p[1] for p in parts])


def typed(arrays: Sequence[npt.NDArray[Any]]) -> Any:
    """As compiled code takes several arrays of one type."""
    found = List()
    for array in arrays:
        found.append(array)
    return found


def rolled(run: Run, calendar: Calendar) -> Days:
    found: Days = local_days(run.subject, run.at, *offsets_over(run.at, calendar))
    return found


def offsets_over(at: Times, calendar: Calendar) -> Offsets:
    """From which instants on which UTC offsets hold, over all these times."""
    first, last = int(at.min()) // MICROS_A_DAY, int(at.max()) // MICROS_A_DAY
    return offsets_of(calendar, first - 2, last + 2)


def offsets_of(calendar: Calendar, start: int, end: int) -> Offsets:
    found = np.array(calendar.offsets(day_at(start), day_at(end)), np.int64)
    return found[:, 0].copy(), found[:, 1].copy()
