"""What came in, by name: counted without a query, and once."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from headway.engine.event import Event
from headway.stores.census import UNSURE, census, settled
from headway.stores.tabled import table_of


def event(id_: str, name: str, day: int, **properties: Any) -> Event:
    return Event(id_, name, datetime(2026, 3, day, 10, tzinfo=UTC), "u1", properties=properties)


def test_events_are_counted_by_name_with_their_properties() -> None:
    found = census(
        table_of(
            [
                event("1", "paid", 1, amount=5, vip=True, note="a"),
                event("2", "paid", 2, amount=7.5),
                event("3", "seen", 2, amount=None, code="12"),
            ]
        )
    )
    paid, seen = found["paid"], found["seen"]
    assert (paid.rows, paid.first_at.day, paid.last_at.day) == (2, 1, 2)
    assert paid.days == {"2026-03-01": 1, "2026-03-02": 1}
    kinds = {name: (one.type, one.rows) for name, one in paid.properties.items()}
    assert kinds == {"amount": ("number", 2), "vip": ("boolean", 1), "note": ("text", 1)}
    assert seen.properties["code"].type == UNSURE
    assert "amount" not in seen.properties


def test_a_neighbour_with_text_does_not_make_a_number_one() -> None:
    """A column has one type for all events that come together."""
    table = table_of([event("1", "paid", 1, amount=5), event("2", "odd", 1, amount="five")])
    found = census(table)
    assert found["paid"].properties["amount"].type == UNSURE
    assert settled("number", found["paid"].properties["amount"].type) == "number"
    assert settled("number", found["odd"].properties["amount"].type) == "text"
    assert settled(UNSURE, "number") == "number"
    assert census(table.slice(0, 0)) == {}
