"""How fast the error budget of a target is used up.

A target of 99.9 % leaves a budget of 0.1 % for failures. The burn rate is how many times as fast
as even spending over thirty days it is used. An alert takes two windows, a long one so that a blip
raises nothing, and a short one so that it is over when the failures are: "multiwindow,
multi-burn-rate alerts" of The Site Reliability Workbook (Beyer and others, O'Reilly 2018, chapter
5, "Alerting on SLOs"). Its rates are kept: 6 when a fifth of the budget goes in a day, and 1 over
three days, when a tenth is gone. Its windows of minutes and hours are more than days can show.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from headway.engine.written import grouped
from headway.stats.history import Floats, Line

MONTH = 30
"""Days that a budget lasts."""

FEWEST_FAILURES = 3
"""Fewer than so many in the long window say nothing, where it is known how many were counted."""


@dataclass(frozen=True, slots=True)
class Window:
    """In days."""

    name: str
    long: int
    short: int
    rate: float


FAST = Window("fast", 1, 1, 6.0)
SLOW = Window("slow", 3, 1, 1.0)


@dataclass(frozen=True, slots=True)
class Burn:
    """`rate` is that of the long window, `spent` the share of a month's budget it used."""

    window: Window
    rate: float
    spent: float

    @property
    def words(self) -> str:
        days = "the last day" if self.window.long == 1 else f"the last {self.window.long} days"
        return (
            f"{self.spent:.0%} of a month's error budget went in {days}, "
            f"{grouped(self.rate, 1)} times as fast as it lasts."
        )


def burn(line: Line, target: float, *, counted: bool) -> Burn | None:
    """Of days, as of the last one: the fast window if it burns, else the slow one."""
    for window in (FAST, SLOW):
        long, short = (_rate(line, n, target) for n in (window.long, window.short))
        if long < window.rate or short < window.rate:
            continue
        if not counted or _failures(line, window.long) >= FEWEST_FAILURES:
            return Burn(window, long, long * window.long / MONTH)
    return None


def first_day(line: Line, target: float) -> int:
    """The place from which on every day used more than its part of the budget."""
    failed = np.nan_to_num(1 - line.values, nan=0.0)
    place = len(failed) - 1
    while place > 0 and failed[place - 1] > 1 - target:
        place -= 1
    return place


def cooled(line: Line, target: float) -> bool:
    """Whether the slow window burns no more."""
    return _rate(line, SLOW.long, target) < SLOW.rate


def _rate(line: Line, days: int, target: float) -> float:
    failed, weights = _last(line, days)
    if not weights.sum():
        return 0.0
    return float(failed @ weights / weights.sum()) / (1 - target)


def _failures(line: Line, days: int) -> float:
    failed, weights = _last(line, days)
    return float(failed @ weights)


def _last(line: Line, days: int) -> tuple[Floats, Floats]:
    values, weights = line.values[-days:], line.weights[-days:]
    return np.where(np.isfinite(values), 1 - values, 0.0), weights
