"""What the subjects of each variant do: worked out by hand, and against plain loops."""

from __future__ import annotations

import random
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
    kind("nps", event=events, property=st.just("amount"), valid=st.sampled_from([None, [1, 10]])),
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
TRIED = [
    parse({"key": "it", **document})
    for document in (
        {"kind": "funnel", "steps": [{"event": "B"}, {"event": "C"}], "window": "6 h"},
        {"kind": "funnel", "steps": [{"event": "B"}, {"event": "C"}, {"event": "D"}],
         "window": "1 day", "entry": "any", "order": "strict"},
        {"kind": "funnel", "steps": [{"event": "B"}, {"event": "C"}], "window": "6 h",
         "part": "dropoff", "exclude": [{"event": "D"}]},
        {"kind": "retention", "start": {"event": "B"}, "returns": {"event": "any"}, "at": 0},
        {"kind": "retention", "start": {"event": "B"}, "returns": {"event": "C"},
         "clock": "rolling"},
        {"kind": "retention", "start": {"event": "B"}, "returns": {"event": "C"},
         "bucket": "week", "at": 1, "mode": "on_or_after", "horizon": 2},
        {"kind": "retention", "start": {"event": "B"}, "returns": {"event": "C"},
         "bucket": "month"},
        {"kind": "retention", "start": {"event": "B"}, "returns": {"event": "C"},
         "brackets": [1, 3, 7]},
    )
]  # fmt: skip
spans = st.sampled_from([None, timedelta(hours=7), timedelta(days=1), timedelta(days=2, hours=1)])


@st.composite
def experiments(draw: st.DrawFn) -> tuple[Definition, Assignment, Question, datetime]:
    """Whoever does A is assigned, to the variant that is its plan."""
    rows, calendar = draw(happenings("ABCD")), draw(calendars)
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
    if definition.by == "plan" and definition.kind in ("unique", "share", "funnel", "retention"):
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


@pytest.mark.parametrize("definition", TRIED, ids=lambda d: d.words())
def test_attempts_by_the_reference(definition: Definition) -> None:
    """Three worlds in which much happens within hours of an assignment."""
    for seed in range(3):
        chance = random.Random(seed)  # noqa: S311 - repeatable, not secret
        calendar = Calendar(chance.choice(["UTC", "Europe/Berlin"]), chance.randrange(7))
        rows = [_busy(chance, i, days=(3, 20, 70)[seed]) for i in range(70)]
        start = calendar.day_of(min(h.at for h in rows))
        of = replace(
            PAY, match=Match(("A",)), variant="plan", start=start,
            end=start + timedelta(days=chance.randrange(1, 9)), within=(None, DAY, None)[seed],
        )  # fmt: skip
        now = max(h.at for h in rows) + timedelta(hours=chance.choice([-30, 0, 50]))
        asked = Question(rows, calendar, calendar.periods(start, of.end, Grain.all))
        agrees(LocalStore.of_table(table(rows)), definition, of, asked, now)


def _busy(chance: random.Random, i: int, days: int) -> Happening:
    """Of one of six users, who get the same variant each time."""
    at = datetime(2026, 3, 27, tzinfo=UTC) + timedelta(minutes=30 * chance.randrange(48 * days))
    user = chance.randrange(6)
    properties: dict[str, Any] = {"plan": "pro" if user % 2 else "free", "amount": 1.0, "ok": True}
    return Happening(f"m{i:04d}", chance.choice("AABBCCD"), at, f"u{user}", None, properties)


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
        {"key": "checkout", "kind": "funnel", "window": "1 day",
         "steps": [{"event": "viewed"}, {"event": "paid"}]},
        {"key": "back", "kind": "retention", "start": {"event": "viewed"},
         "returns": {"event": "paid"}},
        {"key": "nps", "kind": "nps", "event": "paid", "property": "amount"},
        {"key": "per_payer", "kind": "ratio", "numerator": "revenue", "denominator": "payers"},
    )
}  # fmt: skip
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


def test_attempts_by_hand(store: LocalStore) -> None:
    """Counted once their day is over, Bob once it would have been; scores are summed up."""
    for key in ("checkout", "back"):
        found = of(store, key)
        assert (found.measure, found.by(date(2026, 3, 1))) == ("rate", {})
        assert found.by(date(2026, 3, 2)) == {"A": Tally(1, 1, 1, 1, 1, 1)}, key
        assert found.by(date(2026, 3, 9))["B"] == Tally(1, 1, 1, 1, 1, 1)
        assert (found.mixed_by(date(2026, 3, 1)), found.mixed_by(date(2026, 3, 2))) == (0, 1)
        assert of(store, key, before=DAY).adjusted is False
    assert of(store, "checkout").open == DAY
    assert of(store, "checkout", within=DAY).by(date(2026, 3, 2)) == {}
    nps = of(store, "nps", within=DAY)
    assert (nps.measure, nps.by(date(2026, 3, 2))) == (
        "ratio",
        {"A": Tally(1, 100, 1, 1e4, 1, 100)},
    )


def test_what_begins_a_moment_before_counts(tmp_path: Path) -> None:
    """Gil came half an hour before; Hal too long before; Ida had paid by then."""
    path = tmp_path / "events.csv"
    rows = [
        ("visited", "09:30", "gil"), ("viewed", "10:00", "gil"), ("paid", "10:30", "gil"),
        ("visited", "08:59", "hal"), ("viewed", "10:00", "hal"), ("paid", "10:30", "hal"),
        ("visited", "09:30", "ida"), ("paid", "09:45", "ida"), ("viewed", "10:00", "ida"),
    ]  # fmt: skip
    lines = [f"{event},2026-03-01T{at}:00Z,{who},A,pay" for event, at, who in rows]
    path.write_text("\n".join(["event,happened_at,user_id,variant,experiment", *lines]) + "\n")
    known = LocalStore.of_table(next(read_events(path, now=datetime(2026, 4, 1, tzinfo=UTC))).table)
    steps = [{"event": "visited"}, {"event": "paid"}]
    for changes, x in (({}, 1), ({"part": "dropoff"}, 0), ({"part": "step_1"}, 0)):
        funnel = {"key": "it", "kind": "funnel", "window": "2 h", "steps": steps, **changes}
        found = found_of(
            known, {"it": parse(funnel)}, PAY, Calendar(), datetime(2026, 3, 20, tzinfo=UTC)
        )
        y = 0 if changes.get("part") == "step_1" else 1
        assert found.by(date(2026, 3, 2)) == {"A": Tally(3, x, y, x, y, x)}, changes


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
        ({"kind": "funnel", "steps": [{"event": "a"}, {"event": "b"}], "window": "1 day",
          "count": "attempts"}, "`count: subjects`"),
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
