"""How far a forecast errs, step by step and along the way, from the errors of its backtest."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.optimize import nnls
from scipy.special import chdtri
from scipy.stats import norm, t

from headway.stats.forecasting.backtest import Trial
from headway.stats.forecasting.usual import Usual
from headway.stats.history import Floats, Ints

LEVELS = np.arange(0.05, 1.0, 0.05)
"""Shares of errors whose sizes are read from the backtest; beyond, the tail of Student's t."""

_RARE = np.geomspace(1e-5, 0.1, 16)
LUCK = np.concatenate([_RARE, np.linspace(0.1, 0.9, 24)[1:-1], 1 - _RARE[::-1]])
"""Places between which luck is read off straight, on the scale of logarithms."""

NONE = 1e-6
"""A step whose squared errors are smaller than so much of the largest has none to speak of."""

GRID = 16
"""Over so many steps, at most, errors are held against each other."""

TRUST = 20.0
"""So many separate errors weigh as much as the normal shape."""

FREEDOM = 2.5
"""Of the tails, at least: with fewer degrees they have no end. Errors that lie near each other
in time resemble each other, so that two of them count for one."""

SHAPE = 3.0
"""So many origins, seen to the last step, weigh as much as how errors usually grow."""

DOUBT = 0.1
"""Of so many origins more, the models that never erred would have erred as the last value does."""


@dataclass(frozen=True)
class Spread:
    """The errors' size at each step, on the forecast's scale, and how they hang together.

    An error is noise of its own, a level that stays off, a walk away from it, and a slope that
    is wrong: `shares` are the variances of the four at step 1. `stretch` makes the sizes right
    at LEVELS, and `freedom` is that of the tails, by step.
    """

    sizes: Floats
    shares: Floats
    stretch: Floats
    freedom: Floats
    known: int

    def margin(self, level: float) -> Floats:
        """Half the width of the interval that holds so large a share, by step."""
        return self.sizes * self._reach(np.full(len(self.sizes), level))

    def error(self, normal: Floats, luck: Floats) -> Floats:
        """The errors in the place of standard normal ones, path by step.

        `luck`, between 0 and 1, is that of a whole path: the heavy tails are those of a size that
        nobody knows better, which is then off at all steps. Nothing goes beyond the widest level
        that is read from the backtest.
        """
        usual = t.ppf((1 + LEVELS) / 2, self.freedom[:, None])
        reach = usual * self.stretch
        found = np.empty_like(normal)
        for step, size in enumerate(self.sizes):
            heavy = normal[:, step] * _heaviness(luck, self.freedom[step])
            known, reached = np.append(0.0, usual[step]), np.append(0.0, reach[step])
            found[:, step] = np.sign(heavy) * size * np.interp(np.abs(heavy), known, reached)
        return found

    def _reach(self, level: Floats) -> Floats:
        usual = t.ppf((1 + level) / 2, self.freedom)
        return np.asarray(usual * np.interp(level, LEVELS, self.stretch))

    def paths(self, draws: int, seed: int) -> Floats:
        """Whole courses of errors, path by step."""
        rng = np.random.default_rng(seed)
        steps = np.arange(1, len(self.sizes) + 1)
        noise, level, walk, slope = np.sqrt(self.shares)
        normal = noise * rng.standard_normal((draws, len(steps)))
        normal += level * rng.standard_normal((draws, 1))
        normal += walk * np.cumsum(rng.standard_normal((draws, len(steps))), axis=1)
        normal += slope * rng.standard_normal((draws, 1)) * np.minimum(steps, self.known)
        total = np.sqrt(variances(self.shares, steps, self.known))
        even = np.divide(normal, total, out=np.zeros_like(normal), where=total > 0)
        return self.error(even, rng.uniform(size=draws))


def _heaviness(luck: Floats, freedom: float) -> Floats:
    """By which a normal error has to be multiplied to be one of Student's t; few are worked out."""
    logs = np.log(chdtri(freedom, 1 - LUCK))
    return np.asarray(np.sqrt(freedom / np.exp(np.interp(np.log(luck), np.log(LUCK), logs))))


def variances(shares: Floats, steps: Ints, known: int) -> Floats:
    """A slope is followed no further than periods are known."""
    noise, level, walk, slope = shares
    return np.asarray(noise + level + walk * steps + slope * np.minimum(steps, known) ** 2)


def spread(trial: Trial, usual: Usual) -> Spread:
    errors, known = trial.errors, trial.known
    steps = np.arange(1, errors.shape[1] + 1)
    shares = _drawn(_shares(errors), trial, usual)
    sizes = np.sqrt(variances(shares, steps, known))
    apart = _apart(errors, shares, steps, known)
    stretch = _stretch(errors, sizes, apart, usual.optimism)
    return Spread(sizes, shares, stretch, np.maximum(apart / 2, FREEDOM), known)


def surprised(calm: Spread, gaps: Floats) -> Spread:
    """When the last value is off further than any before: nobody knows whether that will stay."""
    before = gaps[:-1][np.isfinite(gaps[:-1])]
    surprise = float(gaps[-1] ** 2) - float((before**2).max(initial=0.0))
    if surprise <= 0:
        return calm
    shares = calm.shares + np.array([0.0, surprise, 0.0, 0.0])
    sizes = np.sqrt(variances(shares, np.arange(1, len(calm.sizes) + 1), calm.known))
    normal = np.maximum(1 - calm.stretch, 0) * surprise / sizes[0] ** 2
    return replace(calm, sizes=sizes, shares=shares, stretch=calm.stretch + normal)


def _drawn(shares: Floats, trial: Trial, usual: Usual) -> Floats:
    """Towards what is usual, scaled to the errors that there were and to a few of the naive."""
    there = np.isfinite(trial.errors)
    steps = np.arange(1, there.shape[1] + 1)
    expected = np.array(usual.shares)
    below = float((there * variances(expected, steps, trial.known)).sum())
    if not below:
        return shares
    tried = there.sum() / len(steps)
    luck = DOUBT / (tried + DOUBT)
    expected *= float(np.nansum(trial.errors**2) + luck * np.nansum(trial.last**2)) / below
    return np.asarray((shares * tried + expected * SHAPE) / (tried + SHAPE))


def _shares(errors: Floats) -> Floats:
    """The four variances whose sums come closest to the products of errors of one origin."""
    at = np.unique(np.linspace(0, errors.shape[1] - 1, GRID).astype(int))
    unit = float(np.nanmax(np.abs(errors), initial=0.0)) or 1.0
    seen = np.nan_to_num(errors[:, at] / unit)
    there = np.isfinite(errors[:, at]).astype(float)
    counts = there.T @ there
    products = np.divide(seen.T @ seen, counts, out=np.zeros_like(counts), where=counts > 0)
    squares = np.diag(products)
    if not squares.any():
        return np.zeros(4)
    i, j = np.nonzero(np.triu(counts) > 0)
    first, second = at[i] + 1.0, at[j] + 1.0
    columns = [i == j, np.ones(len(i)), np.minimum(first, second), first * second]
    usual = np.sqrt(np.maximum(squares, NONE * squares.max()))
    weight = np.sqrt(counts[i, j]) / (usual[i] * usual[j]) * np.where(i == j, 3.0, 1.0)
    matrix = np.stack(columns, axis=1).astype(float) * weight[:, None]
    scale = np.linalg.norm(matrix, axis=0)
    found, _ = nnls(matrix / scale, products[i, j] * weight)
    return np.asarray(found / scale * unit**2)


def _apart(errors: Floats, shares: Floats, steps: Ints, length: int) -> Floats:
    """How many errors there are at each step that do not repeat each other."""
    known = np.isfinite(errors).sum(axis=0)
    total = variances(shares, steps, length)
    lasting = 1 - np.divide(shares[0], total, out=np.ones(len(steps)), where=total > 0)
    return np.asarray(known / (1 + lasting * (steps - 1)))


def _stretch(errors: Floats, sizes: Floats, apart: Floats, optimism: float) -> Floats:
    """By which the normal sizes have to be multiplied so that each level holds its share.

    Conformal calibration: the k-th smallest of m errors, k = ⌈level · (m + 1)⌉, bounds a new one
    (Vovk, Gammerman, Shafer: Algorithmic Learning in a Random World, 2005); errors of all steps
    are pooled after dividing by their size, and drawn towards the normal shape where few.
    """
    sized = np.abs(errors) / np.where(sizes > 0, sizes, np.inf)
    pool = np.sort(sized[np.isfinite(sized)])
    few = max(float(apart.max()), 1.0)
    if not len(pool) or not pool[-1] > 0:
        return np.ones(len(LEVELS))
    places = np.minimum(np.ceil(LEVELS * (len(pool) + 1)).astype(int), len(pool)) - 1
    ratio = pool[places] / norm.ppf((1 + LEVELS) / 2)
    drawn = (ratio * few + TRUST) / (few + TRUST)
    drawn *= 1 + optimism / few
    reached = np.maximum.accumulate(drawn * norm.ppf((1 + LEVELS) / 2))
    return np.asarray(reached / norm.ppf((1 + LEVELS) / 2))
