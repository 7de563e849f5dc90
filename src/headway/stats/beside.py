"""What a metric is held against: what goes with it, the year before, or who was not exposed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import pearsonr
from scipy.stats import t as student

from headway.stats.blocks import YEAR, Blocks, logarithmic
from headway.stats.history import Bound, CannotTell, Floats, History
from headway.stats.wandering import Rows

MOST = 2
"""Controls that are used: more take more from what is known than they give."""
GOES_WITH = 0.05
"""A control goes with the metric if chance ties them as closely less often than this."""
SEASON = 0.005
"""The year before repeats itself if chance ties changes as closely less often than this."""
SAME = 0.9
"""Two controls that go together so closely count as one."""
PAST = 52
"""Blocks further back say little of what comes now."""
PARALLEL = 0.01
"""As unlikely as this, and those exposed and not exposed went apart before the launch."""
LOOSE = 0.5
"""Two metrics that go together rise by the same per cent, give or take so much of it."""
LAST_YEAR = "the year before"
FEWEST = 8
NO_SEASON = (
    "Its season is not known: it has no year before to repeat, and no metric that the launch does "
    "not touch goes with it."
)


@dataclass(frozen=True)
class Beside:
    """`rows` are logarithms if `log`; `lifted` is what has to be added back to get the metric."""

    rows: Rows
    log: bool
    names: tuple[str, ...]
    lifted: Floats

    def plain(self, after: Rows) -> Floats:
        values = after.values + self.lifted[after.at.astype(int)]
        found: Floats = np.exp(values) if self.log else values
        return found


def beside(
    history: History, blocks: Blocks, day: date, controls: Mapping[str, History]
) -> Beside | CannotTell:
    """The metric, with a drift, with steps of earlier launches, and with what goes with it."""
    values, log = _scaled(history, blocks)
    found = _beside(controls, blocks, day, log)
    if (year := YEAR.get(history.grain)) and blocks.first >= year + 2 * FEWEST:
        found[LAST_YEAR] = np.concatenate([np.full(year, np.nan), values[:-year]])
    names = (
        _chosen(values, found, blocks.first)
        or tuple(name for name in controls if name in found)[:1]
    )
    if not names and _may_be_the_season(history):
        return CannotTell(NO_SEASON)
    along = [_along(found[name], blocks.first) for name in names]
    base = _base(history, blocks, day, drift=True)
    if not log:
        return Beside(_rows(values, [*base, *along], [], blocks.weights), log, names, 0 * values)
    lifted = np.mean(along, axis=0) if along else np.zeros(len(values))
    loose = [column * LOOSE / _noise(values - lifted, blocks.first) for column in along]
    weights = blocks.weights * (1.0 if history.counts is not None else _usual(blocks.values))
    return Beside(_rows(values - lifted, base, loose, weights), log, names, lifted)


def companions(history: History, day: date, others: Mapping[str, History]) -> tuple[str, ...]:
    """Of many metrics, at most MOST that rose and fell with it before the day, the closest first.

    As many are looked at, each has to be as close as chance ties one of so many. Two that are
    nearly the same tell no more than one.
    """
    blocks = Blocks.around(history, day)
    values, log = _scaled(history, blocks)
    found = _beside(others, blocks, day, log)
    ties = _ties(values, found, blocks.first, GOES_WITH / max(len(found), 1))
    chosen: list[str] = []
    for name in sorted((n for n in ties if ties[n] > 0), key=lambda n: -ties[n]):
        near = [_tie(found[name][: blocks.first], found[one][: blocks.first]) for one in chosen]
        if len(chosen) < MOST and not any(tie and tie.statistic > SAME for tie in near):
            chosen.append(name)
    return tuple(chosen)


def _scaled(history: History, blocks: Blocks) -> tuple[Floats, bool]:
    log = logarithmic(history.bound, [blocks.values])
    return np.log(blocks.values) if log else blocks.values, log


def _beside(
    controls: Mapping[str, History], blocks: Blocks, day: date, log: bool
) -> dict[str, Floats]:
    """Beside logarithms only those that have one everywhere: others would be in another unit."""
    found = {name: _control(control, blocks, day) for name, control in controls.items()}
    return {name: column for name, (column, scaled) in found.items() if scaled or not log}


def _along(column: Floats, first: int) -> Floats:
    """Around what it was before the launch, so that it says nothing of the level."""
    return np.asarray(column - np.nanmean(column[:first]))


def _noise(values: Floats, first: int) -> float:
    """Deviation of the noise, from what changes from block to block; never 0."""
    steps = np.diff(values[:first])
    return max(1.4826 * float(np.nanmedian(np.abs(steps))) / 2**0.5, 1e-9)


def compared(
    history: History, unexposed: History, blocks: Blocks, day: date
) -> Beside | CannotTell:
    """Those exposed less those not exposed, who must have gone side by side before."""
    other = Blocks.around(unexposed, day)
    place = {start: i for i, start in enumerate(other.starts)}
    at = np.array([place.get(start, -1) for start in blocks.starts])
    theirs = np.where(at >= 0, other.values[at], np.nan)
    weights = np.where(at >= 0, other.weights[at], 0.0)
    log = logarithmic(history.bound, [blocks.values, theirs])
    mine, theirs = (np.log(v) if log else v for v in (blocks.values, theirs))
    with np.errstate(divide="ignore", invalid="ignore"):
        both = 1 / (1 / blocks.weights + 1 / weights)
    rows = _rows(mine - theirs, _base(history, blocks, day, drift=False), [], both)
    before = rows.part(0, blocks.first).known()
    if len(before) < FEWEST:
        return CannotTell(f"Only {len(before)} blocks in which both groups are known.")
    if _apart(before) < PARALLEL:
        return CannotTell("Those exposed and those not exposed went apart before the launch.")
    return Beside(rows, log, ("those who were not exposed",), np.nan_to_num(theirs))


def _rows(values: Floats, columns: list[Floats], loose: list[Floats], weights: Floats) -> Rows:
    """Noise is the smaller the more stands behind a value."""
    known = weights[weights > 0]
    usual = float(known.mean()) if len(known) else 1.0
    noise = np.divide(usual, weights, out=np.full(len(weights), np.inf), where=weights > 0)
    values = np.where(np.isfinite(noise), values, np.nan)
    at, roughly = np.arange(len(values), dtype=float), np.zeros((len(values), len(loose)))
    for i, column in enumerate(loose):
        roughly[:, i] = column
    return Rows(at, values, np.column_stack(columns), roughly, noise)


def _base(history: History, blocks: Blocks, day: date, *, drift: bool) -> list[Floats]:
    """A level, a drift, and a step for each launch before this one that both sides of are known."""
    at = np.arange(len(blocks.values), dtype=float)
    columns = [np.ones(len(at))]
    if drift:
        columns.append((at - blocks.first) / max(len(at), 1))
    for known in history.known:
        place = blocks.place(known.start)
        if known.end is None and known.start < day and FEWEST <= place <= blocks.first - 3:
            columns.append((at >= place).astype(float))
    return columns


def _may_be_the_season(history: History) -> bool:
    """Of how much there is; a share or a mean of something has less of one."""
    return history.counts is None and history.bound != Bound.share and history.grain in YEAR


def _usual(values: Floats) -> Floats:
    """About as large as around each: of what is counted, the noise in per cent is the smaller."""
    known = np.nan_to_num(values)
    near = np.convolve(known, np.ones(5), "same")
    there = np.convolve(np.isfinite(values).astype(float), np.ones(5), "same")
    return np.divide(near, there, out=np.zeros(len(values)), where=there > 0)


def _control(control: History, blocks: Blocks, day: date) -> tuple[Floats, bool]:
    """Its values in the same blocks, NaN where there are none; and whether they are logarithms."""
    theirs = Blocks.around(control, day)
    values = dict(zip(theirs.starts, theirs.values, strict=True))
    found = np.array([values.get(start, np.nan) for start in blocks.starts])
    log = logarithmic(control.bound, [found])
    return np.log(found) if log else found, log


def _chosen(values: Floats, found: Mapping[str, Floats], first: int) -> tuple[str, ...]:
    """What rose and fell with the metric before the launch, beside a line; closest first."""
    ties = _ties(values, found, first, GOES_WITH)
    return tuple(sorted(ties, key=lambda name: -abs(ties[name]))[:MOST])


def _ties(
    values: Floats, found: Mapping[str, Floats], first: int, level: float
) -> dict[str, float]:
    """How closely each goes with the values, where chance would not tie them so."""
    ties = {}
    for name, column in found.items():
        later = np.isfinite(values[first:])
        tie = _tie(values[:first], column[:first])
        if tie is None or not np.isfinite(column[first:][later]).all():
            continue
        if tie.pvalue < level and (name != LAST_YEAR or _repeats(values[:first], column[:first])):
            ties[name] = float(tie.statistic)
    return ties


def _tie(one: Floats, other: Floats) -> Any:
    """None where too little is known of both."""
    sides = _level_sides(one, other)
    if sides is None or min(float(np.ptp(side)) for side in sides) <= 0:
        return None
    return pearsonr(*sides)


def _level_sides(one: Floats, other: Floats) -> tuple[Floats, Floats] | None:
    """Where both are known, beside a line."""
    both = np.isfinite(one) & np.isfinite(other)
    if both.sum() < FEWEST:
        return None
    rows = np.flatnonzero(both)[-PAST:]
    return one[rows] - _straight(one[rows], rows), other[rows] - _straight(other[rows], rows)


def _repeats(now: Floats, then: Floats) -> bool:
    """Two levels that wander are often alike; a season is alike in its changes too."""
    sides = _level_sides(now, then)
    tie = pearsonr(*(np.diff(side) for side in sides)) if sides else None
    return tie is not None and bool(tie.statistic > 0 and tie.pvalue < SEASON)


def _straight(values: Floats, at: NDArray[np.int64]) -> Floats:
    return np.asarray(np.polyval(np.polyfit(at, values, 1), at), dtype=np.float64)


def _apart(before: Rows) -> float:
    """How likely chance makes differences drift as much: of their mean change from block to block.

    Changes of a steady difference cancel each other out, and those of one that wanders do not:
    their sum says whether there is a drift beyond both.
    """
    n = len(before)
    line = np.column_stack([np.ones(n), before.at - before.at.mean()])
    beta, *_ = np.linalg.lstsq(line, before.values, rcond=None)
    rest = before.values - line @ beta
    lagged = float(rest[1:] @ rest[:-1] / max(rest @ rest, 1e-300))
    grown = (1 + max(lagged, 0.0)) / (1 - min(max(lagged, 0.0), 0.95))
    error = np.sqrt(rest @ rest / max(n - 2, 1) / (line[:, 1] @ line[:, 1]) * grown)
    return float(2 * student.sf(abs(beta[1]) / max(error, 1e-300), n - 2))
