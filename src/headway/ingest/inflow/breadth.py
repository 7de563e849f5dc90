"""How many properties a source has: each is a column of its files, so that later ones are left out.

Names without end are ids that somebody sends as names.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

import pyarrow as pa

from headway.engine.event import PROPERTY, Event
from headway.engine.written import grouped

MOST = 2_000
SHOWN = 20
NEEDED = frozenset({"previous_id"})
"""It says who somebody is."""

REASON = f"A source has {grouped(MOST)} properties at most; those that came later are left out."


@dataclass
class Breadth:
    """`known` are the names that a source has, in lower case; `left_out` are more than it may."""

    known: set[str] = field(default_factory=lambda: {*NEEDED})
    left_out: dict[str, None] = field(default_factory=dict)

    @staticmethod
    def of(files: Iterable[Iterable[str]]) -> Breadth:
        """Of a source with these files, each given by its columns."""
        columns = (column for file in files for column in file)
        names = {c.removeprefix(PROPERTY).lower() for c in columns if c.startswith(PROPERTY)}
        return Breadth(names | NEEDED)

    def table(self, table: pa.Table) -> pa.Table:
        """Without the columns for which there is no room; the others are known from now on."""
        filled = {
            name: table.num_rows - column.null_count
            for name, column in zip(table.column_names, table.columns, strict=True)
            if name.startswith(PROPERTY)
        }
        ranked = sorted(filled, key=lambda name: -filled[name])
        odd = self._odd(name.removeprefix(PROPERTY) for name in ranked)
        self.known |= {n.removeprefix(PROPERTY).lower() for n in ranked} - {n.lower() for n in odd}
        gone = {PROPERTY + name for name in odd}
        return table.select([n for n in table.column_names if n not in gone]) if odd else table

    def events(self, events: Sequence[Event]) -> Sequence[Event]:
        """The same before they are a table, which would have a column for each name."""
        counts = Counter(name for event in events for name in event.properties)
        odd = {*self._odd(name for name, _ in counts.most_common())}
        return [_without(event, odd) for event in events] if odd else events

    def _odd(self, names: Iterable[str]) -> list[str]:
        """What is too much of them; the first come first."""
        new = [name for name in names if name.lower() not in self.known]
        odd = new[max(MOST - len(self.known), 0) :]
        self.left_out |= dict.fromkeys(odd)
        return odd

    @property
    def told(self) -> str:
        """The names that were left out, or the first of them."""
        shown = ", ".join([*self.left_out][:SHOWN])
        rest = len(self.left_out) - SHOWN
        return f"{shown} and {grouped(rest)} others" if rest > 0 else shown


def _without(event: Event, names: set[str]) -> Event:
    if names.isdisjoint(event.properties):
        return event
    kept = {name: value for name, value in event.properties.items() if name not in names}
    return replace(event, properties=kept)
