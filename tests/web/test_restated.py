"""Who somebody was is said later: the past is counted again, and its page says so."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from headway.accounts.models import Member, Workspace
from headway.cli.worker import run_pass
from headway.ingest import actions
from headway.ingest.door.door import Door
from headway.metrics import actions as metrics
from headway.metrics.models import Point, Restated
from tests.ingest.door.test_door import Client
from tests.web.test_kpis import Enter

pytestmark = pytest.mark.django_db(transaction=True)


def story(type_: str, id_: str, day: int, **more: Any) -> dict[str, Any]:
    at = f"2026-02-{day:02}T10:00:00Z"
    return {"type": type_, "messageId": id_, "timestamp": at} | more


def test_a_late_merge_restates_the_past_and_the_page_says_so(
    acme: Workspace, member: Member, enter: Enter, now: Any
) -> None:
    source = actions.save_source(acme, "app", by=None, now=now)
    key = actions.create_key(source, "web", by=None, now=now).value
    for kind in ("unique", "count"):
        document = {"key": kind, "kind": kind, "event": "visited", "level": "kpi"}
        metrics.save_metric(acme, document, by=None, now=now)
    send = Client(Door(lambda *_: []))

    def batch(*events: Any) -> None:
        assert send("/v1/batch", json.dumps({"batch": events}).encode(), key)[0] == 200

    visits = [("a", "phone", 3), ("b", "laptop", 4), ("c", "other", 5), ("d", "phone", 11)]
    batch(*(story("track", m, d, event="visited", anonymousId=a) for m, a, d in visits))
    run_pass(now)
    week = Point.objects.get(metric__key="unique", grain="week", start="2026-02-02")
    assert (week.value, week.complete) == (3, True)
    client = enter(member)
    address = "/acme/kpis/unique?grain=week&from=2026-01-26&to=2026-03-01"
    assert "Restated" not in client.get(address).content.decode()

    later = now + timedelta(hours=1)
    batch(
        *(story("identify", f"i{a}", 20, anonymousId=a, userId="u1") for a in ("phone", "laptop"))
    )
    run_pass(later)
    week.refresh_from_db()
    assert week.value == 2
    page = client.get(address).content.decode()
    assert (
        "1 week has another value than before, because ids turned out to be the same person."
        in page
    )
    assert not Restated.objects.filter(metric__key="count").exists(), "as many visits as before"
    [row] = Restated.objects.filter(grain="week")
    assert (row.before, row.after, row.why, row.at) == (3, 2, ["identities"], later)
    run_pass(later + timedelta(hours=1))
    assert Restated.objects.get(grain="week").at == later

    batch(story("track", "e", 4, event="visited", anonymousId="new"))
    run_pass(later + timedelta(hours=2))
    assert "because events came late or were taken out." in client.get(address).content.decode()
    metrics.save_metric(
        acme, {"key": "unique", "kind": "unique", "event": "x", "level": "kpi"}, by=None, now=now
    )
    run_pass(later + timedelta(hours=3))
    assert not Restated.objects.filter(metric__key="unique").exists(), "no restatement"
