"""Write keys on the page of a source: made in one click, shown with a command that works."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import datetime

from django.test import Client

from headway.accounts.models import Member, Workspace
from headway.ingest import actions
from headway.ingest.inflow.drain import drain
from headway.ingest.models import Delivered, Source, WriteKey
from headway.ingest.packing import packed

Enter = Callable[[Member], Client]


def delivered(source: Source, now: datetime, *events: object) -> Delivered:
    body = json.dumps({"batch": events}).encode()
    return Delivered.objects.create(
        source=source, dialect="segment", path="/v1/batch", query="{}", headers="{}",
        body=packed(body), bytes=len(body), received_at=now,
    )  # fmt: skip


def test_from_nothing_to_a_command_that_works(
    acme: Workspace, member: Member, enter: Enter
) -> None:
    client = enter(member)
    assert "Get a write key" in client.get("/acme/sources").content.decode()
    assert client.post("/acme/sources/send")["Location"] == "/acme/sources/events"
    client.post("/acme/sources/send")
    key = WriteKey.objects.get()
    page = client.get("/acme/sources/events").content.decode()
    assert key.value in page
    assert re.search(rf"curl -u {key.value}: http\S+/v1/batch", page)
    client.post("/acme/sources/events/keys", {"do": "make", "name": "shop"})
    client.post("/acme/sources/events/keys", {"do": "revoke", "id": key.pk})
    page = client.get("/acme/sources/events").content.decode()
    assert (key.value in page, "shop" in page) == (False, True)
    gone = client.post("/acme/sources/events/keys", {"do": "revoke", "id": "99"})
    assert gone.status_code == 404


def test_a_viewer_sees_keys_and_makes_none(
    acme: Workspace, viewer: Member, enter: Enter, now: datetime
) -> None:
    source = actions.save_source(acme, "app", by=None, now=now)
    client = enter(viewer)
    assert client.post("/acme/sources/app/keys", {"do": "make", "name": "x"}).status_code == 403
    assert client.post("/acme/sources/send").status_code == 403
    key = actions.create_key(source, "web", by=None, now=now)
    page = client.get("/acme/sources/app").content.decode()
    assert key.value in page
    assert "Revoke" not in page


def test_what_was_refused_and_set_aside_is_shown(
    acme: Workspace, member: Member, viewer: Member, enter: Enter, now: datetime
) -> None:
    source = actions.save_source(acme, "app", by=None, now=now)
    delivered(source, now, {"type": "track", "event": "", "userId": "ada@example.org"})
    odd = delivered(source, now)
    Delivered.objects.filter(pk=odd.pk).update(dialect="gone")
    client = enter(member)
    assert "2 deliveries, for the worker" in client.get("/acme/sources/app").content.decode()
    drain(acme, now=now)
    page = client.get("/acme/sources/app").content.decode()
    assert "The event has no name." in page
    assert "ada@example.org" in page
    assert "1 delivery could not be read" in page
    client.post("/acme/sources/app/aside")
    assert "set aside" not in client.get("/acme/sources/app").content.decode()
    assert "ada@example.org" not in enter(viewer).get("/acme/sources/app").content.decode()
