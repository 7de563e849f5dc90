"""What became of each customer's balance."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from headway.engine.definition import Selector
from headway.engine.kinds.movement import Movement
from headway.engine.period import Grain, Period
from tests.engine.reference import Happening, Question, selected, subject

Parts = dict[str, list[float]]
FIVE = ("new", "expansion", "contraction", "churned", "reactivated")


def movement(definition: Movement, asked: Question, grain: Grain) -> Parts:
    found: Parts = {name: [] for name in (*FIVE, "opening", "closing")}
    for period in asked.periods:
        then, now = (balances(definition, asked, day) for day in (period.start, period.end))
        sums = dict.fromkeys(FIVE, 0.0)
        for who in {*then, *now}:
            net = now.get(who, 0) - then.get(who, 0)
            if name := _move(definition, asked, grain, period, who):
                sums[name] += 1 if definition.measure == "customers" else abs(net)
        for name, total in sums.items():
            found[name].append(total)
        found["opening"].append(_level(definition, then))
        found["closing"].append(_level(definition, now))
    return found


def balances(definition: Movement, asked: Question, before: date) -> dict[str, float]:
    last: dict[str, tuple[str, float]] = {}
    for h in sorted(asked.happenings, key=lambda h: (h.at, h.id)):
        who, customer = subject(definition.by, h), subject(definition.customer, h)
        value = h.properties.get(definition.value)
        if (
            asked.day(h.at) < before
            and _counts(definition, h)
            and who
            and customer
            and value is not None
        ):
            last[who] = customer, float(value)
    found: dict[str, float] = {}
    for customer, value in last.values():
        found[customer] = found.get(customer, 0) + value
    return found


def _counts(definition: Movement, h: Happening) -> bool:
    return selected(Selector(event=definition.event), definition.where, h)


def _level(definition: Movement, balance: dict[str, float]) -> float:
    if definition.measure == "customers":
        return sum(b > 0 for b in balance.values())
    return sum(balance.values())


def _move(definition: Movement, asked: Question, grain: Grain, period: Period, who: str) -> str:
    then, now = (balances(definition, asked, day).get(who, 0) for day in (period.start, period.end))
    if now > 0 >= then:
        past = (
            balances(definition, asked, day).get(who, 0) for day in _earlier(asked, grain, period)
        )
        return "reactivated" if any(b > 0 for b in past) else "new"
    if then > 0 >= now:
        return "churned"
    return "expansion" if now > then else "contraction" if now < then else ""


def _earlier(asked: Question, grain: Grain, period: Period) -> Iterator[date]:
    """The ends of all periods before, from the first event on; of days, before the whole range."""
    first, end = min(asked.day(h.at) for h in asked.happenings), period.start
    while end > first:
        yield end
        if grain is Grain.all:
            end -= timedelta(days=1)
        else:
            end = asked.calendar.after(end, grain, -1)
