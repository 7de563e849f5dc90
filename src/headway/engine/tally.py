"""What is counted for one period, and the value and 95 % interval that follow from it."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

Z = 1.959963984540054
"""The 97.5 % quantile of the standard normal distribution."""


@dataclass(frozen=True, slots=True)
class Tally:
    """Sums that add up over disjoint events or subjects.

    `n` counts observations (events, or subjects for ratios by subject); `x` and `y` are the sums of
    numerator and denominator; `xx`, `yy`, `xy` the sums of squares and products per observation;
    `faults` counts events that could not be used, such as those whose number is missing.
    """

    n: int = 0
    x: float = 0.0
    y: float = 0.0
    xx: float = 0.0
    yy: float = 0.0
    xy: float = 0.0
    faults: int = 0

    def __add__(self, other: Tally) -> Tally:
        return Tally(
            self.n + other.n,
            self.x + other.x,
            self.y + other.y,
            self.xx + other.xx,
            self.yy + other.yy,
            self.xy + other.xy,
            self.faults + other.faults,
        )


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value with its interval, or None with the reason."""

    value: float | None
    low: float | None = None
    high: float | None = None
    numerator: float | None = None
    denominator: float | None = None
    n: int = 0
    reason: str = ""


def wilson(successes: float, trials: float) -> tuple[float, float]:
    """Wilson's score interval for a share (E. B. Wilson, JASA 22, 1927)."""
    share, zz = successes / trials, Z * Z
    centre = (share + zz / (2 * trials)) / (1 + zz / trials)
    spread = sqrt(share * (1 - share) / trials + zz / (4 * trials * trials))
    half = Z * spread / (1 + zz / trials)
    return max(0.0, centre - half), min(1.0, centre + half)


def mean_interval(tally: Tally) -> tuple[float | None, float | None]:
    """x / n ± z·s/√n, the sample variance from n, Σx and Σx²; none for fewer than two."""
    if tally.n < 2:
        return None, None
    mean = tally.x / tally.n
    variance = max(0.0, (tally.xx - tally.n * mean * mean) / (tally.n - 1))
    half = Z * sqrt(variance / tally.n)
    return mean - half, mean + half


def ratio_interval(tally: Tally) -> tuple[float | None, float | None]:
    """Σx / Σy by the delta method over n independent subjects; none for fewer than two subjects."""
    if tally.n < 2 or not tally.y:
        return None, None
    ratio = tally.x / tally.y
    residuals = max(0.0, tally.xx - 2 * ratio * tally.xy + ratio * ratio * tally.yy)
    half = Z * sqrt(residuals * tally.n / (tally.n - 1)) / abs(tally.y)
    return ratio - half, ratio + half


def mean_of(tally: Tally) -> Estimate:
    """Σx / n of observations, with its interval; n is above 0."""
    low, high = mean_interval(tally)
    return Estimate(tally.x / tally.n, low, high, tally.x, tally.n, tally.n)


def share_interval(tally: Tally) -> tuple[float | None, float | None]:
    """That of the ratio, within 0 and 1: for shares of what subjects have several of."""
    low, high = ratio_interval(tally)
    return low and max(0.0, low), high and min(1.0, high)
