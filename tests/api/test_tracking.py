"""The tracking plan and people's rights over the API and at the command line."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner

from headway.accounts.models import Member, Workspace
from headway.cli import main
from headway.cli.worker import run_pass
from headway.ingest import actions
from headway.ingest.models import Rewrite
from tests.api.conftest import Api, api_of
from tests.ingest.inflow.test_drain import deliver, drained
from tests.ingest.plan.test_tracking import days

pytestmark = pytest.mark.django_db


def test_events_are_declared_reports_settled_people_deleted(
    api: Api, admin: Member, acme: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("headway.cli.django.ready", lambda **_: None)
    now = datetime.now(UTC)
    source = actions.save_source(acme, "app", name="App", by=None, now=now)
    deliver(source, now, *days("order_placed", 0, 28, 2, amount=5), *days("orderPlaced", 20, 21))
    drained(source, now)
    run_pass(now)
    [report] = api("GET", "/tracking/reports")
    assert (report["code"], report["other"]) == ("misspelt", "order_placed")
    settled = api("POST", f"/tracking/reports/{report['id']}", {"way": "renamed"})
    assert settled["settled_as"] == "renamed"
    assert api("GET", "/tracking/reports") == []
    found = api("PUT", "/tracking/events/cart%20viewed", {"properties": {"n": {"type": "number"}}})
    assert (found["event"], found["state"]) == ("cart viewed", "declared, not seen yet")
    assert [row["event"] for row in api("GET", "/tracking")] == [
        "order_placed", "orderPlaced", "cart viewed",
    ]  # fmt: skip
    api("DELETE", "/tracking/events/cart%20viewed", status=204)
    assert (
        "nmber"
        in api.ask(
            "PUT", "/tracking/events/x", {"properties": {"n": {"type": "nmber"}}}
        ).content.decode()
    )

    assert api.ask("GET", "/people/events?id=u1").status_code == 403
    admins = api_of(admin)
    assert admins.ask("GET", "/people/events?id=nobody").status_code == 404
    lines = b"".join(admins.ask("GET", "/people/events?id=u1").streaming_content)  # type: ignore[attr-defined]
    assert len(lines.splitlines()) == 57

    run = CliRunner().invoke(main, ["tracking", "list", "--format", "json"])
    assert json.loads(run.output)[0]["came"] == 56
    assert CliRunner().invoke(main, ["tracking", "reports"]).exit_code == 0
    run = CliRunner().invoke(main, ["person", "export", "u1"])
    assert len(run.output.splitlines()) == 57
    run = CliRunner().invoke(main, ["person", "delete", "u1"], input="n\n")
    assert "57 events under 1 ids" in run.output
    assert not Rewrite.objects.exists()

    receipt = admins("POST", "/people/deletions", {"id": "u1", "block": True}, status=202)
    assert receipt["state"] == "waiting"
    run_pass(now)
    assert admins("GET", f"/people/receipts/{receipt['id']}")["state"] == "clearing"
    run_pass(now + timedelta(minutes=11))
    run = CliRunner().invoke(main, ["person", "receipts", "--format", "json"])
    [row] = json.loads(run.output)
    assert (row["state"], row["events"]) == ("done", 57)
    assert admins.ask("GET", "/people/events?id=u1").status_code == 404
    assert admins.ask("POST", "/people/unblocking", {"id": "u2"}).status_code == 404
    assert admins.ask("POST", "/people/unblocking", {"id": "u1"}).status_code == 204
    run = CliRunner().invoke(main, ["person", "unblock", "u1"])
    assert "Nothing with this id is refused" in run.output
    assert api.ask("POST", "/people/cleaning").status_code == 403
