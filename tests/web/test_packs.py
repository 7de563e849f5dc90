"""From an empty workspace to a pack's metrics over one's own events, in the browser's forms."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from headway.accounts.models import Member, Workspace
from headway.feed.models import Change
from headway.metrics.models import Metric
from headway.metrics.packs import pack, packs

Enter = Callable[[Member], Client]


def test_an_empty_workspace_leads_to_the_packs(
    stopped: Workspace, member: Member, enter: Enter
) -> None:
    client = enter(member)
    for address in ("/acme/", "/acme/kpis"):
        assert 'href="/acme/kpis/new/packs"' in client.get(address).content.decode()
    cards = client.get("/acme/kpis/new/packs").content.decode()
    for one in packs():
        assert f"/acme/kpis/new/packs/{one.key}" in cards
        assert one.who.replace("'", "&#x27;") in cards


@pytest.mark.parametrize("one", packs(), ids=[p.key for p in packs()])
def test_a_pack_shows_all_that_it_makes_and_needs(
    stopped: Workspace, member: Member, enter: Enter, one: Any
) -> None:
    response = enter(member).get(f"/acme/kpis/new/packs/{one.key}")
    page = response.content.decode()
    for key in one.documents:
        assert f'name="keys" value="{key}"' in page
    for tracked in one.tracking:
        assert f'name="as:{tracked.event}" value="{tracked.event}"' in page
    assert response.context["missing"] == len(one.kpis)


def test_one_button_makes_the_ticked_metrics_over_own_events(
    shop: Workspace, member: Member, enter: Enter
) -> None:
    client = enter(member)
    page = client.get("/acme/kpis/new/packs/e-commerce").content.decode()
    assert page.count("not seen yet") == len(pack("e-commerce").tracking) - 1  # order_placed
    assert "Here already" in page
    typed = {"keys": ["cart_abandonment", "gross_margin"], "as:cart_opened": "Cart Viewed"}
    response = client.post("/acme/kpis/new/packs/e-commerce", typed, follow=True)
    made = Metric.objects.filter(key__in=["cart_abandonment", "gross_margin", "direct_costs"])
    assert made.count() == 3
    assert "3 metrics of E-commerce are made" in response.content.decode()
    steps = Metric.objects.get(key="cart_abandonment").document["steps"]
    assert [s["event"] for s in steps] == ["Cart Viewed", "order_placed"]
    [change] = Change.objects.filter(subject="pack:e-commerce")
    assert change.by == member.person
    assert "Starter pack E-commerce" in client.get("/acme/").content.decode()


def test_names_that_mean_the_same_are_filled_in(
    shop: Workspace, member: Member, enter: Enter
) -> None:
    from headway.ingest import actions
    from headway.ingest.models import Source

    source: Source = shop.sources.get()
    from django.conf import settings

    path = settings.DATA / "more.csv"
    path.write_text(
        "event,happened_at,user_id\nadd_to_cart,2026-03-01,u1\nPageLoaded,2026-03-01,u1"
    )
    actions.import_events(source, path, by=member, now=shop.clock)
    page = enter(member).get("/acme/kpis/new/packs/e-commerce").content.decode()
    assert 'name="as:cart_opened" value="add_to_cart"' in page
    assert 'name="as:page_loaded" value="PageLoaded"' in page


def test_without_events_the_list_of_those_to_send_comes_next_with_the_names_given(
    stopped: Workspace, member: Member, enter: Enter
) -> None:
    client = enter(member)
    address = "/acme/kpis/new/packs/social"
    typed = {"keys": ["referrals"], "as:invitation_sent": "asked_a_friend"}
    response = client.post(address, typed, follow=True)
    assert response.redirect_chain == [(address, 302)]
    page = response.content.decode()
    assert "1 metric of Social is made. They wait for the events below." in page
    assert 'name="as:invitation_sent" value="asked_a_friend"' in page
    keys = list(pack("social").documents)
    page = client.post(address, {"keys": keys}, follow=True).content.decode()
    assert "<code>asked_a_friend</code>" in page
    assert 'name="as:' not in page


def test_nothing_ticked_makes_nothing(shop: Workspace, member: Member, enter: Enter) -> None:
    before = Metric.objects.count()
    response = enter(member).post("/acme/kpis/new/packs/social", follow=True)
    assert "Nothing was made" in response.content.decode()
    assert Metric.objects.count() == before


def test_a_wrong_choice_is_said_and_what_was_typed_stays(
    shop: Workspace, member: Member, enter: Enter
) -> None:
    typed = {"keys": ["orders", "nonsense"], "as:order_placed": "purchase"}
    response = enter(member).post("/acme/kpis/new/packs/marketplace", typed)
    assert response.status_code == 422
    page = response.content.decode()
    assert "The pack has no metric `nonsense`" in page
    assert 'value="purchase"' in page


def test_a_viewer_reads_and_makes_nothing(shop: Workspace, viewer: Member, enter: Enter) -> None:
    client = enter(viewer)
    page = client.get("/acme/kpis/new/packs/social").content.decode()
    assert "Newcomers who take part" in page
    assert 'name="keys"' not in page
    response = client.post("/acme/kpis/new/packs/social", {"keys": ["referrals"]})
    assert response.status_code == 403
    assert not Metric.objects.filter(key="referrals").exists()
