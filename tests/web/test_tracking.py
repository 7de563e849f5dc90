"""The tracking plan and people's data as people use them: pages, buttons, downloads."""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from headway.accounts.models import Member, Workspace
from headway.cli.worker import run_pass
from headway.ingest import actions
from headway.ingest.models import Report, Rewrite
from headway.ingest.plan import planning, tracking
from headway.metrics import actions as metrics
from tests.conftest import member_of
from tests.ingest.inflow.test_drain import deliver, drained
from tests.ingest.plan.test_tracking import days
from tests.web.test_kpis import Enter

pytestmark = pytest.mark.django_db


@pytest.fixture
def home(acme: Workspace, now: datetime) -> Workspace:
    source = actions.save_source(acme, "app", name="App", by=None, now=now)
    metrics.save_metric(
        acme,
        {"key": "carts", "name": "Carts", "kind": "count", "event": "cart_viewed", "level": "kpi"},
        by=None,
        now=now,
    )
    deliver(source, now, *days("order_placed", 0, 28, 2, amount=5, email="ada@x.org"))
    deliver(source, now, *days("cart_viewed", 0, 12), *days("orderPlaced", 20, 21))
    drained(source, now)
    run_pass(now)
    return acme


def text(client: Client, path: str, **posted: Any) -> str:
    answer = client.post(path, posted, follow=True) if posted else client.get(path)
    assert answer.status_code in (200, 422), path
    return answer.content.decode()


def test_the_plan_is_seen_settled_and_written(
    home: Workspace, member: Member, enter: Enter, now: datetime
) -> None:
    client = enter(member)
    page = text(client, "/acme/tracking")
    assert "3 events, 0 of them declared" in page
    assert "2 reports wait" in page
    assert "Did you mean <code>order_placed</code>?" in page
    assert "On it rest" in page
    assert "cart_viewed has stopped coming" in text(client, "/acme/")
    source = text(client, "/acme/sources/app")
    assert '<td class="num">56</td>' in source
    assert '<a href="/acme/kpis/carts">Carts</a>' in source
    report = Report.objects.get(code="misspelt")
    answer = text(client, f"/acme/tracking/reports/{report.pk}", do="renamed", to="order_placed")
    assert "read so from now on" in answer
    assert "read as order_placed" in answer
    assert home.events.get().also == ["orderPlaced"]

    edited = {"event": "order_placed", "also": "orderPlaced", "description": "Paid.",
              "property": ["amount", "email", "plan"], "type-0": "number", "in-0": "on",
              "required-0": "on", "type-2": "text", "in-2": "on"}  # fmt: skip
    assert "is saved" in text(client, "/acme/tracking/event", **edited)
    kept = home.events.get()
    assert kept.properties == {
        "amount": {"type": "number", "required": True}, "plan": {"type": "text"},
    }  # fmt: skip
    assert kept.description == "Paid."
    assert "56 times" in text(client, "/acme/tracking/event?event=order_placed").replace(",", "")
    wrong = text(client, "/acme/tracking/event", event="paid", also="order_placed", description="x")
    assert "is an event of the plan itself" in wrong
    assert 'value="order_placed"' in wrong, "nothing typed is lost"
    rows = json.loads(text(client, "/acme/tracking?format=json"))
    assert rows[0]["event"] == "order_placed"
    assert rows[0]["properties"]["amount"] == "number"
    assert "cart_viewed" in text(client, "/acme/tracking?format=csv")

    assert "may not administer" in text(client, "/acme/tracking/personal", name="email", way="hash")
    admin = enter(member_of(home, "admin", now))
    said = text(admin, "/acme/tracking/personal", name=["email", "ip"], way=["hash", ""])
    assert "It holds for whatever comes in" in said
    home.refresh_from_db()
    assert home.personal == {"email": "hash"}
    assert "cleans what was written" in text(admin, "/acme/tracking/personal", do="clean")
    text(client, "/acme/tracking/start", do="start")
    assert set(home.events.values_list("key", flat=True)) == {"order_placed", "cart_viewed"}


def test_thousands_of_names_are_a_page_of_a_usual_size(
    home: Workspace, member: Member, enter: Enter, now: datetime
) -> None:
    """Somebody sends ids as names: each is reported, and the page shows the first of them."""
    client, source = enter(member), home.sources.get()
    deliver(source, now, *(e for n in range(300) for e in days(f"seen_{n}_by_id", 0, 1)))
    drained(source, now)
    planning.declare(home, "order_placed", by=None, now=now)
    tracking.watch(home, now=now)
    assert home.reports.filter(settled_at=None).count() > 300
    page = text(client, "/acme/tracking")
    assert page.count('<li id="report-') == 20
    assert "more, which come up as these are settled" in page
    assert len(page) < 600_000


def test_admins_look_somebody_up_export_and_delete(
    home: Workspace, member: Member, enter: Enter, now: datetime
) -> None:
    assert enter(member).get("/acme/settings/people").status_code == 403
    client = enter(member_of(home, "admin", now))
    path = "/acme/settings/people"
    assert "No event here is of anybody" in text(client, path, do="look", id="nobody")
    assert "69 events under 1 id" in text(client, path, do="look", id="u1")
    export = client.post(path, {"do": "export", "id": "u1"})
    lines = b"".join(export.streaming_content).splitlines()  # type: ignore[attr-defined]
    assert len(lines) == 69
    assert b"ada@x.org" in b"".join(lines)
    assert "Tick this box" in text(client, path, do="delete", id="u1")
    assert not Rewrite.objects.exists()
    receipt = text(client, path, do="delete", id="u1", sure="on", blocks="on")
    assert "waits for the worker" in receipt
    run_pass(now)
    job = Rewrite.objects.get()
    run_pass(datetime.fromisoformat(job.account["written_at"]) + timedelta(minutes=10))
    receipt = text(client, f"{path}/{job.pk}")
    assert "69 events" in receipt
    assert "is refused" in receipt
    assert not re.search(r"\bu1\b", receipt), "no mark against forgery"
    assert "Done" in text(client, path)
    again = text(client, f"{path}/{job.pk}", do="unblock")
    assert "is taken as new" in again
    assert "Take it again" not in again
