"""Attempts that are begun from an assignment on, in plain loops: who tried, and who succeeded."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from headway.engine.definition import duration
from headway.engine.kinds.funnel import Funnel
from headway.engine.kinds.retention import Retention
from headway.engine.period import Grain
from tests.engine.reference import Happening, Question, _bucket, _first_step, selected

TICK, HOUR = timedelta(microseconds=1), timedelta(hours=1)
Try = tuple[Happening, datetime | None, bool]
"""What began it, when it was done, and whether it succeeded."""


def tried(
    definition: Funnel | Retention, mine: list[Happening], at: datetime, last: datetime,
    asked: Question, by: date,
) -> tuple[float, float]:  # fmt: skip
    """x and y of a subject assigned at `at`, of what it began until `last`, by the end of a day."""
    found = _paths if isinstance(definition, Funnel) else _returns
    counted = [
        (h, good)
        for h, done, good in found(definition, mine, at, asked)  # type: ignore[operator]
        if at - HOUR <= h.at <= last and (h.at >= at or done is None or done >= at)
    ]
    if not isinstance(definition, Funnel) or definition.entry == "first":
        counted = counted[:1]
    known = [good for h, good in counted if over(definition, h.at, asked) <= by]
    return float(any(known)), float(bool(known))


def over(definition: Funnel | Retention, start: datetime, asked: Question) -> date:
    """The day on which what began then is over."""
    if isinstance(definition, Funnel):
        return asked.day(start + duration(definition.window))
    last = definition.at if definition.mode == "on" else definition.horizon or 0
    if definition.brackets and definition.mode != "on":
        last = len(definition.brackets) - 1
    unit = Grain(definition.bucket)
    if definition.brackets:
        days = definition.brackets[last]
    else:
        days = (last + 1) * (7 if unit is Grain.week else 1)
    if definition.clock == "rolling":
        return asked.day(start + timedelta(days=days) - TICK)
    if definition.brackets:
        return asked.day(start) + timedelta(days=days - 1)
    first = asked.calendar.start_of(asked.day(start), unit)
    for _ in range(last + 1):
        first = asked.calendar.after(first, unit, 1)
    return first - timedelta(days=1)


def _paths(definition: Funnel, mine: list[Happening], at: datetime, _: Question) -> Iterator[Try]:
    ordered = sorted(mine, key=lambda h: (h.at, _first_step(definition, h), h.id))
    depth = int(definition.part.partition("_")[2] or len(definition.steps))
    for i, h in enumerate(ordered):
        if selected(definition.steps[0], definition.where, h):
            times = list(_times(definition, h, ordered[i + 1 :]))
            done = times[depth - 1] if len(times) >= depth else None
            yield h, done, (done is None) == (definition.part == "dropoff")


def _times(definition: Funnel, entry: Happening, later: list[Happening]) -> Iterator[datetime]:
    """When it takes each step, every one at its first chance."""
    yield entry.at
    depth, steps = 1, definition.steps
    for h in later:
        if h.at - entry.at > duration(definition.window) or depth == len(steps):
            return
        if selected(steps[depth], definition.where, h):
            depth += 1
            yield h.at
        elif definition.order == "strict" and _first_step(definition, h) < len(steps):
            return
        if any(selected(x, {}, h) for x in definition.exclude):
            return


def _returns(
    definition: Retention, mine: list[Happening], at: datetime, asked: Question
) -> Iterator[Try]:
    last = definition.at if definition.mode == "on" else definition.reach
    for h in mine:
        if selected(definition.start, definition.where, h):
            back = [
                _bucket(definition, asked, h, b)
                for b in mine
                if b.at >= max(h.at, at) and selected(definition.returns, definition.where, b)
            ]
            yield h, None, any(definition.at <= lag <= last for lag in back)
