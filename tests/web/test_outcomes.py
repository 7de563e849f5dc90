"""The outcome map, recent launches and outputs, as people click through them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
from django.test import Client

from headway.accounts.models import Member, Workspace
from headway.goals.launch.effects import reckon
from headway.goals.models import Output
from headway.goals.outputs import save_output
from headway.metrics.models import Metric, Point
from tests.goals.conftest import make_metric, put

NOW = datetime(2026, 4, 1, 12, tzinfo=UTC)
Enter = Callable[[Member], Client]


@pytest.fixture
def shop(acme: Workspace) -> Metric:
    """Orders each drive revenue, the business; weeks of about 10, and of 14 from 9 March on."""
    acme.clock = NOW
    acme.save()
    make_metric(acme, "revenue", profile={"outcome": "business"})
    profile = {"outcome": "product", "drives": ["revenue"], "grain": "week"}
    orders = make_metric(acme, "orders", profile=profile, level="kpi")
    put(orders, date(2025, 12, 1), [10, 11, 9, 10, 11, 10, 9, 10, 11, 10, 9, 11, 10, 99], step=7)
    put(orders, date(2026, 3, 9), [14, 15, 13], step=7)
    Point.objects.update(numerator=1, denominator=1)
    return orders


def text(client: Client, path: str, status: int = 200) -> str:
    found = client.get(path)
    assert found.status_code == status
    return " ".join(found.content.decode().split())


def test_from_an_empty_map_to_a_launch_that_is_judged(
    shop: Metric, member: Member, enter: Enter
) -> None:
    client = enter(member)
    assert "Nothing that is shipped or measured drives it." in text(client, "/acme/outcomes")
    assert "Nothing has been launched yet" in text(client, "/acme/outcomes/launches")
    typed = {
        "name": "Guided setup",
        "description": "Shops order on their first day.",
        "status": "planned",
        "launched": "2026-03-04",
        "audience": "country in DE, AT",
        "moves": ["orders"],
        "owner": member.pk,
    }
    refused = client.post("/acme/outcomes/new", {**typed, "launched": "2026-04-02"})
    said = " ".join(refused.content.decode().split())
    assert "It cannot have been launched on 2026-04-02: today is 2026-04-01." in said
    assert "country in DE, AT" in said, "nothing that was typed is lost"
    assert client.post("/acme/outcomes/new", typed)["Location"] == "/acme/outcomes/guided-setup"
    output = Output.objects.get()
    assert (output.status, output.audience) == (
        "launched",
        {"where": {"country": {"in": ["DE", "AT"]}}},
    )
    page = text(client, "/acme/outcomes/guided-setup")
    assert "for <code>country</code> is DE or AT" in page
    assert "Not judged yet" in page
    reckon(shop.workspace, now=NOW)
    page = text(client, "/acme/outcomes/guided-setup")
    assert "higher than it would have been without the launch" in page
    assert "3 weeks, 9 – 29 Mar 2026" in page
    assert "Moved" in page
    assert "<svg" in text(client, "/acme/outcomes/guided-setup/chart/orders")
    review = text(client, "/acme/outcomes/launches")
    assert "1 launch; of 1 metric: 1 moved" in review
    assert "Shops order on their first day." in review
    found = client.get("/acme/outcomes/launches?format=json").json()
    assert found[0]["moves"][0]["verdict"] == "moved"
    outcomes = text(client, "/acme/outcomes")
    assert "none hangs loose" in outcomes
    assert "What launches did" in outcomes
    assert "Orders: 3.9" in outcomes
    assert text(client, "/acme/outcomes/guided-setup/chart/revenue", status=404)
    assert "should move it, launched 4 Mar 2026" in text(client, "/acme/kpis/orders")
    rows = {row["key"]: row for row in client.get("/acme/outcomes?format=json").json()}
    assert rows["guided-setup"]["drives"] == ["orders"]
    assert rows["orders"]["value"] == 13


def test_an_output_is_edited_archived_and_brought_back(
    shop: Metric, member: Member, enter: Enter
) -> None:
    save_output(member.workspace, name="Dark mode", launched=date(2026, 3, 20), by=None, now=NOW)
    client = enter(member)
    assert "names no outcome" in text(client, "/acme/outcomes/launches")
    form = text(client, "/acme/outcomes/dark-mode/edit")
    assert 'value="2026-03-20"' in form
    typed = {"name": "Night mode", "status": "stopped", "launched": "2026-03-20"}
    client.post("/acme/outcomes/dark-mode/edit", typed)
    page = text(client, "/acme/outcomes/dark-mode")
    assert "Stopped" in page
    assert "Night mode" in page
    client.post("/acme/outcomes/dark-mode/archive")
    assert "Night mode" not in text(client, "/acme/outcomes/launches")
    assert "bring it back" in text(client, "/acme/outcomes/dark-mode")
    client.post("/acme/outcomes/dark-mode/restore")
    assert "Night mode" in text(client, "/acme/outcomes/launches")
    assert "Night mode" in text(client, "/acme/search?q=night")
    wrong = text(client, "/acme/outcomes/dark-mod", status=404)
    assert "Did you mean `dark-mode`" in wrong or "dark-mode" in wrong


def test_a_viewer_reads_and_changes_nothing(shop: Metric, viewer: Member, enter: Enter) -> None:
    save_output(viewer.workspace, name="Dark mode", planned=date(2026, 3, 20), by=None, now=NOW)
    client = enter(viewer)
    assert "New output" not in text(client, "/acme/outcomes")
    assert "overdue" in text(client, "/acme/outcomes/launches")
    assert client.get("/acme/outcomes/new").status_code == 403
    assert client.post("/acme/outcomes/dark-mode/archive").status_code == 403
    assert Output.objects.get().archived_at is None
