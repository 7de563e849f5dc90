"""What the subjects of each variant do: worked out by hand, and against plain loops."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headway.engine.ask import Ask
from headway.engine.assignment import Assigned, Assignment, assigned
from headway.engine.definition import Definition
from headway.engine.errors import DefinitionError
from headway.engine.kinds import KINDS, parse
from headway.engine.measure import scope_of
from headway.engine.period import Calendar, Grain
from headway.engine.selection import Match
from headway.engine.store import Store
from headway.engine.tally import Tally
from headway.stores.local import LocalStore
from headway.stores.reading import read_events
from tests.engine.reference import Happening, Question, arms
from tests.engine.test_reference import events, fast, kind, wheres
from tests.engine.worlds import calendars, happenings, table

COMPARED = st.one_of(
    kind("count", event=events, weight=st.sampled_from([None, "amount"])),
    kind("sum", event=events, property=st.just("amount")),
    kind("mean", event=events, property=st.just("amount")),
    kind("unique", event=events, at_least=st.integers(1, 2)),
    kind("csat", event=events, property=st.just("amount"), top=st.just([2.5, 40.0])),
    kind(
        "share",
        event=st.just("B"),
        of=st.builds(
            lambda e, w: {"event": e, "where": w}, st.sampled_from(["B", "any", ["A", "B"]]), wheres
        ),
        count=st.sampled_from(["events", "subjects"]),
    ),
)
spans = st.sampled_from([None, timedelta(hours=7), timedelta(days=1), timedelta(days=2, hours=1)])


@st.composite
def experiments(draw: st.DrawFn) -> tuple[Definition, Assignment, Question, datetime]:
    """Whoever does A is assigned, to the variant that is its plan."""
    rows, calendar = draw(happenings("ABC")), draw(calendars)
    first = min(calendar.day_of(h.at) for h in rows)
    start = first + timedelta(days=draw(st.integers(-1, 3)))
    definition = draw(COMPARED)
    of = Assignment(
        Match(("A",)), "plan", start, start + timedelta(days=draw(st.integers(1, 9))),
        definition.by if definition.by != "plan" else "user", draw(spans), draw(spans),
    )  # fmt: skip
    now = max(h.at for h in rows) + timedelta(hours=draw(st.sampled_from([-30, 0, 5, 300])))
    return definition, of, Question(rows, calendar, calendar.periods(start, of.end, Grain.all)), now


def found_of(
    store: Store, definitions: dict[str, Definition], of: Assignment, calendar: Calendar,
    now: datetime, key: str = "it",
) -> Assigned:  # fmt: skip
    scope = scope_of(of.start, of.end, Grain.all, calendar=calendar, as_of=now)
    return assigned(definitions[key], of, Ask(definitions, store, scope))


def agrees(
    store: Store, definition: Definition, of: Assignment, asked: Question, now: datetime
) -> None:
    if definition.by == "plan" and definition.personal and definition.kind in ("unique", "share"):
        return
    found = found_of(store, {"it": definition}, of, asked.calendar, now)
    for day in arms.days(asked.happenings, asked):
        wanted, mixed = arms.tallies(definition, of, asked, _assigns, now, day)
        assert found.mixed_by(day) == mixed, day
        assert {v: close(t) for v, t in wanted.items()} == found.by(day), day


def _assigns(h: Happening) -> bool:
    return h.event == "A"


def close(tally: Tally) -> Any:
    sums = (tally.x, tally.y, tally.xx, tally.yy, tally.xy)
    return Tally(tally.n, *(pytest.approx(s, abs=1e-9) for s in sums))


@fast
@given(experiments())
def test_the_reference(case: tuple[Definition, Assignment, Question, datetime]) -> None:
    definition, of, asked, now = case
    agrees(LocalStore.of_table(table(asked.happenings)), definition, of, asked, now)


DAY = timedelta(days=1)
EVENTS = """event,happened_at,user_id,anonymous_id,variant,experiment,amount
viewed,2026-03-01T10:00:00Z,ann,,A,pay,
paid,2026-02-27T10:00:00Z,ann,,,,5
paid,2026-03-01T09:59:59Z,ann,,,,7
paid,2026-03-01T10:00:00Z,ann,,,,10
paid,2026-03-02T09:59:59Z,ann,,,,20
paid,2026-03-02T10:00:00Z,ann,,,,40
viewed,2026-03-01T12:00:00Z,bob,,B,pay,
viewed,2026-03-03T12:00:00Z,bob,,A,pay,
viewed,2026-03-02T08:00:00Z,cyd,,B,pay,
viewed,2026-03-02T09:00:00Z,cyd,,B,pay,
paid,2026-03-03T07:00:00Z,cyd,,,,100
viewed,2026-03-02T08:00:00Z,dan,,B,search,
paid,2026-03-02T09:00:00Z,dan,,,,1
viewed,2026-03-03T08:00:00Z,eve,,,pay,
viewed,2026-02-28T08:00:00Z,fay,,A,pay,
"""


@pytest.fixture
def store(tmp_path: Path) -> LocalStore:
    path = tmp_path / "events.csv"
    path.write_text(EVENTS)
    return LocalStore.of_table(next(read_events(path, now=datetime(2026, 4, 1, tzinfo=UTC))).table)


DEFINITIONS = {
    d["key"]: parse(d)
    for d in (
        {"key": "revenue", "kind": "sum", "event": "paid", "property": "amount"},
        {"key": "payers", "kind": "unique", "event": "paid"},
        {"key": "orders", "kind": "count", "event": "paid"},
        {"key": "order_size", "kind": "ratio", "numerator": "revenue", "denominator": "orders"},
        {"key": "per_payer", "kind": "ratio", "numerator": "revenue", "denominator": "payers"},
    )
}
PAY = Assignment(
    Match(("viewed",), (("experiment", "in", ("pay",)),)), "variant",
    date(2026, 3, 1), date(2026, 3, 10),
)  # fmt: skip


def of(store: Store, key: str, **changes: Any) -> Assigned:
    now = datetime(2026, 3, 20, tzinfo=UTC)
    return found_of(store, DEFINITIONS, replace(PAY, **changes), Calendar(), now, key)


def test_by_hand(store: LocalStore) -> None:
    """Bob saw both, Dan another experiment, Eve no variant, and Fay was too early."""
    revenue = of(store, "revenue")
    assert revenue.measure == "mean"
    assert revenue.by(date(2026, 2, 28)) == {}
    assert revenue.by(date(2026, 3, 1)) == {"A": Tally(1, 10, 0, 100)}
    assert revenue.by(date(2026, 3, 2)) == {"A": Tally(1, 70, 0, 4900), "B": Tally(1)}
    assert revenue.by(date(2026, 3, 9))["B"] == Tally(1, 100, 0, 10_000)
    assert (revenue.mixed_by(date(2026, 2, 28)), revenue.mixed_by(date(2026, 3, 9))) == (0, 1)
    within = of(store, "revenue", within=DAY)
    assert within.by(date(2026, 3, 1)) == {}
    assert within.by(date(2026, 3, 2)) == {"A": Tally(1, 30, 0, 900)}
    assert within.by(date(2026, 3, 3))["B"] == Tally(1, 100, 0, 10_000)
    adjusted = of(store, "revenue", before=DAY)
    assert adjusted.measure == "adjusted"
    assert adjusted.by(date(2026, 3, 1)) == {"A": Tally(1, 10, 7, 100, 49, 70)}
    assert of(store, "payers").by(date(2026, 3, 9)) == {
        "A": Tally(1, 1, 0, 1),
        "B": Tally(1, 1, 0, 1),
    }
    assert of(store, "payers").by(date(2026, 3, 2))["B"] == Tally(1)
    size = of(store, "order_size", before=DAY)
    assert (size.measure, size.by(date(2026, 3, 9))["A"]) == (
        "ratio",
        Tally(1, 70, 3, 4900, 9, 210),
    )
    assert of(store, "per_payer").by(date(2026, 3, 9))["A"] == Tally(1, 70, 1, 4900, 1, 70)
    everybody = of(store, "payers", variant=None)
    assert everybody.by(date(2026, 3, 9)) == {"": Tally(4, 2, 0, 2)}


def test_an_anonymous_visitor_keeps_the_variant(tmp_path: Path) -> None:
    """Assigned before signing up, and paid as somebody known: one subject."""
    path = tmp_path / "events.csv"
    path.write_text(
        "event,happened_at,user_id,variant,amount,previous_id\n"
        "viewed,2026-03-01T10:00:00Z,anon,B,,\n"
        "$identify,2026-03-01T11:00:00Z,gil,,,anon\n"
        "paid,2026-03-02T10:00:00Z,gil,,9,\n"
    )
    known = LocalStore.of_table(next(read_events(path, now=datetime(2026, 4, 1, tzinfo=UTC))).table)
    found = of(known, "revenue", match=Match(("viewed",)))
    assert found.by(date(2026, 3, 9)) == {"B": Tally(1, 9, 0, 81)}


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ({"kind": "funnel", "steps": [{"event": "a"}, {"event": "b"}], "window": "1 day"},
         "`unique` on its last step"),
        ({"kind": "manual"}, "typed"),
        ({"kind": "unique", "event": "paid", "by": "account"}, "by: user"),
        ({"kind": "count", "event": "paid", "who": {"did": {"event": "a"}}}, "without `who`"),
    ],
)  # fmt: skip
def test_what_says_nothing_of_one_subject(
    store: LocalStore, document: dict[str, Any], said: str
) -> None:
    definition = parse({"key": "it", **document})
    with pytest.raises(DefinitionError, match=said):
        found_of(store, {"it": definition}, PAY, Calendar(), datetime(2026, 3, 20, tzinfo=UTC))


def test_every_kind_answers_or_says_what_to_use_instead() -> None:
    for name, one in KINDS.items():
        assert "each" in one.__dict__ or one.instead, name
