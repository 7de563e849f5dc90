"""How likely it is that a key result succeeds, from the courses that its metric may take."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from headway.stats.history import CannotTell, Floats

if TYPE_CHECKING:
    from headway.stats.forecast import Forecast

CLOSE = 1e-9
"""What is as near to the target as this, as a share of it, is the target."""

INSIDE = 0.9
"""So large a share of the periods has to be inside the bounds of something that is kept."""


@dataclass(frozen=True, slots=True)
class Reach:
    """A reading that has to be at least (`up`) or at most the target by the last step.

    `over` says which: `latest`, `mean` of the last n periods, `trailing` sum of the last n, or
    `cycle_to_date`. For a relative goal `target` is its value, for a graded or aspirational one
    the value that counts as success.
    """

    target: float
    up: bool = True
    over: str = "latest"
    n: int = 1


@dataclass(frozen=True, slots=True)
class Keep:
    """Bounds, both inclusive, that hold at the end and in so large a share of all periods."""

    at_least: float | None = None
    at_most: float | None = None
    share: float = INSIDE
    over: str = "latest"
    n: int = 1


@dataclass(frozen=True, slots=True)
class Chance:
    """Between 0 and 1, never quite either: the past is too short to be sure.

    `likely` is the 80 % interval of the reading that counts, None for what is kept.
    """

    p: float
    middle: float | None = None
    likely: tuple[float, float] | None = None
    reason: str = ""


def chance(
    found: Forecast | CannotTell,
    aim: Reach | Keep,
    done: Sequence[float | None] = (),
    since: int = 0,
) -> Chance | CannotTell:
    """`done`: what is in of the periods that count beside the forecast ones, oldest first.

    Those are all since the cycle opened, and for `mean` and `trailing` the last n before. So many
    as `since` of them, and of the forecast ones after them, lie before the cycle: they are read,
    but neither summed up in `cycle_to_date` nor held against bounds.
    """
    if isinstance(found, CannotTell):
        return found
    read = readings(found, aim, done, since)
    if isinstance(aim, Keep):
        return _kept(read[:, since:], aim, found)
    return _reached(read, aim, found, len(done))


def readings(
    found: Forecast, aim: Reach | Keep, done: Sequence[float | None] = (), since: int = 0
) -> Floats:
    """Course by period, those of `done` first: what is read at its end, NaN where that is unknown.

    Raises KeyError for an `over` that goals do not know.
    """
    known = np.array([np.nan if value is None else value for value in done], dtype=float)
    courses = found.outlook.courses
    past = np.broadcast_to(known, (len(courses), len(known)))
    return READ[aim.over](np.concatenate([past, courses], axis=1), aim.n, since)


def _latest(whole: Floats, _n: int, _since: int) -> Floats:
    return whole


def _mean(whole: Floats, n: int, since: int) -> Floats:
    return _trailing(whole, n, since) / n


def _trailing(whole: Floats, n: int, _since: int) -> Floats:
    """Sums of windows, from the differences of running ones."""
    read = np.full(whole.shape, np.nan)
    if whole.shape[1] < n:
        return read
    unknown, known = np.isnan(whole), np.nan_to_num(whole)
    read[:, n - 1 :] = _windows(known, n)
    read[:, n - 1 :][_windows(unknown.astype(float), n) > 0.5] = np.nan
    return read


def _windows(values: Floats, n: int) -> Floats:
    running = np.cumsum(np.pad(values, ((0, 0), (1, 0))), axis=1)
    return np.asarray(running[:, n:] - running[:, :-n])


def _cycle_to_date(whole: Floats, _n: int, since: int) -> Floats:
    read = np.full(whole.shape, np.nan)
    read[:, since:] = np.cumsum(whole[:, since:], axis=1)
    return read


READ: dict[str, Callable[[Floats, int, int], Floats]] = {
    "latest": _latest,
    "mean": _mean,
    "trailing": _trailing,
    "cycle_to_date": _cycle_to_date,
}
"""As goals read a metric, course by course and period by period."""


def _reached(read: Floats, aim: Reach, found: Forecast, done: int) -> Chance | CannotTell:
    if aim.over in ("mean", "trailing") and read.shape[1] < aim.n:
        return CannotTell(f"Reads {aim.n} periods; by the due date there are {read.shape[1]}.")
    values = read[:, -1]
    if not np.isfinite(values).all():
        return CannotTell(f"One of the {done} periods that count has no value.")
    near = CLOSE * abs(aim.target)
    hit = values >= aim.target - near if aim.up else values <= aim.target + near
    low, middle, high = np.quantile(values, [0.1, 0.5, 0.9])
    return Chance(_never_sure(hit, found), float(middle), (float(low), float(high)))


def _kept(read: Floats, aim: Keep, found: Forecast) -> Chance:
    low = -np.inf if aim.at_least is None else aim.at_least
    high = np.inf if aim.at_most is None else aim.at_most
    inside = (read >= low - CLOSE * abs(low)) & (read <= high + CLOSE * abs(high))
    known = np.isfinite(read).sum(axis=1)
    share = inside.sum(axis=1) / np.maximum(known, 1)
    return Chance(_never_sure(inside[:, -1] & (share >= aim.share - 1e-9), found))


def _never_sure(hit: NDArray[np.bool_], found: Forecast) -> float:
    """Something unheard of in so many trials may still come."""
    unheard = 1 / (2 * (found.rests.tried + 5))
    return float(np.clip(hit.mean(), unheard, 1 - unheard))
