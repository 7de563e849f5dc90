"""Fills in what Parcel's workspace says relative to the day on which its data end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from string import Template

import numpy as np
from numpy.typing import NDArray

from headway.demo.parcel import Truth
from headway.demo.parcel.trial import BEFORE_END, LENGTH
from headway.demo.parcel.truth import INCIDENTS, LAUNCHES
from headway.demo.parcel.world import OPENING
from headway.engine.period import Calendar, Grain, Period

CALENDAR = Calendar()
DAY = timedelta(days=1)
SOON = timedelta(days=18)


@dataclass(frozen=True, slots=True)
class Shipped:
    """So many days before the first day without data."""

    key: str
    before_end: int

    def day(self, end: date) -> date:
        return end - timedelta(days=self.before_end)


SHIPPED = (*(Shipped(one.key, one.before_end) for one in LAUNCHES), Shipped("dark-mode", 25))


def filled(text: str, truth: Truth) -> str:
    """The YAML with cycles around the last day of data, and goals that fit the size generated."""
    last_day = truth.end - DAY
    now = CALENDAR.period(last_day, Grain.quarter)
    before = CALENDAR.period(now.start - DAY, Grain.quarter)
    year = CALENDAR.period(last_day, Grain.year)
    words = {
        "year": f'"{year.start.year}"',
        "year_name": f"Year {year.start.year}",
        **_days("year", year),
        **_cycle("now", now),
        **_cycle("last", before),
        **_goals(truth, before, year),
        **{o.key.replace("-", "_"): str(o.day(truth.end)) for o in SHIPPED},
        **_happened(truth),
        "new_import_screen": str(truth.end + SOON),
        "experiment_starts": str(truth.end - BEFORE_END * DAY),
        "experiment_ends": str(truth.end - (BEFORE_END - LENGTH + 1) * DAY),
    }
    return Template(text).substitute(words)


def _happened(truth: Truth) -> dict[str, str]:
    """First and last days of what the simulation has built in."""
    found = {"opening": (truth.start, OPENING), "christmas": (_christmas(truth.end), 3)}
    found |= {one.key.replace("-", "_"): (one.day(truth.end), one.length) for one in INCIDENTS}
    ends = {name: first + (length - 1) * DAY for name, (first, length) in found.items()}
    starts = {f"{name}_starts": str(first) for name, (first, _) in found.items()}
    return starts | {f"{name}_ends": str(last) for name, last in ends.items()}


def _christmas(end: date) -> date:
    """Of the last winter that the data hold."""
    eve = date(end.year, 12, 24)
    return eve if eve < end else eve.replace(year=end.year - 1)


def _cycle(word: str, quarter: Period) -> dict[str, str]:
    number = (quarter.start.month + 2) // 3
    return {
        word: f"{quarter.start.year}-q{number}",
        f"{word}_name": f"Q{number} {quarter.start.year}",
        **_days(word, quarter),
    }


def _days(word: str, period: Period) -> dict[str, str]:
    return {f"{word}_starts": str(period.start), f"{word}_ends": str(period.last)}


def _goals(truth: Truth, before: Period, year: Period) -> dict[str, str]:
    """Sums to reach: so much more than in the quarter before, or a year ago."""
    two_ago = CALENDAR.period(before.start - DAY, Grain.quarter)
    last_year = CALENDAR.period(year.start - DAY, Grain.year)
    goals = {
        "signups_goal": 1.32 * _sum(truth, truth.signups, before),
        "addon_goal": 1.45 * _sum(truth, truth.addon_revenue, before),
        "last_addon_goal": 1.2 * _sum(truth, truth.addon_revenue, two_ago),
        "revenue_goal": 3.8 * _sum(truth, truth.revenue, last_year),
    }
    return {word: str(max(_rounded(goal), 10)) for word, goal in goals.items()}


def _sum(truth: Truth, by_day: NDArray[np.integer] | NDArray[np.floating], period: Period) -> float:
    """A period that begins before the data counts as if it had gone on like the rest."""
    first = max(0, (period.start - truth.start).days)
    inside = by_day[first : max(0, (period.end - truth.start).days)]
    covered = max(len(inside), 1)
    return float(inside.sum()) * (period.end - period.start).days / covered


def _rounded(goal: float) -> int:
    """To two digits, as people set goals."""
    return int(float(f"{goal:.2g}"))
