"""The calendar's quarters: what a first cycle usually is, and what one is called."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

ORDINALS = ("first", "second", "third", "fourth")
MONTHS = 3
TOO_LATE = timedelta(days=21)
"""With fewer days left, goals are for the next quarter."""

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Quarter:
    """`number` counts from 1."""

    year: int
    number: int

    @property
    def starts(self) -> date:
        return date(self.year, (self.number - 1) * MONTHS + 1, 1)

    @property
    def ends(self) -> date:
        return self.after.starts - DAY

    @property
    def after(self) -> Quarter:
        return Quarter(self.year + self.number // 4, self.number % 4 + 1)

    @property
    def key(self) -> str:
        return f"{self.year}-q{self.number}"

    @property
    def name(self) -> str:
        return f"{self.year}, {ORDINALS[self.number - 1]} quarter"


def quarter_of(day: date) -> Quarter:
    return Quarter(day.year, (day.month - 1) // MONTHS + 1)


def to_plan(today: date) -> Quarter:
    """The running quarter, or the next one when this is nearly over."""
    running = quarter_of(today)
    return running if running.ends - today >= TOO_LATE else running.after


def name_of(starts: date, ends: date) -> str:
    """What people call these days; empty when they are no quarter of the calendar."""
    found = quarter_of(starts)
    return found.name if (found.starts, found.ends) == (starts, ends) else ""
