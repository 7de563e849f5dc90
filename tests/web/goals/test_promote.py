"""From a KPI to a key result."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.test import Client

from headway.accounts.models import Team, Workspace
from headway.goals.models import Cycle, KeyResult, Objective
from headway.metrics.models import Metric
from tests.goals.conftest import make_metric
from tests.web.goals.conftest import page

PATH = "/acme/kpis/orders/promote"
FORM = {"shape": "reach", "target": "110", "over": "latest", "due": "2026-04-11", "weight": "1"}


@pytest.fixture
def tickets(acme: Workspace) -> Metric:
    return make_metric(acme, "tickets", level="kpi")


def test_the_draft_says_where_its_numbers_come_from(
    orders: Metric, cycle: Cycle, team: Team, as_member: Client
) -> None:
    said = page(as_member, PATH)
    assert "Measured: the last complete day before the cycle opens" in said
    assert 'value="2026-04-11"' in said


def test_saved_with_a_new_objective_and_its_guardrails(
    orders: Metric, tickets: Metric, cycle: Cycle, team: Team, as_member: Client
) -> None:
    data = {
        **FORM,
        "new_objective": "Shops order gladly",
        "team": "growth",
        "guardrails": "tickets",
    }
    answer = as_member.post(PATH, data)
    assert answer["Location"] == "/acme/objectives/shops-order-gladly/orders"
    made = KeyResult.objects.get()
    assert (made.metric, made.baseline, made.aim) == (orders, 10.0, 110.0)
    assert [m.key for m in made.objective.guardrails.all()] == ["tickets"]


def test_saved_under_an_objective_that_keeps_its_own_guardrails(
    acme: Workspace,
    orders: Metric,
    tickets: Metric,
    new_objective: Callable[..., Objective],
    as_member: Client,
) -> None:
    other = make_metric(acme, "nps", level="kpi")
    objective = new_objective("Effortless start", guardrails=[other])
    as_member.post(PATH, {**FORM, "objective": "effortless-start", "guardrails": "tickets"})
    assert KeyResult.objects.get().objective == objective
    assert {m.key for m in objective.guardrails.all()} == {"nps", "tickets"}


def test_what_is_watched_beside_the_kpi_already_is_ticked(
    orders: Metric,
    tickets: Metric,
    new_objective: Callable[..., Objective],
    new_key_result: Callable[..., KeyResult],
    as_member: Client,
) -> None:
    ticked = re.compile(r'<input[^>]*value="tickets"[^>]* checked')
    before = new_objective("Effortless start", guardrails=[tickets])
    assert not ticked.search(page(as_member, PATH))
    new_key_result(before, metric=orders, shape="reach", target=110.0)
    assert ticked.search(page(as_member, PATH))


def test_a_wrong_key_result_leaves_no_objective_behind(
    orders: Metric, cycle: Cycle, team: Team, as_member: Client
) -> None:
    data = {**FORM, "new_objective": "Gladly", "team": "growth", "due": "2027-01-01"}
    said = as_member.post(PATH, data).content.decode()
    assert "outside the cycle" in said
    assert 'value="Gladly"' in said
    assert not Objective.objects.exists()


def test_it_needs_an_objective(orders: Metric, cycle: Cycle, team: Team, as_member: Client) -> None:
    said = as_member.post(PATH, FORM).content.decode()
    assert "A new objective needs this" in said


def test_without_a_cycle_it_says_to_make_one(orders: Metric, as_member: Client) -> None:
    assert "First, a cycle" in page(as_member, PATH)


def test_a_viewer_may_not(orders: Metric, cycle: Cycle, team: Team, as_viewer: Client) -> None:
    assert as_viewer.post(PATH, FORM).status_code == 403
