"""A number followed down over HTTP."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from headway.accounts.models import Member, Workspace
from headway.api import evidence
from headway.metrics.refresh import refresh
from tests.api.conftest import NOW, Api

ROWS = "event,happened_at,user_id,amount,plan\n" + "\n".join(
    [
        "order,2026-11-09T10:00:00Z,ann,10,pro",
        "order,2026-11-10T10:00:00Z,ann,,pro",
        "order,2026-11-11T10:00:00Z,ben,30,free",
        "seen,2026-11-19T10:00:00Z,cat,,",
    ]
)
ADDRESS = "/metrics/{}/evidence?start=2026-11-09&grain=week{}"


@pytest.fixture
def shop(api: Api, acme: Workspace) -> Api:
    api("PUT", "/sources/shop", {})
    assert api.upload("/sources/shop/imports", "orders.csv", ROWS).status_code == 201
    api("PUT", "/metrics/orders", {"kind": "count", "event": "order", "segments": ["plan"]})
    api("PUT", "/metrics/revenue", {"kind": "sum", "event": "order", "property": "amount"})
    api("PUT", "/metrics/value", {"kind": "formula", "formula": "revenue / orders"})
    refresh(acme, now=NOW)
    return api


def ids(found: list[dict[str, Any]]) -> list[str]:
    return [e["id"] for one in found for s in one["selections"] for e in s["examples"]]


def test_a_number_with_its_inputs(shop: Api) -> None:
    found = shop("GET", ADDRESS.format("value", ""))
    assert [one["name"] for one in found] == ["value", "revenue", "orders"]
    assert [one["point"]["value"] for one in found] == [pytest.approx(40 / 3), 40, 3]
    assert [one["point"]["faults"] for one in found] == [0, 1, 0]
    assert [one["definition_version"] for one in found] == [1, 1, 1]
    [selection] = found[2]["selections"]
    assert (selection["events"], selection["subjects"]) == (3, 2)
    assert selection["words"] == "`order` events"
    [query] = found[2]["queries"]
    assert query["dialect"] == "DuckDB"
    assert "FROM events" in query["sql"]
    assert found[2]["read"] == {"start": "2026-11-09", "end": "2026-11-16"}


def test_a_segment_and_fewer_examples(shop: Api) -> None:
    [pro] = shop("GET", ADDRESS.format("orders", "&segment_by=plan&segment=pro"))
    assert (pro["point"]["value"], pro["point"]["segment"], ids([pro])) == (2, "pro", ["ann"])
    assert ids(shop("GET", ADDRESS.format("orders", "&examples=1"))) == ["ben"]
    assert ids(shop("GET", ADDRESS.format("orders", "&examples=0"))) == []


def test_viewers_are_given_the_counts_without_the_people(shop: Api, viewers: Api) -> None:
    found = viewers("GET", ADDRESS.format("value", ""))
    assert ids(found) == []
    assert found[2]["selections"][0]["subjects"] == 2
    assert ids(shop("GET", ADDRESS.format("value", ""))) == ["ben", "ann", "ben", "ann"]


WRONG: list[tuple[str, int, str]] = [
    ("/metrics/orders/evidence", 422, "start"),
    ("/metrics/orders/evidence?start=2026-11-10&grain=week", 404, "begins on 2026-11-09"),
    ("/metrics/orders/evidence?start=2026-11-09&grain=hour", 422, "hour"),
    ("/metrics/orders/evidence?start=2026-11-09&segment_by=country", 422, "country"),
    ("/metrics/orders/evidence?start=2026-11-09&examples=101", 422, "examples"),
    ("/metrics/order/evidence?start=2026-11-09", 404, "orders"),
]


@pytest.mark.parametrize(("path", "status", "words"), WRONG)
def test_a_wrong_call_says_what_is_wrong(shop: Api, path: str, status: int, words: str) -> None:
    assert words in str(shop("GET", path, status=status))


def test_a_call_that_takes_too_long_is_given_up(
    shop: Api, monkeypatch: pytest.MonkeyPatch, member: Member, acme: Workspace
) -> None:
    monkeypatch.setattr(evidence, "PATIENCE", 0)
    assert "longer than 0 seconds" in str(shop("GET", ADDRESS.format("orders", ""), status=503))


def test_points_have_their_interval_and_faults(
    shop: Api, weeks: Callable[..., None], acme: Workspace
) -> None:
    shop(
        "PUT", "/metrics/pro_share",
        {"kind": "share", "event": "order", "where": {"plan": "pro"}, "count": "subjects"},
    )  # fmt: skip
    refresh(acme, now=NOW)
    [point] = shop("GET", "/metrics/pro_share/points?grain=week&start=2026-11-09&end=2026-11-16")[
        "points"
    ]
    assert point["value"] == 0.5
    assert 0 < point["low"] < 0.5 < point["high"] < 1
    [point] = shop("GET", "/metrics/revenue/points?grain=week&start=2026-11-09&end=2026-11-16")[
        "points"
    ]
    assert point["faults"] == 1
