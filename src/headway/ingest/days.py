"""Days on which a source has events: gaps, runs, and what an import changed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from itertools import pairwise

DAY = timedelta(days=1)
LEARN_FROM = timedelta(days=180)
SHORTEST_GAP = 2


def learnt_gap(days: Iterable[date]) -> int:
    """The longest step between consecutive active days of the last 180 days, at least 2."""
    active = sorted(set(days))
    recent = [day for day in active if day > active[-1] - LEARN_FROM] if active else []
    steps = ((after - before).days for before, after in pairwise(recent))
    return max([SHORTEST_GAP, *steps])


def runs(days: Iterable[date]) -> list[tuple[date, date]]:
    """The days as stretches (first, last) without a break."""
    found: list[tuple[date, date]] = []
    for day in sorted(set(days)):
        if found and day - found[-1][1] <= DAY:
            found[-1] = (found[-1][0], day)
        else:
            found.append((day, day))
    return found
