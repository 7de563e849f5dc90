"""How much a purchase of each customer is worth: the gamma–gamma model.

Fader, Hardie: "The Gamma-Gamma Model of Monetary Value", 2013. It holds where how much people spend
has little to do with how often they buy.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import gammaln

from headway.stats.buyers import Buyers, Floats
from headway.stats.fitting import Fit, fit

START = np.log([5.0, 4.0, 15.0])
RAREST = 1e-9


@dataclass(frozen=True, slots=True)
class Spend:
    """p, q and γ, in the unit of the money."""

    p: float
    q: float
    gamma: float

    def expected(self, buyers: Buyers) -> Floats:
        """The mean purchase of each, between everybody's and what the customer's own were."""
        x = buyers.repeats
        below = np.maximum(self.p * x + self.q - 1, RAREST)
        return np.asarray(self.p * (self.gamma + x * buyers.spend) / below)

    def drawn(self, buyers: Buyers, purchases: Floats, rng: np.random.Generator) -> Floats:
        """What so many purchases of each may come to; none come to nothing."""
        x = buyers.repeats
        scale = rng.gamma(self.p * x + self.q) / (self.gamma + x * buyers.spend)
        sizes = rng.gamma(self.p * purchases)
        return np.divide(sizes, scale, out=np.zeros(len(x)), where=purchases > 0)


def fitted(buyers: Buyers) -> Fit | None:
    """From those who came back and paid; None where they do not settle the parameters."""
    back = buyers.only((buyers.repeats > 0) & (buyers.spend > 0))
    x, mean = back.repeats, back.spend

    def loss(logs: Floats) -> float:
        p, q, gamma = np.exp(logs)
        parts = gammaln(p * x + q) - gammaln(p * x) - gammaln(q) + q * np.log(gamma)
        parts += (p * x - 1) * np.log(mean) + p * x * np.log(x)
        value = -float(np.sum(parts - (p * x + q) * np.log(gamma + x * mean)))
        return value if np.isfinite(value) else 1e300

    with np.errstate(all="ignore"):
        return fit(loss, START)


def spend_of(parameters: Sequence[float] | Floats) -> Spend:
    return Spend(*map(float, parameters))
