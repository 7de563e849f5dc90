"""What is usual of metrics of a grain, before one has told of itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from headway.engine.period import Grain

NAIVE = "as the last period"
SEASONAL_NAIVE = "as a season ago"
SLOW_LEVEL, LEVEL, QUICK_LEVEL = "slow level", "level", "quick level"
DAMPED, QUICK_DAMPED = "damped trend", "quick damped trend"
DRIFT, HALF_TREND = "drift", "level and half the trend"
GROWN, HALF_GROWN = "as a year ago, grown", "as a year ago, half grown"


@dataclass(frozen=True)
class Usual:
    """How large the `errors` of each model are against that of the last value, and how they grow.

    `shares` are the variances of noise, of a level that stays off, of a walk and of a slope, at
    step 1. The models are chosen on the errors that are tried: as if so many errors were missing,
    what comes is worse (`optimism`).
    """

    errors: Mapping[str, float]
    shares: tuple[float, float, float, float]
    optimism: float


_ERRORS = {
    NAIVE: (1.0, 1.0, 1.0),
    SEASONAL_NAIVE: (0.85, 1.1, 1.2),
    SLOW_LEVEL: (0.85, 1.0, 1.5),
    LEVEL: (0.85, 1.0, 1.3),
    QUICK_LEVEL: (0.9, 1.0, 1.1),
    DAMPED: (0.95, 1.0, 1.15),
    QUICK_DAMPED: (1.4, 1.0, 0.95),
    DRIFT: (1.8, 1.05, 0.9),
    HALF_TREND: (1.2, 0.95, 1.0),
    GROWN: (1.0, 1.0, 0.9),
    HALF_GROWN: (1.0, 1.0, 1.0),
}
"""By day, by week, and by anything longer."""

DAYS = Usual({name: days for name, (days, _, _) in _ERRORS.items()}, (0.6, 0.37, 0.03, 0.0), 0.0)
WEEKS = Usual(
    {name: weeks for name, (_, weeks, _) in _ERRORS.items()}, (0.45, 0.4, 0.15, 0.0), 0.25
)
LONGER = Usual(
    {name: longer for name, (_, _, longer) in _ERRORS.items()}, (0.2, 0.2, 0.57, 0.03), 1.0
)
"""Days are noise around a level, months and quarters go on as they went, weeks do either. These are
means over the half of the series of `bench.forecast` on which models are made, rounded."""

USUAL = {
    Grain.day: DAYS,
    Grain.week: WEEKS,
    Grain.month: LONGER,
    Grain.quarter: LONGER,
    Grain.year: LONGER,
}
