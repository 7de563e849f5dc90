"""What each kind means, in loops over subjects and days: slow, with no SQL and nothing clever.

It shares with the engine only the definitions' fields and the calendar. Events are `Happening`s in
any order; a message id counts once. Traits of time: all arithmetic is on aware datetimes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from headway.engine.definition import Condition, Selector, Where, duration
from headway.engine.kinds.count import Count
from headway.engine.kinds.funnel import Funnel
from headway.engine.kinds.mean import Mean
from headway.engine.kinds.quantile import Quantile
from headway.engine.kinds.retention import Retention
from headway.engine.kinds.share import Share
from headway.engine.kinds.stock import Stock
from headway.engine.kinds.sum import Sum
from headway.engine.kinds.unique import Unique
from headway.engine.period import Calendar, Grain, Period

MARKERS = ("$alias", "$identify", "$group")
Value = str | int | float | bool | None


@dataclass(frozen=True)
class Happening:
    id: str
    event: str
    at: datetime
    user: str | None
    account: str | None = None
    properties: dict[str, Value] = field(default_factory=dict)


@dataclass(frozen=True)
class Question:
    happenings: Sequence[Happening]
    calendar: Calendar
    periods: Sequence[Period]

    @property
    def since(self) -> date:
        return self.periods[0].start

    def day(self, at: datetime) -> date:
        return self.calendar.day_of(at)

    def during(self, period: Period) -> list[Happening]:
        return [h for h in self.happenings if period.start <= self.day(h.at) < period.end]


def subject(by: str, h: Happening) -> str | None:
    if by == "user":
        return h.user
    if by == "account":
        return h.account
    value = h.properties.get(by)
    return None if value is None else str(value)


def selected(selector: Selector, where: Where, h: Happening) -> bool:
    names = [selector.event] if isinstance(selector.event, str) else selector.event
    named = h.event not in MARKERS if "any" in names else h.event in names
    tests = [*selector.where.items(), *where.items()]
    return named and all(holds(wanted, h.properties.get(name)) for name, wanted in tests)


def holds(wanted: object, value: Value) -> bool:
    """Values and operands of one type each: how types convert is tested by hand-written cases."""
    if not isinstance(wanted, Condition):
        return value is not None and value == wanted
    refused = wanted.not_in if isinstance(wanted.not_in, list) else [wanted.not_in]
    tests: list[tuple[object, Callable[[], bool]]] = [
        (wanted.in_, lambda: value is not None and value in (wanted.in_ or [])),
        (wanted.not_in, lambda: value is None or value not in refused),
        (wanted.gt, lambda: value is not None and value > wanted.gt),  # type: ignore[operator]
        (wanted.gte, lambda: value is not None and value >= wanted.gte),  # type: ignore[operator]
        (wanted.lt, lambda: value is not None and value < wanted.lt),  # type: ignore[operator]
        (wanted.lte, lambda: value is not None and value <= wanted.lte),  # type: ignore[operator]
        (wanted.contains, lambda: value is not None and str(wanted.contains) in str(value)),
        (wanted.set, lambda: (value is not None) == wanted.set),
    ]
    return all(test() for given, test in tests if given is not None)


def chosen(definition: Count | Sum | Mean | Quantile | Unique, happenings: Iterable[Happening]):
    own = Selector(event=definition.event)
    return [h for h in happenings if selected(own, definition.where, h)]


def numbers(name: str, happenings: Iterable[Happening]) -> list[float]:
    found = (h.properties.get(name) for h in happenings)
    return [float(v) for v in found if isinstance(v, int | float)]


def count(definition: Count, asked: Question) -> list[float | None]:
    rows = [chosen(definition, asked.during(p)) for p in asked.periods]
    if definition.weight is None:
        return [float(len(r)) for r in rows]
    return [sum(numbers(definition.weight, r)) for r in rows]


def total(definition: Sum, asked: Question) -> list[float | None]:
    return [
        sum(numbers(definition.property, chosen(definition, asked.during(p))))
        for p in asked.periods
    ]


def mean(definition: Mean, asked: Question) -> list[float | None]:
    values = [
        numbers(definition.property, chosen(definition, asked.during(p))) for p in asked.periods
    ]
    return [sum(v) / len(v) if v else None for v in values]


def quantile(definition: Quantile, asked: Question) -> list[float | None]:
    found = []
    for period in asked.periods:
        rows = chosen(definition, asked.during(period))
        groups = [[r] for r in rows]
        if definition.per == "subject":
            people = {subject(definition.by, r) for r in rows} - {None}
            groups = [[r for r in rows if subject(definition.by, r) == who] for who in people]
        values = [numbers(definition.property, g) for g in groups]
        found.append(interpolated(sorted(sum(v) for v in values if v), definition.q))
    return found


def interpolated(values: list[float], q: float) -> float | None:
    if not values:
        return None
    place = q * (len(values) - 1)
    low = int(place)
    high = min(low + 1, len(values) - 1)
    return values[low] + (values[high] - values[low]) * (place - low)


def unique(definition: Unique, asked: Question) -> list[float | None]:
    found: list[float | None] = []
    for period in asked.periods:
        window = period
        if definition.window:
            days = duration(definition.window).days
            window = Period(period.end - timedelta(days=days), period.end)
        who = [subject(definition.by, h) for h in chosen(definition, asked.during(window))]
        people = set(who) - {None}
        found.append(float(sum(who.count(p) >= definition.at_least for p in people)))
    return found


def share(definition: Share, asked: Question) -> list[float | None]:
    whole = definition.of or Selector(event=definition.event)
    narrow = Selector(event=definition.event, where=whole.where)
    found: list[float | None] = []
    for period in asked.periods:
        rows = asked.during(period)
        above = [h for h in rows if selected(narrow, definition.where, h)]
        below = [h for h in rows if selected(whole, {}, h)]
        if definition.count == "events":
            found.append(len(above) / len(below) if below else None)
            continue
        having = {subject(definition.by, h) for h in below} - {None}
        also = {subject(definition.by, h) for h in above} & having
        found.append(len(also) / len(having) if having else None)
    return found


def stock(definition: Stock, asked: Question) -> list[float | None]:
    return [_level(definition, asked, period) for period in asked.periods]


def _level(definition: Stock, asked: Question, period: Period) -> float:
    past = [h for h in asked.happenings if asked.day(h.at) < period.end]
    if definition.event is None:
        return sum(
            sign * (sum(numbers(a.property, rows)) if a.property else len(rows))
            for sign, amounts in ((1, definition.plus), (-1, definition.minus))
            for a in amounts
            for rows in [[h for h in past if selected(a, definition.where, h)]]
        )
    last: dict[str, float] = {}
    for h in sorted(past, key=lambda h: (h.at, h.id)):
        who, value = subject(definition.by, h), h.properties.get(definition.value or "")
        own = Selector(event=definition.event)
        if who is not None and selected(own, definition.where, h) and value is not None:
            last[who] = float(value)
    if definition.stat == "count":
        return float(sum(v > 0 for v in last.values()))
    return sum(last.values())


def people(by: str, asked: Question) -> dict[str, list[Happening]]:
    found: dict[str, list[Happening]] = {}
    for h in sorted(asked.happenings, key=lambda h: (h.at, h.id)):
        if (who := subject(by, h)) is not None:
            found.setdefault(who, []).append(h)
    return found


def funnel(definition: Funnel, asked: Question) -> list[list[int]]:
    """Per period, how many subjects reached step 1, 2, …"""
    counts = [[0] * len(definition.steps) for _ in asked.periods]
    for path in people(definition.by, asked).values():
        for index, depth in _attempts(definition, asked, path):
            for k in range(depth):
                counts[index][k] += 1
    return counts


def _attempts(
    definition: Funnel, asked: Question, path: list[Happening]
) -> Iterable[tuple[int, int]]:
    """(period, steps reached) of each attempt of one subject that counts."""
    ordered = sorted(path, key=lambda h: (h.at, _first_step(definition, h), h.id))
    best: dict[int, int] = {}
    for i, h in enumerate(ordered):
        if not selected(definition.steps[0], definition.where, h) or asked.day(h.at) < asked.since:
            continue
        within = [n for n, p in enumerate(asked.periods) if p.start <= asked.day(h.at) < p.end]
        if within:
            depth = _depth(definition, h, ordered[i + 1 :])
            best[within[0]] = max(best.get(within[0], 0), depth)
        if definition.entry == "first":
            break
    return best.items()


def _first_step(definition: Funnel, h: Happening) -> int:
    found = [k for k, s in enumerate(definition.steps) if selected(s, definition.where, h)]
    return found[0] if found else len(definition.steps)


def _depth(definition: Funnel, entry: Happening, later: list[Happening]) -> int:
    """Steps that one attempt reaches, taking every step at its first chance."""
    depth, steps = 1, definition.steps
    for h in later:
        if h.at - entry.at > duration(definition.window) or depth == len(steps):
            break
        if selected(steps[depth], definition.where, h):
            depth += 1
        elif definition.order == "strict" and _first_step(definition, h) < len(steps):
            break
        if any(selected(x, {}, h) for x in definition.exclude):
            break
    return depth


def retention(definition: Retention, asked: Question) -> list[tuple[int, list[int]]]:
    """Per period, the cohort's size and who returned in bucket 0, 1, …"""
    reach = definition.reach
    found = [(0, [0] * (reach + 1)) for _ in asked.periods]
    for path in people(definition.by, asked).values():
        for start in _starts(definition, asked, path):
            within = [
                n for n, p in enumerate(asked.periods) if p.start <= asked.day(start.at) < p.end
            ]
            if not within:
                continue
            seen = _buckets(definition, asked, start, path)
            size, returned = found[within[0]]
            hits = [_hit(definition, seen, j, reach) for j in range(reach + 1)]
            found[within[0]] = (size + 1, [r + h for r, h in zip(returned, hits, strict=True)])
    return found


def _starts(definition: Retention, asked: Question, path: list[Happening]) -> Iterable[Happening]:
    own = [h for h in path if selected(definition.start, definition.where, h)]
    if definition.cohort == "first":
        return own[:1]
    firsts: dict[date, Happening] = {}
    for h in own:
        firsts.setdefault(asked.calendar.start_of(asked.day(h.at), Grain(definition.bucket)), h)
    return firsts.values()


def _buckets(
    definition: Retention, asked: Question, start: Happening, path: list[Happening]
) -> set[int]:
    back = [h for h in path if selected(definition.returns, definition.where, h)]
    return {_bucket(definition, asked, start, h) for h in back if h.at >= start.at}


def _bucket(definition: Retention, asked: Question, start: Happening, h: Happening) -> int:
    unit = Grain(definition.bucket)
    lag = (h.at - start.at) // timedelta(days=7 if unit is Grain.week else 1)
    if definition.clock == "calendar":
        first = asked.calendar.start_of(asked.day(start.at), unit)
        that = asked.calendar.start_of(asked.day(h.at), unit)
        lag = 0
        while asked.calendar.after(first, unit, lag) < that:
            lag += 1
    if not definition.brackets:
        return lag
    return sum(lag >= edge for edge in definition.brackets)


def _hit(definition: Retention, seen: set[int], bucket: int, reach: int) -> bool:
    if definition.mode == "on":
        return bucket in seen
    return any(bucket <= b <= reach for b in seen)
