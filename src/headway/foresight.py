"""Statistics as plain functions on a series: no server, no workspace."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from itertools import pairwise
from typing import Any, TypeAlias

from headway.engine.errors import InputError, nearest
from headway.engine.period import Grain, written_day
from headway.engine.series import Answer, Point
from headway.engine.series import Series as Measured
from headway.engine.tally import Tally
from headway.stats import effect
from headway.stats import experiment as trial
from headway.stats.arms import Arm, Measure
from headway.stats.experiment import Direction, Guardrail, ReadOut
from headway.stats.history import Bound, CannotTell, History, Known
from headway.stats.sequential import PLANNED

Series: TypeAlias = Answer | Measured | Mapping[Any, float | None] | Any
"""An answer of `headway.measure`, values by the day on which their period starts, or a pandas
series with such an index."""
Sums: TypeAlias = Tally | Mapping[str, float]
"""n, x, y, xx, yy, xy of a variant's subjects; what is left out is 0."""

GAPS = ((1, Grain.day), (7, Grain.week), (28, Grain.month), (89, Grain.quarter), (365, Grain.year))
"""The shortest way from one start to the next, in days."""


def impact(
    series: Series,
    day: date | str,
    *,
    controls: Mapping[str, Series] | None = None,
    unexposed: Series | None = None,
    launches: Iterable[date | str] = (),
    incidents: Iterable[tuple[date | str, date | str]] = (),
) -> effect.Impact | CannotTell:
    """What a launch on the day did to the series, or why that cannot be told.

    `controls` are series that the launch does not touch; with `unexposed`, `series` is that of
    those who were exposed. Incidents are a first day and the day after the last one.
    """
    known = [Known(_day(other)) for other in launches]
    known += [Known(_day(first), _day(end)) for first, end in incidents]
    others = {name: history_of(one, known) for name, one in (controls or {}).items()}
    return effect.impact(
        history_of(series, known), _day(day), controls=others,
        unexposed=None if unexposed is None else history_of(unexposed, known),
    )  # fmt: skip


def experiment(
    variants: Mapping[str, Sums],
    *,
    measure: Measure = "mean",
    direction: Direction = "up",
    shares: Iterable[float] = (),
    guardrails: Iterable[Guardrail] = (),
    level: float = 0.95,
    planned: float = PLANNED,
    finished: bool = False,
) -> ReadOut:
    """The first variant is the control. Raises InputError for what is no experiment."""
    arms = [Arm(name, _tally(name, sums)) for name, sums in variants.items()]
    return trial.experiment(
        arms, measure=measure, direction=direction, shares=list(shares),
        guardrails=list(guardrails), level=level, planned=planned, finished=finished,
    )  # fmt: skip


def history_of(series: Series, known: Iterable[Known] = ()) -> History:
    """The complete periods of a series. Raises InputError for what is none."""
    if isinstance(series, Answer):
        series = series.series
    if isinstance(series, Measured):
        points = [point for point in series.of() if point.complete]
        return _history([p.start for p in points], points, series.grain, known)
    if not hasattr(series, "items"):
        what = type(series).__name__
        fix = "Give values by day, or an answer of headway.measure."
        raise InputError(f"A series cannot be read from a {what}.", where="series", fix=fix)
    pairs = sorted((_day(day), value) for day, value in series.items())
    points = [Point(day, day, _number(value)) for day, value in pairs]
    starts = [day for day, _ in pairs]
    return _history(starts, points, _grain(starts), known)


def _history(
    starts: list[date], points: list[Point], grain: Grain, known: Iterable[Known]
) -> History:
    if not starts:
        raise InputError("It has no period.", where="series", fix="Give values by day.")
    values = [point.value for point in points]
    there = [point for point in points if point.value is not None]
    counts = [point.denominator or 0.0 for point in points]
    divided = bool(there) and all(point.denominator for point in there)
    numbers = [value for value in values if value is not None]
    bound = Bound.zero if min(numbers, default=-1.0) >= 0 else Bound.none
    if divided and bound == Bound.zero and max(numbers) <= 1:
        bound = Bound.share
    return History(starts, values, grain, bound, counts if divided else None, tuple(known))


def _grain(starts: list[date]) -> Grain:
    gap = min(((b - a).days for a, b in pairwise(starts)), default=0)
    found = [grain for days, grain in GAPS if days <= gap]
    if not found:
        fix = "Give each period once, by the day on which it starts."
        raise InputError("A grain cannot be told from its days.", where="series", fix=fix)
    return found[-1]


def _tally(name: str, sums: Sums) -> Tally:
    if isinstance(sums, Tally):
        return sums
    fields = ("n", "x", "y", "xx", "yy", "xy")
    for key in sums:
        if key not in fields:
            fix = nearest(str(key), fields) or f"Use {', '.join(fields)}."
            raise InputError(f"`{key}` is no sum.", where=f"variant {name}", fix=fix)
    x, y, xx, yy, xy = (float(sums.get(field, 0)) for field in fields[1:])
    return Tally(int(sums.get("n", 0)), x, y, xx, yy, xy)


def _number(value: float | None) -> float | None:
    return None if value is None or value != value else float(value)


def _day(day: Any) -> date:
    if isinstance(day, datetime):
        return day.date()
    return day if isinstance(day, date) else written_day(str(day), "day")
