"""Beginning with a pack: everything at once, nothing twice, nothing overwritten."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
import pytest

from headway.accounts.models import Member, Workspace
from headway.engine.errors import Conflict, DefinitionError, NotAllowed
from headway.feed.models import Change
from headway.metrics.actions import archive_metric, save_metric
from headway.metrics.choice import template_with_inputs
from headway.metrics.definitions import definitions_of
from headway.metrics.models import Metric
from headway.metrics.packs import Pack, pack, packs
from headway.metrics.starting import make_missing, start_from


@pytest.fixture
def who(member: Member, now: datetime) -> dict[str, Any]:
    return {"by": member, "now": now}


@pytest.mark.parametrize("one", packs(), ids=[p.key for p in packs()])
def test_a_pack_makes_all_its_metrics_once(acme: Workspace, who: Any, one: Pack) -> None:
    started = start_from(acme, one, **who)
    assert {m.key for m in started.made} == one.documents.keys()
    assert started.kept == ()
    assert {k: d.drives for k, d in definitions_of(acme).items()} == {
        k: d.drives for k, d in one.definitions.items()
    }
    assert acme.journey == msgspec.to_builtins(one.journey)
    acme.journey = acme.journey[:2]
    again = start_from(acme, one, **who)
    assert again.made == ()
    assert len(acme.journey) == 2
    assert set(again.kept) == one.documents.keys()
    [change] = Change.objects.filter(workspace=acme, subject=f"pack:{one.key}")
    assert change.after == f"{len(started.made)} metrics"


def test_what_is_there_stays_and_only_the_missing_is_added(acme: Workspace, who: Any) -> None:
    own = {"key": "orders", "name": "My orders", "kind": "count", "event": "bought"}
    save_metric(acme, own, **who)
    started = start_from(acme, pack("marketplace"), **who)
    assert "orders" in started.kept
    assert Metric.objects.get(key="orders").document["event"] == "bought"


def test_a_choice_brings_what_it_is_computed_from_and_links_nothing_else(
    acme: Workspace, who: Any
) -> None:
    start_from(acme, pack("marketplace"), keys=["take_rate"], **who)
    assert set(definitions_of(acme)) == {"take_rate", "revenue", "gmv"}
    assert definitions_of(acme)["take_rate"].drives == ["revenue"]
    assert definitions_of(acme)["gmv"].drives == ["revenue"]


def test_events_get_the_names_they_have_here(acme: Workspace, who: Any) -> None:
    names = {"order_placed": "Order Completed, purchase"}
    start_from(acme, pack("marketplace"), keys=["orders", "search_to_order"], names=names, **who)
    assert Metric.objects.get(key="orders").document["event"] == ["Order Completed", "purchase"]
    steps = Metric.objects.get(key="search_to_order").document["steps"]
    assert steps[1] == {"event": ["Order Completed", "purchase"]}


@pytest.mark.parametrize(
    ("choice", "words"),
    [
        ({"keys": ["ordres"]}, "no metric `ordres`. Did you mean `orders`"),
        ({"names": {"order_plaxed": "x"}}, "Did you mean `order_placed`"),
    ],
)
def test_a_wrong_choice_makes_nothing(acme: Workspace, who: Any, choice: Any, words: str) -> None:
    with pytest.raises(DefinitionError, match=words):
        start_from(acme, pack("marketplace"), **choice, **who)
    assert not Metric.objects.exists()


def test_an_archived_input_is_said_and_nothing_is_made(acme: Workspace, who: Any) -> None:
    gmv = save_metric(acme, {"key": "gmv", "kind": "count", "event": "x"}, **who)
    archive_metric(gmv, **who)
    with pytest.raises(Conflict, match="Restore `gmv` first"):
        start_from(acme, pack("marketplace"), **who)
    assert Metric.objects.count() == 1
    assert not Change.objects.filter(subject="pack:marketplace").exists()


def test_a_viewer_may_not(acme: Workspace, viewer: Member, now: datetime) -> None:
    with pytest.raises(NotAllowed):
        start_from(acme, pack("marketplace"), by=viewer, now=now)


def test_a_template_comes_with_its_inputs(acme: Workspace, who: Any) -> None:
    names = {"order_placed": "purchase"}
    documents = template_with_inputs("revenue_from_customers", names)
    started = make_missing(acme, documents, **who)
    levels = {m.key: m.level for m in started.made}
    assert levels == {
        "purchasing_customers": "metric",
        "revenue": "metric",
        "average_revenue_per_customer": "metric",
        "revenue_from_customers": "kpi",
    }
    assert Metric.objects.get(key="revenue").document["event"] == "purchase"
