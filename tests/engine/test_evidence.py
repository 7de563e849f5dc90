"""Every number can be followed down: to its events, its subjects, its queries and its inputs."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from math import isclose
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from headway.engine.ask import Ask, Scope
from headway.engine.definition import Definition
from headway.engine.evidence import MOST, Evidence, evidence
from headway.engine.kinds import parse
from headway.engine.measure import scope_of
from headway.engine.period import Calendar, Grain, day_number
from headway.engine.phrases import matched
from headway.engine.selection import Match, Span
from headway.engine.series import Point
from headway.engine.statistics import Examples, Volume
from headway.stores.local import LocalStore
from tests.engine.reference import Happening, Question
from tests.engine.worlds import questions, table

GOLDEN = Path(__file__).parent / "golden"
some = settings(
    max_examples=15,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)


def span_of(asked: Question) -> Span:
    first, last = asked.periods[0].start, asked.periods[-1].end
    return Span(asked.calendar, day_number(first), day_number(last))


def chosen(asked: Question, name: str, plan: str | None) -> list[Happening]:
    first, last = asked.periods[0].start, asked.periods[-1].end
    return [
        h
        for h in asked.happenings
        if h.event == name
        and first <= asked.day(h.at) < last
        and (plan is None or (h.properties["plan"] or "(none)") == plan)
    ]


@some
@given(asking=questions(), plan=st.sampled_from([None, "pro", "free", "(none)"]))
def test_volume_counts_events_and_distinct_subjects(asking: Any, plan: str | None) -> None:
    asked, _ = asking
    store = LocalStore.of_table(table(asked.happenings))
    by = "plan" if plan else None
    question = Volume(span_of(asked), Match(("A",)), "user", by, plan or "")
    rows = chosen(asked, "A", plan)
    subjects = {h.user for h in rows if h.user is not None}
    assert store.run(question).to_pylist() == [{"events": len(rows), "subjects": len(subjects)}]


@some
@given(
    asking=questions(), plan=st.sampled_from([None, "pro", "(none)"]), limit=st.sampled_from([1, 9])
)
def test_examples_are_those_seen_last(asking: Any, plan: str | None, limit: int) -> None:
    asked, _ = asking
    store = LocalStore.of_table(table(asked.happenings))
    by = "plan" if plan else None
    question = Examples(span_of(asked), Match(("A",)), "user", limit, by, plan or "")
    times: dict[str, list[datetime]] = {}
    for h in chosen(asked, "A", plan):
        if h.user is not None:
            times.setdefault(h.user, []).append(h.at)
    wanted = [
        {"u": u, "events": len(at), "first_at": micros(min(at)), "last_at": micros(max(at))}
        for u, at in sorted(times.items(), key=lambda pair: (EPOCH - max(pair[1]), pair[0]))
    ]
    assert store.run(question).to_pylist() == wanted[:limit]


def micros(at: datetime) -> int:
    return (at - EPOCH) // timedelta(microseconds=1)


# A shop: the day of March, who, what, how much, which plan.
ROWS = [
    (2, "ann", "order", 10.0, "pro"),
    (3, "ann", "order", 20.0, "pro"),
    (3, "ben", "order", 30.0, "free"),
    (3, None, "order", 5.0, None),
    (4, "ben", "refund", 30.0, "free"),
    (9, "cat", "order", 40.0, "pro"),
    (12, "ann", "order", None, "pro"),
]
DOCUMENTS: list[dict[str, Any]] = [
    {"key": "orders", "kind": "count", "event": "order", "segments": ["plan"]},
    {"key": "revenue", "kind": "sum", "event": "order", "property": "amount"},
    {"key": "refunds", "kind": "sum", "event": "refund", "property": "amount"},
    {"key": "order_value", "kind": "ratio", "numerator": "revenue", "denominator": "orders"},
    {"key": "kept", "kind": "formula", "formula": "revenue - refunds + lag(orders, 1)"},
    {"key": "balance", "kind": "stock", "plus": [{"event": "order", "property": "amount"}],
     "minus": [{"event": "refund", "property": "amount"}]},
    {"key": "active", "kind": "unique", "event": "any", "window": "9 days"},
    {"key": "refunded", "kind": "funnel", "window": "36 hours",
     "steps": [{"event": "order"}, {"event": "refund"}]},
    {"key": "back", "kind": "retention", "bucket": "week", "at": 2,
     "start": {"event": "order"}, "returns": {"event": "order"}},
    {"key": "pro_share", "kind": "share", "event": "order", "where": {"plan": "pro"}},
    {"key": "typed", "kind": "manual"},
]  # fmt: skip
DEFINITIONS = {d["key"]: parse(d) for d in DOCUMENTS}


@pytest.fixture
def store() -> LocalStore:
    return LocalStore.of_table(
        table(
            Happening(f"m{i}", event, datetime(2026, 3, day, 12, i, tzinfo=UTC), user, None,
                      {"amount": amount, "plan": plan})
            for i, (day, user, event, amount, plan) in enumerate(ROWS)
        )
    )  # fmt: skip


def week(start: date, segment: str | None = None) -> Scope:
    scope = scope_of(
        start,
        start + 7 * DAY,
        Grain.week,
        calendar=Calendar(),
        as_of=datetime(2026, 5, 1, tzinfo=UTC),
        first_day=date(2026, 3, 2),
        since=date(2026, 3, 2),
    )
    return replace(scope, segment=segment)


FIRST, SECOND = date(2026, 3, 2), date(2026, 3, 9)


def test_a_number_is_followed_through_its_inputs(store: LocalStore) -> None:
    found = evidence(DEFINITIONS, store, week(SECOND), "kept", versions={"kept": 3, "orders": 1})
    assert [one.name for one in found] == ["kept", "revenue", "refunds", "orders"]
    assert [one.point.value for one in found] == [40.0 - 0 + 4, 40.0, 0.0, 2.0]
    assert [one.version for one in found] == [3, None, None, 1]
    assert found[0].inputs == ("revenue", "refunds", "orders")
    assert found[0].selections == ()
    assert found[0].read is None


def test_a_ratio_has_its_own_query_and_its_inputs_theirs(store: LocalStore) -> None:
    ratio, revenue, orders = evidence(DEFINITIONS, store, week(FIRST), "order_value")
    assert [q.statistic for q in ratio.queries] == ["pairs"]
    assert (ratio.point.numerator, ratio.point.denominator) == (65.0, 4.0)
    assert [q.statistic for q in revenue.queries] == ["cells"]
    [selected] = orders.selections
    assert (selected.events, selected.subjects) == (4, 2)
    assert selected.words == "`order` events"
    assert (selected.start, selected.end) == (FIRST, FIRST + 7 * DAY)


def test_the_days_and_the_query_are_told(store: LocalStore) -> None:
    [found] = evidence(DEFINITIONS, store, week(SECOND), "orders")
    [query] = found.queries
    assert found.read is not None
    assert (found.read.start, found.read.end) == (SECOND, SECOND + 7 * DAY)
    assert query.dialect == "DuckDB"
    assert "event IN ('order')" in query.sql
    assert "2026-03-09" in query.sql


def test_events_that_could_not_be_used_are_told(store: LocalStore) -> None:
    [found] = evidence(DEFINITIONS, store, week(SECOND), "revenue")
    assert found.point.faults == 1
    assert found.selections[0].events == 2


DAYS = [
    ("orders", "events", 0, 7),
    ("active", "events", -2, 7),
    ("balance", "minus 1", -7, 7),
    ("refunded", "step 1", 0, 7),
    ("refunded", "step 2", 0, 9),
    ("back", "start", 0, 7),
    ("back", "returns", 0, 21),
    ("pro_share", "denominator", 0, 7),
]


@pytest.mark.parametrize(("key", "name", "before", "after"), DAYS)
def test_each_selection_has_the_days_that_count(
    store: LocalStore, key: str, name: str, before: int, after: int
) -> None:
    [found] = evidence(DEFINITIONS, store, week(SECOND), key)
    [selected] = [s for s in found.selections if s.name == name]
    assert (selected.start, selected.end) == (SECOND + before * DAY, SECOND + after * DAY)


def test_a_stock_names_everybody_until_the_end_of_the_period(store: LocalStore) -> None:
    [found] = evidence(DEFINITIONS, store, week(SECOND), "balance", examples=MOST)
    assert [e.id for e in found.selections[0].examples] == ["ann", "cat", "ben"]
    assert found.point.value == 10 + 20 + 30 + 5 + 40 - 30


def test_examples_have_their_events_and_times(store: LocalStore) -> None:
    [found] = evidence(DEFINITIONS, store, week(FIRST), "orders", examples=2)
    ben, ann = found.selections[0].examples
    assert (ben.id, ben.events) == ("ben", 1)
    assert (ann.id, ann.events) == ("ann", 2)
    assert ann.first == datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
    assert ann.last == datetime(2026, 3, 3, 12, 1, tzinfo=UTC)


def test_without_leave_no_example_is_read(store: LocalStore) -> None:
    found = evidence(DEFINITIONS, store, week(FIRST), "kept")
    text = json.dumps([one.to_dict() for one in found])
    assert '"subjects": 2' in text
    assert not any(name in text for name in ("ann", "ben", "cat"))


def test_never_more_than_the_most() -> None:
    rows = [
        Happening(f"m{i}", "order", datetime(2026, 3, 3, 0, i % 60, tzinfo=UTC), f"u{i:03d}")
        for i in range(MOST + 20)
    ]
    store = LocalStore.of_table(table(rows))
    [found] = evidence(DEFINITIONS, store, week(FIRST), "orders", examples=5000)
    [again] = evidence(DEFINITIONS, store, week(FIRST), "orders", examples=5000)
    assert found.selections[0].subjects == MOST + 20
    assert len(found.selections[0].examples) == MOST
    assert found.selections[0].examples == again.selections[0].examples


def test_a_segment_has_its_own_events(store: LocalStore) -> None:
    scope = week(FIRST, "plan")
    [pro] = evidence(DEFINITIONS, store, scope, "orders", segment="pro", examples=5)
    [nobody] = evidence(DEFINITIONS, store, scope, "orders", segment="(none)", examples=5)
    [absent] = evidence(DEFINITIONS, store, scope, "orders", segment="team", examples=5)
    assert (pro.point.value, pro.selections[0].events, pro.selections[0].subjects) == (2.0, 2, 1)
    assert (nobody.point.value, nobody.selections[0].events, nobody.selections[0].subjects) == (
        1.0,
        1,
        0,
    )
    assert nobody.selections[0].examples == ()
    assert (absent.point.value, absent.selections[0].events) == (0.0, 0)


def test_what_is_typed_has_no_events(store: LocalStore) -> None:
    [found] = evidence(DEFINITIONS, store, week(FIRST), "typed")
    assert (found.selections, found.queries, found.read) == ((), (), None)
    assert found.point.reason == "No value was typed for this period."


def test_a_part_is_followed_like_a_metric(store: LocalStore) -> None:
    both = DEFINITIONS | {
        "lost": parse({"key": "lost", "kind": "formula", "formula": "refunded.dropoff * 100"})
    }
    lost, dropoff = evidence(both, store, week(FIRST), "lost")
    assert lost.inputs == ("refunded.dropoff",)
    assert dropoff.name == "refunded.dropoff"
    assert dropoff.point.value == 0.5
    assert lost.point.value == 50.0


SELECTIONS = [
    (Match(("order",)), "`order` events"),
    (Match(), "any event"),
    (Match(("a", "b"), (("plan", "in", ("pro", "team")),)),
     "`a` or `b` events where `plan` is pro or team"),
    (Match(("a",), (("n", "gte", 5), ("x", "not_in", ("y",)))),
     "`a` events where `n` ≥ 5 and `x` is not y"),
]  # fmt: skip


@pytest.mark.parametrize(("match", "words"), SELECTIONS)
def test_a_selection_in_words(match: Match, words: str) -> None:
    assert matched(match) == words


def test_tests_of_presence_and_truth_in_words() -> None:
    document = {
        "key": "x",
        "kind": "count",
        "event": "a",
        "where": {"p": {"set": False}, "q": True},
    }
    [match] = parse(document).selections().values()
    assert matched(match) == "`a` events where `p` is missing and `q` is true"


def test_a_query_is_told_as_it_is_run(store: LocalStore) -> None:
    sql = "SELECT period, COUNT(*) AS value FROM events WHERE event = 'order' GROUP BY period"
    definitions = {"own": parse({"key": "own", "kind": "query", "sql": sql})}
    [found] = evidence(definitions, store, week(FIRST), "own", examples=MOST)
    assert found.point.value == 4.0
    assert found.selections == ()
    [query] = found.queries
    assert "event = 'order'" in query.sql
    assert (query.start, query.end) == (FIRST, FIRST + 7 * DAY)


def golden() -> Iterator[tuple[str, Mapping[str, Any]]]:
    for path in sorted(GOLDEN.glob("*.yml")):
        for case in yaml.safe_load(path.read_text()):
            for document in case["metrics"]:
                yield f"{path.stem}: {case['name']}: {document['key']}", document


@pytest.mark.parametrize("document", [pytest.param(d, id=name) for name, d in golden()])
def test_every_kind_that_reads_events_names_them(document: Mapping[str, Any]) -> None:
    definition = parse(document)
    # A query in SQL says itself what it reads.
    reads_events = definition.measured and not definition.inputs() and definition.kind != "query"
    assert bool(definition.selections()) == reads_events


CHANGING = [d["key"] for d in DOCUMENTS if d["key"] != "typed"]


@some
@given(asking=questions("AB"), key=st.sampled_from(CHANGING))
def test_a_period_alone_gives_the_number_of_the_series(asking: Any, key: str) -> None:
    asked, grain = asking
    names = {"order": "A", "refund": "B"}
    definitions = {d["key"]: parse(renamed(d, names)) for d in DOCUMENTS}
    store = LocalStore.of_table(table(asked.happenings))
    first = min([asked.since, *(asked.day(h.at) for h in asked.happenings)])
    scope = scope_of(
        asked.since, asked.periods[-1].end, grain, calendar=asked.calendar,
        as_of=datetime(2030, 1, 1, tzinfo=UTC), first_day=first, since=first,
    )  # fmt: skip
    for point in Ask(definitions, store, scope).answer(key).series.points:
        alone = replace(scope, periods=tuple(p for p in scope.periods if p.start == point.start))
        assert same(evidence(definitions, store, alone, key)[0], point)


def renamed(document: Any, names: Mapping[str, str]) -> Any:
    if isinstance(document, dict):
        return {k: renamed(v, names) for k, v in document.items()}
    if isinstance(document, list):
        return [renamed(v, names) for v in document]
    return names.get(document, document)


def same(found: Evidence, point: Point) -> bool:
    ours = found.point
    numbers = [(getattr(ours, c), getattr(point, c)) for c in ("value", "numerator", "low", "high")]
    close = all(
        a == b or (a is not None and b is not None and isclose(a, b, abs_tol=1e-9))
        for a, b in numbers
    )
    return close and (ours.n, ours.faults, ours.reason) == (point.n, point.faults, point.reason)


def test_definitions_are_said_as_they_are(store: LocalStore) -> None:
    [found] = evidence(DEFINITIONS, store, week(FIRST), "orders", versions={"orders": 2})
    said = found.to_dict()
    assert said["definition"] == DOCUMENTS[0]
    assert said["definition_version"] == 2
    assert said["words"] == "Number of `order` events."
    assert said["read"] == {"start": "2026-03-02", "end": "2026-03-09"}
    assert said["point"]["value"] == 4.0
    assert isinstance(DEFINITIONS["orders"], Definition)
