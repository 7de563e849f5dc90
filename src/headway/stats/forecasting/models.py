"""A small set of ways to go on, each from all origins in one pass."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.signal import lfilter

from headway.stats.forecasting import usual
from headway.stats.history import Floats, Ints
from headway.stats.season import centred_mean, same_place, season, trailing_mean

SMOOTHING = {0.1: usual.SLOW_LEVEL, 0.3: usual.LEVEL, 0.6: usual.QUICK_LEVEL}
TRENDS = {usual.DAMPED: (0.3, 0.1, 0.9), usual.QUICK_DAMPED: (0.6, 0.2, 0.95)}

SMOOTH_YEAR = {364: 15, 52: 3}
"""Over so many periods around it a year ago is read."""


@dataclass(frozen=True)
class View:
    """A line on its scale, the origins from which it is forecast, and the steps ahead.

    A forecast from origin t knows `values[: t + 1]`; `forecasts` have a row for each origin.
    """

    values: Floats
    weights: Floats
    origins: Ints
    steps: int

    @cached_property
    def ahead(self) -> Ints:
        return np.arange(1, self.steps + 1)

    @cached_property
    def reach(self) -> Floats:
        """For how many steps a trend is followed: never for more than are known."""
        known = self.origins[:, None] + 1.0
        return np.asarray(known * (1 - np.exp(-self.ahead / known)))

    @cached_property
    def targets(self) -> Ints:
        return np.asarray(self.origins[:, None] + self.ahead[None, :])

    def flat(self, level: Floats) -> Floats:
        return np.broadcast_to(level[self.origins][:, None], self.targets.shape)


@dataclass(frozen=True)
class Model:
    """`seasons`: the lengths of those that it knows."""

    name: str
    forecasts: Floats
    seasons: tuple[int, ...] = ()


def models(view: View, seasons: tuple[int, ...]) -> Iterator[Model]:
    """Everything that is tried; `nan` where a model knows too little at an origin."""
    yield from _plain(view, (), 0.0)
    short = tuple(m for m in seasons if m not in SMOOTH_YEAR)
    adjusted, back = view, np.zeros(view.targets.shape)
    for length in short:
        yield _seasonal_naive(view, length)
        if len(view.values) < 2 * length:
            continue
        found = season(adjusted.values, view.weights, length)
        adjusted = View(adjusted.values - found, view.weights, view.origins, view.steps)
        back = back + found[np.maximum(same_place(view.origins, view.ahead, length), 0)]
        yield from _plain(adjusted, tuple(m for m in short if m <= length), back)
    for length in seasons[-1:]:
        yield from _years(view, adjusted, length, short)


def _plain(view: View, seasons: tuple[int, ...], back: Floats | float) -> Iterator[Model]:
    """Models that know no season, of a line without its season, which is put back."""
    found = [(usual.NAIVE, view.flat(view.values))]
    found += [(name, view.flat(smooth(view, alpha))) for alpha, name in SMOOTHING.items()]
    found += [(name, damped_trend(view, *weights)) for name, weights in TRENDS.items()]
    found += [(usual.DRIFT, drift(view)), (usual.HALF_TREND, theta(view, 0.4))]
    for name, forecasts in found:
        yield Model(name, forecasts + back, seasons)


def smooth(view: View, alpha: float) -> Floats:
    """Simple exponential smoothing, in which a value counts by its weight.

    As a ratio of two filters, so that it begins as a plain mean and missing values are left out.
    """
    keep = [1.0, alpha - 1.0]
    weights = np.maximum(view.weights / (view.weights.max() or 1.0), 1e-9)
    sums, mass = lfilter([1.0], keep, weights * view.values), lfilter([1.0], keep, weights)
    return np.asarray(sums / mass)


def damped_trend(view: View, alpha: float, beta: float, phi: float) -> Floats:
    """Damped Holt: one filter gives all one-step errors, further ones the level and the trend.

    Hyndman, Koehler, Ord, Snyder: Forecasting with Exponential Smoothing (2008), chapter 2.3;
    ETS(A,Ad,N) is an ARIMA(1,1,2), from which the coefficients follow.
    """
    z = view.values - view.values[0]
    moving = [1.0, alpha + alpha * beta * phi - 1 - phi, phi * (1 - alpha)]
    errors = lfilter([1.0, -1 - phi, phi], moving, z)
    trend = lfilter([alpha * beta], [1.0, -phi], errors)
    level = view.values - (1 - alpha) * errors
    gain = phi * (1 - phi**view.reach) / (1 - phi)
    return np.asarray(level[view.origins][:, None] + trend[view.origins][:, None] * gain)


def drift(view: View) -> Floats:
    """The last value, and on as the mean of all steps so far."""
    t = np.maximum(np.arange(len(view.values)), 1)
    mean = (view.values - view.values[0]) / t
    return np.asarray(view.flat(view.values) + mean[view.origins][:, None] * view.reach)


def theta(view: View, alpha: float) -> Floats:
    """Simple smoothing, and on with half the slope of the line through all values so far.

    Hyndman, Billah: Unmasking the Theta method (International Journal of Forecasting 19, 2003).
    """
    lag = (1 - alpha) / alpha
    slope = slopes(view.values)[view.origins][:, None] / 2
    return np.asarray(view.flat(smooth(view, alpha)) + slope * (view.reach + lag))


def slopes(values: Floats) -> Floats:
    """Of the least-squares line through values[: t + 1], for each t."""
    t = np.arange(len(values), dtype=float)
    n = t + 1
    spread = n * (n * n - 1) / 12
    cross = np.cumsum(t * values) - t / 2 * np.cumsum(values)
    found = np.zeros(len(values))
    return np.asarray(np.divide(cross, spread, out=found, where=spread > 0))


def _seasonal_naive(view: View, length: int) -> Model:
    at = same_place(view.origins, view.ahead, length)
    found = np.where(at >= 0, view.values[np.maximum(at, 0)], np.nan)
    return Model(usual.SEASONAL_NAIVE, found, (length,))


def _years(view: View, adjusted: View, length: int, short: tuple[int, ...]) -> Iterator[Model]:
    """As a year ago, moved by how the level has changed since; whole, or half of that."""
    if len(view.values) <= length + 1:
        return
    if length not in short:
        yield _seasonal_naive(view, length)
        base, width = adjusted, SMOOTH_YEAR.get(length, 1)
    else:
        base, width = view, 1
    week = view.values - base.values
    at = same_place(view.origins, view.ahead, length)
    fits = at >= 0
    ago = centred_mean(base.values, width)[np.maximum(at, 0)]
    back = (
        week[np.maximum(same_place(view.origins, view.ahead, short[-1]), 0)] if week.any() else 0.0
    )
    known_seasons = (*short, length) if week.any() else (length,)
    level = trailing_mean(base.values, max(length // 13, 2))
    grown = level[view.origins] - level[np.maximum(view.origins - length, 0)]
    cycles = -(-view.ahead // length)
    for name, part in ((usual.GROWN, 1.0), (usual.HALF_GROWN, 0.5)):
        found = ago + part * grown[:, None] * cycles + back
        known = fits & (view.origins >= length)[:, None]
        yield Model(name, np.where(known, found, np.nan), known_seasons)
