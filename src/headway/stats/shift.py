"""Whether the values after a day differ from those before it by more than they usually do."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, variance

STUDENT = (
    *(12.71, 4.30, 3.18, 2.78, 2.57, 2.45, 2.36, 2.31, 2.26, 2.23, 2.20, 2.18, 2.16, 2.14),
    *(2.13, 2.12, 2.11, 2.10, 2.09, 2.09),
)
"""Two-sided 95 % quantiles of Student's t for 1, 2, … degrees of freedom."""

FEWEST = 3
"""So many values on each side tell something."""


@dataclass(frozen=True, slots=True)
class Shift:
    """The means on both sides; `margin` is the half width of the 95 % interval of the difference.

    Welch's interval, which takes each value for a draw of its own: seasons, trends and whatever
    else happened at the same time are in it. It says that something moved, not why.
    """

    before: float
    after: float
    margin: float

    @property
    def difference(self) -> float:
        return self.after - self.before

    @property
    def clear(self) -> bool:
        """Whether it is beyond the usual ups and downs."""
        return abs(self.difference) > self.margin


def shift(before: Sequence[float], after: Sequence[float]) -> Shift | None:
    """None where one side has fewer than FEWEST values."""
    if min(len(before), len(after)) < FEWEST:
        return None
    a, b = variance(before) / len(before), variance(after) / len(after)
    margin = _quantile(_freedom(a, len(before), b, len(after))) * math.sqrt(a + b)
    return Shift(fmean(before), fmean(after), margin)


def _freedom(a: float, n: int, b: float, m: int) -> float:
    """Of Welch and Satterthwaite, from the squared errors of both means."""
    parts = a * a / (n - 1) + b * b / (m - 1)
    return (a + b) ** 2 / parts if parts else float(n + m - 2)


def _quantile(freedom: float) -> float:
    return STUDENT[min(max(int(freedom), 1), len(STUDENT)) - 1]
