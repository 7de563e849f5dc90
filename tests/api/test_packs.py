"""Packs and templates over HTTP."""

from __future__ import annotations

from headway.accounts.models import Member
from headway.metrics.packs import pack, packs
from tests.api.conftest import Api, api_of


def test_a_pack_is_read_and_started_from(api: Api) -> None:
    assert [p["key"] for p in api("GET", "/packs")] == [p.key for p in packs()]
    found = api("GET", "/packs/marketplace")
    one = pack("marketplace")
    assert [m["key"] for m in found["metrics"]] == list(one.documents)
    [order] = [t for t in found["tracking"] if t["event"] == "order_placed"]
    assert order["ids"] == ["user_id"]
    assert order["types"]["amount"] == "number"
    assert order["example"]["seller_id"] == "s-1"
    sent = {"metrics": ["take_rate"], "events": {"fee_charged": "commission"}}
    made = api("POST", "/packs/marketplace", sent)
    assert made == {"made": ["revenue", "gmv", "take_rate"], "kept": []}
    assert api("GET", "/metrics/revenue")["event"] == "commission"
    rest = api("POST", "/packs/marketplace", {})
    assert set(rest["kept"]) == {"revenue", "gmv", "take_rate"}
    assert len(rest["made"]) == len(one.kpis) - 3
    assert api("GET", "/changes")[0]["subject"] == "pack:marketplace"


def test_mistakes_are_corrected(api: Api) -> None:
    wrong = api("POST", "/packs/social", {"events": {"feed_openned": "x"}}, status=422)
    assert wrong["fix"] == "Did you mean `feed_opened`?"
    wrong = api("POST", "/packs/social", {"metrics": ["referal"]}, status=422)
    assert wrong["fix"] == "Did you mean `referrals`?"
    assert api("GET", "/packs/socail", status=404)["fix"] == "Did you mean `social`?"
    api("POST", "/packs/social", {"keys": []}, status=422)
    assert api("GET", "/metrics") == []


def test_a_template_says_what_it_needs_and_is_made_with_it(api: Api) -> None:
    margin = api("GET", "/catalogue/gross_margin")
    assert margin["inputs"] == ["revenue", "direct_costs"]
    revenue = api("GET", "/catalogue/revenue")
    assert revenue["needs"] == {"order_placed": ["amount"]}
    made = api("POST", "/catalogue/gross_margin", {"events": {"order_placed": "paid"}})
    assert made["made"] == ["revenue", "direct_costs", "gross_margin"]
    assert api("GET", "/metrics/revenue")["event"] == "paid"
    assert api("POST", "/catalogue/gross_margin", {})["made"] == []


def test_viewers_read_and_make_nothing(viewer: Member) -> None:
    theirs = api_of(viewer)
    theirs("GET", "/packs/social")
    theirs("POST", "/packs/social", {}, status=403)
    theirs("POST", "/catalogue/orders", {}, status=403)
