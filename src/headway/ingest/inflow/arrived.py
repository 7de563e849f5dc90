"""What new parts change: the days of their events, whose others are, and what is said of people."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from headway.engine.event import GROUP, IDENTIFY, PROPERTY
from headway.engine.identity import claims
from headway.engine.sql.seen import ACCOUNT
from headway.ingest.changes import Changed
from headway.ingest.days import runs
from headway.stores.joins import (
    Held,
    claimed_in,
    first_joined,
    links_in,
    markers_in,
    names_by_day,
    said_in,
)
from headway.stores.parts import PartFile

USER = "user_id"
WIDEST, TEXT = "double", "string"


@dataclass(frozen=True)
class Arrived:
    """`fresh` parts beside those that are `known`, of every source of one store."""

    root: Path
    known: Sequence[PartFile]
    fresh: Sequence[PartFile]

    def changes(self) -> Iterator[tuple[str, Changed]]:
        """By source. What an import does to other sources' events is among them."""
        yield from self._came()
        if any(part.has_links for part in self.fresh):
            yield from self._moved()
            yield from self._said(said_in(self._markers))
            yield from self._joined()
        yield from self._retyped()

    def _came(self) -> Iterator[tuple[str, Changed]]:
        yield from _by_source((part, names_by_day(self.root, part)) for part in self.fresh)

    def _moved(self) -> Iterator[tuple[str, Changed]]:
        """Known events that are somebody else's now, and what others inherit from them."""
        before, new = links_in(self._known_markers), links_in(self._markers)
        moved = {*claims(before)} ^ {*claims([*before, *new])} if new else set()
        if not moved or not self.known:
            return
        traits, belonging = self._traits(IDENTIFY), self._belonging
        held = [(part, claimed_in(self.root, part, moved)) for part in self.known]
        yield from _by_source(held, (USER, *sorted(traits | belonging)))
        for marker, columns in ((IDENTIFY, traits), (GROUP, belonging)):
            if said := [day for _, found in held for day, name in found if name == marker]:
                yield from self._said(dict.fromkeys(columns, min(said)))

    def _joined(self) -> Iterator[tuple[str, Changed]]:
        """Who belongs to an account from now on, or did from then on: their events are its own."""
        if first := first_joined(self._markers):
            yield from self._said(dict.fromkeys(self._belonging, first))

    def _said(self, said: dict[str, date]) -> Iterator[tuple[str, Changed]]:
        """What is said of somebody holds for all their events from then on, of every source."""
        if not said:
            return
        first, columns = min(said.values()), tuple(sorted(said))
        for source, (_, last) in self._extents().items():
            if first <= last:
                yield source, Changed(first, last, columns=columns)

    def _retyped(self) -> Iterator[tuple[str, Changed]]:
        """Another type of a property, which other events then show their values as."""
        before, after = _types(self.known), _types([*self.known, *self.fresh])
        columns = [c for c in sorted(before) if before[c] & (_bent(before[c]) ^ _bent(after[c]))]
        if columns:
            for source, (first, last) in self._extents().items():
                yield source, Changed(first, last, columns=tuple(columns))

    @cached_property
    def _markers(self) -> pa.Table:
        return markers_in(self.root, self.fresh)

    @cached_property
    def _known_markers(self) -> pa.Table:
        return markers_in(self.root, self.known)

    def _traits(self, marker: str) -> frozenset[str]:
        """The columns that such events ever said."""
        both = (self._known_markers, self._markers)
        found = (said_in(m.filter(pc.equal(m["event"], marker))) for m in both if m)
        return frozenset().union(*found)

    @cached_property
    def _belonging(self) -> frozenset[str]:
        """What is another when an event is of another account; nothing where nobody belongs."""
        if not any(first_joined(m) for m in (self._known_markers, self._markers) if m):
            return frozenset()
        return frozenset({ACCOUNT, *self._traits(GROUP)})

    def _extents(self) -> dict[str, tuple[date, date]]:
        """First and last UTC day of each source."""
        days: dict[str, list[date]] = defaultdict(list)
        for part in (*self.known, *self.fresh):
            days[part.source] += map(date.fromisoformat, part.days)
        return {source: (min(found), max(found)) for source, found in days.items()}


def _by_source(
    held: Iterable[tuple[PartFile, set[Held]]], columns: tuple[str, ...] | None = None
) -> Iterator[tuple[str, Changed]]:
    found: dict[str, set[Held]] = defaultdict(set)
    for part, among in held:
        found[part.source] |= among
    for source, among in found.items():
        yield from ((source, change) for change in _stretches(among, columns))


def _stretches(held: Iterable[Held], columns: tuple[str, ...] | None) -> Iterator[Changed]:
    """Days without a break, each stretch with the names of all its events."""
    names: dict[date, set[str]] = defaultdict(set)
    for day, name in held:
        names[day].add(name)
    for first, last in runs(names):
        among = {name for day, found in names.items() if first <= day <= last for name in found}
        yield Changed(first, last, tuple(sorted(among)), columns)


def _types(parts: Iterable[PartFile]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for part in parts:
        for name, type_ in part.columns.items():
            if name.startswith(PROPERTY):
                found[name].add(type_)
    return found


def _bent(types: set[str]) -> set[str]:
    """The types whose values are shown as another: the whole numbers 1 and 2.5 as 1.0 and 2.5.

    Where one of them is text, all are shown as they are.
    """
    return types - {WIDEST} if len(types) > 1 and TEXT not in types else set()
