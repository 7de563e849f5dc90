"""How many people the store counts in events, whoever they were when they did something."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from headway.engine.event import Event
from headway.engine.kinds import parse
from headway.engine.measure import measure, scope_of
from headway.engine.period import Calendar, Grain
from headway.stores.local import LocalStore
from headway.stores.tabled import table_of


def people_in(events: Sequence[Event], event: str = "any") -> float | None:
    """Of all days together."""
    people = parse({"key": "people", "kind": "unique", "event": event})
    first, last = (pick(e.happened_at for e in events) for pick in (min, max))
    scope = scope_of(
        date(first.year, 1, 1), last.date() + timedelta(days=2), Grain.all,
        calendar=Calendar(), as_of=last + timedelta(days=3),
    )  # fmt: skip
    [answer] = measure({"people": people}, LocalStore.of_table(table_of(events)), scope)
    [point] = answer.series.of("")
    return point.value
