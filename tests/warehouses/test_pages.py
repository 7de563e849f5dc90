"""Sources in the browser and in the API: made, tried, looked at."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from headway.accounts.models import Member, Workspace
from headway.ingest.kinds import KINDS
from headway.ingest.models import Source
from headway.metrics.refresh import refresh
from tests.api.conftest import api_of
from tests.metrics.conftest import Save, at
from tests.warehouses.conftest import DSN_ENV, Connect
from tests.warehouses.shop import Order, PostgresShop, on

NOW = at("2026-01-26")
DAYS = [Order(d, "ordered", on(f"2026-01-{d:02}"), f"u{d}", 10.0) for d in range(5, 27)]
NEW = "/acme/sources/new/postgres"
FIELDS = {
    "name": "Orders",
    "key": "orders",
    "dsn_env": DSN_ENV,
    "table": "shop.orders",
    "event_column": "name",
    "at": "created",
    "id": "number",
    "user": "customer",
    "properties": "amount, plan, previous_id = before",
}

Enter = Callable[[Member], Client]


@pytest.fixture
def enter(client: Client) -> Enter:
    def sign_in(member: Member) -> Client:
        client.force_login(member.person)
        return client

    return sign_in


def said(client: Client, path: str, fields: dict[str, Any] | None = None, status: int = 200) -> str:
    found = client.get(path) if fields is None else client.post(path, fields)
    assert found.status_code == status, found.content.decode()
    return found.content.decode()


def test_a_kind_is_picked_and_its_fields_appear(
    acme: Workspace, admin: Member, enter: Enter
) -> None:
    client = enter(admin)
    chosen = said(client, "/acme/sources/new")
    for name, kind in KINDS.items():
        assert f"/acme/sources/new/{name}" in chosen
        form = said(client, f"/acme/sources/new/{name}")
        assert [field for field in FIELDS if f'name="{field}"' in form] == [
            field for field in FIELDS if field in ("name", "key", *kind.fields)
        ]
        assert ('value="test"' in form) == kind.is_theirs
    assert said(client, "/acme/sources/new/oracle", status=404)


def test_the_connection_is_tried_before_anything_is_saved(
    acme: Workspace, admin: Member, enter: Enter, postgres: PostgresShop
) -> None:
    postgres.add(DAYS)
    client = enter(admin)
    found = said(client, NEW, {**FIELDS, "do": "test"})
    for word in ("It can be read", "22", "5 Jan 2026, 10:00", "26 Jan 2026, 10:00", "ordered"):
        assert word in found
    wrong = said(client, NEW, {**FIELDS, "user": "custmer", "do": "test"})
    assert "has no column <code>custmer</code>. Did you mean <code>customer</code>?" in wrong
    assert not Source.objects.exists()


def test_a_table_is_connected_and_shown(
    acme: Workspace, admin: Member, enter: Enter, postgres: PostgresShop, saved: Save
) -> None:
    postgres.add(DAYS)
    client = enter(admin)
    said(client, NEW, FIELDS, status=302)
    source = Source.objects.get()
    assert source.definition.columns == {
        "amount": "amount",
        "plan": "plan",
        "previous_id": "before",
    }
    page = said(client, "/acme/sources/orders")
    assert "The worker has not looked at its table yet." in page
    assert postgres.dsn not in page
    refresh(acme, now=NOW)
    page = said(client, "/acme/sources/orders")
    for word in (">22<", DSN_ENV, "shop.orders", "<code>ordered</code>", "Rows a day from"):
        assert word in page
    rows = client.get("/acme/sources/orders?format=json").json()
    assert rows[-1] == {"day": "2026-01-26", "rows": 1}
    assert "PostgreSQL" in said(client, "/acme/sources")


def test_what_is_wrong_stands_on_the_page_and_in_the_list(
    acme: Workspace, admin: Member, enter: Enter, postgres: PostgresShop, connect: Connect
) -> None:
    connect(postgres, user="custmer")
    refresh(acme, now=NOW)
    client = enter(admin)
    page = said(client, "/acme/sources/orders")
    assert "Did you mean <code>customer</code>?" in page
    assert "Metrics that need it keep the numbers they have" in page
    assert "Cannot be read" in said(client, "/acme/sources")
    assert client.get("/acme/sources?format=json").json()[0]["problem"].startswith("`shop.orders`")
    mended = {name: value for name, value in FIELDS.items() if name != "key"}
    said(client, "/acme/sources/orders/edit", mended, status=302)
    source = Source.objects.get()
    assert (source.problem, source.probed_at) == ("", None)


def test_looking_again_does_not_wait(
    acme: Workspace, member: Member, enter: Enter, postgres: PostgresShop, connect: Connect
) -> None:
    source = connect(postgres)
    refresh(acme, now=NOW)
    said(enter(member), "/acme/sources/orders/again", {}, status=302)
    source.refresh_from_db()
    assert source.due(NOW + timedelta(seconds=5))


@pytest.mark.parametrize(
    ("field", "value", "complaint"),
    [
        ("event", "also", "Give either `event` or `event_column`."),
        ("every", "5 s", "too often"),
        ("timeout", "soon", "Found `soon`, expected a duration"),
        ("dsn_env", "HEADWAY_DATABASE_URL", "one of Headway&#x27;s own settings"),
        ("properties", "a = ", "`a =` is no property."),
        ("key", "Orders", "Enter a valid value"),
        ("table", "", "This field is required"),
    ],
)
def test_a_mistake_is_said_beside_its_field(
    acme: Workspace, admin: Member, enter: Enter, field: str, value: str, complaint: str
) -> None:
    page = said(enter(admin), NEW, {**FIELDS, field: value}, status=422)
    assert complaint in page.split(f'id="id_{field}_error"')[1].split("</p>")[0]
    assert not Source.objects.exists()


def test_a_new_source_takes_over_no_other_one(
    acme: Workspace, admin: Member, enter: Enter, connect: Connect
) -> None:
    connect(PostgresShop(""))
    assert "There is already a source" in said(enter(admin), NEW, FIELDS, status=422)


def test_members_import_and_admins_connect(
    acme: Workspace, member: Member, viewer: Member, enter: Enter, connect: Connect
) -> None:
    connect(PostgresShop(""))
    client = enter(member)
    chosen = said(client, "/acme/sources/new")
    assert "/acme/sources/new/ingest" in chosen
    assert "/acme/sources/new/postgres" not in chosen
    said(client, NEW, status=403)
    said(client, NEW, {**FIELDS, "do": "test"}, status=403)
    said(client, "/acme/sources/orders/edit", status=403)
    said(enter(viewer), "/acme/sources/new", status=403)


def test_a_source_of_events_has_a_name_and_a_gap(
    acme: Workspace, member: Member, enter: Enter
) -> None:
    client = enter(member)
    said(client, "/acme/sources/new/ingest", {"key": "web", "name": "Web"}, status=302)
    said(client, "/acme/sources/web/edit", {"name": "Site", "usual_gap_days": "3"}, status=302)
    source = Source.objects.get()
    assert (source.name, source.usual_gap_days, source.kind) == ("Site", 3, "ingest")


def test_the_api_says_what_is_wrong_and_never_the_secret(
    acme: Workspace, admin: Member, member: Member, postgres: PostgresShop
) -> None:
    api = api_of(admin)
    mapped = {n: v for n, v in FIELDS.items() if n not in ("key", "properties")}
    body = {"kind": "postgres", **mapped, "id": "nmber", "properties": ["amount"]}
    assert api("PUT", "/sources/orders", body)["dsn_env"] == DSN_ENV
    refresh(acme, now=NOW)
    found = api("GET", "/sources/orders")
    assert "Did you mean `number`?" in found["state"]["problem"]
    assert found["properties"] == ["amount"]
    assert postgres.dsn not in str(found)
    secret = {**body, "dsn_env": "postgres://me:hunter2@host/shop"}
    refused = api("PUT", "/sources/orders", secret, status=422)
    assert "This looks like an address" in str(refused)
    assert "hunter2" not in str(refused)
    assert api_of(member).ask("PUT", "/sources/orders", {**body, "id": "number"}).status_code == 403
