"""What customers bought and held, as the engine says it and as plain loops do."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headway.engine.errors import DefinitionError
from headway.engine.kinds import KINDS, parse
from headway.engine.kinds.movement import Movement
from headway.engine.kinds.stock import Stock
from headway.engine.kinds.sum import Sum
from headway.engine.measure import Ask, scope_of
from headway.engine.period import Calendar, Grain, day_at
from headway.engine.store import Store
from headway.engine.worth import DAYS, Bought, Held
from headway.stores.local import LocalStore
from tests.engine.reference import Question, customers
from tests.engine.test_reference import events, fast, kind, wheres
from tests.engine.worlds import calendars, happenings, table

SUMS = kind(
    "sum",
    event=events,
    property=st.just("amount"),
    where=wheres,
    by=st.sampled_from(["user", "account", "plan"]),
    lifetime=st.just("12 months"),
)
HELD = kind(
    "movement",
    event=events,
    value=st.just("amount"),
    by=st.sampled_from(["user", "plan"]),
    customer=st.sampled_from(["user", "account"]),
    lifetime=st.just("6 months"),
)


@st.composite
def questions(draw: st.DrawFn) -> tuple[Question, date]:
    """Events of some months, and the day on which it is asked."""
    rows, calendar = draw(happenings("ABC")), draw(calendars)
    anchor = min(h.at for h in rows)
    rows = [replace(h, at=anchor + 20 * (h.at - anchor)) for h in rows]
    today = calendar.day_of(anchor) + timedelta(days=draw(st.integers(1, 150)))
    return Question(
        rows, calendar, calendar.periods(calendar.day_of(anchor), today, Grain.all)
    ), today


def worth(definition: Any, asked: Question, today: date) -> Bought | Held:
    first = min(asked.day(h.at) for h in asked.happenings)
    scope = scope_of(
        first, today + timedelta(days=1), Grain.all, calendar=asked.calendar,
        as_of=asked.calendar.instant(today) + timedelta(hours=9),
    )  # fmt: skip
    found = definition.worth(scope)
    assert found is not None
    return found  # type: ignore[no-any-return]


def days_of(row: dict[str, Any], *names: str) -> dict[str, Any]:
    return row | {n: None if row[n] is None else day_at(row[n]) for n in names}


def buying_agrees(store: Store, definition: Sum, asked: Question, today: date) -> None:
    found = worth(definition, asked, today)
    assert isinstance(found, Bought)
    rows = [days_of(r, "f", "l") for r in store.run(found.customers).to_pylist()]
    counted = {(r["f"], r["l"], r["k"], r["again"]): [r["n"], r["total"]] for r in rows}
    assert len(counted) == len(rows)
    assert counted == customers.customers(definition, asked, today)
    rows = [days_of(r, "c") for r in store.run(found.spent).to_pylist()]
    wanted = customers.spent(definition, asked, today, DAYS)
    assert {(r["c"], r["a"]): r["total"] for r in rows} == wanted


def holding_agrees(store: Store, definition: Movement, asked: Question, today: date) -> None:
    found, month = worth(definition, asked, today), today.replace(day=1)
    assert isinstance(found, Held)
    rows = [days_of(r, "c") for r in store.run(found.tenures).to_pylist()]
    assert {(r["c"], r["k"], r["ended"], r["total"]): r["n"] for r in rows} == customers.tenures(
        definition, asked, month
    )
    levels = customers.levels(definition, asked, month)
    rows = [days_of(r, "c", "p") for r in store.run(found.levels).to_pylist()]
    for start in {day for mine in levels.values() for day in mine}:
        for came in {min(mine) for mine in levels.values()}:
            there = [m[start] for m in levels.values() if start in m and min(m) == came]
            past = [r for r in rows if r["c"] == came and r["p"] <= start]
            assert sum(r["total"] for r in past) == sum(there)
            assert sum(r["held"] for r in past) == len(there)


@fast
@given(SUMS, HELD, questions())
def test_the_reference(buying: Sum, holding: Movement, question: tuple[Question, date]) -> None:
    store = LocalStore.of_table(table(question[0].happenings))
    buying_agrees(store, buying, *question)
    holding_agrees(store, holding, *question)


@fast
@given(SUMS, questions())
def test_cohorts_sum_to_the_metric(definition: Sum, question: tuple[Question, date]) -> None:
    """Whatever was paid stands in one cohort, or with nobody."""
    asked, today = question
    store = LocalStore.of_table(table(asked.happenings))
    found = worth(definition, asked, today)
    assert isinstance(found, Bought)
    first = min(asked.day(h.at) for h in asked.happenings)
    scope = scope_of(
        first, max(today, first + timedelta(days=1)), Grain.all, calendar=asked.calendar,
        as_of=datetime.combine(date(2100, 1, 1), time(), UTC),
    )  # fmt: skip
    (point,) = Ask({definition.key: definition}, store, scope).answer(definition.key).series.points
    assert sum(store.run(found.spent)["total"].to_pylist()) == (point.value if today > first else 0)


def test_only_where_somebody_asked() -> None:
    document = {"key": "mrr", "kind": "stock", "event": "changed", "value": "mrr"}
    scope = scope_of(
        date(2026, 1, 1), date(2026, 2, 1), Grain.month, calendar=Calendar(),
        as_of=datetime(2026, 3, 1, tzinfo=UTC),
    )  # fmt: skip
    assert parse(document).worth(scope) is None
    told = parse(document | {"lifetime": "1 month", "by": "account"})
    assert isinstance(told, Stock)
    found = told.worth(scope)
    assert isinstance(found, Held)
    assert (found.tenures.by, found.tenures.customer) == ("account", "account")
    with pytest.raises(DefinitionError, match="amounts that they hold"):
        parse(document | {"lifetime": "12 months", "stat": "count"})
    with pytest.raises(DefinitionError, match="lifetime"):
        parse(document | {"lifetime": "a year"})
    assert "lifetime" not in KINDS["count"].__struct_fields__
