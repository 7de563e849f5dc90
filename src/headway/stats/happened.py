"""Does a metric get so far off now and then?"""

from __future__ import annotations

import warnings

import numpy as np

from headway.engine.period import Grain
from headway.stats.history import Floats
from headway.stats.worse import LAG, YEAR

LIKE_IT = 8
"""How far off a period lies is counted from the median of so many like it before."""


def has_happened(values: Floats, grain: Grain) -> bool:
    """Whether a period of the last year lay as far off as the last one; those that are NaN do not.

    A forecast tries itself on sixty moments, which cannot tell how far the rarest values lie off.
    """
    off = _off(values, LAG.get(grain, 1))
    last, before = off[-1], off[:-1][-YEAR.get(grain, 4) :]
    if not np.isfinite(last):
        return False
    return bool((before <= last if last < 0 else before >= last).any())


def _off(values: Floats, lag: int) -> Floats:
    """Days are like the same days of the weeks before, other periods like those just before."""
    steps = [n * lag for n in range(1, LIKE_IT + 1) if n * lag < len(values)]
    if not steps:
        return np.full(len(values), np.nan)
    like = np.array([np.concatenate([np.full(n, np.nan), values[:-n]]) for n in steps])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # of periods with nothing before them
        return np.asarray(values - np.nanmedian(like, axis=0))
