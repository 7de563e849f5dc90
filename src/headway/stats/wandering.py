"""What would have come if nothing had happened: a level that wanders, beside what goes with it.

y = Xβ + level + noise, where the level is a random walk: the local level model of unobserved
components, with regressors (Harvey 1989, chapter 4). It is solved exactly by generalised least
squares, with restricted likelihood; as short series do not tell how much the level wanders, every
amount counts as much as it is likely. Taking only the likeliest makes intervals too narrow: it is
often none at all.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve
from scipy.stats import t as student

from headway.stats.history import Floats

RATIOS = (0.0, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0)
"""How much the level wanders in a period: its variance over that of the noise."""


@dataclass(frozen=True)
class Rows:
    """`at` is the time of each row; `noise` the variance of its noise, about 1; NaN is missing.

    `beside` has a column for each effect of which nothing is known beforehand, `roughly` one for
    each that is about 0: in such a unit that it is as uncertain as the noise is large.
    """

    at: Floats
    values: Floats
    beside: Floats
    roughly: Floats
    noise: Floats

    def part(self, first: int, last: int) -> Rows:
        return self._only(slice(max(first, 0), last))

    def known(self) -> Rows:
        columns = np.column_stack([self.values, self.beside, self.roughly])
        return self._only(np.asarray(np.isfinite(columns).all(axis=1)))

    def _only(self, rows: slice | NDArray[np.bool_]) -> Rows:
        columns = self.at, self.values, self.beside, self.roughly, self.noise
        return Rows(*(column[rows] for column in columns))

    def __len__(self) -> int:
        return len(self.values)


@dataclass(frozen=True)
class Expected:
    """Of later rows, from the earlier ones alone: their means, and the covariance around them."""

    means: Floats
    covariance: Floats
    freedom: int

    def gap(self, values: Floats, weights: Floats) -> tuple[float, float]:
        """How far a weighted mean of what came lies from what was expected, and the error."""
        share = weights / weights.sum()
        error = float(np.sqrt(max(share @ self.covariance @ share, 0.0)))
        return float(share @ (values - self.means)), error

    def times(self, level: float = 0.95) -> float:
        """How many errors an interval reaches."""
        return float(student.ppf((1 + level) / 2, self.freedom))


def expected(before: Rows, after: Rows) -> Expected | None:
    """None where there are too few rows for what stands beside them."""
    columns = before.beside.shape[1]
    freedom = len(before) - columns
    if freedom < 2 or np.linalg.matrix_rank(before.beside) < columns:
        return None
    found = [_given(ratio, before, after) for ratio in RATIOS]
    logs = np.array([likelihood for likelihood, _, _ in found])
    shares = np.exp(logs - logs.max())
    shares /= shares.sum()
    means = np.einsum("q,qt->t", shares, [mean for _, mean, _ in found])
    covariance = sum(
        share * (spread + np.outer(mean - means, mean - means))
        for share, (_, mean, spread) in zip(shares, found, strict=True)
    )
    return Expected(means, np.asarray(covariance), freedom)


def _given(ratio: float, before: Rows, after: Rows) -> tuple[float, Floats, Floats]:
    """Logarithm of the restricted likelihood, means and covariance, for one amount of wandering."""
    start = before.at[0] - 1
    own = cho_factor(np.diag(before.noise) + _shared(before, before, ratio, start), lower=True)
    across = _shared(after, before, ratio, start)
    x, y = before.beside, before.values
    solved = cho_solve(own, np.column_stack([x, y, across.T]))
    k = x.shape[1]
    inverse = np.linalg.inv(x.T @ solved[:, :k])
    beta = inverse @ (x.T @ solved[:, k])
    rest, freedom = y - x @ beta, len(y) - k
    variance = max(float(rest @ cho_solve(own, rest)) / freedom, 1e-300)
    kriged = solved[:, k + 1 :]
    lacking = after.beside - kriged.T @ x
    spread = np.diag(after.noise) + _shared(after, after, ratio, start)
    spread = spread - across @ kriged + lacking @ inverse @ lacking.T
    log = -0.5 * freedom * np.log(variance) - np.log(np.diag(own[0])).sum()
    log += 0.5 * np.linalg.slogdet(inverse)[1]
    return float(log), after.beside @ beta + kriged.T @ rest, variance * spread


def _shared(one: Rows, other: Rows, ratio: float, start: float) -> Floats:
    """What two rows have in common: the level up to the earlier one, and what is roughly known."""
    level = np.minimum.outer(one.at - start, other.at - start)
    return np.asarray(ratio * level + one.roughly @ other.roughly.T)
