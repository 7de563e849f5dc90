from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from headway.accounts.models import Member, Workspace
from headway.engine.errors import DefinitionError
from headway.engine.kinds import KINDS, parse
from headway.engine.phrases import sentence
from headway.metrics.models import Metric
from headway.web.forms import phrases

Enter = Callable[[Member], Client]
READ = {"unit": "", "direction": "up", "level": "kpi"}


def test_the_catalogue_asks_questions(shop: Workspace, member: Member, enter: Enter) -> None:
    client = enter(member)
    page = client.get("/acme/kpis/new").content.decode()
    assert "/acme/kpis/new/weekly_active_users" in page
    found = client.get("/acme/kpis/new?find=weekly+use").content.decode()
    assert "/acme/kpis/new/weekly_active_users" in found
    assert "/acme/kpis/new/daily_active_users" not in found


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_a_form_with_its_own_fields(
    shop: Workspace, member: Member, enter: Enter, kind: str
) -> None:
    response = enter(member).get(f"/acme/kpis/new/{kind}")
    assert response.status_code == 200
    assert 'value="order_placed"' in response.content.decode()


def test_a_preview_measures_before_anything_is_saved(
    shop: Workspace, member: Member, enter: Enter
) -> None:
    typed = {"kind": "count", "name": "Pro orders", "event": "order_placed", **READ}
    typed["where"] = "plan = pro and amount > 25"
    page = enter(member).post("/acme/kpis/new/preview", typed).content.decode()
    assert "week of 23 Feb 2026" in page
    assert ">14<" in page
    assert not Metric.objects.filter(name="Pro orders").exists()


def test_a_preview_names_what_has_never_come_in(
    shop: Workspace, member: Member, enter: Enter
) -> None:
    typed = {"kind": "count", "name": "Typo", "event": "order_plaxed", **READ}
    page = enter(member).post("/acme/kpis/new/preview", typed).content.decode()
    assert "Did you mean <code>order_placed</code>?" in page
    typed |= {"event": "order_placed", "where": "colour = red"}
    page = enter(member).post("/acme/kpis/new/preview", typed).content.decode()
    assert "No event carries <code>colour</code>. There are <code>amount</code>," in page
    typed["where"] = "amount > 1000000"
    assert (
        "Nothing was found" in enter(member).post("/acme/kpis/new/preview", typed).content.decode()
    )


def test_a_funnel_is_made_and_its_definition_changed(
    shop: Workspace, member: Member, enter: Enter
) -> None:
    client = enter(member)
    steps = ["order_placed where plan = free", "order_placed where amount > 22", ""]
    typed: dict[str, Any] = {"name": "Twice", "steps": steps, "window": "7 days", **READ}
    response = client.post("/acme/kpis/new/funnel", typed)
    assert response.status_code == 302
    metric = Metric.objects.get(key="twice")
    assert metric.document["steps"] == [
        {"event": "order_placed", "where": {"plan": "free"}},
        {"event": "order_placed", "where": {"amount": {"gt": 22.0}}},
    ]
    changed = typed | {"window": "14 days", "note": "A week was short"}
    assert client.post("/acme/kpis/twice/edit", changed).status_code == 302
    metric.refresh_from_db()
    assert metric.version == 2
    page = client.get("/acme/kpis/twice").content.decode()
    assert "A week was short" in page
    assert "7 days → 14 days" in page


MADE: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("nps", {"property": "score", "valid": "1, 10"}, {"property": "score", "valid": [1, 10]}),
    ("csat", {"property": "score", "top": "4, 4.5"}, {"property": "score", "top": [4, 4.5]}),
    ("min", {"property": "amount"}, {"property": "amount"}),
    ("max", {"property": "amount"}, {"property": "amount"}),
    ("lifecycle", {"part": "dormant"}, {"part": "dormant"}),
    ("frequency", {"count": "events", "of": "all"}, {"count": "events", "of": "all"}),
    (
        "movement",
        {"value": "amount", "by": "user", "customer": "user", "part": "churned"},
        {"value": "amount", "by": "user", "customer": "user", "part": "churned"},
    ),
    ("rate", {"stat": "peak", "weight": "amount"}, {"stat": "peak", "weight": "amount"}),
    (
        "uptime",
        {"ok": "paid", "duration": "amount", "by_time": "False", "maintenance": "plan = free"},
        {"ok": "paid", "duration": "amount", "by_time": False, "maintenance": {"plan": "free"}},
    ),
    ("uptime", {"incidents": "amount", "by_time": ""}, {"incidents": "amount"}),
]


@pytest.mark.parametrize(("kind", "typed", "document"), MADE)
def test_what_is_typed_becomes_the_document_and_is_typed_again(
    shop: Workspace,
    member: Member,
    enter: Enter,
    kind: str,
    typed: dict[str, Any],
    document: dict[str, Any],
) -> None:
    client = enter(member)
    given = {"name": "Made", "event": "order_placed", **typed, **READ}
    response = client.post(f"/acme/kpis/new/{kind}", given)
    assert response.status_code == 302, response.content.decode()
    metric = Metric.objects.get(key="made")
    own = {"key", "name", "family", "owner", *READ}
    found = {k: v for k, v in metric.document.items() if k not in own}
    assert found == {"kind": kind, "event": "order_placed"} | document
    form = client.get("/acme/kpis/made/edit").context["form"]
    again = {name: form[name].value() for name in form.fields}
    client.post("/acme/kpis/made/edit", {k: v for k, v in again.items() if v is not None})
    metric.refresh_from_db()
    assert (metric.version, {k: v for k, v in metric.document.items() if k not in own}) == (
        1,
        found,
    )


def test_who_is_counted_when_nobody_is_named(shop: Workspace, member: Member, enter: Enter) -> None:
    client = enter(member)
    assert 'placeholder="user"' in client.get("/acme/kpis/new/unique").content.decode()
    assert 'placeholder="account"' in client.get("/acme/kpis/new/movement").content.decode()


def test_an_unchanged_form_changes_nothing(shop: Workspace, member: Member, enter: Enter) -> None:
    client = enter(member)
    before = Metric.objects.get(key="orders").document
    form = client.get("/acme/kpis/orders/edit").context["form"]
    typed = {name: form[name].value() for name in form.fields}
    client.post("/acme/kpis/orders/edit", {k: v for k, v in typed.items() if v is not None})
    assert Metric.objects.get(key="orders").document == before


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"event": ""}, "This field is required"),
        ({"where": "plan like pro"}, "is not a condition"),
        ({"name": "Orders"}, "There is already a metric"),
        ({"key": "Not A Key"}, "Small letters"),
    ],
)
def test_errors_stand_beside_their_field(
    shop: Workspace, member: Member, enter: Enter, changes: dict[str, str], words: str
) -> None:
    typed = {"name": "New", "event": "order_placed", **READ, **changes}
    response = enter(member).post("/acme/kpis/new/count", typed)
    assert response.status_code == 422
    assert words in response.content.decode()
    assert 'aria-invalid="true"' in response.content.decode()


@pytest.mark.parametrize(
    "text",
    [
        "plan = pro",
        "plan in pro, team and amount > 10",
        "plan not in free and country != DE",
        "amount >= 1.5 and amount < 20",
        "name contains box",
        "plan is set and country is not set",
        'zip = "01234" and paid = true',
    ],
)
def test_filters_read_back_as_they_were_typed(text: str) -> None:
    assert phrases.write_where(phrases.read_where(text)) == text


def test_a_filter_that_cannot_be_read_says_how_to_write_one() -> None:
    with pytest.raises(DefinitionError, match="plan in pro"):
        phrases.read_where("plan ~ pro")


@pytest.mark.parametrize(
    ("text", "who"),
    [
        ("shared", {"did": {"event": "shared"}}),
        (
            "shared where plan in pro, team at least 2 times within 30 days before",
            {
                "did": {"event": "shared", "where": {"plan": {"in": ["pro", "team"]}}},
                "at_least": 2,
                "within": "30 days before",
            },
        ),
        ("a, b since 2026-01-31", {"did": {"event": ["a", "b"]}, "within": "since 2026-01-31"}),
        ("a since new-search", {"did": {"event": "a"}, "within": "since new-search"}),
    ],
)
def test_a_cohort_is_typed_as_a_phrase(text: str, who: dict[str, object]) -> None:

    assert phrases.read_who(text) == who
    assert phrases.read_who(phrases.write_who(who)) == who
    definition = parse({"key": "m", "kind": "count", "event": "used", "who": who})
    assert " Only of users with " in sentence(definition)


def test_a_healthy_range_is_typed_as_people_write_amounts(
    shop: Workspace, member: Member, enter: Enter
) -> None:
    client = enter(member)
    steps = ["order_placed", "order_placed where plan = pro", ""]
    typed: dict[str, Any] = {"name": "Upgrades", "steps": steps, "window": "7 days", **READ}
    typed |= {"unit": "percent", "healthy_at_least": "85"}
    refused = client.post("/acme/kpis/new/funnel", typed)
    assert refused.status_code == 422
    assert "Write `85 %`, or `0.85`." in refused.content.decode()
    assert (
        client.post("/acme/kpis/new/funnel", typed | {"healthy_at_least": "85 %"}).status_code
        == 302
    )
    assert Metric.objects.get(key="upgrades").document["healthy"] == {"at_least": 0.85}
    assert 'value="85 %"' in client.get("/acme/kpis/upgrades/edit").content.decode()


def test_a_metric_says_which_outcome_it_is_and_what_it_drives(
    shop: Workspace, member: Member, enter: Enter
) -> None:
    client = enter(member)
    client.post("/acme/kpis/new/count", {"name": "Sales", "event": "order_placed", **READ})
    typed: dict[str, Any] = {"name": "Orders of pros", "event": "order_placed", **READ}
    typed |= {"outcome": "product", "product": "Shop", "healthy_floor": "0", "healthy_goal": "50"}
    refused = client.post("/acme/kpis/new/count", typed | {"drives": "sals"})
    assert "Did you mean `sales`?" in refused.content.decode()
    made = client.post("/acme/kpis/new/count", typed | {"drives": "sales"})
    assert made.status_code == 302
    metric = Metric.objects.get(key="orders_of_pros")
    kept = {n: metric.document[n] for n in ("outcome", "drives", "product", "healthy")}
    assert kept == {
        "outcome": "product",
        "drives": ["sales"],
        "product": "Shop",
        "healthy": {"floor": 0, "goal": 50},
    }
    edit = "/acme/kpis/orders_of_pros/edit"
    assert 'value="sales"' in client.get(edit).content.decode()
    itself = client.post(edit, typed | {"drives": "orders_of_pros"}).content.decode()
    assert "A metric does not drive itself." in itself
    client.post(edit, typed | {"drives": "", "outcome": "none"})
    metric = Metric.objects.get(key="orders_of_pros")
    assert not {"drives"} & metric.document.keys()
    assert metric.document.get("outcome", "none") == "none"
