"""A series in any of its shapes, read as the history that statistics take."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from itertools import pairwise
from statistics import median_low
from typing import Any, TypeAlias

from headway.engine.errors import InputError
from headway.engine.period import Calendar, Grain
from headway.engine.series import Answer
from headway.engine.series import Series as Measured
from headway.foresight.columns import Cell, Names, cells_of, columns_of, day_of
from headway.stats.history import Bound, History, Known

Series: TypeAlias = Answer | Measured | Mapping[Any, float | None] | Any
"""What `headway.measure` answers, values by the day on which their period starts, a pandas series
with such an index, or a table of pandas, polars or pyarrow with a column for each."""

GAPS = ((1, Grain.day), (7, Grain.week), (28, Grain.month), (89, Grain.quarter), (365, Grain.year))
"""The shortest way from one start to the next, in days."""
CALENDAR = Calendar()


def history_of(series: Series, known: Iterable[Known] = (), *, grain: str | None = None) -> History:
    """The complete periods of a series. Raises InputError for what is none."""
    if isinstance(series, History):
        return replace(series, known=(*series.known, *known))
    if hasattr(series, "answers"):
        series = _only(series.answers)
    if isinstance(series, Answer):
        series = series.series
    if isinstance(series, Measured):
        points = [p for p in series.of() if p.complete]
        cells = [Cell("series", p.start, p.value, p.denominator) for p in points]
        return _history(cells, series.grain, known)
    return history_from(_cells(series), known, grain=grain)


def history_from(
    cells: Sequence[Cell], known: Iterable[Known] = (), *, grain: str | None = None
) -> History:
    """Of single values, in any order. Raises InputError for days that do not make a series."""
    ordered = sorted(cells, key=lambda cell: cell.day)
    _check_once(ordered, "day")
    told = _grain_named(grain) if grain else _grain([cell.day for cell in ordered])
    return _history(_placed(ordered, told), told, known)


def _only(answers: Sequence[Answer]) -> Answer:
    whole = [answer for answer in answers if not answer.series.segment_by]
    if len(whole) == 1:
        return whole[0]
    fix = f"Take one of its answers: {', '.join(answer.key for answer in whole)}."
    raise InputError(f"{len(whole)} series were measured.", where="series", fix=fix)


def _cells(series: Any) -> list[Cell]:
    if (columns := columns_of(series)) is not None:
        return cells_of(columns, Names())
    if not hasattr(series, "items"):
        what = type(series).__name__
        fix = "Give values by day, or an answer of headway.measure."
        raise InputError(f"A series cannot be read from a {what}.", where="series", fix=fix)
    return [Cell(str(day), day_of(day), _number(value)) for day, value in series.items()]


def _history(cells: Sequence[Cell], grain: Grain, known: Iterable[Known]) -> History:
    if not cells:
        raise InputError("It has no period.", where="series", fix="Give values by day.")
    there = [cell for cell in cells if cell.value is not None]
    divided = bool(there) and all(cell.count for cell in there)
    numbers = [cell.value for cell in there if cell.value is not None]
    bound = Bound.zero if min(numbers, default=-1.0) >= 0 else Bound.none
    if divided and bound == Bound.zero and max(numbers) <= 1:
        bound = Bound.share
    counts = [cell.count or 0.0 for cell in cells] if divided else None
    days, values = [cell.day for cell in cells], [cell.value for cell in cells]
    return History(days, values, grain, bound, counts, tuple(known))


def _grain(days: Sequence[date]) -> Grain:
    gaps = [(b - a).days for a, b in pairwise(days)]
    found = [grain for length, grain in GAPS if gaps and length <= median_low(gaps)]
    if not found:
        fix = "Give each period once, by the day on which it starts."
        raise InputError("A grain cannot be told from its days.", where="series", fix=fix)
    return found[-1]


def _grain_named(name: str) -> Grain:
    known = [grain for _, grain in GAPS]
    if name not in known:
        fix = f"Use one of {', '.join(known)}."
        raise InputError(f"`{name}` is not a grain.", where="grain", fix=fix)
    return Grain(name)


def _placed(cells: Sequence[Cell], grain: Grain) -> list[Cell]:
    """Each by the first day of its period; weeks may begin on any weekday, but on one."""
    if grain is Grain.week:
        _check_weeks(cells)
    if grain in (Grain.day, Grain.week):
        return list(cells)
    placed = [replace(cell, day=CALENDAR.start_of(cell.day, grain)) for cell in cells]
    _check_once(placed, grain)
    return placed


def _check_once(cells: Sequence[Cell], grain: str) -> None:
    for one, other in pairwise(cells):
        if one.day == other.day:
            raise InputError(
                f"There are two values for the {grain} of {one.day}.",
                where=f"{one.where} and {other.where}",
                fix="Give each period once: add up what is finer, and keep one segment.",
            )


def _check_weeks(cells: Sequence[Cell]) -> None:
    first = cells[0].day
    for cell in cells:
        if (cell.day - first).days % 7:
            raise InputError(
                f"{cell.day} is a {cell.day:%A}; the first week begins on a {first:%A}.",
                where=cell.where,
                fix="Begin all weeks on the same weekday, or say that the grain is another.",
            )


def _number(value: float | None) -> float | None:
    return None if value is None or value != value else float(value)
