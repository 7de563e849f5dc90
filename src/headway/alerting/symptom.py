"""Something odd about a metric, as it is put together with others."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from headway.engine.period import Grain
from headway.metrics.reading import LONGEST

APART = 2
"""Signs of a driver and of what it drives that begin so many periods apart are of one cause."""

DAY, WEEK = timedelta(days=1), timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Symptom:
    """`origin` is the silent source or event behind it, if any.

    `abrupt`: `since` is the very period in which it began. `alert` is the one that it stands under
    already, if that began with it; `apart`: its metric has an open alert that began at another
    time.
    """

    metric: str
    grain: Grain
    since: date
    origin: str = ""
    abrupt: bool = True
    alert: int | None = None
    apart: bool = False

    @property
    def rank(self) -> tuple[bool, bool, date, str, str]:
        """Which goes first: what is told already, then the earliest."""
        return self.alert is None, self.apart, self.since, self.metric, self.grain


def before(one: Symptom, other: Symptom) -> bool:
    """Whether it began clearly earlier."""
    longest = max(LONGEST[one.grain], LONGEST[other.grain])
    return (other.since - one.since).days > APART * longest


def together(one: Symptom, other: Symptom) -> bool:
    return not (before(one, other) or before(other, one))


def at_once(one: Symptom, other: Symptom) -> bool:
    """In the same period, of days give or take one, or on a day of the same week."""
    if one.grain is other.grain:
        return abs(one.since - other.since) <= (DAY if one.grain is Grain.day else DAY * 0)
    if {one.grain, other.grain} != {Grain.day, Grain.week}:
        return False
    week, day = sorted((one, other), key=lambda s: s.grain is Grain.day)
    return week.since <= day.since < week.since + WEEK
