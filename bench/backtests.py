"""Series cut at moments of their past: what was forecast from there, and what came."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from bench.series import Named
from headway.engine.period import Grain
from headway.stats.forecast import LEVELS, Forecast, forecast
from headway.stats.history import History, filled

Floats = NDArray[np.float64]

HORIZONS = {Grain.day: 28, Grain.week: 8, Grain.month: 6, Grain.quarter: 4, Grain.year: 4}
HOURS = 24
CYCLES = {Grain.day: 7, Grain.week: 52, Grain.month: 12, Grain.quarter: 4}
"""The season of the naive forecast, once one and a half are known; the last value before."""

CUTS = 4
SHORT = (6, 10)
"""The last cut is also forecast from so few periods alone."""

EVERYWHERE = 24
LONGER = (Grain.month, Grain.quarter, Grain.year)


@dataclass(frozen=True)
class Backtest:
    """What was known at a cut, and what came. `short`: so few periods were known."""

    series: Named
    history: History
    truth: Floats
    short: int = 0

    @property
    def past(self) -> Floats:
        return np.array([_number(v) for v in self.history.values])


@dataclass(frozen=True)
class Judged:
    """`inside`: the share of periods in the interval of each level; `late` those of the second
    half at 80 %. Errors and width are in mean errors of the naive forecast on what was known;
    `seconds` are the processor's.
    """

    test: Backtest
    inside: dict[float, float]
    late: float
    error: float
    naive: float
    width: float
    seconds: float


def backtests(series: Named) -> Iterator[Backtest]:
    history, steps = series.history, horizon(series)
    for turn in range(CUTS):
        cut = len(history.values) - steps * (turn + 1)
        if cut < min(SHORT):
            return
        truth = np.array([_number(v) for v in history.values[cut : cut + steps]])
        yield Backtest(series, _known(history, 0, cut), truth)
        for few in SHORT if turn == 0 and cut > 2 * max(SHORT) else ():
            yield Backtest(series, _known(history, cut - few, cut), truth, short=few)


def everywhere(series: Named) -> Iterator[Backtest]:
    """At moments of the whole past, of months and longer: the last years may be unusual."""
    history, steps = series.history, horizon(series)
    last = len(history.values) - steps
    if history.grain not in LONGER or last < EVERYWHERE:
        return
    for cut in np.unique(np.linspace(EVERYWHERE, last, EVERYWHERE).astype(int)).tolist():
        truth = np.array([_number(v) for v in history.values[cut : cut + steps]])
        yield Backtest(series, _known(history, 0, cut), truth)


def horizon(series: Named) -> int:
    return HOURS if series.hours else HORIZONS[series.history.grain]


def _known(history: History, first: int, cut: int) -> History:
    """As it was at the cut: nobody knew of later launches."""
    starts = history.starts[first:cut]
    return replace(
        history,
        starts=starts,
        values=history.values[first:cut],
        counts=None if history.counts is None else history.counts[first:cut],
        known=tuple(k for k in history.known if k.start <= starts[-1]),
    )


def _number(value: float | None) -> float:
    return np.nan if value is None else value


def judge(test: Backtest) -> Judged | None:
    """None where nothing could be told, or nothing ever moved."""
    start = time.process_time()
    found = forecast(test.history, len(test.truth), seasons=test.series.seasons)
    seconds = time.process_time() - start
    naive, scale = _naive(test)
    if not isinstance(found, Forecast) or not scale > 0 or not np.isfinite(test.truth).any():
        return None
    late = np.where(np.arange(len(test.truth)) >= len(test.truth) // 2, test.truth, np.nan)
    band = found.interval(0.8)
    return Judged(
        test=test,
        inside={level: _inside(found, level, test.truth) for level in LEVELS},
        late=_inside(found, 0.8, late),
        error=_mean_error(np.array(found.middle), test.truth) / scale,
        naive=_mean_error(naive, test.truth) / scale,
        width=float(np.mean(np.array(band.high) - np.array(band.low))) / scale,
        seconds=seconds,
    )


def _mean_error(guess: Floats, truth: Floats) -> float:
    return float(np.nanmean(np.abs(guess - truth)))


def _inside(found: Forecast, level: float, truth: Floats) -> float:
    known = np.isfinite(truth)
    band = found.interval(level)
    near = 1e-9 * np.maximum(np.abs(truth), 1)
    ok = (np.array(band.low) - near <= truth) & (truth <= np.array(band.high) + near)
    return float(ok[known].mean()) if known.any() else np.nan


def _naive(test: Backtest) -> tuple[Floats, float]:
    """The seasonal naive forecast, and its mean error one cycle ahead on what was known."""
    past, grain = filled(test.past), test.history.grain
    cycle = HOURS if test.series.hours else CYCLES.get(grain, 1)
    cycle = cycle if len(past) > 1.5 * cycle else 1
    scale = float(np.abs(past[cycle:] - past[:-cycle]).mean())
    return past[len(past) - cycle + np.arange(len(test.truth)) % cycle], scale
