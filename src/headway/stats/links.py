"""Does one metric drive another? How much later, how strongly, and whether there is any evidence.

Two series that grow, or share a season, seem tied without having anything to do with each other.
So seasons are taken out, changes are compared, and of each change only what its own past did not
tell (Box and Jenkins' prewhitening; Haugh, JASA 71, 1976). Looking at many lags finds something
more often: the p-value says how often chance alone shows as much at any of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

import numpy as np
from scipy.stats import t as student

from headway.engine.errors import InputError
from headway.engine.period import Grain
from headway.stats.calm import HARMONICS, calm, surprises, without_season
from headway.stats.history import CannotTell, Floats, History

Verdict = Literal["linked", "no evidence yet"]

LONGEST = {Grain.day: 12, Grain.week: 12, Grain.month: 6, Grain.quarter: 4, Grain.year: 2}
"""How much later an effect is looked for: in weeks for what is daily, else in periods."""
FEWEST = 20
"""Pairs of changes that are compared at each lag."""
LEVEL = 0.05
UNSURE = 0.01
"""The level where the season is not known."""


@dataclass(frozen=True, slots=True)
class Tie:
    """How the cause's changes go with those of the result so many periods later, from −1 to 1."""

    lag: int
    strength: float
    pairs: int
    p: float


@dataclass(frozen=True)
class Lead:
    """At the lag that ties both closest. `lag` counts weeks for daily histories, else periods.

    `slope` is how much of a change comes through, with its 95 % interval: in per cent for one per
    cent where `relative`, else in the units of both. `p` is right for all lags that were looked
    at. `backwards` is the p-value of the result coming first, looked at in the same way.
    """

    verdict: Verdict
    lag: int
    strength: float
    slope: float
    low: float
    high: float
    relative: bool
    p: float
    backwards: float
    ties: tuple[Tie, ...]
    caution: str
    rests_on: str


def link(cause: History, result: History, longest: int | None = None) -> Lead | CannotTell:
    """Both at the same grain. `longest` is the last lag that is looked at."""
    if cause.grain != result.grain:
        fix = "Read both at the same grain."
        raise InputError("The series differ in their grain.", where="series", fix=fix)
    starts, sides, relative = _aligned(cause, result)
    calmed = [without_season(starts, side, cause.grain) for side in sides]
    one, other = (surprises(values) for values, _ in calmed)
    reach = LONGEST[cause.grain] if longest is None else longest
    taken = _taken(cause.grain, all(done for _, done in calmed))
    ties = _ties(one, other, range(reach + 1), taken)
    if not ties:
        return CannotTell(_too_short(sides, cause.grain))
    back = _ties(other, one, range(1, reach + 1), taken)
    return _judged(one, other, ties, _corrected(back), relative, all(done for _, done in calmed))


def _judged(
    one: Floats, other: Floats, ties: Sequence[Tie], backwards: float, relative: bool, calm: bool
) -> Lead:
    best, p = min(ties, key=lambda tie: tie.p), _corrected(ties)
    slope, half = _slope(*_pairs(one, other, best.lag))
    verdict: Verdict = "linked" if p < (LEVEL if calm else UNSURE) else "no evidence yet"
    return Lead(
        verdict, best.lag, best.strength, slope, slope - half, slope + half, relative, p, backwards,
        tuple(ties), _caution(verdict, p, backwards, calm),
        f"{best.pairs} pairs of changes at each of {len(ties)} lags, about.",
    )  # fmt: skip


def _aligned(
    cause: History, result: History
) -> tuple[tuple[date, ...], tuple[Floats, Floats], bool]:
    """Both by the same periods; what only one has is missing."""
    first = max(cause.starts[0], result.starts[0])
    last = min(cause.starts[-1], result.starts[-1])
    sides = [calm(_between(history, first, last)) for history in (cause, result)]
    if not all(len(side[0]) for side in sides):
        return (), (np.zeros(0), np.zeros(0)), False
    starts = tuple(sorted({start for side in sides for start in side[0]}))
    columns = [
        np.array([dict(zip(s, v, strict=True)).get(start, np.nan) for start in starts])
        for s, v, _ in sides
    ]
    return starts, (columns[0], columns[1]), all(side[2] for side in sides)


def _between(history: History, first: date, last: date) -> History:
    """From the first common period to the last one, both always there."""
    known = dict(zip(history.starts, history.values, strict=True))
    counts = dict(zip(history.starts, history.counts or [], strict=False))
    starts = sorted({first, last, *(s for s in history.starts if first <= s <= last)})
    return History(
        starts, [known.get(s) for s in starts], history.grain, history.bound,
        [counts.get(s, 0.0) for s in starts] if history.counts is not None else None,
        history.known, None, history.calendar,
    )  # fmt: skip


def _taken(grain: Grain, calm: bool) -> int:
    """What was fitted to both sides is not free any more: the waves of a year."""
    return 2 * HARMONICS.get(grain, 0) if calm else 0


def _ties(one: Floats, other: Floats, lags: range, taken: int) -> list[Tie]:
    found = []
    for lag in lags:
        a, b = _pairs(one, other, lag)
        if len(a) >= FEWEST and np.ptp(a) and np.ptp(b):
            strength = float(np.corrcoef(a, b)[0, 1])
            found.append(Tie(lag, strength, len(a), _p(strength, _worth(a, b) - taken)))
    return found


def _p(strength: float, pairs: float) -> float:
    freedom = max(pairs - 2, 1.0)
    times = abs(strength) * np.sqrt(freedom / max(1 - strength**2, 1e-12))
    return float(2 * student.sf(times, freedom))


def _worth(a: Floats, b: Floats) -> float:
    """So many pairs that have nothing to do with each other tell as much (Bartlett 1935)."""
    n = len(a)
    more = sum(max(_echo(a, k) * _echo(b, k), 0.0) * (1 - k / n) for k in range(1, n // 4))
    return n / (1 + 2 * more)


def _echo(values: Floats, k: int) -> float:
    away = values - values.mean()
    return float(away[k:] @ away[:-k] / (away @ away))


def _pairs(one: Floats, other: Floats, lag: int) -> tuple[Floats, Floats]:
    a, b = one[: max(len(one) - lag, 0)], other[lag:]
    both = np.isfinite(a) & np.isfinite(b)
    return a[both], b[both]


def _corrected(ties: Sequence[Tie]) -> float:
    """Šidák: how often chance shows a tie as clear at any of the lags."""
    if not ties:
        return 1.0
    return float(-np.expm1(len(ties) * np.log1p(-min(min(tie.p for tie in ties), 1 - 1e-12))))


def _slope(a: Floats, b: Floats) -> tuple[float, float]:
    away = a - a.mean()
    slope = float(away @ b / (away @ away))
    rest = b - b.mean() - slope * away
    error = np.sqrt(rest @ rest / (len(a) - 2) / (away @ away))
    return slope, float(student.ppf(0.975, len(a) - 2) * error)


def _caution(verdict: Verdict, p: float, backwards: float, calm: bool) -> str:
    if verdict == "linked" and backwards < p:
        return "It is clearer the other way around: what is said to be driven moves first."
    if verdict == "linked" and not calm:
        return "Less than a year and a half is known: a season of both can look like a link."
    if verdict == "linked":
        return "Both may follow something else: only an experiment tells what drives what."
    return ""


def _too_short(sides: tuple[Floats, Floats], grain: Grain) -> str:
    both = int((np.isfinite(sides[0]) & np.isfinite(sides[1])).sum())
    what = "weeks" if grain == Grain.day else f"{grain}s"
    return f"{both} {what} in which both are known; about {FEWEST + 2} are the least."
