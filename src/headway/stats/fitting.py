"""Positive parameters that make what was seen most likely, and how sure they are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize

from headway.stats.buyers import Floats

STEP = 1e-3
STEEP = 1.0
"""A slope of the loss that is no bottom: a step of one logarithm gains more than chance does."""
LOOSE = 4.0
"""The deviation, in logarithms, of parameters where the data do not say which they are."""
WIDEST = 30.0
"""Logarithms beyond this mean that the likelihood has no top."""
FAR = 10.0
"""What is less likely than the top by more than this many logarithms is not drawn."""


@dataclass(frozen=True)
class Fit:
    """The logarithms of the parameters, their covariance, and what was made as small as `least`."""

    logs: Floats
    covariance: Floats
    loss: Callable[[Floats], float]
    least: float

    @property
    def values(self) -> Floats:
        return np.exp(self.logs)

    def draws(self, rng: np.random.Generator, n: int) -> Floats:
        """As uncertain as the likelihood is around its top: rows of parameters.

        Where the top lies at the edge of what can be, its curve says too little: what is far from
        likely is replaced by other draws.
        """
        rows = rng.multivariate_normal(self.logs, self.covariance, n, method="eigh")
        with np.errstate(all="ignore"):
            near = np.array([self.loss(row) - self.least <= FAR for row in rows])
        near &= np.abs(rows).max(axis=1) <= WIDEST
        rows[~near] = rng.choice(rows[near], n - near.sum()) if near.any() else self.logs
        return np.exp(rows)


def fit(loss: Callable[[Floats], float], start: Floats) -> Fit | None:
    """`loss` is minus the logarithm of the likelihood, of logarithms.

    Where it has no bottom (nobody ever leaves, or all spend the same), parameters that are a
    thousand times those of the start are taken to be rare. None if that does not help either.
    """

    def held(logs: Floats) -> float:
        return loss(logs) + float(((logs - start) ** 2).sum()) / (2 * LOOSE * LOOSE)

    return _bottom(loss, start) or _bottom(held, start)


def _bottom(loss: Callable[[Floats], float], start: Floats) -> Fit | None:
    found = minimize(loss, start, method="BFGS")
    if not np.isfinite(found.fun) or np.abs(found.jac).max() > STEEP:
        found = minimize(loss, start, method="Nelder-Mead", options={"maxiter": 1000})
    if not np.isfinite(found.fun) or np.abs(found.x).max() > WIDEST:
        return None
    covariance = np.linalg.pinv(_curvature(loss, found.x), hermitian=True)
    if (np.diag(covariance) <= 0).any():
        return None
    curve = np.asarray(covariance, dtype=np.float64)
    return Fit(np.asarray(found.x), curve, loss, float(found.fun))


def _curvature(loss: Callable[[Floats], float], at: Floats) -> Floats:
    """Second derivatives, by central differences."""
    steps = np.eye(len(at)) * STEP
    found = [
        [loss(at + a + b) - loss(at + a - b) - loss(at - a + b) + loss(at - a - b) for b in steps]
        for a in steps
    ]
    return np.asarray(found) / (4 * STEP * STEP)
