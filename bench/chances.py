"""Key results halfway through a cycle: what was said of them, and whether they were reached."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from bench.backtests import Backtest, Floats
from headway.stats.chance import Chance, Reach, chance
from headway.stats.forecast import forecast

AMBITIONS = (-1.5, -0.75, -0.25, 0.25, 0.75, 1.5)
"""Targets, in usual moves over a cycle; below zero the metric has to fall."""

MEAN = 4
READ: dict[str, Callable[[Floats], float]] = {
    "latest": lambda values: float(values[-1]),
    "mean": lambda values: float(values[-MEAN:].mean()),
    "cycle_to_date": lambda values: float(values.sum()),
}


@dataclass(frozen=True)
class Goal:
    """`usual`: what the reading is if nothing changes; `move` how far it usually goes."""

    over: str
    baseline: float
    usual: float
    move: float


@dataclass(frozen=True)
class Said:
    """A stated chance, whether the straight line from the baseline gets there, what came."""

    p: float
    straight: bool
    hit: bool
    held_out: bool


def said(test: Backtest) -> Iterator[Said]:
    """As much of the cycle has gone as is to come."""
    steps, past = len(test.truth), test.past
    whole = np.concatenate([past, test.truth])
    if len(past) < 3 * steps or not np.isfinite(whole).all():
        return
    found = forecast(test.history, steps, seasons=test.series.seasons)
    done = past[-steps:]
    for over, read in READ.items():
        goal = _goal(over, past, steps)
        now, end = read(done), read(whole[-2 * steps :])
        for ambition in AMBITIONS if goal.move > 0 else ():
            target, up = goal.usual + ambition * goal.move, ambition > 0
            got = chance(found, Reach(target, up, over, MEAN), done.tolist())
            if isinstance(got, Chance):
                line = goal.baseline + 2 * (now - goal.baseline)
                yield Said(
                    got.p, _there(line, target, up), _there(end, target, up), test.series.held_out
                )


def _there(value: float, target: float, up: bool) -> bool:
    return value >= target if up else value <= target


def _goal(over: str, past: Floats, steps: int) -> Goal:
    length = 2 * steps
    if over == "cycle_to_date":
        sums = np.convolve(past, np.ones(length), "valid")
        return Goal(over, 0.0, float(sums[-1]), _usual(sums, float(sums[-1])))
    n = MEAN if over == "mean" else 1
    means = np.convolve(past, np.ones(n) / n, "valid")
    before = READ[over](past[:-steps])
    return Goal(over, before, before, _usual(means[length:] - means[:-length], before))


def _usual(moves: Floats, level: float) -> float:
    return max(float(moves.std()) if len(moves) else 0.0, 0.03 * abs(level))
