"""From the inbox into the store: each event once, and nothing that holds the others up."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.conf import settings

from headway.accounts.models import Workspace
from headway.cli.worker import run_pass
from headway.engine.errors import Conflict
from headway.ingest import actions
from headway.ingest.inflow import breadth, drain, quick, refusals
from headway.ingest.inflow.drain import Drained
from headway.ingest.manifest.store import store_for
from headway.ingest.models import Delivered, Part, Refusal, Source
from headway.ingest.packing import packed
from headway.ingest.people import person
from headway.metrics import actions as metrics
from headway.metrics.models import Point

pytestmark = pytest.mark.django_db


@pytest.fixture
def source(acme: Workspace, now: datetime) -> Source:
    return actions.save_source(acme, "app", name="App", by=None, now=now)


def event(id_: str, at: str = "2026-03-01T10:00:00Z", **more: Any) -> dict[str, Any]:
    given = {"type": "track", "event": "ordered", "userId": "u1", "messageId": id_, "timestamp": at}
    return given | more


def deliver(source: Source, now: datetime, *events: Any, body: bytes = b"") -> Delivered:
    body = body or json.dumps({"batch": events}).encode()
    return Delivered.objects.create(
        source=source, dialect="segment", path="/v1/batch", query="{}", headers="{}",
        body=packed(body), bytes=len(body), received_at=now,
    )  # fmt: skip


def drained(source: Source, now: datetime) -> Drained:
    return drain.drain(source.workspace, now=now)


def test_what_waits_is_in_the_store_once(source: Source, now: datetime) -> None:
    deliver(source, now, event("m1", properties={"amount": 5}), event("m2"))
    deliver(source, now, event("m2"), event("m3", at="2026-02-27T10:00:00Z", event="paid"))
    assert drained(source, now) == Drained(2, 3, 0)
    assert store_for(source.workspace).names == [("ordered", 2), ("paid", 1)]
    assert store_for(source.workspace).properties == ["amount"]
    days = set(source.changed_days.values_list("first", "last"))
    assert days == {(date(2026, 3, 1),) * 2, (date(2026, 2, 27),) * 2}
    source.refresh_from_db()
    assert (source.rows, source.last_event_at) == (3, datetime(2026, 3, 1, 10, tzinfo=UTC))
    assert not Delivered.objects.exists()
    deliver(source, now, event("m3"))
    assert drained(source, now) == Drained(1, 0, 0)
    assert store_for(source.workspace).names == [("ordered", 2), ("paid", 1)]
    assert drained(source, now) == Drained()


def test_what_is_no_event_is_kept_with_its_reason(
    source: Source, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(refusals, "KEPT", 3)
    deliver(source, now, event("m1"), event("m2", event=""), "text", event("m3", type="dance"))
    assert drained(source, now) == Drained(1, 1, 3)
    deliver(source, now, event("m4", event=""))
    drained(source, now)
    source.refresh_from_db()
    assert source.rejected == 4
    newest = Refusal.objects.first()
    assert newest
    assert (newest.at, newest.reason) == (0, "The event has no name.")
    assert source.refusals.count() == 3


def test_ids_that_are_sent_as_names_fill_neither_memory_nor_store(
    source: Source, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(breadth, "MOST", 200)
    deliver(source, now, event("m0", properties={"amount": 5, "coupon": "X"}))
    drained(source, now)

    def flood(at: int) -> list[dict[str, Any]]:
        unique = {f"order_{at}_{i}_seen": i for i in range(15)}
        return [event(f"f{at}", properties={**unique, "amount": at, "Coupon": "Y"})]

    for at in range(2 * quick.FEW):
        deliver(source, now, *flood(at))
    for at in range(40, 44):  # one by one
        deliver(source, now, *flood(at), event(f"i{at}", type="identify", anonymousId=f"a{at}"))
    done = drained(source, now)
    assert (done.added, done.refused, done.problems) == (40, 0, {})
    kept = store_for(source.workspace).properties
    assert len({name.lower() for name in kept}) == breadth.MOST
    assert {"amount", "coupon", "previous_id"} <= {name.lower() for name in kept}
    [told] = source.refusals.all()
    assert "2\u202f000 properties at most" in told.reason
    assert "others" in told.text
    deliver(source, now, *flood(50))
    assert drained(source, now).added == 1
    assert store_for(source.workspace).properties == kept
    assert source.refusals.count() == 1, "it is said once"


def test_a_delivery_that_nobody_can_read_is_set_aside(source: Source, now: datetime) -> None:
    odd = deliver(source, now, event("m1"))
    Delivered.objects.filter(pk=odd.pk).update(dialect="gone")
    deliver(source, now, event("m2"))
    assert drained(source, now).added == 1
    odd.refresh_from_db()
    assert "gone" in odd.problem
    assert drained(source, now) == Drained()
    Delivered.objects.filter(pk=odd.pk).update(dialect="segment")
    assert actions.try_again(source, by=None) == 1
    assert drained(source, now).added == 1


def test_two_workers_at_once_neither_lose_nor_double(
    source: Source, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    deliver(source, now, event("m1"))
    manifest = drain.manifest

    def overtaken(workspace: Workspace) -> Any:
        monkeypatch.setattr(drain, "manifest", manifest)
        drained(Source.objects.get(pk=source.pk), now)
        return manifest(workspace)

    monkeypatch.setattr(drain, "manifest", overtaken)
    assert "Another worker" in drained(source, now).problems["app"]
    assert store_for(source.workspace).names == [("ordered", 1)]


def test_a_kill_before_the_commit_leaves_all_of_it_waiting(
    source: Source, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Parts are on disk by then, and nobody reads them."""
    deliver(source, now, event("m1"))

    def killed(*_: object) -> None:
        raise Conflict("killed")

    with monkeypatch.context() as patch:
        patch.setattr(drain, "_empty", killed)
        assert drained(source, now).problems
    assert list((settings.STORE / "acme" / "app").glob("*.parquet"))
    assert (Part.objects.count(), Delivered.objects.count()) == (0, 1)
    assert drained(source, now) == Drained(1, 1, 0)
    assert store_for(source.workspace).names == [("ordered", 1)]


def test_a_source_that_cannot_be_written_holds_no_other_up(source: Source, now: datetime) -> None:
    other = actions.save_source(source.workspace, "web", by=None, now=now)
    folder = settings.STORE / "acme"
    folder.mkdir(parents=True)
    (folder / "app").write_text("a file where a folder belongs")
    deliver(source, now, event("m1"))
    deliver(other, now, event("w1"))
    found = drained(source, now)
    assert (found.added, list(found.problems)) == (1, ["app"])
    assert source.inbox.count() == 1


def test_a_pass_of_the_worker_ends_with_points_and_late_links_restate_the_past(
    source: Source, now: datetime
) -> None:
    metrics.save_metric(
        source.workspace,
        {"key": "buyers", "name": "Buyers", "kind": "unique", "event": "ordered"},
        by=None,
        now=now,
    )
    deliver(source, now, event("m1"), event("m2", userId=None, anonymousId="a1"))
    [row] = run_pass(now)
    assert (row["events"], row["problem"]) == (2, "")
    day = Point.objects.filter(grain="day", start="2026-03-01")
    assert [point.value for point in day] == [2.0]
    known = {"type": "identify", "userId": "u1", "anonymousId": "a1", "messageId": "i1"}
    deliver(source, now, known | {"timestamp": "2026-03-02T09:00:00Z"})
    run_pass(now)
    assert [point.value for point in day.all()] == [1.0]


def test_a_late_sign_in_on_a_shared_device_takes_back_only_what_was_before_it(
    source: Source, now: datetime
) -> None:
    """Zoe signs in at ten and Ada at twelve; what Zoe's phone said arrives a day later."""
    visitors = {"key": "visitors", "name": "Visitors", "kind": "unique", "event": "ordered"}
    metrics.save_metric(source.workspace, visitors, by=None, now=now)
    day = Point.objects.filter(grain="day", start="2026-03-01")

    def anonymous(id_: str, hour: int) -> dict[str, Any]:
        return event(id_, f"2026-03-01T{hour:02}:00:00Z", userId=None, anonymousId="d1")

    def signed_in(user: str, hour: int) -> dict[str, Any]:
        said = {"type": "identify", "userId": user, "anonymousId": "d1", "messageId": f"in-{user}"}
        return {**said, "timestamp": f"2026-03-01T{hour:02}:00:00Z"}

    deliver(source, now, anonymous("m1", 9), anonymous("m2", 11), anonymous("m3", 13))
    deliver(source, now, signed_in("ada", 12))
    run_pass(now)
    assert [point.value for point in day.all()] == [1.0]
    assert person.found(source.workspace, "ada")[1] == 4
    deliver(source, now, signed_in("zoe", 10))
    run_pass(now)
    assert [point.value for point in day.all()] == [2.0]
    held = [person.found(source.workspace, user)[1] for user in ("zoe", "ada")]
    assert held == [2, 3], "with the sign-in of each"
