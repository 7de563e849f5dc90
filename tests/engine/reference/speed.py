"""Events per second, and time in which nothing was down."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import pairwise

from headway.engine.definition import Selector
from headway.engine.kinds.rate import Rate
from headway.engine.kinds.uptime import Uptime
from tests.engine.reference import Happening, Question, chosen, numbers, selected

Stretch = tuple[datetime, datetime]


def rate(definition: Rate, asked: Question) -> list[float | None]:
    found: list[float | None] = []
    for period in asked.periods:
        rows = chosen(definition, asked.during(period))
        if definition.stat == "mean":
            lasted = asked.calendar.instant(period.end) - asked.calendar.instant(period.start)
            found.append(_weight(definition, rows) / lasted.total_seconds())
            continue
        minutes: dict[str, list[Happening]] = {}
        for h in rows:
            if definition.weight is None or numbers(definition.weight, [h]):
                minutes.setdefault(f"{h.at:%F %H:%M}", []).append(h)
        found.append(max((_weight(definition, m) for m in minutes.values()), default=0) / 60)
    return found


def _weight(definition: Rate, rows: list[Happening]) -> float:
    return sum(numbers(definition.weight, rows)) if definition.weight else len(rows)


def checks(definition: Uptime, asked: Question) -> list[float | None]:
    found: list[float | None] = []
    for period in asked.periods:
        good = total = 0.0
        for h in _used(definition, asked.during(period)):
            lasts = 1.0
            if definition.duration and definition.by_time is not False:
                given = numbers(definition.duration, [h])
                lasts = given[0] if given and given[0] >= 0 else 0.0
            total += lasts
            good += lasts if h.properties[definition.ok or ""] else 0.0
        found.append(good / total if total else None)
    return found


def _used(definition: Uptime, rows: Iterable[Happening]) -> list[Happening]:
    own = [h for h in chosen(definition, rows) if h.properties.get(definition.ok or "") is not None]
    return [h for h in own if not _planned(definition, h)]


def _planned(definition: Uptime, h: Happening) -> bool:
    any_event = Selector(event=definition.event)
    return bool(definition.maintenance) and selected(any_event, definition.maintenance, h)


def outages(definition: Uptime, asked: Question, as_of: datetime) -> list[float | None]:
    """Looks at each stretch between two instants at which anything begins or ends."""
    rows = [
        (h.at, h.at + timedelta(seconds=given[0]), _planned(definition, h))
        for h in chosen(definition, asked.happenings)
        if (given := numbers(definition.incidents or "", [h])) and given[0] >= 0
    ]
    found: list[float | None] = []
    for period in asked.periods:
        edges = [min(asked.calendar.instant(d), as_of) for d in (period.start, period.end)]
        inside = (t for row in rows for t in row[:2] if edges[0] < t < edges[1])
        good = total = 0.0
        for since, until in pairwise(sorted({*edges, *inside})):
            during = [planned for a, b, planned in rows if a <= since and until <= b]
            seconds = (until - since).total_seconds()
            total += 0.0 if any(during) else seconds
            good += 0.0 if during else seconds
        found.append(good / total if total else None)
    return found
