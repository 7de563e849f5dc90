"""What moved a metric, on a page of its own and on the page of the KPI."""

from __future__ import annotations

from collections.abc import Callable

from django.test import Client

from headway.accounts.models import Member, Workspace

Enter = Callable[[Member], Client]


def text(client: Client, path: str, status: int = 200, **headers: str) -> str:
    found = client.get(path, headers=headers)
    assert found.status_code == status
    return " ".join(found.content.decode().split())


def test_drivers_and_segments_on_pages(shop: Workspace, member: Member, enter: Enter) -> None:
    client = enter(member)
    page = text(client, "/acme/kpis/order_value/drivers")
    assert "Order value = <code>revenue / orders</code>" in page
    assert "logarithmic means" in page
    assert ">Together<" in page
    rows = client.get("/acme/kpis/order_value/drivers?format=json").json()
    assert [row["part"] for row in rows] == ["revenue", "orders"]
    segments = text(client, "/acme/kpis/orders/drivers")
    assert '<th scope="row">free</th>' in segments
    assert '<th scope="row">pro</th>' in segments
    chosen = text(client, "/acme/kpis/orders/drivers?by=drivers")
    assert "give it a tree" in chosen
    part = text(client, "/acme/kpis/orders/drivers", **{"HX-Request": "true"})
    assert "<main" not in part
    assert "Choose other periods" in part
    assert 'hx-get="/acme/kpis/orders/drivers?grain=week"' in text(client, "/acme/kpis/orders")


def test_what_cannot_be_split_is_said(shop: Workspace, member: Member, enter: Enter) -> None:
    client = enter(member)
    assert "It takes two weeks with a number" in text(client, "/acme/kpis/mood/drivers")
    assert "is not a grain" in text(client, "/acme/kpis/orders/drivers?grain=era", 422)
    wrong = text(client, "/acme/kpis/orders/drivers?by=colour", 404)
    assert "not computed by" in wrong
