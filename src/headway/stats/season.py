"""What repeats every week or year: found from what was known at each moment, never from later."""

from __future__ import annotations

import numpy as np
from scipy.signal import lfilter

from headway.engine.period import Grain
from headway.stats.history import Floats, Ints

SEASONS: dict[Grain, tuple[int, ...]] = {
    Grain.day: (7, 364),
    Grain.week: (52,),
    Grain.month: (12,),
    Grain.quarter: (4,),
    Grain.year: (),
}
"""Periods after which things repeat. A year of days has 52 whole weeks, so that weekdays meet."""

NAMES = {
    (Grain.day, 7): "week",
    (Grain.day, 364): "year",
    (Grain.week, 52): "year",
    (Grain.month, 12): "year",
    (Grain.quarter, 4): "year",
}

FADE = 0.85
"""What a cycle counts for, against the one after it."""


def trailing_mean(values: Floats, n: int) -> Floats:
    """Over the last n values, or as many as there are."""
    sums = np.concatenate([[0.0], np.cumsum(values)])
    ends = np.arange(1, len(values) + 1)
    begins = np.maximum(ends - n, 0)
    return np.asarray((sums[ends] - sums[begins]) / (ends - begins))


def centred_mean(values: Floats, n: int) -> Floats:
    """Over n values around each, or as many of them as there are."""
    sums = np.concatenate([[0.0], np.cumsum(values)])
    at = np.arange(len(values))
    ends, begins = np.minimum(at + n // 2 + 1, len(values)), np.maximum(at - n // 2, 0)
    return np.asarray((sums[ends] - sums[begins]) / (ends - begins))


def season(values: Floats, weights: Floats, length: int) -> Floats:
    """How far each moment's place in the cycle lies off the level, as known by that moment.

    The distance from the trailing mean of one cycle, averaged over cycles with fading weights;
    the places of the last cycle sum to zero, so that a steady trend leaves no trace.
    """
    if len(values) < 2 * length:
        return np.zeros(len(values))
    off = values - trailing_mean(values, length)
    full = (np.arange(len(values)) >= length - 1) * (weights > 0)
    fading = np.zeros(length + 1)
    fading[0], fading[-1] = 1.0, -FADE
    sums, mass = lfilter([1.0], fading, off * full), lfilter([1.0], fading, full.astype(float))
    found = np.divide(sums, mass, out=np.zeros(len(values)), where=mass > 0)
    found[: length - 1] = 0.0
    found -= trailing_mean(found, length)
    found[: 2 * length - 1] = 0.0
    return np.asarray(found)


def same_place(origins: Ints, ahead: Ints, length: int) -> Ints:
    """For each origin and step ahead: the last moment by the origin with the same place."""
    back = length * -(-ahead // length)
    return np.asarray(origins[:, None] + (ahead - back)[None, :])
