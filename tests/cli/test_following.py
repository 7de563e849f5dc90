"""A number followed down at the command line."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from django.conf import settings

from headway.accounts.models import Workspace
from headway.cli import main
from headway.ingest import actions
from headway.metrics.actions import save_metric
from headway.metrics.refresh import refresh

Run = Callable[..., Result]
NOW = datetime.fromisoformat("2026-02-20T09:00:00+00:00")
ROWS = """event,happened_at,user_id,amount,plan
order,2026-02-02T09:00:00Z,ann,10,pro
order,2026-02-03T09:00:00Z,ann,20,pro
order,2026-02-04T10:00:00Z,ben,,free
seen,2026-02-19T10:00:00Z,cat,,
"""


@pytest.fixture
def run(acme: Workspace, tmp_path: Path) -> Run:
    settings.DATA.mkdir(parents=True, exist_ok=True)
    (settings.DATA / "headway.sqlite3").touch()
    acme.clock = NOW
    acme.timezone = "Europe/Berlin"
    acme.save()
    path = tmp_path / "orders.csv"
    path.write_text(ROWS)
    source = actions.save_source(acme, "shop", by=None, now=NOW)
    actions.import_events(source, path, by=None, now=NOW)
    for document in (
        {"key": "orders", "kind": "count", "event": "order", "segments": ["plan"]},
        {"key": "revenue", "kind": "sum", "event": "order", "property": "amount"},
        {"key": "value", "kind": "ratio", "numerator": "revenue", "denominator": "orders"},
    ):
        save_metric(acme, document, by=None, now=NOW)
    refresh(acme, now=NOW)
    return lambda *arguments: CliRunner().invoke(main, ["show", *arguments])


def test_a_number_is_followed_through_its_inputs(run: Run) -> None:
    said = run("value", "--at", "2026-02-04", "--grain", "week", "--sql").output
    assert "value, version 1: `revenue` divided by `orders`." in said
    assert "numerator" in said
    assert "1 event could not be used" in said
    assert "-- DuckDB, 2 – 8 Feb 2026\nWITH" in said
    assert "ann" in said
    assert "2026-02-03 10:00" in said


def test_as_data(run: Run) -> None:
    [found] = json.loads(run("orders", "--at", "2026-02-04", "--format", "json").output)
    assert found["point"]["value"] == 3
    assert [e["id"] for e in found["selections"][0]["examples"]] == ["ben", "ann"]
    lines = run("value", "--at", "2026-02-04", "--format", "csv").output.splitlines()
    assert lines[0] == "metric,selection,from,through,events,subjects,by,which"
    assert lines[1] == "revenue,events,2026-02-02,2026-02-08,3,2,user,`order` events"


def test_of_one_segment(run: Run) -> None:
    said = run("orders", "--at", "2026-02-04", "--segment", "plan", "--only", "pro").output
    assert "ann" in said
    assert "ben" not in said


WRONG = [
    (("orders", "--at", "yesterday"), "yesterday"),
    (("order", "--at", "2026-02-04"), "Did you mean `orders`"),
    (("orders", "--at", "2026-02-04", "--only", "pro"), "belong together"),
    (("orders", "--at", "2026-02-04", "--segment", "country", "--only", "DE"), "country"),
]


@pytest.mark.parametrize(("arguments", "words"), WRONG)
def test_what_cannot_be_followed(run: Run, arguments: tuple[str, ...], words: str) -> None:
    said = run(*arguments)
    assert said.exit_code == 2
    assert words in said.output
