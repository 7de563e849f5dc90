"""On which scale a metric moves evenly: as it is, by factors, as counts do, or as odds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

import numpy as np

from headway.stats.history import LIMITS, Bound, Floats


class Scale(Protocol):
    """`to` has to grow with the values, and `back` undoes it within what the values can be."""

    name: str

    def to(self, values: Floats, weights: Floats) -> Floats: ...

    def back(self, found: Floats) -> Floats: ...


class Plain:
    name = "differences"

    def __init__(self, bound: Bound = Bound.none) -> None:
        self._limits = LIMITS[bound]

    def to(self, values: Floats, weights: Floats) -> Floats:
        del weights
        return values

    def back(self, found: Floats) -> Floats:
        return np.clip(found, *self._limits)


class Factors:
    name = "factors"

    def to(self, values: Floats, weights: Floats) -> Floats:
        del weights
        return np.asarray(np.log(values))

    def back(self, found: Floats) -> Floats:
        return np.asarray(np.exp(np.minimum(found, 700)))


class Roots:
    """Anscombe's 2·√(x + 3/8), under which Poisson counts vary evenly (Biometrika 35, 1948)."""

    name = "square roots"

    def to(self, values: Floats, weights: Floats) -> Floats:
        del weights
        return np.asarray(2 * np.sqrt(values + 0.375))

    def back(self, found: Floats) -> Floats:
        return np.maximum((np.maximum(found, 0.0) / 2) ** 2 - 0.375, 0.0)


PLACES = 12
"""Of a share: beyond, it is rounding."""


class Odds:
    """The empirical logit: half a case is added on both sides, so that 0 and 1 have a place."""

    name = "odds"

    def __init__(self, usual: float, *, counted: bool) -> None:
        self._usual, self._counted = usual, counted

    def to(self, values: Floats, weights: Floats) -> Floats:
        n = np.where(self._counted & (weights > 0), weights, self._usual)
        share = (values * n + 0.5) / (n + 1)
        return np.asarray(np.log(share / (1 - share)))

    def back(self, found: Floats) -> Floats:
        share = 1 / (1 + np.exp(-np.clip(found, -700, 700)))
        found = np.round((share * (self._usual + 1) - 0.5) / self._usual, PLACES)
        return np.clip(found, 0.0, 1.0) + 0.0


FEW = 50.0
"""Of how many a share is taken to be one, where nobody says."""


def scales(values: Floats, weights: Floats, bound: Bound, *, counted: bool) -> Iterator[Scale]:
    """Those that may fit; the backtest decides. A bound that values have broken is none."""
    known = values[np.isfinite(values)]
    least, most = LIMITS[bound]
    if known.min() < least or known.max() > most:
        bound = Bound.none
    if bound is Bound.share:
        behind = weights[weights > 0] if counted else np.array([])
        yield Odds(float(np.median(behind)) if len(behind) else FEW, counted=counted)
        yield Plain(bound)
        return
    yield Plain(bound)
    if bound is Bound.zero and known.min() > 0:
        yield Factors()
    elif bound is Bound.zero:
        yield Roots()
