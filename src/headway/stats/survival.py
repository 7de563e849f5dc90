"""What customers are worth who pay until they cancel: Kaplan–Meier retention × average revenue."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from headway.engine.errors import InputError
from headway.engine.written import grouped
from headway.stats.buyers import Floats, Ints
from headway.stats.history import CannotTell

FEWEST = 30
"""Customers that a lifetime is read from."""
AT_RISK = 10
"""As far as so many customers were watched, retention is known."""
DRAWS = 400


@dataclass(frozen=True)
class Tenures:
    """One row a customer: periods lived (1 or more), whether that was all, and what was paid."""

    periods: Ints
    ended: NDArray[np.bool_]
    revenue: Floats

    @staticmethod
    def of(periods: ArrayLike, ended: ArrayLike, revenue: ArrayLike) -> Tenures:
        found = Tenures(
            np.asarray(periods, dtype=np.int64),
            np.asarray(ended, dtype=bool),
            np.asarray(revenue, dtype=float),
        )
        if len({len(found.periods), len(found.ended), len(found.revenue)}) > 1:
            fix = "Give one of each for every customer."
            raise InputError("Columns differ in length.", where="tenures", fix=fix)
        if (found.periods < 1).any():
            fix = "Count the period in which somebody came as the first one."
            raise InputError("A tenure has at least one period.", where="tenures", fix=fix)
        return found

    def __len__(self) -> int:
        return len(self.periods)

    def only(self, rows: Ints) -> Tenures:
        return Tenures(self.periods[rows], self.ended[rows], self.revenue[rows])

    @property
    def revenue_a_period(self) -> float:
        return float(self.revenue.sum() / self.periods.sum())


@dataclass(frozen=True)
class Lifetime:
    """`retention[k]` is the share that pays in the k-th period after the first: it begins with 1.

    `value` is what a new customer brings in `horizon` periods, with its 95 % interval.
    """

    horizon: int
    retention: tuple[float, ...]
    revenue_a_period: float
    value: float
    low: float
    high: float
    rests_on: str


def retention(tenures: Tenures, horizon: int) -> Floats:
    """Kaplan and Meier's estimate (JASA 53, 1958): who still pays counts as long as seen."""
    size = max(horizon, int(tenures.periods.max())) + 1
    lived = np.bincount(tenures.periods, minlength=size)
    left = np.bincount(tenures.periods[tenures.ended], minlength=size)
    there = lived[::-1].cumsum()[::-1]
    stays = 1 - np.divide(left, there, out=np.zeros(len(left)), where=there > 0)
    return np.asarray(np.cumprod(stays)[:horizon])


def lifetime(tenures: Tenures, horizon: int, *, seed: int = 7) -> Lifetime | CannotTell:
    """The interval is a bootstrap over customers; the same seed gives the same one."""
    if len(tenures) < FEWEST:
        return CannotTell(f"{len(tenures)} customers; {FEWEST} are the least.")
    known = _known(tenures)
    if horizon > known:
        return CannotTell(
            f"{horizon} periods are further than was seen: {AT_RISK} customers or more were "
            f"watched for {known}."
        )
    rng, n = np.random.default_rng(seed), len(tenures)
    again = [_value(tenures.only(rng.integers(0, n, n)), horizon) for _ in range(DRAWS)]
    low, high = np.quantile(again, (0.025, 0.975))
    curve = retention(tenures, horizon)
    ended = int(tenures.ended.sum())
    return Lifetime(
        horizon, tuple(map(float, curve)), tenures.revenue_a_period, _value(tenures, horizon),
        float(low), float(high),
        f"{grouped(n)} customers, of whom {grouped(ended)} left, over {known} periods.",
    )  # fmt: skip


def _value(tenures: Tenures, horizon: int) -> float:
    return float(retention(tenures, horizon).sum()) * tenures.revenue_a_period


def _known(tenures: Tenures) -> int:
    """The longest tenure that enough customers reached."""
    lived = np.bincount(tenures.periods)
    there = lived[::-1].cumsum()[::-1]
    return int(np.flatnonzero(there >= AT_RISK).max(initial=0))
