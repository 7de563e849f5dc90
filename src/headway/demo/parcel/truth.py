"""What is true of Parcel by construction: what was built in, and what the simulation counted."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]
Ints = NDArray[np.integer[Any]]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Effect:
    """On one measure: `points` adds to a share, `factor` multiplies a rate."""

    measure: str
    size: float
    kind: Literal["points", "factor"]

    @property
    def neutral(self) -> float:
        return 0.0 if self.kind == "points" else 1.0


@dataclass(frozen=True, slots=True)
class Incident:
    """Holds for `length` days from the day that is `before_end` days before the end."""

    key: str
    name: str
    before_end: int
    length: int
    effects: tuple[Effect, ...]

    def day(self, end: date) -> date:
        return end - timedelta(days=self.before_end)


@dataclass(frozen=True, slots=True)
class Launch:
    """Holds from its day on. A launched `feature` is used by nobody before."""

    key: str
    name: str
    before_end: int
    effects: tuple[Effect, ...]
    feature: str = ""

    def day(self, end: date) -> date:
        return end - timedelta(days=self.before_end)


INCIDENTS = (
    Incident(
        "courier-strike",
        "Couriers on strike",
        before_end=205,
        length=9,
        effects=(
            Effect("on_time_share", -0.22, "points"),
            Effect("tickets", 1.8, "factor"),
            Effect("promoters", -0.12, "points"),
        ),
    ),
    Incident(
        "database-outage",
        "Database outage",
        before_end=38,
        length=2,
        effects=(
            Effect("availability", -0.31, "points"),
            Effect("error_rate", 0.12, "points"),
            Effect("latency", 2.5, "factor"),
            Effect("sessions", 0.55, "factor"),
            Effect("tickets", 2.6, "factor"),
        ),
    ),
)

LAUNCHES = (
    Launch(
        "parcel-insurance",
        "Parcel insurance",
        before_end=392,
        effects=(Effect("addon_purchases", 1.6, "factor"),),
        feature="insurance",
    ),
    Launch(
        "guided-setup",
        "Guided setup",
        before_end=146,
        effects=(
            Effect("onboarding_step_share", 0.045, "points"),
            Effect("time_to_value", 0.55, "factor"),
        ),
        feature="guided_setup",
    ),
    Launch(
        "route-planner",
        "Route planner",
        before_end=61,
        effects=(
            Effect("on_time_share", 0.028, "points"),
            Effect("parcels_per_session", 1.08, "factor"),
        ),
        feature="route_planner",
    ),
)


def effect(measure: str, days: int) -> Floats:
    """The built-in effect on every day of a world of so many days: 0 or 1 where there is none."""
    spans = [(i.before_end, i.length, i.effects) for i in INCIDENTS]
    spans += [(launch.before_end, launch.before_end, launch.effects) for launch in LAUNCHES]
    return _compose(((b, n, e) for b, n, es in spans for e in es if e.measure == measure), days)


def _compose(found: Iterable[tuple[int, int, Effect]], days: int) -> Floats:
    total: Floats | None = None
    for before_end, length, one in found:
        start = max(0, days - before_end)
        stop = max(0, days - before_end + length)
        line = np.full(days, one.neutral)
        line[start:stop] = one.size
        total = line if total is None else _joined(total, line, one)
    if total is None:
        raise KeyError("No incident or launch has an effect on this measure.")
    return total


def _joined(total: Floats, line: Floats, one: Effect) -> Floats:
    return np.asarray(total + line if one.kind == "points" else total * line)


@dataclass(frozen=True)
class Truth:
    """Tallies by local day, `days[i]` being the i-th of them; kept by the simulation itself.

    `mrr` and `customers` are as of the day's end, everything else is what happened on the day.
    """

    start: date
    end: date
    visits: Ints
    signups: Ints
    trials: Ints
    mrr: Floats
    customers: Ints
    revenue: Floats
    addon_revenue: Floats
    sessions: Ints
    parcels: Ints
    deliveries: Ints
    on_time: Ints
    tickets_open: Ints
    checks: Ints
    checks_ok: Ints
    incidents: tuple[Incident, ...] = field(default=INCIDENTS)
    launches: tuple[Launch, ...] = field(default=LAUNCHES)

    @property
    def days(self) -> list[date]:
        return [self.start + timedelta(days=i) for i in range((self.end - self.start).days)]
