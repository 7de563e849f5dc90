"""Every template can be picked, mapped to one's events, looked at and saved."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from django.db import transaction
from django.http import QueryDict
from django.test import Client

from headway.accounts.models import Member, Workspace
from headway.engine.kinds import KINDS, parse, to_document
from headway.metrics.catalogue import Template, templates
from headway.metrics.choice import template_with_inputs
from headway.metrics.models import Metric
from headway.metrics.stages import STAGES, Stage

Enter = Callable[[Member], Client]
ALL = templates()


def filled(client: Client, address: str) -> dict[str, Any]:
    """The form as the page shows it, ready to be sent back unchanged."""
    response = client.get(address)
    assert response.status_code == 200
    form = response.context["form"]
    typed = {name: form[name].value() for name in form.fields}
    return {name: value for name, value in typed.items() if value is not None}


def picked(client: Client, key: str) -> dict[str, Any]:
    return filled(client, f"/acme/kpis/new/{key}") | {"make_inputs": "on"}


class Undone(Exception):
    """Takes back what was written since a savepoint."""


@pytest.mark.parametrize("stage", STAGES, ids=[s.name for s in STAGES])
def test_every_template_is_picked_looked_at_and_saved(
    stopped: Workspace, member: Member, enter: Enter, stage: Stage
) -> None:
    """Each in an empty workspace, as it stands: it makes just what the catalogue says."""
    client = enter(member)
    for one in ALL:
        if one.family == stage.family:
            with suppress(Undone), transaction.atomic():
                _pick(client, one)
                raise Undone


def _pick(client: Client, one: Template) -> None:
    typed = picked(client, one.key)
    kind = one.measure["kind"]
    shown = client.post("/acme/kpis/new/preview", typed | {"kind": kind}).content.decode()
    assert "Measured just now" in shown, f"{one.key}: {shown}"
    response = client.post(f"/acme/kpis/new/{one.key}", typed)
    assert response.status_code == 302, response.context["form"].errors
    for key, document in template_with_inputs(one.key, {}).items():
        found = Metric.objects.get(key=key)
        mine = {"owner": "member@acme.example"} if key == one.key else {}
        assert to_document(found.definition) == to_document(parse(document | mine))


def test_the_catalogue_says_what_each_needs_and_warns(
    shop: Workspace, member: Member, enter: Enter
) -> None:
    page = enter(member).get("/acme/kpis/new").content.decode()
    for one in ALL:
        assert f'href="/acme/kpis/new/{one.key}"' in page
    assert '<code class="seen">order_placed</code>' in page
    assert "<code>signed_up</code>" in page
    assert "Cookies that are cleared make one person many." in page
    assert page.count("Here already") == 2  # orders and revenue
    for name in KINDS:
        assert f'href="/acme/kpis/new/{name}"' in page


def test_it_is_searched_by_words_stage_and_what_can_be_answered(
    shop: Workspace, member: Member, enter: Enter
) -> None:
    client = enter(member)

    def found(**query: str) -> set[str]:
        groups = client.get("/acme/kpis/new", query).context["groups"]
        return {entry.template.key for _, entries in groups for entry in entries}

    assert "weekly_active_users" in found(find="weekly use")
    assert found(find="nothing like it at all") == set()
    assert found(stage="capture/retention") == {
        t.key for t in ALL if t.family == "capture/retention"
    }
    ready = found(ready="yes")
    assert {"average_order_value", "repeat_customers"} <= ready
    assert "new_sign_ups" not in ready


def test_a_name_that_means_the_same_is_filled_in_and_can_be_changed(
    shop: Workspace, member: Member, enter: Enter
) -> None:
    client = enter(member)
    page = client.get("/acme/kpis/new/purchase_frequency").content.decode()
    assert "seen" in page
    typed = filled(client, "/acme/kpis/new/downloads?as:downloaded=order_placed")
    assert typed["event"] == "order_placed"
    typed = filled(client, "/acme/kpis/new/downloads?as:downloaded=a,+b")
    assert typed["event"] == "a, b"


def test_a_formula_offers_to_make_what_it_needs(
    shop: Workspace, member: Member, enter: Enter
) -> None:
    """Revenue is there; costs are not, and come over the event that is named for them."""
    client = enter(member)
    page = client.get("/acme/kpis/new/gross_margin").content.decode()
    assert 'name="make_inputs" checked' in page
    assert 'name="as:direct_cost_booked"' in page
    typed = picked(client, "gross_margin") | {"as:direct_cost_booked": "order_placed"}
    shown = client.post("/acme/kpis/new/preview", typed | {"kind": "formula"}).content.decode()
    assert "0\u202f%" in shown or "0 %" in shown
    client.post("/acme/kpis/new/gross_margin", typed)
    made = Metric.objects.get(key="direct_costs")
    assert made.document["event"] == "order_placed"
    assert made.level == "metric"
    assert Metric.objects.get(key="revenue").version == 1


def test_inputs_that_are_not_wanted_are_not_made(
    shop: Workspace, member: Member, enter: Enter
) -> None:
    client = enter(member)
    typed = QueryDict(mutable=True)
    typed.update({k: v for k, v in picked(client, "gross_margin").items() if k != "make_inputs"})
    response = client.post("/acme/kpis/new/gross_margin", dict(typed.items()))
    assert response.status_code == 422
    page = response.content.decode()
    assert "There is no metric `direct_costs`" in page
    assert 'name="make_inputs">' in page
    assert not Metric.objects.filter(key="gross_margin").exists()


def test_a_formula_that_was_typed_is_helped_too(
    shop: Workspace, member: Member, enter: Enter
) -> None:
    typed = {"name": "Ours", "formula": "revenue / tickets_opened", "direction": "up"}
    typed |= {"level": "kpi", "unit": ""}
    response = enter(member).post("/acme/kpis/new/formula", typed)
    assert response.status_code == 422
    assert "Tickets opened" in response.content.decode()
    again = typed | {"make_inputs": "on"}
    assert enter(member).post("/acme/kpis/new/formula", again).status_code == 302
    assert Metric.objects.filter(key__in=["ours", "tickets_opened"]).count() == 2
