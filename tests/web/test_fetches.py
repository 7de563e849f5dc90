"""Sources that are fetched, in the browser, the API, at the command line and in files."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner
from django.test import Client

from headway.accounts.actions import create_token
from headway.accounts.models import Member, Workspace
from headway.cli import main
from headway.files import export as exporting
from headway.files.apply import apply
from headway.files.plan import plan
from headway.files.reading import reads
from headway.ingest.actions import create_key
from headway.ingest.fetch import fetch
from headway.ingest.models import Fetch, Source
from tests.ingest.fetching.served import Answer, served

Enter = Callable[[Member], Client]
NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
CSV = b"order,when,eur\n1,2026-02-01,5\n2,2026-02-02,7.5\n3,never,7.5\n"


def twin() -> Workspace:
    return Workspace.objects.get(key="twin")


def test_a_file_is_connected_tried_fetched_and_looked_after(
    acme: Workspace, admin: Member, member: Member, enter: Enter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("headway.cli.django.ready", lambda **_: None)
    client = enter(admin)
    chosen = client.get("/acme/sources/new").content.decode()
    assert "File, again and again" in chosen
    with served(lambda _: Answer(200, CSV, {"Content-Type": "text/csv"})) as server:
        form = {
            "key": "orders", "name": "Orders", "url": f"{server.url}/o.csv", "event": "ordered",
            "at": "when", "id": "order", "every": "1 hour",
        }  # fmt: skip
        tried = client.post("/acme/sources/new/file", {**form, "do": "test"}).content.decode()
        assert "It can be read" in tried
        assert "<code>ordered</code>" in tried
        assert not Source.objects.exists()
        wrong = client.post("/acme/sources/new/file", {**form, "url": "ftp://x/y"})
        assert (wrong.status_code, b"is no address" in wrong.content) == (422, True)
        assert client.post("/acme/sources/new/file", form).status_code == 302
        page = client.get("/acme/sources/orders").content.decode()
        assert "The worker has not fetched it yet." in page
        assert fetch(acme, now=NOW).added == 2
        page = client.get("/acme/sources/orders").content.decode()
        for words in ("2 Mar 2026, 09:30 UTC, 2 events brought", "All 3 rows", "never", "Refused"):
            assert words in page, words
        # What is wrong later is said on both pages, with the next time and the way out.
        server.next = [Answer(404)] * 2
        assert client.post("/acme/sources/orders/again").status_code == 302
        assert Fetch.objects.get().due_at is None
        fetch(acme, now=NOW)
        page = client.get("/acme/sources/orders").content.decode()
        assert "127.0.0.1 has nothing there (HTTP 404). Mend the address." in page
        assert "It could not be fetched" in page
        assert "Cannot be read" in client.get("/acme/sources").content.decode()
        outcome = CliRunner().invoke(main, ["fetch", "now", "orders", "--format", "json"])
        assert outcome.exit_code == 1
        assert "HTTP 404" in json.loads(outcome.output)[0]["problem"]
        outcome = CliRunner().invoke(main, ["fetch", "now", "orders", "--format", "json"])
        assert (outcome.exit_code, json.loads(outcome.output)[0]["in all"]) == (0, 2)
        outcome = CliRunner().invoke(main, ["fetch", "list"])
        assert "orders" in outcome.output
        _, token = create_token(admin, "test", now=NOW)
        headers = {"Authorization": f"Bearer {token}"}
        address = "/api/workspaces/acme/sources/orders"
        state = Client().get(address, headers=headers).json()["state"]
        assert (state["fetch"]["added"], state["fetch"]["problem"]) == (2, "")
        again = Client().post(f"{address}/fetch", headers=headers)
        assert (again.status_code, again.json()["state"]["fetch"]["due_at"]) == (202, None)
    refused = enter(member).post("/acme/sources/new/file", form)
    assert refused.status_code == 403, "what is fetched is for admins to say"


def test_stripe_is_connected_with_a_webhook_and_kept_in_files(
    acme: Workspace, admin: Member, enter: Enter, tmp_path: Path
) -> None:
    client = enter(admin)
    form = {"key": "billing", "secret_env": "STRIPE_KEY", "webhook_env": "STRIPE_HOOK"}
    wrong = client.post("/acme/sources/new/stripe", {**form, "secret_env": "sk_live_1"})
    assert b"This looks like a key, which is a secret." in wrong.content
    assert client.post("/acme/sources/new/stripe", form).status_code == 302
    page = client.get("/acme/sources/billing").content.decode()
    assert "Make an address for its webhook" in page
    source = Source.objects.get()
    key = create_key(source, "webhook", by=admin, now=NOW)
    assert f"/in/{key.value}/v1/stripe" in client.get("/acme/sources/billing").content.decode()
    desk = {"key": "desk", "url": "https://a.example", "secret_env": "DESK", "since": "2026-01-01"}
    assert client.post("/acme/sources/new/desk", desk).status_code == 302
    exporting.write(acme, tmp_path)
    text = "\n".join(file.read_text() for file in sorted(tmp_path.iterdir()))
    assert "since: '2026-01-01'" in text
    apply(None, reads(text.replace("key: acme", "key: twin")), by=None, now=NOW)
    assert exporting.export(acme)["sources"] == exporting.export(twin())["sources"]
    assert not plan(twin(), reads(text.replace("key: acme", "key: twin")))
    Fetch.objects.create(source=source, cursor={"step": "live"})
    edited = {"secret_env": "STRIPE_KEY", "every": "2 hours", "account": ""}
    client.post("/acme/sources/billing/edit", edited)
    assert Fetch.objects.get().cursor == {"step": "live"}, "another pace changes nothing of it"
    client.post("/acme/sources/billing/edit", {**edited, "account": "tenant"})
    assert Fetch.objects.get().cursor == {}
