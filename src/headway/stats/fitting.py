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
WIDEST = 30.0
"""Logarithms beyond this mean that the likelihood has no top."""


@dataclass(frozen=True)
class Fit:
    """The logarithms of the parameters, and their covariance."""

    logs: Floats
    covariance: Floats

    @property
    def values(self) -> Floats:
        return np.exp(self.logs)

    def draws(self, rng: np.random.Generator, n: int) -> Floats:
        """As uncertain as the likelihood is around its top: rows of parameters."""
        return np.exp(rng.multivariate_normal(self.logs, self.covariance, n, method="eigh"))


def fit(loss: Callable[[Floats], float], start: Floats) -> Fit | None:
    """`loss` is minus the logarithm of the likelihood, of logarithms; None if it has no bottom."""
    found = minimize(loss, start, method="BFGS")
    if not np.isfinite(found.fun) or np.abs(found.jac).max() > STEEP:
        found = minimize(loss, start, method="Nelder-Mead", options={"maxiter": 4000})
    if not np.isfinite(found.fun) or np.abs(found.x).max() > WIDEST:
        return None
    covariance = np.linalg.pinv(_curvature(loss, found.x), hermitian=True)
    if (np.diag(covariance) <= 0).any():
        return None
    return Fit(np.asarray(found.x), np.asarray(covariance, dtype=np.float64))


def _curvature(loss: Callable[[Floats], float], at: Floats) -> Floats:
    """Second derivatives, by central differences."""
    steps = np.eye(len(at)) * STEP
    found = [
        [loss(at + a + b) - loss(at + a - b) - loss(at - a + b) + loss(at - a - b) for b in steps]
        for a in steps
    ]
    return np.asarray(found) / (4 * STEP * STEP)
