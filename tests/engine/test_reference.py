"""The engine against the plain loops of reference.py, on random small worlds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from headway.engine.definition import Definition
from headway.engine.kinds import KINDS, parse
from headway.engine.period import Grain
from headway.engine.series import Answer
from headway.stores.local import LocalStore
from tests.engine import reference
from tests.engine.reference import Question, paths, scores, speed
from tests.engine.worlds import answer, questions, table, values

fast = settings(
    max_examples=15,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)

CONDITIONS = [
    {},
    {},
    {"plan": "pro"},
    {"plan": {"not_in": ["pro"]}},
    {"plan": {"contains": "r"}},
    {"plan": {"set": False}},
    {"amount": {"gt": 1}},
    {"amount": {"lte": 2.5, "gte": 0}},
    {"ok": True},
    {"ok": {"in": [False]}},
]
events = st.sampled_from(["A", "B", "any", ["A", "C"]])
wheres = st.sampled_from(CONDITIONS)
subjects = st.sampled_from(["user", "user", "account", "plan"])
selectors = st.builds(lambda e, w: {"event": e, "where": w}, events, wheres)
windows = st.sampled_from(["30 min", "1 h", "1 day", "36 h", "3 days"])
SESSIONS = ["count", "mean", "median"]
trailing = st.sampled_from([None, "1 day", "3 days", "7 days"])


def kind(name: str, **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Definition]:
    def build(given: dict[str, Any]) -> Definition:
        return parse(
            {"key": "it", "kind": name} | {k: v for k, v in given.items() if v is not None}
        )

    return st.fixed_dictionaries({"by": subjects, "where": wheres, **fields}).map(build)


def steps_of(found: Answer, asked: Question, count: int) -> list[list[int]]:
    rows: dict[str, list[int]] = {}
    for row in found.tables["steps"]:
        rows.setdefault(row["start"], []).append(row["count"])
    return [rows.get(p.start.isoformat(), [0] * count) for p in asked.periods]


SERIES: dict[str, tuple[st.SearchStrategy[Any], Callable[..., list[float | None]]]] = {
    "count": (
        kind("count", event=events, weight=st.sampled_from([None, "amount"])),
        reference.count,
    ),
    "sum": (kind("sum", event=events, property=st.just("amount")), reference.total),
    "mean": (kind("mean", event=events, property=st.just("amount")), reference.mean),
    "min": (kind("min", event=events, property=st.just("amount")), scores.extreme),
    "max": (kind("max", event=events, property=st.just("amount")), scores.extreme),
    "quantile": (
        kind(
            "quantile",
            event=events,
            property=st.just("amount"),
            q=st.sampled_from([0, 0.25, 0.5, 0.9, 1]),
            per=st.sampled_from(["event", "subject"]),
        ),
        reference.quantile,
    ),
    "unique": (
        kind("unique", event=events, window=trailing, at_least=st.integers(1, 3)),
        reference.unique,
    ),
    "share": (
        kind(
            "share",
            event=st.just("A"),
            of=st.builds(
                lambda e, w: {"event": e, "where": w},
                st.sampled_from(["A", "any", ["A", "B"]]),
                wheres,
            ),
            count=st.sampled_from(["events", "subjects"]),
        ),
        reference.share,
    ),
    "rate": (
        kind(
            "rate",
            event=events,
            weight=st.sampled_from([None, "amount"]),
            stat=st.sampled_from(["mean", "peak"]),
        ),
        speed.rate,
    ),
    "uptime": (
        kind(
            "uptime",
            event=events,
            ok=st.just("ok"),
            duration=st.sampled_from([None, "amount"]),
            maintenance=wheres,
        ),
        speed.checks,
    ),
    "nps": (
        kind(
            "nps",
            event=events,
            property=st.just("amount"),
            valid=st.sampled_from([None, [0, 9], [1, 10]]),
        ),
        scores.nps,
    ),
    "csat": (
        kind(
            "csat",
            event=events,
            property=st.just("amount"),
            top=st.sampled_from([[1], [2.5, 1], [40]]),
            valid=st.sampled_from([None, [0, 40]]),
        ),
        scores.csat,
    ),
    "elapsed": (
        kind(
            "elapsed",
            **{"from": selectors},
            to=selectors,
            limit=windows,
            stat=st.sampled_from(["mean", "median", "p90"]),
        ),
        paths.elapsed,
    ),
    "steps": (
        kind("steps", **{"from": selectors}, to=selectors, event=events),
        paths.steps,
    ),
    "session": (
        kind("session", event=events, gap=windows, stat=st.sampled_from(SESSIONS)),
        paths.session,
    ),
    "stock": (
        kind(
            "stock", event=events, value=st.just("amount"), stat=st.sampled_from(["sum", "count"])
        ),
        reference.stock,
    ),
    "stock, moved": (
        kind(
            "stock",
            plus=st.just([{"event": "A", "property": "amount"}, {"event": "C"}]),
            minus=st.sampled_from([[], [{"event": "B"}], [{"event": "B", "property": "amount"}]]),
        ),
        reference.stock,
    ),
}


@pytest.mark.parametrize("name", SERIES)
@fast
@given(data=st.data(), asking=questions())
def test_series(name: str, data: st.DataObject, asking: tuple[Question, Grain]) -> None:
    definitions, expected = SERIES[name]
    definition, (asked, grain) = data.draw(definitions), asking
    store = LocalStore.of_table(table(asked.happenings))
    wanted = expected(definition, asked)
    assert values(answer(store, definition, asked, grain)) == [
        None if v is None else pytest.approx(v) for v in wanted
    ]


@fast
@given(
    definition=kind(
        "funnel",
        steps=st.lists(selectors, min_size=2, max_size=4),
        window=windows,
        entry=st.sampled_from(["first", "any"]),
        order=st.sampled_from(["loose", "strict"]),
        exclude=st.lists(st.builds(lambda w: {"event": "D", "where": w}, wheres), max_size=1),
    ),
    asking=questions("ABCD"),
)
def test_funnels(definition: Definition, asking: tuple[Question, Grain]) -> None:
    asked, grain = asking
    found = answer(LocalStore.of_table(table(asked.happenings)), definition, asked, grain)
    wanted = reference.funnel(definition, asked)
    assert steps_of(found, asked, len(wanted[0])) == wanted
    assert values(found) == [row[-1] / row[0] if row[0] else None for row in wanted]


RETENTION = kind(
    "retention",
    start=selectors,
    returns=selectors,
    bucket=st.sampled_from(["day", "week", "month"]),
    cohort=st.sampled_from(["first", "each"]),
    mode=st.sampled_from(["on", "on_or_after"]),
    horizon=st.integers(1, 4),
    at=st.integers(0, 2),
)
ROLLING = kind(
    "retention",
    start=selectors,
    returns=selectors,
    bucket=st.sampled_from(["day", "week"]),
    clock=st.just("rolling"),
    cohort=st.sampled_from(["first", "each"]),
    horizon=st.integers(1, 4),
)
BRACKETS = kind(
    "retention",
    start=selectors,
    returns=selectors,
    brackets=st.sampled_from([[1, 3], [1, 3, 7], [2, 3, 4]]),
    clock=st.sampled_from(["calendar", "rolling"]),
)


@fast
@given(definition=st.one_of(RETENTION, ROLLING, BRACKETS), asking=questions())
def test_retention(definition: Definition, asking: tuple[Question, Grain]) -> None:
    asked, grain = asking
    found = answer(LocalStore.of_table(table(asked.happenings)), definition, asked, grain)
    wanted = reference.retention(definition, asked)
    assert [(c["size"], c["returned"]) for c in found.tables["cohorts"]] == wanted
    at = definition.at
    assert values(found) == [row[at] / size if size else None for size, row in wanted]


GROWTH = {"lifecycle", "frequency", "movement"}
"""Kinds of test_growth.py."""


def test_the_reference_covers_the_kinds_that_read_events() -> None:
    covered = {name.partition(",")[0] for name in SERIES} | {"funnel", "retention"} | GROWTH
    assert covered == set(KINDS) - {"ratio", "formula", "manual", "query"}
