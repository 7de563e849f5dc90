"""Where databases differ: each trap by its name, with the number that every store must give."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest

from headway.engine.kinds import parse
from headway.engine.measure import measure, scope_of
from headway.engine.period import Calendar, Grain
from headway.engine.series import Answer
from tests.stores.conformance.conftest import Opener

NOON = datetime(2026, 1, 7, 12, tzinfo=UTC)


def events(
    properties: Mapping[str, Sequence[Any]],
    *,
    ids: Sequence[str] = (),
    at: Sequence[datetime] = (),
    users: Sequence[str | None] = (),
    event: str = "e",
) -> pa.Table:
    count = max(map(len, [*properties.values(), ids, at, users]))
    times = at or [NOON] * count
    return pa.table(
        {
            "message_id": pa.array(ids or [f"m{i:04d}" for i in range(count)]),
            "event": pa.array([event] * count),
            "happened_at": pa.array(times, pa.timestamp("us", "UTC")),
            "user_id": pa.array(users or ["u"] * count, pa.string()),
            "account_id": pa.nulls(count, pa.string()),
            "received_at": pa.nulls(count, pa.timestamp("us", "UTC")),
            **{f"p:{name}": pa.array(values) for name, values in properties.items()},
        }
    )


def answers(
    opened: Opener, table: pa.Table, *documents: Mapping[str, Any], **scope: Any
) -> list[Answer]:
    wanted = scope_of(
        scope.get("start", date(2026, 1, 1)),
        scope.get("end", date(2026, 2, 1)),
        scope.get("grain", Grain.all),
        calendar=scope.get("calendar", Calendar()),
        as_of=datetime(2050, 1, 1, tzinfo=UTC),
    )
    definitions = [parse({"key": f"m{i}", **d}) for i, d in enumerate(documents)]
    with opened(table) as store:
        return measure({d.key: d for d in definitions}, store, wanted)


def values(found: Iterable[Answer]) -> list[float | None]:
    return [p.value for answer in found for p in answer.series.points]


SUM = {"kind": "sum", "event": "any", "property": "x"}
COUNT = {"kind": "count", "event": "any"}


@pytest.mark.parametrize(
    ("text", "number"),
    [
        (" 12", 12), ("12\n", 12), ("+5", 5), (".5", 0.5), ("5.", 5), ("1e3", 1000), ("-0.0", 0),
        ("1E-2", 0.01), ("", None), ("abc", None), ("inf", None), ("NaN", None), ("0x10", None),
        ("1,000", None), ("1e400", None), ("1 2", None), ("--1", None), ("1d", None), ("1e", None),
    ],
)  # fmt: skip
def test_a_text_that_is_a_number(text: str, number: float | None, opened: Opener) -> None:
    (found,) = answers(opened, events({"x": [text]}), SUM)
    (point,) = found.series.points
    assert (point.value, point.faults) == (number or 0, int(number is None))


def test_a_text_that_is_a_truth_value(opened: Opener) -> None:
    texts = ["true", "T", "yes", "y", "1", "false", "F", "no", "n", "0", "on", "2", " true", ""]
    found = answers(
        opened,
        events({"x": texts}),
        COUNT | {"where": {"x": True}},
        COUNT | {"where": {"x": False}},
    )
    assert values(found) == [5, 5]


def test_small_amounts_beside_large_ones(opened: Opener) -> None:
    """A double of that size knows eighths: added one by one, each tenth would become one."""
    found = answers(opened, events({"x": [1e15, *[0.1] * 1000]}), SUM)
    assert values(found) == [pytest.approx(1e15 + 100, abs=0.3)]


def test_numbers_whose_squares_are_none(opened: Opener) -> None:
    mean = {"kind": "mean", "event": "any", "property": "x"}
    (found,) = answers(opened, events({"x": [1e160, 1e-160, 4.0]}), mean)
    (point,) = found.series.points
    assert (point.value, point.n, point.faults) == (2, 2, 1)


def test_a_number_is_written_in_one_way(opened: Opener) -> None:
    numbers = [40.0, -2.5, 0.0001, 123456789.0, 0.1 + 0.2, 1234567890123456.0]
    (_, by) = answers(opened, events({"x": numbers}), COUNT | {"segments": ["x"]})
    assert set(by.series.segments) == {
        "40.0", "-2.5", "0.0001", "123456789.0", "0.30000000000000004", "1234567890123456.0",
    }  # fmt: skip


def test_whole_numbers_and_truth_values_are_written_in_one_way(opened: Opener) -> None:
    table = events({"x": [7, None], "ok": [True, False]})
    found = answers(opened, table, COUNT | {"segments": ["x", "ok"]})
    assert [set(a.series.segments) for a in found[1:]] == [{"7", "(none)"}, {"true", "false"}]


def test_ids_are_in_the_order_of_their_bytes(opened: Opener) -> None:
    """Of two entries of one instant the first id's says the segment: capitals come first."""
    table = events({"x": ["small", "capital", "last"]}, ids=["a1", "B1", "ä1"])
    steps = [{"event": "e"}, {"event": "f"}]
    funnel = {"kind": "funnel", "steps": steps, "window": "1 day", "segments": ["x"]}
    (_, by) = answers(opened, table, funnel)
    assert {p.segment: p.denominator for p in by.series.points if p.denominator} == {"capital": 1}


def test_texts_are_compared_by_their_bytes(opened: Opener) -> None:
    table = events({"x": ["apple", "Banana", "éclair", None]})
    found = answers(
        opened, table, COUNT | {"where": {"x": {"gt": "Z"}}}, COUNT | {"where": {"x": {"lt": "Z"}}}
    )
    assert values(found) == [2, 1]


def test_nobody_comes_after_the_last(opened: Opener) -> None:
    """A day without a following one has none, not the first of January 1970."""
    days = [NOON + timedelta(days=d) for d in (0, 1, 5)]
    users = {"kind": "unique", "event": "any", "window": "2 days"}
    found = answers(
        opened, events({}, at=days), users, grain=Grain.day, end=date(2026, 1, 15),
        start=date(2026, 1, 7),
    )  # fmt: skip
    assert values(found) == [1, 1, 1, 0, 0, 1, 1, 0]


def test_weeks_begin_on_the_day_that_is_said(opened: Opener) -> None:
    days = [datetime(2026, 1, 3, 12, tzinfo=UTC), datetime(2026, 1, 4, 12, tzinfo=UTC)]
    users = {"kind": "unique", "event": "any", "at_least": 1}
    for starts, wanted in (("sunday", [1, 1]), ("monday", [1]), ("saturday", [1])):
        found = answers(
            opened, events({}, at=days), users, grain=Grain.week, start=date(2026, 1, 3),
            end=date(2026, 1, 5), calendar=Calendar.of("UTC", starts),
        )  # fmt: skip
        assert values(found)[: len(wanted)] == wanted, starts


@pytest.mark.parametrize("grain", [Grain.month, Grain.quarter, Grain.year])
@pytest.mark.parametrize("year", [2000, 2044])
def test_long_periods_of_any_year(grain: Grain, year: int, opened: Opener) -> None:
    days = [datetime(year, 2, day, 12, tzinfo=UTC) for day in (1, 29)]
    often = {"kind": "unique", "event": "any", "at_least": 2}
    found = answers(
        opened, events({}, at=days), often, grain=grain, start=days[0].date(), end=days[1].date()
    )
    assert values(found)[0] == 1


def test_a_microsecond_decides_the_day(opened: Opener) -> None:
    midnight = datetime(2026, 1, 8, tzinfo=UTC)
    days = [midnight - timedelta(microseconds=1), midnight]
    found = answers(
        opened, events({}, at=days), COUNT, grain=Grain.day, start=date(2026, 1, 7),
        end=date(2026, 1, 9),
    )  # fmt: skip
    assert values(found) == [1, 1]


@pytest.mark.parametrize("name", ["it's", 'a "b"', "back\\slash", "100 %", "{x}", "`tick`", "λ:x"])
def test_names_with_marks_in_them(name: str, opened: Opener) -> None:
    table = events({name: [name, "other", None]}, event=name)
    found = answers(
        opened,
        table,
        {"kind": "count", "event": name},
        COUNT | {"where": {name: name}},
        COUNT | {"where": {name: {"contains": name}}},
        COUNT | {"segments": [name]},
    )
    assert values(found[:4]) == [3, 1, 1, 3]
    assert set(found[4].series.segments) == {name, "other", "(none)"}


def test_a_property_that_no_event_has(opened: Opener) -> None:
    found = answers(
        opened,
        events({}, users=["u", "v"]),
        COUNT | {"where": {"nothing": 1}},
        COUNT | {"where": {"nothing": {"set": False}}},
        COUNT | {"where": {"nothing": {"not_in": ["x", True]}}},
        SUM,
        {"kind": "unique", "event": "any", "by": "nothing"},
    )
    assert values(found) == [0, 2, 2, 0, 0]


def test_whole_numbers_are_divided_as_they_are(opened: Opener) -> None:
    found = answers(
        opened,
        events({"x": [1, 2, 4]}),
        {"kind": "mean", "event": "any", "property": "x"},
        {"kind": "quantile", "event": "any", "property": "x", "q": 0.75},
    )
    assert values(found) == [pytest.approx(7 / 3, rel=1e-12), 3]


def test_of_copies_the_first_to_happen_counts(opened: Opener) -> None:
    days = [NOON + timedelta(days=2), NOON, NOON + timedelta(days=1)]
    table = events({"x": [1, 2, 4]}, ids=["a", "a", "b"], at=days)
    found = answers(
        opened, table, SUM, grain=Grain.day, start=date(2026, 1, 7), end=date(2026, 1, 10)
    )
    assert values(found) == [2, 4, 0]
