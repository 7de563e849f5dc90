"""What a metric will be, with an interval that is as wide as the past was wrong."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np

from headway.stats.forecasting.backtest import Trial, trial
from headway.stats.forecasting.errors import Spread, spread, surprised
from headway.stats.forecasting.scales import scales
from headway.stats.forecasting.usual import USUAL
from headway.stats.history import CannotTell, Floats, History, Line, trouble
from headway.stats.known import stepped
from headway.stats.season import NAMES, SEASONS

LEVELS = (0.5, 0.8, 0.95)
DRAWS = 2000
FURTHEST = 400
"""So many steps ahead at most."""


@dataclass(frozen=True, slots=True)
class Interval:
    level: float
    low: tuple[float, ...]
    high: tuple[float, ...]


@dataclass(frozen=True)
class Rests:
    """What a forecast rests on: known periods, models, seasons, and how its backtest went.

    `error` is the mean absolute error of the backtest in the metric's unit, `against_naive` as a
    share of the error made by "it stays as it is".
    """

    n: int
    models: tuple[str, ...]
    scale: str
    seasons: tuple[str, ...]
    tried: int
    error: float | None
    against_naive: float | None
    notes: tuple[str, ...] = ()

    @property
    def sentence(self) -> str:
        season = (
            f"a season of the {' and the '.join(self.seasons)}" if self.seasons else "no season"
        )
        if self.against_naive is None:
            return f"From {self.n} periods, {season}; too few to try models on."
        said = f"{round(100 * self.against_naive)} % of the error of staying as it is"
        return (
            f"From {self.n} periods, {season}; the mean of: {', '.join(self.models)}. "
            f"Tried from {self.tried} moments of the past: {said}."
        )


@dataclass(frozen=True)
class Forecast:
    """`middle` is as likely to be too high as too low. Each step is the period of its start."""

    starts: tuple[date, ...]
    middle: tuple[float, ...]
    intervals: tuple[Interval, ...]
    rests: Rests
    outlook: Outlook

    def interval(self, level: float = 0.8) -> Interval:
        return next(i for i in self.intervals if i.level == level)


@dataclass(frozen=True)
class Outlook:
    """What draws whole courses: the middle on its scale, and the errors around it.

    `calm` are the errors as if the last value were none that surprises.
    """

    middle: Floats
    spread: Spread
    calm: Spread
    tried: Trial
    floor: float | None
    seed: int

    def bounds(self, level: float, *, calm: bool = False) -> tuple[Floats, Floats]:
        margin = (self.calm if calm else self.spread).margin(level)
        return self.values(self.middle - margin), self.values(self.middle + margin)

    def values(self, found: Floats) -> Floats:
        """Back in the metric's unit; the first step is never under what is in already."""
        back = np.array(self.tried.scale.back(found), dtype=float)
        if self.floor is not None:
            back[..., 0] = np.maximum(back[..., 0], self.floor)
        return back

    @cached_property
    def courses(self) -> Floats:
        """Course by step; the same history gives the same ones."""
        return self.values(self.middle + self.spread.paths(DRAWS, self.seed))


def forecast(
    history: History, steps: int, *, seasons: Sequence[int] | None = None
) -> Forecast | CannotTell:
    """The periods after the last complete one. `seasons` stands in for those of the grain."""
    if not history.starts:
        return CannotTell("No period has a value yet.")
    line, notes = stepped(Line.of(history), history)
    if why := trouble(line) or _too_far(steps):
        return CannotTell(why)
    lengths = SEASONS[history.grain] if seasons is None else tuple(seasons)
    best = _best(line, history, lengths, steps)
    return _told(best, line, history, steps, notes)


def _too_far(steps: int) -> str:
    if steps < 1:
        return "There is no complete period between the last value and that day."
    if steps > FURTHEST:
        return f"{steps} periods ahead; it looks {FURTHEST} ahead at most."
    return ""


def _best(line: Line, history: History, seasons: tuple[int, ...], steps: int) -> Trial:
    found = scales(line.values, line.weights, history.bound, counted=history.counts is not None)
    return min(
        (trial(line, scale, seasons, steps, USUAL[history.grain]) for scale in found),
        key=lambda t: round(t.score, 9),
    )


def _told(
    best: Trial, line: Line, history: History, steps: int, notes: tuple[str, ...]
) -> Forecast:
    calm = spread(best, USUAL[history.grain])
    errors = surprised(calm, best.gaps)
    outlook = Outlook(best.middle, errors, calm, best, history.partial, _seed(line))
    intervals = [(level, *outlook.bounds(level)) for level in LEVELS]
    return Forecast(
        history.next_starts(steps),
        tuple(outlook.values(best.middle).tolist()),
        tuple(Interval(level, tuple(a.tolist()), tuple(b.tolist())) for level, a, b in intervals),
        _rests(best, line, history, notes),
        outlook,
    )


def _rests(best: Trial, line: Line, history: History, notes: tuple[str, ...]) -> Rests:
    known = np.isfinite(best.misses)
    lengths = sorted({length for m in best.chosen for length in m.seasons})
    return Rests(
        n=int(line.known.sum()),
        models=tuple(dict.fromkeys(m.name for m in best.chosen)),
        scale=best.scale.name,
        seasons=tuple(NAMES.get((history.grain, m), f"{m} periods") for m in lengths),
        tried=int(known.any(axis=1).sum()),
        error=float(best.misses[known].mean()) if known.any() else None,
        against_naive=best.score if known.any() else None,
        notes=notes,
    )


def _seed(line: Line) -> int:
    told = np.nan_to_num(line.values).tobytes() + line.starts[-1].isoformat().encode()
    return int.from_bytes(hashlib.sha256(told).digest()[:8], "big")
