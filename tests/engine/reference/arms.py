"""Experiments in plain loops: each subject's own events from its assignment on."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta

from headway.engine.assignment import Assignment
from headway.engine.definition import Definition, Selector
from headway.engine.kinds.csat import Csat
from headway.engine.kinds.funnel import Funnel
from headway.engine.kinds.nps import Nps
from headway.engine.kinds.retention import Retention
from headway.engine.kinds.share import Share
from headway.engine.kinds.unique import Unique
from headway.engine.tally import Tally
from tests.engine.reference import Happening, Question, chosen, numbers, people, selected
from tests.engine.reference.tries import over as over_on
from tests.engine.reference.tries import tried

Sums = tuple[float, float]
"""What a subject's events come to, above and below the line."""


def added(definition: Definition, mine: list[Happening]) -> Sums:
    """x and y of one subject, from those of its events that count."""
    if isinstance(definition, Share):
        whole = [h for h in mine if selected(definition.of or _own(definition), {}, h)]
        within = definition.of.where if definition.of else {}
        narrow = [
            h for h in mine
            if selected(_own(definition), definition.where, h)
            and selected(Selector(event="any", where=within), {}, h)
        ]  # fmt: skip
        if definition.count == "events":
            return len(narrow), len(whole)
        return float(bool(narrow and whole)), float(bool(whole))
    rows = chosen(definition, mine)
    if isinstance(definition, Unique):
        return float(len(rows) >= definition.at_least), 0
    if isinstance(definition, Csat):
        answers = numbers(definition.property, rows)
        return sum(a in definition.top for a in answers), len(answers)
    if isinstance(definition, Nps):
        low, high = definition.valid
        scores = [s for s in numbers(definition.property, rows) if low <= s <= high]
        return 100 * sum((s >= 9) - (s <= 6) for s in scores), len(scores)
    name = getattr(definition, "property", None) or getattr(definition, "weight", None)
    if name is None:
        return len(rows), 0
    values = numbers(name, rows)
    return sum(values), len(values) if definition.kind == "mean" else 0


def _own(definition: Share) -> Selector:
    return Selector(event=definition.event)


def tallies(
    definition: Definition, of: Assignment, asked: Question, assigns: Callable[[Happening], bool],
    now: datetime, day: date,
) -> tuple[dict[str, Tally], int]:  # fmt: skip
    """By variant at the end of a day, and how many subjects were in several."""
    found: dict[str, Tally] = {}
    mixed = 0
    for mine in people(of.by, asked).values():
        mine = [h for h in mine if h.at < now]
        given = [
            (h.at, str(h.properties[of.variant or ""]))
            for h in mine
            if assigns(h)
            and h.properties.get(of.variant or "") is not None
            and of.start <= asked.day(h.at) < of.end
        ]
        if not given:
            continue
        at, variant = given[0]
        end = asked.calendar.instant(of.end)
        over = at + of.within if of.within else None
        if isinstance(definition, Funnel | Retention):
            last = (over or end) - TICK
            known = over_on(definition, last if over else at, asked)
            if known > day or known >= asked.day(now):
                continue
            if len({name for _, name in given}) > 1:
                mixed += 1
                continue
            by = min(day, asked.day(now) - timedelta(days=1))
            x, y = tried(definition, mine, at, last, asked, by)
            found[variant] = found.get(variant, Tally()) + Tally(1, x, y, x * x, y * y, x * y)
            continue
        if over is not None and (over > now or asked.day(over - TICK) > day):
            continue
        if over is None and asked.day(at) > day:
            continue
        if len({name for _, name in given}) > 1:
            mixed += 1
            continue
        after = [
            h
            for h in mine
            if h.at >= at
            and (h.at < over if over else h.at < end)
            and (over is not None or asked.day(h.at) <= day)
        ]
        x, y = added(definition, after)
        if of.before is not None and definition.kind in ("count", "sum", "unique"):
            y, _ = added(definition, [h for h in mine if at - of.before <= h.at < at])
        found[variant] = found.get(variant, Tally()) + Tally(1, x, y, x * x, y * y, x * y)
    return found, mixed


TICK = timedelta(microseconds=1)


def days(rows: Iterable[Happening], asked: Question) -> list[date]:
    first, last = (f(asked.day(h.at) for h in rows) for f in (min, max))
    return [first + timedelta(days=n) for n in range((last - first).days + 4)]
