"""How a truth is read: from columns of the simulation to a value for each period."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np

from headway.demo.parcel.truth import Flags, Floats, Ints
from headway.demo.parcel.world import World

Reads = Callable[[Ints], Floats]
"""From the edges of periods, in days since the world began, to their values; NaN for none."""

NEVER = np.inf


def total(by_day: Ints | Floats) -> Reads:
    return lambda edges: np.array([by_day[max(a, 0) : b].sum() for a, b in pairwise(edges)], float)


def level(by_day: Ints | Floats) -> Reads:
    """What there is at the end of a period."""
    last = len(by_day) - 1
    return lambda edges: by_day[np.clip(edges[1:] - 1, 0, last)].astype(float)


def each(day: Ints, measure: Callable[[Ints], float], back: int = 0) -> Reads:
    """`measure` of the rows of every period, or of the `back` days that end with it."""
    order = np.argsort(day, kind="stable")
    sorted_days = day[order]

    def read(edges: Ints) -> Floats:
        starts = edges[1:] - back if back else edges[:-1]
        first, last = np.searchsorted(sorted_days, starts), np.searchsorted(sorted_days, edges[1:])
        return np.array([measure(order[a:b]) for a, b in zip(first, last, strict=True)], float)

    return read


def count(world: World, at: Floats, among: Flags | None = None) -> Reads:
    there = at < world.days if among is None else (at < world.days) & among
    return total(np.bincount(days(at[there]), minlength=world.days))


def days(at: Floats) -> Ints:
    return np.floor(at).astype(np.int64)


def mean(world: World, at: Floats, value: Floats | Flags) -> Reads:
    day, value = _inside(world, at, value)
    return each(day, lambda rows: float(value[rows].mean()) if len(rows) else np.nan)


def quantile(world: World, at: Floats, value: Floats, q: float) -> Reads:
    """Interpolated between neighbours."""
    day, value = _inside(world, at, value)
    return each(day, lambda rows: float(np.quantile(value[rows], q)) if len(rows) else np.nan)


def _inside(world: World, at: Floats, value: Floats | Flags) -> tuple[Ints, Floats]:
    there = at < world.days
    return days(at[there]), np.asarray(value[there], float)


def distinct(day: Ints, who: Ints, back: int = 0) -> Reads:
    return each(day, lambda rows: len(np.unique(who[rows])), back)


def repeating(day: Ints, who: Ints, times: int, back: int) -> Reads:
    """How many did it so often in the `back` days that end with the period."""
    return each(day, lambda rows: int((np.unique(who[rows], return_counts=True)[1] >= times).sum()),
                back)  # fmt: skip


def seconds(world: World, since: Floats, until: Floats) -> Floats:
    """From one instant to another as the events tell them; infinite where the world has no end."""
    found = np.full(len(since), NEVER)
    there = (since < world.days) & (until < world.days)
    span = world.instants(until[there]) - world.instants(since[there])
    found[there] = span / 1e6
    return found


def conversion(world: World, since: Floats, until: Floats, within: float) -> Reads:
    """Of those that began in a period, the share that got there within so many seconds."""
    took = seconds(world, since, until)
    return mean(world, since, (took >= 0) & (took <= within))


def stepwise(world: World, key: str, path: list[Floats], within: float) -> dict[str, Reads]:
    """How many got to each step in time, by when they began: `key step 1` and so on."""
    took = [seconds(world, path[0], at) for at in path]
    return {
        f"{key} step {k}": count(world, path[0], (span >= 0) & (span <= within))
        for k, span in enumerate(took, 1)
    }


def dropoff(world: World, since: Floats, until: Floats, within: float) -> Reads:
    kept = conversion(world, since, until, within)
    return lambda edges: 1 - kept(edges)


def waiting(world: World, since: Floats, until: Floats, limit: float, q: float) -> Reads:
    """The time by which a share q has got there, by start; NaN where fewer have by the limit.

    Everybody is followed for as long, so the Kaplan–Meier estimate is the plain share.
    """
    took = seconds(world, since, until)
    began = since < world.days
    took, day = np.where(took <= limit, took, NEVER)[began], days(since[began])

    def reached(rows: Ints) -> float:
        if not len(rows):
            return np.nan
        found = np.sort(took[rows])[int(np.ceil(q * len(rows) - 1e-9)) - 1]
        return float(found) if np.isfinite(found) else np.nan

    return each(day, reached)


def lasting(world: World, since: Floats, until: Floats, limit: float) -> Reads:
    """The mean time, the limit standing for those that take longer."""
    return mean(world, since, np.minimum(seconds(world, since, until), limit))


def derived(compute: Callable[..., Floats], *inputs: Reads) -> Reads:
    """Arithmetic; what is divided by nothing has no value."""

    def read(edges: Ints) -> Floats:
        with np.errstate(all="ignore"):
            found = np.asarray(compute(*(one(edges) for one in inputs)), float)
        return np.where(np.isfinite(found), found, np.nan)

    return read


def quotient(above: Reads, below: Reads, times: float = 1) -> Reads:
    return derived(lambda a, b: times * a / b, above, below)


def before(reads: Reads) -> Reads:
    """The value of the period before; the first has none."""
    return lambda edges: np.concatenate([[np.nan], reads(edges)[:-1]])
