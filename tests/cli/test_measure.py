"""`headway measure` as people and scripts call it."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

import headway.demo
from headway import oneshot
from headway.cli import main
from headway.engine.errors import DefinitionError, StoreError

CDNOW = Path(headway.demo.__file__).parent / "cdnow.parquet"
METRICS = """
metrics:
  - {key: orders, kind: count, event: ordered, segments: [plan]}
  - {key: revenue, kind: sum, event: ordered, property: amount, unit: money}
  - {key: basket, kind: ratio, numerator: revenue, denominator: orders}
  - {key: paid, kind: funnel, steps: [{event: seen}, {event: ordered}], window: 1 day}
  - {key: again, kind: retention, start: {event: ordered}, returns: {event: ordered}, horizon: 2}
"""
EVENTS = """event,happened_at,user_id,amount,plan
seen,2026-01-05T09:00:00Z,a,,
ordered,2026-01-05T10:00:00Z,a,10,pro
ordered,2026-01-05T11:00:00Z,b,1234567.25,free
ordered,2026-01-06T11:00:00Z,b,5,free
"""
POINT = {
    "segment", "start", "end", "value", "numerator", "denominator", "n", "low", "high",
    "complete", "reason", "faults",
}  # fmt: skip

WHO = {"did": {"event": "seen"}, "within": "since new-search"}

Measure = Callable[..., Result]


@pytest.fixture
def measure(tmp_path: Path) -> Measure:
    (tmp_path / "metrics.yml").write_text(METRICS)
    (tmp_path / "events.csv").write_text(EVENTS)

    def call(*options: str, **changed: str) -> Result:
        given = {
            "definitions": str(tmp_path / "metrics.yml"),
            "events": str(tmp_path / "events.csv"),
            "from": "2026-01-05",
            "to": "2026-01-08",
            "as_of": "2026-01-07T12:00:00Z",
        } | changed
        named = [x for k, v in given.items() for x in (f"--{k.replace('_', '-')}", v)]
        return CliRunner().invoke(main, ["measure", *named, *options])

    return call


def answers(result: Result) -> dict[str, Any]:
    assert result.exit_code == 0, result.output
    return {a["key"]: a for a in reversed(json.loads(result.stdout))}


def test_json_has_the_documented_keys(measure: Measure) -> None:
    found = answers(measure("--format", "json"))
    head = {"key", "kind", "unit", "definition_version", "points"}
    tables = {"paid": {"steps"}, "again": {"cohorts", "pooled"}}
    for key, answer in found.items():
        assert set(answer) == head | tables.get(key, set())
        assert all(set(p) == POINT for p in answer["points"])
    step = {"step", "count", "conversion", "step_conversion", "mean_seconds", "median_seconds"}
    assert set(found["paid"]["steps"][0]) == step | {"start"}
    assert set(found["again"]["cohorts"][0]) == {"start", "size", "returned", "complete"}


def test_json_has_one_object_for_each_segmentation_too(measure: Measure) -> None:
    found = json.loads(measure("--format", "json", "--metric", "orders").stdout)
    assert [{p["segment"] for p in a["points"]} for a in found] == [{""}, {"free", "pro"}]


def test_events_that_could_not_be_used_are_said(measure: Measure, tmp_path: Path) -> None:
    (tmp_path / "events.csv").write_text(EVENTS + "ordered,2026-01-05T12:00:00Z,b,,free\n")
    points = answers(measure("--format", "json", "--metric", "revenue"))["revenue"]["points"]
    assert [p["faults"] for p in points] == [1, 0, 0]
    assert "1 event could not be used" in measure("--metric", "revenue").stdout
    rows = list(csv.DictReader(io.StringIO(measure("--format", "csv").stdout)))
    assert {"1", "0"} == {row["faults"] for row in rows}


def test_csv_has_a_row_for_each_point(measure: Measure) -> None:
    result = measure("--format", "csv", "--metric", "revenue", "--metric", "basket")
    rows = list(csv.DictReader(io.StringIO(result.stdout)))
    assert [(r["key"], r["start"], r["value"], r["complete"]) for r in rows[:3]] == [
        ("revenue", "2026-01-05", "1234577.25", "True"),
        ("revenue", "2026-01-06", "5.0", "True"),
        ("revenue", "2026-01-07", "0.0", "False"),
    ]
    assert rows[5]["value"] == ""
    assert rows[5]["reason"] == "orders is 0."


def test_a_table_fits_80_columns_and_keeps_numbers_whole(measure: Measure) -> None:
    result = measure()
    assert result.exit_code == 0
    assert max(map(len, result.stdout.splitlines())) <= 80
    assert "1,234,577.25" in result.stdout
    assert "…" not in result.stdout
    assert "revenue (sum, money)" in result.stdout
    assert "orders by plan (count)" in result.stdout
    assert "incomplete" in result.stdout
    assert "orders is 0." in result.stdout


def test_columns_without_anything_are_left_out(measure: Measure) -> None:
    heading = measure("--metric", "revenue").stdout.splitlines()[1]
    assert heading.split() == ["start", "value", "n", "note"]


def test_rows_that_cannot_be_read_are_named_on_stderr(measure: Measure, tmp_path: Path) -> None:
    (tmp_path / "events.csv").write_text(EVENTS + "ordered,yesterday,a,1,pro\n")
    result = measure("--metric", "orders", "--format", "json")
    assert result.exit_code == 0
    assert "line 6 left out: " in result.stderr
    assert json.loads(result.stdout)


def test_a_cohort_since_a_launch_of_the_same_file(measure: Measure, tmp_path: Path) -> None:
    path = tmp_path / "since.yml"
    who = "who: {did: {event: seen}, within: since new-search}"
    text = f"metrics: [{{key: orders, kind: count, event: ordered, {who}}}]\n"
    path.write_text(text)
    result = measure(definitions=str(path))
    assert result.exit_code == 2
    assert "There is no launch `new-search`" in result.stderr
    for day, orders in (("2026-01-05", 1), ("2026-01-06", 0)):
        path.write_text(f"{text}outputs: [{{key: new-search, launched: {day}}}]")
        found = answers(measure("--format", "json", definitions=str(path)))
        assert found["orders"]["points"][0]["value"] == orders
    document = {"key": "orders", "kind": "count", "event": "ordered", "who": WHO}
    with pytest.raises(DefinitionError, match="has been launched"):
        oneshot.measure([document], tmp_path / "events.csv", start="2026-01-05", end="2026-01-06")


@pytest.mark.parametrize(
    ("options", "changed", "said"),
    [
        (["--metric", "revenu"], {}, "There is no metric `revenu`. Did you mean `revenue`?"),
        (["--timezone", "Europe/Berln"], {}, "Did you mean `Europe/Berlin`?"),
        ([], {"to": "2026-01-05"}, "The range ends on 2026-01-05, not after its start"),
        (
            [],
            {"from": "2026-02-30"},
            "`2026-02-30` is not a day that exists. Write it as 2026-03-31.",
        ),
        ([], {"from": "0001-01-01"}, "The year is 1. Give one from 1900 to 2200."),
        (["--timezone", "Mars"], {}, "`Mars` is not a time zone. Name one such as"),
        ([], {"as_of": "noon"}, "--as-of: `noon` is not a time"),
        ([], {"definitions": "nowhere.yml"}, "nowhere.yml"),
        ([], {"events": "nowhere.csv"}, "nowhere.csv"),
        (["--grain", "fortnight"], {}, "'fortnight' is not one of 'day', 'week'"),
    ],
)
def test_errors_say_what_is_wrong_and_exit_with_2(
    measure: Measure, options: list[str], changed: dict[str, str], said: str
) -> None:
    result = measure(*options, **changed)
    assert result.exit_code == 2
    assert said in result.stderr
    assert "Traceback" not in result.output


def test_cdnow(tmp_path: Path) -> None:
    (tmp_path / "m.yml").write_text(
        """metrics:
  - {key: orders, kind: count, event: order_placed}
  - {key: revenue, kind: sum, event: order_placed, property: amount}
  - {key: customers, kind: unique, event: order_placed}
  - key: cohorts
    kind: retention
    start: {event: order_placed}
    returns: {event: order_placed}
    bucket: month
"""
    )
    files = ["--definitions", str(tmp_path / "m.yml"), "--events", str(CDNOW), "--format", "json"]
    months = ["--from", "1997-01-01", "--to", "1998-07-01", "--grain", "all"]
    result = CliRunner().invoke(main, ["measure", *files, *months])
    found = answers(result)
    assert found["orders"]["points"][0]["value"] == 69_659
    assert found["revenue"]["points"][0]["value"] == pytest.approx(2_500_315.63, abs=0.005)
    assert found["customers"]["points"][0]["value"] == 23_570
    january = ["--from", "1997-01-01", "--to", "1997-02-01", "--grain", "month"]
    only = ["--metric", "cohorts", "--as-of", "1998-07-01"]
    monthly = CliRunner().invoke(main, ["measure", *files, *january, *only])
    (cohort,) = answers(monthly)["cohorts"]["cohorts"]
    active = [7846, 1157, 964, 810, 679, 736, 720, 582, 559, 594, 673, 634, 528, 511, 664, 472]
    assert cohort["size"] == 7846
    assert cohort["returned"][:18] == [*active, 497, 498]
    assert set(cohort["returned"][18:]) <= {None, 0}


@pytest.mark.parametrize("store", ["postgres", "clickhouse"])
def test_cdnow_on_every_engine(store: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    cluster = request.getfixturevalue("cluster") if store == "postgres" else ""
    metrics = tmp_path / "metrics.yml"
    metrics.write_text(
        "metrics: [{key: revenue, kind: sum, event: order_placed, property: amount}]"
    )
    called = CliRunner().invoke(
        main,
        ["measure", "--definitions", str(metrics), "--events", str(CDNOW), "--from", "1997-01-01",
         "--to", "1998-07-01", "--grain", "all", "--format", "json", "--store", store],
        env={"HEADWAY_STORE_ADDRESS": f"{cluster}/postgres" if cluster else ""},
    )  # fmt: skip
    (point,) = answers(called)["revenue"]["points"]
    assert (point["value"], point["n"]) == (2_500_315.63, 69_659)


def test_a_store_that_is_not_known_or_not_found(measure: Measure) -> None:
    missing = measure("--store", "postgres", "--store-address", "")
    assert missing.exit_code
    assert "--store-address postgres://" in missing.output
    away = measure("--store", "postgres", "--store-address", "postgres://me:secret@127.0.0.1:9/db")
    assert away.exit_code
    assert "127.0.0.1/db" in away.output
    assert "secret" not in away.output
    with pytest.raises(StoreError, match="Did you mean `postgres`"):
        oneshot.measure([], CDNOW, start="1997-01-01", end="1997-01-02", store="postgre")


HEAD = "event,happened_at,user_id,amount\n"


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("a.csv", HEAD, "a.csv: It has no events. Give a row for each event."),
        (
            "a.json",
            '[{"event": "a"}]',
            "a.json: None of its rows can be read; line 1: The line is not a JSON object (Expected "
            "`object`, got `array`). A row is one event; NDJSON has one on each line.",
        ),
        ("a.csv", HEAD + "a,2026-02-30,u,1\n", "line 2: The date in `2026-02-30` does not exist."),
        ("a.csv", "event,time\na,2026-01-01\n", "Rename it in the file."),
    ],
)
def test_a_file_without_events_gives_no_numbers(
    measure: Measure, tmp_path: Path, name: str, text: str, said: str
) -> None:
    (tmp_path / name).write_text(text)
    result = measure(events=str(tmp_path / name))
    assert (result.exit_code, result.stdout) == (2, "")
    assert said in result.stderr
    assert "-column" not in result.stderr
