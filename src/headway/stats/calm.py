"""A history without its seasons, and of its changes what the ones before did not tell."""

from __future__ import annotations

import math
from datetime import date

import numpy as np
from statsmodels.regression.linear_model import OLS
from statsmodels.tsa.ar_model import AutoReg

from headway.engine.period import Grain
from headway.stats.blocks import YEAR, Blocks, logarithmic
from headway.stats.history import Floats, History

HARMONICS = {Grain.day: 4, Grain.week: 4, Grain.month: 2, Grain.quarter: 1}
"""Waves that a year's season is made of."""
YEARS = 1.5
"""A season is taken out of what is known for so many years; before, nobody knows it."""
ORDER = 4
"""A change may go on for so many periods."""
ODD = 3.0
"""What is further off than so many usual distances counts as no further."""


def calm(history: History) -> tuple[tuple[date, ...], Floats, bool]:
    """By week where it is daily: starts, values, and whether they are logarithms."""
    after = history.calendar.after(history.starts[-1], history.grain)
    blocks = Blocks.around(history, after)
    log = logarithmic(history.bound, [blocks.values])
    return blocks.starts, np.log(blocks.values) if log else blocks.values, log


def without_season(starts: tuple[date, ...], values: Floats, grain: Grain) -> tuple[Floats, bool]:
    """Waves of a year, fitted beside a straight line, taken out; and whether they were."""
    known, waves = np.isfinite(values), waves_of(starts, values, grain)
    if not waves.shape[1]:
        return values, False
    line = [np.ones(len(values)), np.arange(len(values), dtype=float)]
    fitted = OLS(values[known], np.column_stack([*line, waves])[known]).fit().params[2:]
    return np.asarray(values - waves @ fitted), True


def waves_of(starts: tuple[date, ...], values: Floats, grain: Grain) -> Floats:
    """A column for each wave of a year; none where too little is known of it."""
    if np.isfinite(values).sum() < YEARS * YEAR.get(grain, math.inf):
        return np.zeros((len(values), 0))
    turn = np.array([start.toordinal() for start in starts]) / 365.2425 * 2 * np.pi
    each = [f(k * turn) for k in range(1, HARMONICS[grain] + 1) for f in (np.sin, np.cos)]
    return np.column_stack(each)


def surprises(values: Floats) -> Floats:
    """What of each change the changes before did not tell; NaN where that cannot be said."""
    found = np.full(len(values), np.nan)
    changes = np.diff(values)
    order = min(ORDER, len(changes) // 10)
    known = np.isfinite(changes)
    if not known.any():
        return found
    if known.all() and order:
        found[order + 1 :] = AutoReg(changes, order).fit().resid
    else:
        found[1:] = changes - np.nanmean(changes)
    usual = 1.4826 * float(np.nanmedian(np.abs(found - np.nanmedian(found))))
    return np.clip(found, -ODD * usual, ODD * usual) if usual else found
