"""How likely it is that a key result succeeds, from the courses that its metric may take."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from headway.stats.forecast import Forecast
from headway.stats.history import CannotTell, Floats

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
    found: Forecast | CannotTell, aim: Reach | Keep, done: Sequence[float | None] = ()
) -> Chance | CannotTell:
    """`done`: what is in of the periods that count beside the forecast ones, oldest first.

    Those are all since the cycle opened, and for `mean` and `trailing` the last n before.
    """
    if isinstance(found, CannotTell):
        return found
    known = [np.nan if value is None else value for value in done]
    courses = found.outlook.courses
    past = np.broadcast_to(np.array(known, dtype=float), (len(courses), len(known)))
    whole = np.concatenate([past, courses], axis=1)
    if isinstance(aim, Keep):
        return _kept(whole, aim, found)
    return _reached(whole, aim, found, len(known))


def _reached(whole: Floats, aim: Reach, found: Forecast, done: int) -> Chance | CannotTell:
    if aim.over in ("mean", "trailing") and whole.shape[1] < aim.n:
        return CannotTell(f"Reads {aim.n} periods; by the due date there are {whole.shape[1]}.")
    values = READ[aim.over](whole, aim.n)
    if not np.isfinite(values).all():
        return CannotTell(f"One of the {done} periods that count has no value.")
    hit = values >= aim.target if aim.up else values <= aim.target
    low, middle, high = np.quantile(values, [0.1, 0.5, 0.9])
    return Chance(_never_sure(hit, found), float(middle), (float(low), float(high)))


READ: dict[str, Callable[[Floats, int], Floats]] = {
    "latest": lambda whole, _: whole[:, -1],
    "mean": lambda whole, n: whole[:, -n:].mean(axis=1),
    "trailing": lambda whole, n: whole[:, -n:].sum(axis=1),
    "cycle_to_date": lambda whole, _: whole.sum(axis=1),
}
"""As goals read a metric, course by course."""


def _kept(whole: Floats, aim: Keep, found: Forecast) -> Chance:
    low = -np.inf if aim.at_least is None else aim.at_least
    high = np.inf if aim.at_most is None else aim.at_most
    inside = (whole >= low) & (whole <= high)
    known = np.isfinite(whole)
    share = inside.sum(axis=1) / known.sum(axis=1)
    return Chance(_never_sure(inside[:, -1] & (share >= aim.share - 1e-9), found))


def _never_sure(hit: NDArray[np.bool_], found: Forecast) -> float:
    """Something unheard of in so many trials may still come."""
    unheard = 1 / (2 * (found.rests.tried + 5))
    return float(np.clip(hit.mean(), unheard, 1 - unheard))
