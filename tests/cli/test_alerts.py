"""`headway alerts`: listed, taken on, put off, noted, watched."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner, Result
from django.conf import settings

from headway.accounts.models import Workspace
from headway.alerting.reading import stories
from headway.cli import main
from headway.metrics.models import Metric
from tests.alerting.conftest import TODAY, Pass, fell, fill, kpi, noon, passes

__all__ = ["passes"]

pytestmark = pytest.mark.django_db


@pytest.fixture
def home(acme: Workspace, passes: Pass) -> Workspace:
    acme.clock = noon(TODAY)
    acme.save()
    fill(kpi(acme, "orders", profile={"healthy": {"at_least": 80}}), fell(0.4))
    passes(acme)
    return acme


def run(*arguments: str) -> Result:
    settings.DATA.mkdir(parents=True, exist_ok=True)
    (settings.DATA / "headway.sqlite3").touch()
    return CliRunner().invoke(main, ["alerts", *arguments])


def test_what_is_wrong_is_listed_and_dealt_with(home: Workspace) -> None:
    listed = run("list", "--format", "json")
    assert listed.exit_code == 2
    (row,) = json.loads(listed.stdout)
    number = str(row["number"])
    assert row["what"] == "Orders: out of its healthy range"
    assert run("ack", number, "--note", "On it.").exit_code == 0
    assert run("list").exit_code == 0
    assert "On it." in run("list", "--state", "acknowledged").output
    found = run("list", "--find", "on it", "--format", "json")
    assert (found.exit_code, json.loads(found.stdout)[0]["state"]) == (0, "acknowledged")
    assert "No alert says “kangaroo”." in run("list", "--find", "kangaroo").output
    assert "until 2026-02-08" in run("snooze", number, "--days", "7").output
    assert run("snooze", number).exit_code == 2
    assert run("put-back", number).exit_code == 0
    assert run("note", number, "A fair in town.").exit_code == 0
    assert stories(home, TODAY)[0].alert.note == "A fair in town."
    missing = run("ack", "99999")
    assert missing.exit_code == 2
    assert "There is no alert 99999" in missing.output


def test_how_a_kpi_is_watched_is_said(home: Workspace) -> None:
    said = run("watch", "orders", "--sensitivity", "low", "--mute", "unusual", "--target", "0.9")
    assert "sensitivity: low; mute: ['unusual']; target: 0.9" in said.output
    assert Metric.objects.get(key="orders").document["alerts"] == {
        "sensitivity": "low", "mute": ["unusual"], "target": 0.9,
    }  # fmt: skip
    wrong = run("watch", "orders", "--mute", "unusal")
    assert wrong.exit_code == 2
    assert "unusual" in wrong.output
