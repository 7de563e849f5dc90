"""Intervals that hold at every look at once, so that whoever peeks is not fooled.

The asymptotic confidence sequence of Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas ("Time-uniform
central limit theory and asymptotic confidence sequences", Annals of Statistics 52, 2024), with
Robbins' normal mixture. Its p-value is the one of the mixture sequential probability ratio test
(Johari, Koomen, Pekelis, Walsh, KDD 2017): both say the same.
"""

from __future__ import annotations

import math

from scipy.optimize import brentq
from scipy.stats import norm

PLANNED = 10_000
"""For how many subjects the interval is tightest, unless something else is said beforehand."""


def reach(subjects: float, level: float = 0.95, planned: float = PLANNED) -> float:
    """How many standard errors the interval reaches; 1.96 would be right for one look only."""
    weight = subjects * _density(level, planned)
    inside = math.log(math.sqrt(weight + 1) / (1 - level))
    return math.sqrt(2 * (weight + 1) / weight * inside)


def p_value(z: float, subjects: float, level: float = 0.95, planned: float = PLANNED) -> float:
    """Stays above 1 − level with that probability at all looks together, if there is no effect."""
    weight = subjects * _density(level, planned)
    log = 0.5 * math.log(weight + 1) - z * z * weight / (2 * (weight + 1))
    return math.exp(min(0.0, log))


def needed(
    effect: float,
    deviation: float,
    *,
    arms: int = 2,
    level: float = 0.95,
    power: float = 0.8,
    peeking: bool = True,
) -> int:
    """Subjects of each arm from which an effect of that size is seen with that probability.

    `effect` and `deviation` are in the unit of the measure. With more than two arms, each is
    compared with the control at a level that is right for all of them. With `peeking`, the interval
    is the one of all looks, tightest at the end.
    """
    if not effect or not deviation:
        return 2

    def lacks(log: float) -> float:
        return detectable(
            math.exp(log), deviation, arms=arms, level=level, power=power, peeking=peeking
        ) - abs(effect)

    top = math.log(1e15)
    return math.ceil(math.exp(brentq(lacks, math.log(2), top))) if lacks(math.log(2)) > 0 else 2


def detectable(
    subjects: float,
    deviation: float,
    *,
    arms: int = 2,
    level: float = 0.95,
    power: float = 0.8,
    peeking: bool = True,
) -> float:
    """The smallest effect that so many subjects of each arm show with that probability."""
    own = corrected(level, arms)
    both = 2 * subjects
    times = reach(both, own, planned=both) if peeking else float(norm.ppf((1 + own) / 2))
    return float(times + norm.ppf(power)) * deviation * math.sqrt(2 / subjects)


def corrected(level: float, arms: int) -> float:
    """The level at which each of several comparisons has to hold, so that all do (Bonferroni)."""
    return 1 - (1 - level) / max(arms - 1, 1)


def _density(level: float, planned: float) -> float:
    """ρ² for which the interval is nearly tightest at the planned number of subjects."""
    logs = -2 * math.log(1 - level)
    return (logs + math.log(logs + 1)) / planned
