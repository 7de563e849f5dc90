"""How often customers come back who never say that they have left: the BG/NBD model.

Fader, Hardie, Lee: "Counting Your Customers the Easy Way", Marketing Science 24, 2005. People buy
at a rate of their own (gamma with r, α) and leave after a purchase with a chance of their own
(beta with a, b).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import betaln, gammaln, hyp2f1

from headway.stats.buyers import Buyers, Floats
from headway.stats.fitting import Fit, fit

START = np.log([0.5, 5.0, 1.0, 3.0])
RAREST = 1e-9
"""Chances to leave below this are none."""


@dataclass(frozen=True, slots=True)
class Repeat:
    """r, α in weeks, a and b."""

    r: float
    alpha: float
    a: float
    b: float

    def expected(self, weeks: float) -> float:
        """Repeat purchases of somebody new in so many weeks (equation 9)."""
        r, alpha, a, b = self.r, self.alpha, _off_one(self.a), self.b
        rest = hyp2f1(r, b, a + b - 1, weeks / (alpha + weeks))
        return float((a + b - 1) / (a - 1) * (1 - (alpha / (alpha + weeks)) ** r * rest))

    def alive(self, buyers: Buyers) -> Floats:
        """The chance that each will ever buy again; 1 for who has bought only once."""
        return np.asarray(1 / (1 + self._gone(buyers)))

    def ahead(self, buyers: Buyers, weeks: float) -> Floats:
        """Purchases that are expected of each in the weeks after those watched (equation 10)."""
        x, until = buyers.repeats, self.alpha + buyers.age
        r, a, b = self.r, _off_one(self.a), self.b
        rest = hyp2f1(r + x, b + x, a + b + x - 1, weeks / (until + weeks))
        grown = 1 - (until / (until + weeks)) ** (r + x) * rest
        return np.asarray((a + b + x - 1) / (a - 1) * grown / (1 + self._gone(buyers)))

    def drawn(self, buyers: Buyers, weeks: float, rng: np.random.Generator) -> Floats:
        """One possible future of each, from what the past tells of the customer's own rates."""
        x = buyers.repeats
        rate = rng.gamma(self.r + x) / (self.alpha + buyers.age)
        leaves = np.maximum(rng.beta(self.a, self.b + x), RAREST)
        stays = rng.random(len(x)) < self.alive(buyers)
        return np.asarray(np.minimum(rng.poisson(rate * weeks), rng.geometric(leaves)) * stays)

    def _gone(self, buyers: Buyers) -> Floats:
        x = buyers.repeats
        odds = (self.alpha + buyers.age) / (self.alpha + buyers.last)
        left = self.a / np.where(x > 0, self.b + x - 1, 1.0) * odds ** (self.r + x)
        return np.where(x > 0, left, 0.0)


def fitted(buyers: Buyers) -> Fit | None:
    """None where the data do not settle the parameters."""
    rows = np.column_stack([buyers.repeats, buyers.last, buyers.age])
    (x, last, age), n = _same(rows)

    def loss(logs: Floats) -> float:
        r, alpha, a, b = np.exp(logs)
        known = gammaln(r + x) - gammaln(r) + r * np.log(alpha)
        known += betaln(a, b + x) - betaln(a, b)
        there = -(r + x) * np.log(alpha + age)
        left = np.log(a / np.where(x > 0, b + x - 1, 1.0)) - (r + x) * np.log(alpha + last)
        left = np.where(x > 0, left, -np.inf)
        value = -float(n @ (known + np.logaddexp(there, left)))
        return value if np.isfinite(value) else 1e300

    with np.errstate(all="ignore"):
        return fit(loss, START)


def repeat_of(parameters: Sequence[float] | Floats) -> Repeat:
    return Repeat(*map(float, parameters))


def _same(rows: Floats) -> tuple[Floats, Floats]:
    """Customers who are alike are counted instead of repeated."""
    found, counts = np.unique(rows, axis=0, return_counts=True)
    return found.T, counts.astype(float)


def _off_one(a: float) -> float:
    """The formulas have a hole where a is 1, and are continuous around it."""
    return a if abs(a - 1) > 1e-6 else 1 + 1e-6
