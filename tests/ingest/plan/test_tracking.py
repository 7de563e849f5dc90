"""What is odd about events is reported once, with what may be meant, and settled by people."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps

from headway.accounts import actions as accounts
from headway.accounts.models import Workspace
from headway.engine.errors import Conflict, DefinitionError
from headway.ingest import actions
from headway.ingest.dialects import SPOKEN
from headway.ingest.dialects.dialect import Delivery
from headway.ingest.door.door import _discreet
from headway.ingest.door.keys import Known
from headway.ingest.manifest.store import store_for
from headway.ingest.models import Report, Seen, Source
from headway.ingest.personal import HASHED, Discretion, hashed
from headway.ingest.plan import planning, tracking
from headway.ingest.plan.oddities import alike
from tests.ingest.inflow.test_drain import deliver, drained, event

pytestmark = pytest.mark.django_db

START = datetime(2026, 2, 1, 10, tzinfo=UTC)


@pytest.fixture
def source(acme: Workspace, now: datetime) -> Source:
    return actions.save_source(acme, "app", name="App", by=None, now=now)


def days(name: str, first: int, last: int, each: int = 1, **properties: Any) -> list[Any]:
    return [
        event(
            f"{name}-{day}-{n}",
            event=name,
            at=(START + timedelta(days=day)).isoformat(),
            properties=properties,
        )
        for day in range(first, last)
        for n in range(each)
    ]


def words(workspace: Workspace, now: datetime) -> dict[str, str]:
    tracking.watch(workspace, now=now)
    return {
        f"{r.code} {r.event} {r.property}".strip(): r.words
        for r in tracking.open_reports(workspace)
    }


def test_what_is_odd_is_said_once_and_settled(source: Source, now: datetime) -> None:
    home = source.workspace
    deliver(source, now, *days("order_placed", 0, 25, 4, amount=5, note="x"))
    deliver(source, now, *days("cart_viewed", 0, 12), *days("paid", 24, 25))
    drained(source, now)
    deliver(source, now, *days("orderPlaced", 26, 27), *days("odd", 26, 27, amount="five"))
    deliver(source, now, *days("order_placed", 27, 28, 1, amount=5, note="x"))
    drained(source, now)
    drained_rows = dict(Seen.objects.values_list("name", "rows"))
    assert drained_rows == {
        "order_placed": 101, "cart_viewed": 12, "paid": 1, "orderPlaced": 1, "odd": 1,
    }  # fmt: skip
    kept = Seen.objects.get(name="order_placed").properties
    assert kept["amount"]["type"] == "number", "what comes together has one type"

    deliver(source, now, *days("order_placed", 28, 29, 2, amount="six"))
    drained(source, now)
    found = words(home, now)
    assert found == {
        "misspelt orderPlaced": "`orderPlaced` came once, and is spelt nearly as `order_placed`.",
        "silent cart_viewed": "`cart_viewed` has not come since 12 Feb 2026; before, it usually "
        "came within 2 days.",
        "type order_placed amount": "`amount` of `order_placed` was a number, and is text since "
        "1 Mar 2026.",
    }
    reports = {r.code: r for r in Report.objects.all()}
    assert reports["misspelt"].suggestion == "Did you mean `order_placed`?"

    planning.settle(reports["misspelt"], "renamed", by=None, now=now)
    planning.settle(reports["silent"], "ignored", by=None, now=now)
    planning.settle(reports["type"], "accepted", by=None, now=now)
    deliver(source, now, *days("orderPlaced", 29, 30))
    deliver(source, now, *days("cart_viewed", 29, 30))
    drained(source, now)
    assert dict(store_for(home).names)["order_placed"] == 104, "late ones are read as it too"
    found = words(home, now)
    assert set(found) == {"unknown odd", "unknown paid", "unknown cart_viewed"}, (
        "there is a plan now"
    )
    assert home.events.get().also == ["orderPlaced"]

    with pytest.raises(DefinitionError, match="already read as"):
        planning.declare(home, "orderPlaced", by=None, now=now)
    planning.settle(Report.objects.get(event="paid"), "accepted", by=None, now=now)
    assert set(words(home, now)) == {"unknown odd", "unknown cart_viewed"}
    later = now + timedelta(days=40)
    deliver(source, later, *days("order_placed", 30, 60), *days("paid", 30, 60))
    drained(source, later)
    assert "silent cart_viewed" in words(home, later), "it fell silent another time"


def test_a_declared_property_that_is_missing_or_another_type_is_reported(
    source: Source, now: datetime
) -> None:
    home = source.workspace
    planned = {"amount": {"type": "number", "required": True}, "vip": {"required": True}}
    planning.declare(home, "paid", properties=planned, by=None, now=now, managed=True)
    deliver(source, now, *days("paid", 0, 3, amount="much"), *days("paid", 3, 4))
    drained(source, now)
    assert words(home, now) == {
        "type paid amount": "`amount` of `paid` is declared as a number, and is text since 1 Feb "
        "2026.",
        "missing paid vip": "All `paid` come without `vip`, which the plan requires.",
        "missing paid amount": "25% of `paid` come without `amount`, which the plan requires.",
    }
    with pytest.raises(Conflict, match="managed in code"):
        planning.settle(Report.objects.get(code="type"), "accepted", by=None, now=now)
    accounts.save_settings(home, {"personal": {"amount": "hash"}}, by=None, now=now)
    assert set(words(home, now)) == {"missing paid vip", "missing paid amount"}
    with pytest.raises(DefinitionError, match="no type"):
        planning.declare(home, "x", properties={"a": {"type": "integer"}}, by=None, now=now)
    with pytest.raises(DefinitionError, match="hash or drop"):
        accounts.save_settings(home, {"personal": {"amount": "hide"}}, by=None, now=now)


def test_what_came_before_anybody_counted_is_counted(source: Source, now: datetime) -> None:
    deliver(source, now, *days("paid", 0, 3, amount=1))
    drained(source, now)
    before = Seen.objects.values().get()
    Seen.objects.all().delete()
    tracking.watch(source.workspace, now=now)
    after = Seen.objects.values().get()
    assert {**before, "id": 0} == {**after, "id": 0}


def test_names_are_alike_when_a_slip_is_between_them() -> None:
    for one, other in (("order_placed", "orderPlaced"), ("order_placed", "oder_placed"),
                       ("checkout", "chekout")):  # fmt: skip
        assert alike(one, other), (one, other)
    for one, other in (("step_1", "step_2"), ("cart_viewed", "card_removed"), ("paid", "said"),
                       ("signed_in", "signed_up"), ("item_added", "item_removed")):  # fmt: skip
        assert not alike(one, other), (one, other)


def test_nothing_personal_passes_the_door() -> None:
    """Whatever an SDK sends, only what was read of it and cleaned is written down."""
    discretion = Discretion({"email": "hash", "name": "drop", "address": "drop"})
    call = {
        "type": "track", "event": "paid", "userId": "u1", "messageId": "m1",
        "timestamp": "2026-03-01T10:00:00Z",
        "properties": {"Email": "ada@x.org", "address": {"city": "Linz"}, "amount": 5,
                       "name": "Ada"},
        "context": {"os": {"name": "macOS"}},
    }  # fmt: skip
    body = json.dumps({"batch": [call, {"type": "track", "event": "", "email": "ada@x.org"}]})
    received = datetime(2026, 3, 1, 10, tzinfo=UTC)
    sent = Delivery("/v1/batch", body.encode(), received, {"q": "ada@x.org"}, {"h": "ada@x.org"})
    dialect, kept = _discreet(Known(1, 1, discretion), SPOKEN["segment"], sent)
    assert b"ada@x.org" not in kept.body
    assert b"Linz" not in kept.body
    assert (kept.query, kept.headers) == ({}, {})
    found = dialect.parse(kept)
    [one] = found.events
    assert dict(one.properties) == {
        "Email": hashed("ada@x.org"), "amount": 5, "context.os.name": "macOS",
    }  # fmt: skip
    assert HASHED.fullmatch(str(one.properties["Email"]))
    assert hashed(hashed("ada@x.org")) == hashed(" ADA@x.org")
    assert [r.at for r in found.refused] == [1]
    assert _discreet(Known(1, 1), SPOKEN["segment"], sent) == (SPOKEN["segment"], sent)


def test_what_came_before_anybody_counted_is_counted_once(source: Source, now: datetime) -> None:
    """A store that is older than the plan, into which events came before it was looked at."""
    migration = import_module("headway.ingest.migrations.0011_all_counted")
    deliver(source, now, *days("order_placed", 0, 25, 4, amount=5), *days("cart_viewed", 0, 12))
    drained(source, now)
    migration.find_uncounted(apps, None)
    assert not Source.objects.filter(counted=False).exists()
    whole = list(Seen.objects.order_by("name").values("name", "rows", "days", "properties"))
    Seen.objects.filter(name="cart_viewed").delete()
    Seen.objects.update(rows=4, days={})
    migration.find_uncounted(apps, None)
    tracking.watch(source.workspace, now=now)
    assert list(Seen.objects.order_by("name").values("name", "rows", "days", "properties")) == whole
    assert Source.objects.get().counted
    Seen.objects.update(rows=1)
    tracking.watch(source.workspace, now=now)
    assert set(Seen.objects.values_list("rows", flat=True)) == {1}, "once"
