"""Runs: the selected events of one name in one ledger, and the streams that kernels walk."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from headway.engine.event import MARKERS
from headway.engine.identity import Claim
from headway.engine.period import Calendar, day_at, micros
from headway.engine.selection import Match, Span
from headway.stores.marks import marks
from headway.stores.ordered.ledger import Block, Days, Keys, Ledger, Subjects, Times
from headway.stores.ordered.properties import Mask, Properties, named
from headway.stores.ordered.streams import (
    in_blocks,
    joined,
    local_days,
    merge_days,
    merge_events,
    offsets_over,
    placed_days,
    placed_flags,
    places,
)

NOBODY: Mask = np.zeros(0, np.bool_)
AS_THEY_ARE: Subjects = np.zeros(0, np.uint32)
Flags = npt.NDArray[np.int32]
"""One for each row, or one for all."""

Events = tuple[Subjects, Times, Flags]
Whose = tuple[int, int, np.uint64]
"""After when, until when, and whose an id was: the key of the person."""


Ends = tuple[int, int]
"""The first day, and the first after the last."""

ALWAYS: Ends = -(2**31), 2**31 - 1


@dataclass(frozen=True)
class Run:
    """Sorted by subject and time. `place` says where its subjects stand among all there are (empty:
    as they are), `skip` which of them are told elsewhere; `row` is that of the block.
    """

    ledger: Ledger
    name: str
    subject: Subjects
    at: Times
    place: Subjects = field(default_factory=lambda: AS_THEY_ARE)
    skip: Mask = field(default_factory=lambda: NOBODY)
    row: npt.NDArray[np.int64] | None = None
    """None: all rows of the block."""

    def only(self, held: Mask) -> Run:
        """`held` is by row of the block."""
        mine = held if self.row is None else held[self.row]
        (rows,) = np.nonzero(mine)
        row = rows if self.row is None else self.row[rows]
        return replace(self, subject=self.subject[rows], at=self.at[rows], row=row)

    def of_rows(self, by_row: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """What the rows of the block have, for those of the run."""
        return by_row if self.row is None else by_row[self.row]


@dataclass(frozen=True)
class Active:
    """A rollup: `days` are local day numbers, each once for a subject and in order."""

    place: Subjects
    skip: Mask
    subject: Subjects
    days: npt.NDArray[np.int32]


@dataclass(frozen=True)
class Runs:
    """All ledgers of one sort of subject; `claims` say whose an id was for some time."""

    ledgers: tuple[Ledger, ...]
    properties: Properties
    claims: tuple[Claim, ...] = ()

    @cached_property
    def keys(self) -> Keys:
        """All subjects there are: their places are places in here."""
        several = [one.keys for one in self.ledgers] + ([self._persons] if self.claims else [])
        if len(several) == 1:
            return several[0]
        every: Keys = np.sort(np.concatenate([_NO_KEYS, *several]))
        first = np.ones(len(every), np.bool_)
        first[1:] = every[1:] != every[:-1]
        found: Keys = every[first]
        return found

    @property
    def count(self) -> int:
        return len(self.keys)

    def days(self, mine: Sequence[Active], start: int, end: int, span: Ends) -> Days:
        """The stream of these subjects' active days of the span, whichever list says so."""
        lists = []
        for one in mine:
            a, b = _rows(one.place, one.subject, start, end)
            rows = (one.subject[a:b], one.days[a:b])
            as_they_are = len(mine) == 1 and not one.place.size and not one.skip.size
            lists.append(rows if as_they_are else placed_days(one.place, one.skip, *rows, *span))
        return joined(lists, merge_days) if lists else _NO_DAYS  # type: ignore[return-value]

    def events(
        self, mine: Sequence[tuple[Run, Flags]], start: int, end: int, low: int, high: int
    ) -> Events:
        """The stream of these subjects' events of the instants [low, high) that have a flag."""
        lists = []
        for run, flags in mine:
            a, b = _rows(run.place, run.subject, start, end)
            flag = flags if flags.size == 1 else flags[a:b]
            rows = (run.subject[a:b], run.at[a:b], flag)
            lists.append(placed_flags(run.place, run.skip, *rows, low, high))
        return joined(lists, merge_events) if lists else _NO_EVENTS  # type: ignore[return-value]

    def of(self, match: Match, source: str | None) -> list[Run]:
        """The events that pass, with copies of nothing where all rows of a block do."""
        self._prepare(source, [match])
        found = []
        for run in self.named(match.events, source):
            held = self.properties.mask(run.ledger, run.name, match)
            found.append(run if held is None else run.only(held))
        return [run for run in found if run.subject.size]

    def whole(self, match: Match, source: str | None) -> Iterator[Run]:
        """The events that pass, whosever they are."""
        self._prepare(source, [match])
        for ledger in self._ledgers(source):
            for name, block in _blocks(ledger, match.events):
                held = self.properties.mask(ledger, name, match)
                run = Run(ledger, name, block.subject, block.at)
                yield run if held is None else run.only(held)

    def flagged(
        self, source: str | None, wanted: Sequence[Match], ends: Sequence[Match] = ()
    ) -> list[tuple[Run, Flags]]:
        """The events that a match selects, with a bit for each that does, and one for all ends."""
        matches = [*enumerate(wanted), *((len(wanted), m) for m in ends)]
        names: set[str] = set().union(*(m.events for _, m in matches))
        everything = any(not m.events for _, m in matches)
        self._prepare(source, [m for _, m in matches])
        found = []
        for run in self.named(() if everything else sorted(names), source):
            flags = self._bits(run, matches)
            if flags.any():
                found.append((run, flags))
        return found

    def _bits(self, run: Run, matches: Iterable[tuple[int, Match]]) -> Flags:
        whole, masks = 0, []
        for bit, match in matches:
            if match.events and run.name not in match.events:
                continue
            held = self.properties.mask(run.ledger, run.name, match)
            if held is None:
                whole |= 1 << bit
            else:
                masks.append((bit, run.of_rows(held)))
        if not masks:
            return np.array([whole], np.int32)
        flags = np.full(run.subject.size, whole, np.int32)
        for bit, held in masks:
            flags |= held.astype(np.int32) << bit
        return flags

    def _prepare(self, source: str | None, matches: Iterable[Match]) -> None:
        """Has what the tests of all matches need read in one go."""
        for ledger in self._ledgers(source):
            wanted: dict[str, set[str]] = defaultdict(set)
            for match in matches:
                for name in ledger.names.keys() & set(match.events or ledger.names):
                    wanted[name].update(named(match))
            self.properties.prepare(ledger, wanted)

    def named(self, names: Sequence[str], source: str | None) -> Iterator[Run]:
        for ledger in self._ledgers(source):
            yield from self._named(ledger, names)

    def _ledgers(self, source: str | None) -> Iterator[Ledger]:
        yield from (one for one in self.ledgers if source is None or one.source == source)

    def _named(self, ledger: Ledger, names: Sequence[str]) -> Iterator[Run]:
        for name, block in _blocks(ledger, names):
            if block.subject.size:
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
                yield self.rolled(run, span.calendar)
            return
        for ledger in self._ledgers(span.source):
            runs = list(self._named(ledger, ()))
            whole = [run for run in runs if run.row is None]
            if whole:
                days = self._anything(ledger, whole, span.calendar)
                yield Active(whole[0].place, whole[0].skip, *days)
            yield from (self.rolled(run, span.calendar) for run in runs if run.row is not None)

    def rolled(self, run: Run, calendar: Calendar) -> Active:
        return Active(run.place, run.skip, *_days_of(run, calendar))

    def _anything(self, ledger: Ledger, whole: Sequence[Run], calendar: Calendar) -> Days:
        """The rollup of all names together."""

        def made() -> Days:
            every = [Active(AS_THEY_ARE, NOBODY, *_days_of(run, calendar)) for run in whole]
            found = in_blocks(len(ledger.keys), lambda a, b: self.days(every, a, b, ALWAYS))
            return np.concatenate([b[0] for b in found]), np.concatenate([b[1] for b in found])

        return ledger.kept_days("", calendar.timezone, made)

    def _whose(self, ledger: Ledger, name: str, block: Block) -> Iterator[Run]:
        """The block as it is, without those who are somebody else at times; and they apart."""
        moves, place = self._moves[ledger.path], self._places[ledger.path]
        if not moves:
            yield Run(ledger, name, block.subject, block.at, place)
            return
        skip: Mask = np.zeros(len(ledger.keys), np.bool_)
        skip[list(moves)] = True
        yield Run(ledger, name, block.subject, block.at, place, skip)
        rows, keys = _moved(block, moves, ledger.keys)
        if rows.size:
            rows = rows[order := np.lexsort((block.at[rows], keys))]
            persons = np.searchsorted(self.keys, keys[order]).astype(np.uint32)
            yield Run(ledger, name, persons, block.at[rows], row=rows)

    @cached_property
    def _places(self) -> dict[Path, Subjects]:
        if len(self.ledgers) == 1 and not self.claims:
            return {self.ledgers[0].path: AS_THEY_ARE}
        return {one.path: places(self.keys, one.keys) for one in self.ledgers}

    @cached_property
    def _moves(self) -> Mapping[Path, dict[int, list[Whose]]]:
        return {one.path: self._moves_of(one) for one in self.ledgers}

    def _moves_of(self, ledger: Ledger) -> dict[int, list[Whose]]:
        """Place of an id in the ledger's keys → (after, until, key of the person)."""
        if ledger.by != "user" or not self.claims or not len(ledger.keys):
            return {}
        inside = np.minimum(np.searchsorted(ledger.keys, self._claimed), len(ledger.keys) - 1)
        found: dict[int, list[Whose]] = defaultdict(list)
        for i in np.nonzero(ledger.keys[inside] == self._claimed)[0]:
            claim = self.claims[i]
            found[int(inside[i])].append((claim.after, claim.until, self._persons[i]))
        return dict(found)

    @cached_property
    def _claimed(self) -> Keys:
        return marks(pa.array([claim.id for claim in self.claims], pa.string()))

    @cached_property
    def _persons(self) -> Keys:
        return marks(pa.array([claim.person for claim in self.claims], pa.string()))


_NO_KEYS: Keys = np.zeros(0, np.uint64)
_NO_DAYS: Days = AS_THEY_ARE, np.zeros(0, np.int32)
_NO_EVENTS: Events = AS_THEY_ARE, np.zeros(0, np.int64), np.zeros(0, np.int32)


def instants(span: Span) -> tuple[int, int]:
    """The first of the span, and the first after it."""
    low, high = (micros(span.calendar.instant(day_at(d))) for d in (span.start, span.end))
    return low, high


def _blocks(ledger: Ledger, names: Sequence[str]) -> Iterator[tuple[str, Block]]:
    """Of these names, or of all but those that say who somebody is."""
    for name in sorted(set(names) or set(ledger.names) - set(MARKERS)):
        block = ledger.block(name)
        if block is not None:
            yield name, block


def _rows(place: Subjects, subject: Subjects, start: int, end: int) -> tuple[int, int]:
    """The list's rows of the subjects that stand in [start, end)."""
    bounds = np.array([start, end], np.uint32)
    if place.size:
        bounds = np.searchsorted(place, bounds).astype(np.uint32)
    a, b = np.searchsorted(subject, bounds)
    return int(a), int(b)


def _days_of(run: Run, calendar: Calendar) -> Days:
    """Its rollup; that of a whole block is kept beside it."""

    def made() -> Days:
        found: Days = local_days(run.subject, run.at, *offsets_over(run.at, calendar))
        return found

    if run.row is not None:
        return made()
    return run.ledger.kept_days(run.name, calendar.timezone, made)


def _moved(
    block: Block, moves: dict[int, list[Whose]], ledger_keys: Keys
) -> tuple[npt.NDArray[np.int64], Keys]:
    """The rows of ids that are somebody else at times, and whose each is."""
    ids = np.array(sorted(moves), np.uint32)
    starts = np.searchsorted(block.subject, ids, side="left")
    ends = np.searchsorted(block.subject, ids, side="right")
    rows, keys = [np.zeros(0, np.int64)], [np.zeros(0, np.uint64)]
    for place, start, end in zip(ids, starts, ends, strict=True):
        if start == end:
            continue
        at, whose = block.at[start:end], np.full(end - start, ledger_keys[place])
        for after, until, person in moves[int(place)]:
            whose[(at > after) & (at <= until)] = person
        rows.append(np.arange(start, end))
        keys.append(whose)
    return np.concatenate(rows), np.concatenate(keys)
