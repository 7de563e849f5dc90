"""How a metric swings around its level over the week and the year, and the line that follows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from headway.stats.forecasting.models import SMOOTH_YEAR
from headway.stats.history import CannotTell, Floats, History, Line, filled, trouble
from headway.stats.known import stepped
from headway.stats.season import NAMES, SEASONS, centred_mean

STRONG = 0.4
"""A season counts when its strength reaches this, from 0 for none to 1 for nothing else."""


@dataclass(frozen=True, slots=True)
class Swings:
    """How far periods lie off the level: as factors where all values are above zero, else plainly.

    `now` is that of the last known period, `ahead` those of the periods after it.
    """

    factors: bool
    now: float
    ahead: tuple[float, ...]
    seasons: tuple[str, ...]

    def line(self, baseline: float, aim: float) -> tuple[float, ...]:
        """What is expected of each period on the way from the baseline, now, to the aim at the end.

        The level goes straight; both ends are read at their own place in the season.
        """
        parts = np.arange(1, len(self.ahead) + 1) / len(self.ahead)
        ends = np.array([self.now, self.ahead[-1]])
        if self.factors:
            first, last = np.array([baseline, aim]) / ends
            found = (first + parts * (last - first)) * np.array(self.ahead)
        else:
            first, last = np.array([baseline, aim]) - ends
            found = first + parts * (last - first) + np.array(self.ahead)
        return tuple(found.tolist())


def swings(history: History, steps: int) -> Swings | CannotTell:
    """From seasons of which two whole cycles are known and that are strong enough to tell."""
    line, _ = stepped(Line.of(history), history)
    if why := trouble(line):
        return CannotTell(why)
    factors = bool(np.nanmin(line.values) > 0)
    rest = np.log(filled(line.values)) if factors else filled(line.values)
    total, names = np.zeros(steps + 1), []
    for length in SEASONS[history.grain]:
        if len(rest) < 2 * length:
            continue
        season, strength = _season(rest, length)
        if strength >= STRONG:
            rest = rest - season
            total += _onward(season, length, steps)
            names.append(NAMES[history.grain, length])
    if not names:
        return CannotTell("No season shows in what is known; it takes two whole cycles.")
    total = np.exp(total) if factors else total
    return Swings(factors, float(total[0]), tuple(total[1:].tolist()), tuple(names))


def _season(values: Floats, length: int) -> tuple[Floats, float]:
    """The seasonal component and its strength.

    STL: Cleveland, Cleveland, McRae, Terpenning (Journal of Official Statistics 6, 1990); the
    strength: Hyndman, Athanasopoulos, Forecasting: Principles and Practice (2021), chapter 4.3.
    """
    from statsmodels.tsa.seasonal import STL  # seconds to import, for who asks for it only

    jump = max(1, length // 10)
    jumps = {"seasonal_jump": jump, "trend_jump": jump, "low_pass_jump": jump}
    found = STL(values, period=length, robust=length <= 24, **jumps).fit()
    season = centred_mean(np.asarray(found.seasonal), SMOOTH_YEAR.get(length, 1))
    noise = values - np.asarray(found.trend) - season
    spread = float((noise + season).var())
    return season, max(0.0, 1 - float(noise.var()) / spread) if spread else 0.0


def _onward(season: Floats, length: int, steps: int) -> Floats:
    """The last place and those after it, as the last cycle had them."""
    places = (np.arange(steps + 1) - 1) % length
    return np.asarray(season[-length:][places])
