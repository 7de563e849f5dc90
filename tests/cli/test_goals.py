"""Targets broken down, comments and shared links at the command line."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from click.testing import CliRunner
from django.conf import settings
from django.test import Client

from headway.accounts.models import Link, Member, Team, Workspace
from headway.cli import main
from headway.goals import actions
from headway.goals import refresh as goals
from headway.goals.ahead import prospects
from headway.goals.ahead.words import percent
from headway.goals.models import Comment, KeyResult
from headway.metrics.models import Definition
from headway.outlook import refresh as outlook
from tests.goals.conftest import make_metric, put

Run = Callable[..., str]
NOW = datetime(2026, 2, 20, 9, tzinfo=UTC)
LAST = date(2026, 2, 19)


@pytest.fixture
def run(acme: Workspace, member: Member) -> Run:
    """Goals of 2026 whose revenue came to 100 a day since the year began."""
    settings.DATA.mkdir(parents=True, exist_ok=True)
    (settings.DATA / "headway.sqlite3").touch()
    acme.clock, acme.timezone = NOW, "UTC"
    acme.save()
    team = Team.objects.create(workspace=acme, key="growth", name="Growth")
    cycle = actions.save_cycle(
        acme,
        key="2026",
        name="",
        starts=date(2026, 1, 1),
        ends=date(2026, 12, 31),
        by=None,
        now=NOW,
    )
    grow = actions.save_objective(acme, title="Grow", team=team, cycle=cycle, by=None, now=NOW)
    orders, spend = make_metric(acme, "orders"), make_metric(acme, "spend")
    revenue = make_metric(acme, "revenue", kind="sum")
    tree = {"kind": "sum", "event": "order", "property": "amount"}
    Definition.objects.filter(metric=revenue).update(body=tree)
    revenue.profile = {"tree": "orders * spend"}
    revenue.save()
    for metric, value in ((orders, 20.0), (spend, 5.0), (revenue, 100.0)):
        put(metric, LAST - timedelta(days=49), [value] * 50)
    actions.save_key_result(
        grow, metric=revenue, shape="reach", target=50_360.0, over="cycle_to_date", by=None, now=NOW
    )

    def run(*arguments: str, code: int = 0) -> str:
        said = CliRunner().invoke(main, arguments)
        assert said.exit_code == code, said.output
        return said.output

    return run


def rows(said: str) -> Any:
    return json.loads(said)


def test_a_target_is_broken_down_and_saved(run: Run) -> None:
    found = rows(run("break-down", "grow/revenue", "--format", "json"))
    assert [part["even"] for part in found["parts"]] == [12_590, 25_180, 37_770, 50_360]
    assert found["parts"][1]["even_in_it"] == 12_590
    assert found["parts"][0]["season"] is None, "there is no last year"
    drivers = {d["driver"]: (d["now"], d["suggested"]) for d in found["drivers"]}
    each = ((50_360 - 5_000) / 315 / 100) ** 0.5  # 315 days are left, 100 came in on one
    assert drivers["orders"] == (20, pytest.approx(20 * each, abs=1e-4))
    assert drivers["spend"] == (5, pytest.approx(5 * each, abs=1e-4))
    held = rows(run("break-down", "grow/revenue", "--hold", "spend", "--format", "json"))
    assert held["drivers"][0]["suggested"] == pytest.approx(28.8)
    assert "Its history begins" in run("break-down", "grow/revenue")
    refused = run("break-down", "grow/revenue", "--way", "season", "--save", "phases", code=2)
    assert "Its history begins" in refused
    assert "reason" in run("break-down", "grow/revenue", "--save", "phases", code=2)
    run("break-down", "grow/revenue", "--save", "phases", "--reason", "As agreed.")
    assert KeyResult.objects.get(key="revenue").phases == {
        "2026-03-31": 12_590, "2026-06-30": 25_180, "2026-09-30": 37_770,
    }  # fmt: skip
    assert "no cycle for each part" in run("break-down", "grow/revenue", "--save", "cycles", code=2)
    run("break-down", "grow/revenue", "--hold", "spend", "--save", "drivers")
    made = KeyResult.objects.get(metric__key="orders")
    assert (made.target, made.grain, made.over) == (28.8, "day", "latest")


def test_comments_are_read_written_and_deleted(run: Run) -> None:
    me = ("--as", "member@acme.example")
    assert "Nobody has said" in run("comments", "list", "grow")
    (made,) = rows(run("comments", "say", "grow/revenue", "Slow.", *me, "--format", "json"))
    number = str(made["number"])
    assert (made["by"], made["text"]) == ("member@acme.example", "Slow.")
    run("comments", "edit", "grow/revenue", number, "Slower.", *me)
    assert rows(run("comments", "list", "grow/revenue", "--format", "json"))[0]["text"] == "Slower."
    assert "no comment" in run("comments", "delete", "grow", number, code=2)
    run("comments", "delete", "grow/revenue", number, *me)
    assert not Comment.objects.filter(deleted_at=None).exists()
    assert "Did you mean `grow`" in run("comments", "say", "grw", "Hm.", code=2)


def test_links_are_made_listed_and_withdrawn(run: Run, client: Client) -> None:
    url = run("links", "share", "objectives/grow", "--days", "3").strip()
    page = client.get(url.removeprefix(settings.BASE_URL))
    assert page.status_code == 200
    assert "Grow" in page.content.decode()
    (link,) = rows(run("links", "list", "--format", "json"))
    assert (link["page"], link["title"]) == ("objectives/grow", "Grow")
    run("links", "revoke", str(link["number"]))
    assert "no open link" in run("links", "revoke", str(link["number"]), code=2)
    assert client.get(url.removeprefix(settings.BASE_URL)).status_code == 404
    run("links", "share", "reviews/2026/growth")
    assert Link.objects.latest("pk").title == "Review of Growth: 2026"
    assert "no team `grow`" in run("links", "share", "reviews/2026/grow", code=2)
    assert "cannot be shared" in run("links", "share", "kpis", code=2)


def test_what_is_to_come_is_told(run: Run, acme: Workspace) -> None:
    assert "It has not been looked at yet." in run("show", "revenue")
    for look in (goals.refresh, prospects.refresh, outlook.refresh):
        look(acme, now=NOW)
    goal = rows(run("okrs", "--format", "json"))[1]
    assert 0 < goal["chance"] < 0.1, "100 a day make 36 500"
    assert percent(goal["chance"]) in run("okrs")
    said = " ".join(run("show", "grow/revenue").split())
    assert "If it goes on like this, it will most likely be 36 500 on 31 Dec 2026" in said
    metrics = rows(run("kpis", "--all", "--format", "json"))
    assert {"next", "next_low", "next_high"} <= metrics[0].keys()
