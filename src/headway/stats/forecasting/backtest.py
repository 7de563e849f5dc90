"""Which models would have done best on the series itself, from many origins of its past."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from headway.stats.forecasting.models import Model, View, models
from headway.stats.forecasting.scales import Scale
from headway.stats.forecasting.usual import NAIVE, SEASONAL_NAIVE, Usual
from headway.stats.history import Floats, Ints, Line, filled

ORIGINS = 60
"""So many at most."""

SPAN = 120
"""Among so many of the latest moments: a calm year says too little of the next one."""

BEST = 5
"""The mean of so many models is taken."""

TRUST = 5.0
"""So many origins, seen to the last step, weigh as much as what is usual of a model."""


@dataclass(frozen=True)
class Trial:
    """A mean of models on a scale, and how it did.

    `errors` are on the scale, origin by step, NaN where nothing is known, and `last` those of the
    last value; `misses` are of the values themselves, as is `naive`, those of the last value.
    `middle` is the forecast from the end, on the scale. `gaps` is how far each first step lies
    from the last value then known, the end's last; `known` how many periods there are.
    """

    scale: Scale
    chosen: tuple[Model, ...]
    middle: Floats
    errors: Floats
    last: Floats
    misses: Floats
    naive: Floats
    gaps: Floats
    known: int

    @property
    def score(self) -> float:
        return relative(self.misses, self.naive)


def origins(n: int, steps: int) -> Ints:
    """The moments from which the past is forecast, and the end."""
    first = max(2, min(n // 3, n - 1 - steps), n - 1 - steps - SPAN)
    every = max(1, -(-(n - 1 - first) // ORIGINS))
    return np.unique(np.concatenate([np.arange(n - 2, first - 1, -every), [n - 1]]))


def trial(line: Line, scale: Scale, seasons: tuple[int, ...], steps: int, usual: Usual) -> Trial:
    whole = filled(line.values)
    moved = scale.to(whole, line.weights)
    view = View(moved, line.weights, origins(len(whole), steps), steps)
    truth = _targets(np.where(line.known, whole, np.nan), view)
    found = list(models(view, seasons))
    misses = {id(m): np.abs(scale.back(m.forecasts[:-1]) - truth) for m in found}
    naive = misses[id(next(m for m in found if m.name == NAIVE))]
    ranked = sorted(_rated(found, misses, naive, usual), key=lambda pair: pair[0])
    chosen = _mean(ranked[:BEST])
    mean = _trial(scale, chosen, line, view, truth, naive)
    floor = [m for m in found if m.name == SEASONAL_NAIVE and np.isfinite(m.forecasts).all()]
    alone = [_trial(scale, [(1.0, m)], line, view, truth, naive) for m in floor]
    return min([mean, *alone], key=lambda t: round(t.score, 9))


def _rated(
    found: Sequence[Model], misses: dict[int, Floats], naive: Floats, usual: Usual
) -> list[tuple[float, Model]]:
    """Each with its expected error against that of the last value; those that can be used now."""
    return [
        (_shrunk(relative(misses[id(m)], naive), usual.errors[m.name], misses[id(m)]), m)
        for m in found
        if np.isfinite(m.forecasts[-1]).all()
    ]


def relative(misses: Floats, naive: Floats) -> float:
    """The sum of errors against that of the last value, where both are known."""
    both = np.isfinite(misses) & np.isfinite(naive)
    below = float(naive[both].sum())
    return float(misses[both].sum()) / below if below else 1.0


def _shrunk(score: float, usual: float, misses: Floats) -> float:
    tried = np.isfinite(misses).sum() / misses.shape[1]
    return float((score * tried + usual * TRUST) / (tried + TRUST))


def _mean(ranked: Sequence[tuple[float, Model]]) -> list[tuple[float, Model]]:
    """Weights by squared errors; a model far behind the best has no part."""
    best = ranked[0][0]
    near = [(score, m) for score, m in ranked if score <= 1.2 * best + 1e-12]
    weights = np.array([1 / max(score, 1e-9) ** 2 for score, _ in near])
    return list(zip((weights / weights.sum()).tolist(), [m for _, m in near], strict=True))


def _trial(
    scale: Scale,
    chosen: Sequence[tuple[float, Model]],
    line: Line,
    view: View,
    truth: Floats,
    naive: Floats,
) -> Trial:
    mean = _weighted(chosen)
    past, middle = mean[:-1], mean[-1]
    moved = _targets(np.where(line.known, view.values, np.nan), view)
    misses = np.abs(scale.back(past) - truth)
    last = moved - view.flat(view.values)[:-1]
    gaps = mean[:, 0] - view.values[view.origins]
    part = tuple(m for _, m in chosen)
    return Trial(
        scale, part, middle, moved - past, last, misses, naive, gaps, int(line.known.sum())
    )


def _weighted(chosen: Sequence[tuple[float, Model]]) -> Floats:
    """Where a model knows nothing, the others share its weight."""
    total = np.zeros(chosen[0][1].forecasts.shape)
    mass = np.zeros_like(total)
    for weight, model in chosen:
        known = np.isfinite(model.forecasts)
        total += np.where(known, weight * model.forecasts, 0.0)
        mass += weight * known
    return np.divide(total, mass, out=np.full_like(total, np.nan), where=mass > 0)


def _targets(values: Floats, view: View) -> Floats:
    """What came, for all origins but the last, which is the end."""
    at = view.targets[:-1]
    inside = at < len(values)
    return np.where(inside, values[np.minimum(at, len(values) - 1)], np.nan)
