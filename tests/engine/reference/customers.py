"""What customers bought and held, in plain loops over subjects, days and months."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date

from headway.engine.kinds.movement import Movement
from headway.engine.kinds.sum import Sum
from headway.engine.period import Grain
from tests.engine.reference import Question, chosen, subject
from tests.engine.reference.movement import balances

Days = dict[str | None, dict[date, float]]


def paid(definition: Sum, asked: Question, until: date) -> Days:
    found: Days = defaultdict(lambda: defaultdict(float))
    for h in chosen(definition, asked.happenings):
        value, day = h.properties.get(definition.property), asked.day(h.at)
        if value is not None and day < until:
            found[subject(definition.by, h)][day] += float(value)
    return found


def customers(
    definition: Sum, asked: Question, until: date
) -> dict[tuple[object, ...], list[float]]:
    """(first, last, times again, spent again) → how many, and all that they paid."""
    found: dict[tuple[object, ...], list[float]] = {}
    for who, days in paid(definition, asked, until).items():
        purchases = sorted(day for day, total in days.items() if total >= 0)
        if who is None or not purchases:
            continue
        first, again = purchases[0], purchases[1:]
        key = first, purchases[-1], len(again), sum(days[day] for day in again)
        row = found.setdefault(key, [0, 0.0])
        row[0] += 1
        row[1] += sum(days.values())
    return found


def spent(
    definition: Sum, asked: Question, until: date, edges: tuple[int, ...]
) -> dict[tuple[date | None, int | None], float]:
    found: dict[tuple[date | None, int | None], float] = defaultdict(float)
    for who, days in paid(definition, asked, until).items():
        first = min((day for day, total in days.items() if total >= 0 and who), default=None)
        for day, total in days.items():
            if first is None:
                found[None, None] += total
                continue
            age = sum((day - first).days >= edge for edge in edges)
            found[first.replace(day=1), age] += total
    return found


def levels(definition: Movement, asked: Question, until: date) -> dict[str, dict[date, float]]:
    """By customer: the balance at the end of each month in which it is above 0."""
    found: dict[str, dict[date, float]] = defaultdict(dict)
    for month in _months(asked, until):
        for who, balance in balances(definition, asked, _after(asked, month)).items():
            if balance > 0:
                found[who][month] = balance
    return found


def tenures(
    definition: Movement, asked: Question, until: date
) -> dict[tuple[date, int, int, float], int]:
    """(first month, months, whether it is over, all balances) → how many."""
    months = list(_months(asked, until))
    found: dict[tuple[date, int, int, float], int] = defaultdict(int)
    for mine in levels(definition, asked, until).values():
        first, last = min(mine), max(mine)
        lived = months.index(last) - months.index(first) + 1
        found[first, lived, int(last != months[-1]), sum(mine.values())] += 1
    return found


def _months(asked: Question, until: date) -> Iterator[date]:
    month = min(asked.day(h.at) for h in asked.happenings).replace(day=1)
    while _after(asked, month) <= until:
        yield month
        month = _after(asked, month)


def _after(asked: Question, month: date) -> date:
    return asked.calendar.after(month, Grain.month)
