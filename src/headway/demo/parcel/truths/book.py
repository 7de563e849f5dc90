"""What every shop had at the end of every day: its recurring revenue and its plan."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from headway.demo.parcel.billing import PLANS, Changes
from headway.demo.parcel.generate import Parcel
from headway.demo.parcel.truth import Flags, Floats, Ints
from headway.demo.parcel.truths.reads import Reads, level

PARTS = ("new", "expansion", "contraction", "churned", "reactivated")


class Book:
    """Rows are days, columns shops."""

    def __init__(self, parcel: Parcel) -> None:
        self.shops, changes = parcel.shops, parcel.billing.changes
        size = (parcel.world.days, len(parcel.shops))
        self.mrr = _daily(changes, changes.mrr, size)
        self.plan = _daily(changes, changes.plan.astype(float), size)
        self.ever = np.maximum.accumulate(self.mrr > 0, axis=0)

    def customers(self) -> Iterator[tuple[str, Reads]]:
        """By segment, such as `country=DE`, as the last change of each subscription has it."""
        paying = self.mrr > 0
        for name in ("country", "use_case"):
            column = getattr(self.shops, name)
            for code, word in enumerate(column.words):
                yield f"{name}={word}", level((paying & (column.codes == code)).sum(axis=1))
        for code, word in enumerate(PLANS):
            yield f"plan={word}", level((paying & (self.plan == code)).sum(axis=1))

    def part(self, part: str, *, heads: bool = False) -> Reads:
        """Of all movements between the edges, net for each shop; `heads` counts the shops."""

        def read(edges: Ints) -> Floats:
            return np.array([self._move(a, b, part, heads) for a, b in pairwise(edges.tolist())])

        return read

    def _move(self, start: int, end: int, part: str, heads: bool) -> float:
        old, new = self._at(self.mrr, start), self._at(self.mrr, end)
        chosen = _parts(old, new, self._at(self.ever, start) > 0)[part]
        return float(chosen.sum() if heads else abs((new - old)[chosen].sum()))

    def _at(self, rows: Floats | Flags, day: int) -> Floats:
        """As the day began."""
        found = rows[min(day, len(rows)) - 1] if day > 0 else np.zeros(rows.shape[1])
        return np.asarray(found, float)


def _parts(old: Floats, new: Floats, known: Flags) -> dict[str, Flags]:
    stays, comes = (old > 0) & (new > 0), (old == 0) & (new > 0)
    return {
        "new": comes & ~known,
        "reactivated": comes & known,
        "churned": (old > 0) & (new == 0),
        "expansion": stays & (new > old),
        "contraction": stays & (new < old),
    }


def _daily(changes: Changes, value: Floats, size: tuple[int, int]) -> Floats:
    found, now = np.zeros(size), np.zeros(size[1])
    upto = np.searchsorted(changes.at, np.arange(size[0] + 1)).tolist()
    for day, (first, last) in enumerate(pairwise(upto)):
        now[changes.shop[first:last]] = value[first:last]
        found[day] = now
    return found
