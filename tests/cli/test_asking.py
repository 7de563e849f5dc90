"""`headway surveys` and `headway uptime`: what there is, in words and as JSON."""

from __future__ import annotations

import json
from datetime import datetime

import pytest
from click.testing import CliRunner

from headway.accounts.models import Workspace
from headway.cli import main
from headway.ingest.actions import save_source
from headway.surveys.actions import save_survey
from headway.uptime.actions import save_check

pytestmark = pytest.mark.django_db


def run(*arguments: str) -> str:
    found = CliRunner().invoke(main, list(arguments), catch_exceptions=False)
    assert found.exit_code == 0, found.output
    return found.output


def test_surveys_and_checks_are_listed(
    acme: Workspace, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("headway.cli.django.ready", lambda **_: None)
    assert "No surveys yet." in run("surveys")
    assert "No uptime checks yet." in run("uptime")
    save_source(acme, "app", by=None, now=now)
    texts = {"en": {"question": "Well?"}}
    save_survey(acme, "pulse", kind="nps", source="app", texts=texts, by=None, now=now)
    save_check(acme, "home", url="https://example.org", source="app", by=None, now=now)
    [survey] = json.loads(run("surveys", "--format", "json"))
    assert (survey["key"], survey["answered"], survey["score"]) == ("pulse", 0, None)
    [check] = json.loads(run("uptime", "--format", "json"))
    assert (check["url"], check["state"]) == ("https://example.org", "not looked at yet")
    assert "pulse" in run("surveys")
    assert "not looked at yet" in run("uptime")
