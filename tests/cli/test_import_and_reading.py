"""Commands that bring events in and print what came of them."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from django.conf import settings

from headway.accounts import actions as accounts
from headway.accounts.models import Member, Workspace
from headway.cli import main
from headway.goals import actions as goals
from headway.metrics.actions import save_metric
from headway.metrics.refresh import refresh

Run = Callable[..., Result]

ROWS = """order,day,customer,amount
A1,2026-02-02,0042,9.5
A2,2026-02-03,0043,10.5
A3,2026-02-30,0043,3
"""
FLAGS = (
    "--source", "shop", "--event-name", "ordered", "--time-column", "day",
    "--user-column", "customer", "--id-column", "order",
)  # fmt: skip


@pytest.fixture
def run(acme: Workspace) -> Run:
    """The command line, in this process, on the tests' database."""
    settings.DATA.mkdir(parents=True, exist_ok=True)
    (settings.DATA / "headway.sqlite3").touch()

    def invoke(*arguments: str) -> Result:
        return CliRunner().invoke(main, list(arguments))

    return invoke


@pytest.fixture
def orders(tmp_path: Path) -> str:
    path = tmp_path / "orders.csv"
    path.write_text(ROWS)
    return str(path)


def test_import_says_how_many_of_each(run: Run, acme: Workspace, orders: str) -> None:
    said = run("import", "events", orders, *FLAGS)
    assert said.exit_code == 0, said.output
    assert "3 read · 2 added · 0 already known · 1 rejected (" in said.output
    assert acme.sources.get().rows == 2
    again = json.loads(run("import", "events", orders, *FLAGS, "--format", "json").output)
    assert (again[0]["added"], again[0]["known"]) == (0, 2)


def test_import_by_a_mapping_file(run: Run, acme: Workspace, orders: str, tmp_path: Path) -> None:
    file = tmp_path / "workspace.yml"
    file.write_text(
        "sources:\n  - {key: shop, kind: ingest, event: ordered, id: order, at: day, "
        "user: customer, properties: [amount]}\n"
    )
    said = run("import", "events", orders, "--source", "shop", "--mapping", str(file))
    assert "2 added" in said.output
    said = run("import", "events", orders, "--source", "shpo", "--mapping", str(file))
    assert said.exit_code == 2
    assert "Did you mean `shop`" in said.output


def test_import_fails_when_every_row_does(run: Run, orders: str) -> None:
    said = run("import", "events", orders, *FLAGS, "--time-format", "%d.%m.%Y")
    assert said.exit_code == 1
    assert "3 rejected" in said.output


def test_import_in_the_name_of_a_viewer_is_refused(run: Run, viewer: Member, orders: str) -> None:
    said = run("import", "events", orders, *FLAGS, "--as", viewer.person.email)
    assert said.exit_code == 2
    assert "may not write" in said.output


def test_kpis_and_a_kpi(run: Run, acme: Workspace, orders: str, now: datetime) -> None:
    run("import", "events", orders, *FLAGS)
    document = {
        "key": "revenue", "kind": "sum", "event": "ordered", "property": "amount",
        "level": "kpi", "grain": "day", "healthy": {"at_least": 5},
    }  # fmt: skip
    save_metric(acme, document, by=None, now=now)
    acme.clock = datetime.fromisoformat("2026-02-04T00:00:00+00:00")
    acme.save()
    refresh(acme, now=now)
    row = json.loads(run("kpis", "--format", "json").output)[0]
    assert (row["key"], row["value"], row["start"]) == ("revenue", 10.5, "2026-02-03")
    assert row["health"] == "healthy"
    assert "10.5" in run("kpis").output
    points = json.loads(run("show", "revenue", "--grain", "day", "--format", "json").output)
    assert [p["value"] for p in points[:2]] == [9.5, 10.5]
    said = run("show", "revenu")
    assert said.exit_code == 2
    assert "Did you mean `revenue`" in said.output


def test_okrs_and_check_in(run: Run, acme: Workspace, now: datetime) -> None:
    team = accounts.save_team(acme, key="all", name="All", by=None, now=now)
    cycle = goals.save_cycle(
        acme,
        key="2026",
        name="2026",
        starts=date(2026, 1, 1),
        ends=date(2026, 12, 31),
        by=None,
        now=now,
    )
    objective = goals.save_objective(
        acme, key="grow", title="Grow", team=team, cycle=cycle, by=None, now=now
    )
    goals.save_key_result(
        objective, key="partners", title="Partners", shape="manual", baseline_typed=0.0,
        target=10.0, by=None, now=now,
    )  # fmt: skip
    acme.clock = now
    acme.save()
    said = run(
        "check-in", "grow/partners", "--value", "4", "--confidence", "7", "--note", "Two more"
    )
    assert said.exit_code == 0, said.output
    rows = json.loads(run("okrs", "--cycle", "2026", "--format", "json").output)
    assert [(r["key"], r["now"], r["progress"]) for r in rows][1] == ("grow/partners", 4.0, 0.4)
    assert "Two more" in run("show", "grow/partners").output
    assert "grow/partners" in run("okrs").output
    assert "Partners" in run("show", "grow").output
    assert run("okrs", "--cycle", "2027").exit_code == 2
    assert run("check-in", "grow/partner", "--value", "4").exit_code == 2
