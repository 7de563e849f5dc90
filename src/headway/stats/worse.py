"""Has a metric become worse than it was, by more than it usually moves?

What is compared are changes with earlier changes of the same kind, so that a season or a steady
trend that was there before is no news. Spreads are taken from the median, so that an incident of
the past does not hide the next one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from headway.engine.period import Grain
from headway.stats.history import Bound, Floats, History, Line

Direction = Literal["up", "down", "none"]

LAG = {Grain.day: 7}
"""The period before: of a day, the same day of the week before."""

FEWEST_CHANGES = 7
CLEAR, OVER = 4.0, 2.0
"""Spreads of a change by which it is clear, and by which it is still there."""

YEAR = {Grain.day: 364, Grain.week: 52, Grain.month: 12, Grain.quarter: 4}
TOGETHER = {Grain.day: 28, Grain.week: 4, Grain.month: 3, Grain.quarter: 1}
"""So many periods together are held against the same ones a year before."""

BEYOND, WITHIN = 3.0, 1.5
MATTERS, HARDLY = 0.05, 0.025
"""Of the level a year ago: what is worth saying, and when it is over."""

STRETCH = {Grain.day: 14, Grain.week: 4, Grain.month: 3, Grain.quarter: 2, Grain.year: 2}
STRETCHES = 7
"""So many stretches must be known before one is called a slip."""

SLIP, HELD = 3.0, 1.0


@dataclass(frozen=True, slots=True)
class Worse:
    """`place` is where it began, `now` and `then` what is compared, in the metric's own unit."""

    place: int
    now: float
    then: float


def worse_than_before(
    line: Line, history: History, direction: Direction, since: int | None = None
) -> Worse | None:
    """The last period against the one before. `since`: where it began, if it was worse already."""
    scaled, lag = _scaled(line, history, direction), LAG.get(history.grain, 1)
    end = len(scaled) if since is None else since + 1
    changes = scaled[lag:end] - scaled[: end - lag]
    if len(changes) <= FEWEST_CHANGES or not np.isfinite(changes[-1]):
        return None
    earlier = changes[:-1][np.isfinite(changes[:-1])]
    if len(earlier) < FEWEST_CHANGES:
        return None
    spread, at = _spread(earlier), end - 1
    if since is None:
        fell = np.median(earlier) - changes[-1]
        clear = fell > CLEAR * spread and changes[-1] < min(float(earlier.min()), 0.0)
    else:
        clear = bool(scaled[at - lag] - scaled[-1] > OVER * spread)
    return Worse(at, float(line.values[-1]), float(line.values[at - lag])) if clear else None


def worse_than_last_year(
    line: Line, history: History, direction: Direction, *, already: bool = False
) -> Worse | None:
    """Some periods together, so that the noise of one is none of their mean."""
    year, together = YEAR.get(history.grain, 0), TOGETHER.get(history.grain, 0)
    if not year or len(line.values) < year + 2 * together:
        return None
    scaled = _scaled(line, history, direction)
    changes = scaled[year:] - scaled[:-year]
    last, known = changes[-together:], changes[np.isfinite(changes)]
    if np.isfinite(last).mean() < 0.75 or len(known) < max(FEWEST_CHANGES, 2 * together):
        return None
    error = _spread(np.diff(known)) / np.sqrt(2 * together)
    fell, level = -float(np.nanmean(last)), _level(line, history, slice(-year - together, -year))
    times, least = (WITHIN, HARDLY) if already else (BEYOND, MATTERS)
    if fell <= times * error or fell < least * level:
        return None
    now, then = line.values[-together:], line.values[-year - together : -year]
    first = _first_below(_means(changes, together), -fell / 2) + together // 2 + year
    return Worse(first, float(np.nanmean(now)), float(np.nanmean(then)))


def slipping(
    line: Line, history: History, direction: Direction, *, already: bool = False
) -> Worse | None:
    """The last stretch of periods against the one before, as such stretches usually differ."""
    n = STRETCH[history.grain]
    if len(line.values) < STRETCHES * n:
        return None
    scaled = _scaled(line, history, direction)
    means = _means(scaled, n)
    changes = means[n:] - means[:-n]
    earlier = changes[:-n][np.isfinite(changes[:-n])]
    if not np.isfinite(changes[-1]) or len(earlier) < FEWEST_CHANGES:
        return None
    fell = float(np.median(earlier) - changes[-1])
    if fell <= (HELD if already else SLIP) * _spread(earlier) or changes[-1] >= 0:
        return None
    now, then = line.values[-n:], line.values[-2 * n : -n]
    return Worse(len(line.values) - n, float(np.nanmean(now)), float(np.nanmean(then)))


def _scaled(line: Line, history: History, direction: Direction) -> Floats:
    """Up is better; as logarithms where changes are factors."""
    values = line.values
    if _as_factors(line, history):
        values = np.log(values)
    return -values if direction == "down" else values


def _as_factors(line: Line, history: History) -> bool:
    known = line.values[line.known]
    return history.bound is not Bound.share and bool((known > 0).all())


def _level(line: Line, history: History, part: slice) -> float:
    """What a change is a share of; logarithms are shares already."""
    if _as_factors(line, history):
        return 1.0
    return abs(float(np.nanmean(line.values[part])))


def _spread(changes: Floats) -> float:
    """As a standard deviation, from the median distance to the median."""
    return 1.4826 * float(np.median(np.abs(changes - np.median(changes))))


def _means(values: Floats, n: int) -> Floats:
    """Of each stretch of n periods; of those that are known, if most are."""
    windows = np.lib.stride_tricks.sliding_window_view(values, n)
    known = np.isfinite(windows)
    sums = np.where(known, windows, 0.0).sum(axis=1)
    enough = known.sum(axis=1) > n / 2
    return np.where(enough, sums / np.maximum(known.sum(axis=1), 1), np.nan)


def _first_below(changes: Floats, level: float) -> int:
    """The place from which on every known one is below it; the last one if that is not."""
    place = len(changes) - 1
    while place > 0 and not changes[place - 1] >= level:
        place -= 1
    return place
