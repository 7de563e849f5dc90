"""The three boards on their pages and over HTTP; a journey that an admin rewrites."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
from django.test import Client

from headway.accounts.models import Member, Workspace
from tests.api.conftest import api_of
from tests.goals.conftest import make_metric, put

Enter = Callable[[Member], Client]
NOW = datetime(2026, 4, 1, 12, tzinfo=UTC)


@pytest.fixture
def measured(acme: Workspace) -> Workspace:
    acme.clock = NOW
    acme.save()
    for key, family, value in (
        ("availability", "creation/operation", 0.95),
        ("churn", "capture/retention", 0.4),
        ("nps", "capture/retention", None),
    ):
        healthy = {"floor": 0, "goal": 1, "at_least": 0.9}
        profile = {"grain": "week", "healthy": healthy}
        metric = make_metric(acme, key, family=family, level="kpi", profile=profile)
        put(metric, date(2026, 3, 23), [value], step=7)
    return acme


def text(client: Client, path: str, status: int = 200) -> str:
    found = client.get(path)
    assert found.status_code == status
    return " ".join(found.content.decode().split())


def test_empty_boards_teach(acme: Workspace, member: Member, enter: Enter) -> None:
    client = enter(member)
    assert "No KPI of the journey yet" in text(client, "/acme/boards")
    assert "No KPI of the funnel yet" in text(client, "/acme/boards/funnel")
    assert "Nothing to place yet" in text(client, "/acme/boards/value-map")


def test_boards_with_numbers(measured: Workspace, member: Member, enter: Enter) -> None:
    client = enter(member)
    board = text(client, "/acme/boards")
    assert "Where does the journey hurt?" in board
    assert "all 1 healthy" in board
    page = text(client, "/acme/boards/funnel")
    assert "Fix retention first: Churn is 0.4 (healthy: at least 0.9)." in page
    assert "1 of 2 out of range, 1 unknown" in page
    drawn = text(client, "/acme/boards/value-map")
    assert "Acme creates 95 and captures 40 of 100: “Loved, not paid”." in drawn
    assert "left out" in drawn
    assert client.get("/acme/boards/value-map?by=plan").status_code == 404
    assert client.get("/acme/boards/value-map?format=json").json()[0]["capture"] == 0.4 * 100
    api = api_of(member)
    assert api("GET", "/boards/value-map")[0]["unknown"] == 1
    assert api("GET", "/boards/funnel")["stages"][-1]["fix_first"] is True
    assert api("GET", "/boards/journey")[0]["kpis"] == {"availability": 0.95}
    assert api("GET", "/outcomes") == []
    assert api("GET", "/launches?since=2026-01-01") == []
    assert api("GET", "/alignment") == []


def test_an_admin_rewrites_the_journey(
    measured: Workspace, admin: Member, member: Member, enter: Enter
) -> None:
    client = enter(admin)
    form = text(client, "/acme/boards/journey")
    assert "- key: operate" in form
    wrong = client.post("/acme/boards/journey", {"stages": "journey:\n  - {key: a, nme: A}\n"})
    assert "nme" in wrong.content.decode()
    twice = "journey:\n  - {key: a, name: A}\n  - {key: a, name: B}\n"
    refused = client.post("/acme/boards/journey", {"stages": twice}).content.decode()
    assert "is there 2 times" in refused
    assert "name: B" in refused, "nothing that was typed is lost"
    good = "journey:\n  - {key: send, name: Send parcels, family: creation/operation}\n"
    assert client.post("/acme/boards/journey", {"stages": good}).status_code == 302
    assert "Send parcels" in text(client, "/acme/boards")
    client.post("/acme/boards/journey", {"stages": ""})
    assert "Do people get in?" in text(client, "/acme/boards")
    assert enter(member).get("/acme/boards/journey").status_code == 403
