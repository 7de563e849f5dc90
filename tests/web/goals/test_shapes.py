"""Grades, milestones, paces, shares and reasons: in forms, on pages and at check-ins."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from headway.accounts.models import Member, Team, Workspace
from headway.goals import actions
from headway.goals.models import KeyResult, Objective
from headway.metrics.models import Metric
from tests.goals.conftest import moment
from tests.web.goals.conftest import page

PATH = "/acme/objectives/effortless-start"
NEW = f"{PATH}/key-results/new"
DUE = {"over": "latest", "due": "2026-04-11"}
LIST = {
    **DUE,
    "shape": "milestones",
    "title": "Open Vienna",
    "milestones_name": ["Depot rented", "", "First parcel"],
    "milestones_weight": ["", "", "3"],
    "milestones_due": ["2026-02-01", "", "2026-03-01"],
    "pace": "phased",
}
New = Callable[..., KeyResult]


def posted(client: Client, path: str, data: dict[str, Any]) -> str:
    """What the page says when it refuses; nothing when it saved."""
    answer = client.post(path, data)
    return "" if answer.status_code == 302 else answer.content.decode()


def test_grades_are_typed_and_shown(
    objective: Objective, orders: Metric, as_member: Client
) -> None:
    asked = {**DUE, "shape": "graded", "metric": "orders", "commit": "60", "target": "100"}
    assert "This is needed." in posted(as_member, NEW, asked)
    assert "not in order" in posted(as_member, NEW, {**asked, "stretch": "90"})
    assert posted(as_member, NEW, {**asked, "stretch": "120"}) == ""
    found = KeyResult.objects.get()
    assert (found.progress, found.status) == (pytest.approx(0.294), "on_track")
    said = page(as_member, f"{PATH}/orders")
    assert "<dt>Commit</dt><dd>" in said
    assert "stretch 120" in page(as_member, f"{PATH}/orders/chart")
    assert 'value="120"' in page(as_member, f"{PATH}/orders/edit")


def test_milestones_are_listed_and_ticked(
    objective: Objective, as_member: Client, as_viewer: Client
) -> None:
    assert posted(as_member, NEW, LIST) == ""
    found = KeyResult.objects.get()
    assert [(m.name, m.weight) for m in found.milestones.all()] == [
        ("Depot rented", 1),
        ("First parcel", 3),
    ]
    assert (found.progress, found.expected) == (0, 0.25)
    said = page(as_member, f"{PATH}/open-vienna")
    assert "Done today" in said
    assert "what cannot be measured" in said
    assert 'value="2026-03-01"' in page(as_member, f"{PATH}/open-vienna/edit")
    tick = {"name": "Depot rented", "done": "1"}
    assert as_viewer.post(f"{PATH}/open-vienna/milestones", tick).status_code == 403
    as_member.post(f"{PATH}/open-vienna/milestones", tick)
    found.refresh_from_db()
    assert (found.progress, found.status) == (0.25, "on_track")
    assert "Not done after all" in page(as_member, f"{PATH}/open-vienna")
    as_member.post(f"{PATH}/open-vienna/milestones", {"name": "Depot rented"})
    found.refresh_from_db()
    assert found.progress == 0


def test_a_check_in_ticks_milestones(objective: Objective, as_member: Client) -> None:
    posted(as_member, NEW, LIST)
    path = f"{PATH}/open-vienna/check-in"
    assert "Done since the last check-in" in page(as_member, path)
    assert "The check-in says nothing" in posted(as_member, path, {"confidence": ""})
    assert posted(as_member, path, {"done": ["Depot rented"], "confidence": "7"}) == ""
    found = KeyResult.objects.get()
    assert found.progress == 0.25
    assert found.check_ins.get().note == "Done: Depot rented"
    assert "First parcel" in page(as_member, path)
    assert 'value="Depot rented"' not in page(as_member, path)


def test_values_for_certain_days(objective: Objective, orders: Metric, as_member: Client) -> None:
    asked = {**DUE, "shape": "reach", "metric": "orders", "target": "110", "pace": "phased"}
    rows = {"phases_day": ["2026-02-01"], "phases_value": ["a lot"]}
    said = posted(as_member, NEW, {**asked, **rows})
    assert "`a lot` is not an amount" in said
    assert 'value="a lot"' in said
    assert "between the days" in posted(
        as_member, NEW, {**asked, "phases_day": ["2027-01-01"], "phases_value": ["60"]}
    )
    assert "By which day" in posted(as_member, NEW, {**asked, "phases_value": ["60"]})
    assert "no values" in posted(as_member, NEW, asked)
    rows = {"phases_day": ["2026-03-01", "2026-02-01"], "phases_value": ["100", "20"]}
    assert posted(as_member, NEW, {**asked, **rows}) == ""
    found = KeyResult.objects.get()
    assert list(found.phases.items()) == [("2026-02-01", 20), ("2026-03-01", 100)]
    assert found.expected == pytest.approx(0.1 + 0.8 * 18 / 28)
    assert "by certain days" in page(as_member, f"{PATH}/orders")
    assert 'value="2026-03-01"' in page(as_member, f"{PATH}/orders/edit")


def test_last_year_says_when_there_is_none(
    objective: Objective, orders: Metric, as_member: Client
) -> None:
    asked = {**DUE, "shape": "reach", "metric": "orders", "target": "110", "pace": "seasonal"}
    assert posted(as_member, NEW, asked) == ""
    assert "Expected evenly: nothing is known" in page(as_member, f"{PATH}/orders")


def test_an_edit_of_an_open_cycle_asks_why_and_shows_it(
    objective: Objective, orders: Metric, new_key_result: New, as_member: Client
) -> None:
    new_key_result(objective, metric=orders, shape="reach", target=110.0)
    asked = {**DUE, "shape": "reach", "metric": "orders", "target": "120"}
    said = posted(as_member, f"{PATH}/orders/edit", asked)
    assert "Give a reason" in said
    assert 'value="120"' in said
    assert (
        posted(as_member, f"{PATH}/orders/edit", {**asked, "reason": "A rival <b> closed."}) == ""
    )
    said = page(as_member, f"{PATH}/orders")
    assert "Target changed from 110 to 120 on " in said
    assert "by Member: A rival &lt;b&gt; closed." in said
    assert "Why it changes" not in page(as_member, NEW)


def test_shares_sum_to_the_whole(
    objective: Objective, orders: Metric, new_key_result: New, as_member: Client
) -> None:
    for n in range(2):
        new_key_result(objective, key=f"k{n}", metric=orders, shape="reach", target=110.0)
    assert 'value="33.3"' in page(as_member, NEW)
    asked = {**DUE, "shape": "reach", "metric": "orders", "target": "120", "share": "33.3"}
    posted(as_member, NEW, asked)
    weights = {k.key: k.weight for k in objective.key_results.all()}
    assert weights == {"k0": 1, "k1": 1, "orders": 1}
    assert posted(as_member, f"{PATH}/orders/edit", {**asked, "share": "100"}) != ""
    posted(as_member, f"{PATH}/orders/edit", {**asked, "share": "60", "reason": "It leads."})
    weights = {k.key: k.weight for k in objective.key_results.all()}
    assert weights == {"k0": 1, "k1": 1, "orders": pytest.approx(3)}
    assert "60\u202f% of the objective" in page(as_member, f"{PATH}/orders")
    assert "20\u202f% of it" in page(as_member, PATH)


def fragment(client: Client, path: str, **query: str) -> str:
    return client.get(path, query, headers={"HX-Request": "true"}).content.decode()


def test_all_shares_on_one_page(
    objective: Objective, orders: Metric, new_key_result: New, as_member: Client
) -> None:
    for n in range(3):
        new_key_result(objective, key=f"k{n}", metric=orders, shape="reach", target=110.0)
    path = f"{PATH}/shares"
    said = page(as_member, path)
    assert [said.count(f'value="{v}"') for v in ("33.4", "33.3")] == [2, 4], "shown, and as it was"
    asked = {"k0": "50", "k1": "33.3", "k2": "33.3"}
    shown = fragment(as_member, path, **asked)
    assert [shown.count(f'value="{v}"') for v in ("50", "25")] == [2, 4]
    was = {"was_k0": "50", "was_k1": "25", "was_k2": "25"}
    again = fragment(as_member, path, k0="50", k1="40", k2="25", **was)
    assert [again.count(f'value="{v}"') for v in ("40", "20")] == [4, 2], "40, and 40 of 60 left"
    assert "Give a reason" in posted(as_member, path, asked)
    assert "nothing is left" in posted(as_member, path, {**asked, "k1": "50", "reason": "So"})
    assert posted(as_member, path, {**asked, "reason": "It leads."}) == ""
    weights = {k.key: k.weight for k in objective.key_results.all()}
    assert weights == {"k0": 50, "k1": 25, "k2": 25}
    assert page(as_member, f"{PATH}/k0").count("Weight changed from 1 to 50") == 1


def test_teams_share_one_and_a_delegate_checks_in(
    acme: Workspace,
    objective: Objective,
    orders: Metric,
    member: Member,
    viewer: Member,
    as_member: Client,
) -> None:
    Team.objects.create(workspace=acme, key="sales", name="Sales")
    asked = {**DUE, "shape": "reach", "metric": "orders", "target": "110"}
    people = {"owner": viewer.pk, "delegate": member.pk, "teams": ["sales"]}
    assert posted(as_member, NEW, {**asked, **people}) == ""
    said = page(as_member, f"{PATH}/orders")
    assert "<dt>Shared with</dt><dd>Sales</dd>" in said
    assert "Orders" in page(as_member, "/acme/check-in"), "the delegate's list has it"
    listed = page(as_member, "/acme/objectives", team="sales")
    assert "Effortless start" in listed
    assert actions.check_in(KeyResult.objects.get(), note="x", by=member, now=moment(50))


def test_what_is_due_is_handed_back(
    acme: Workspace, objective: Objective, orders: Metric, new_key_result: New, as_member: Client
) -> None:
    new_key_result(objective, metric=orders, shape="reach", target=50.0)
    assert "hand it back" not in page(as_member, f"{PATH}/orders")
    acme.clock = moment(101)
    acme.save()
    assert "hand it back" in page(as_member, f"{PATH}/orders")
    path = f"{PATH}/orders/hand-back"
    assert 'name="at_least" value="59"' in page(as_member, path)
    assert "not an amount" in posted(as_member, path, {"at_least": "a lot"})
    assert posted(as_member, path, {"at_least": "50"}) == ""
    orders.refresh_from_db()
    assert orders.profile["healthy"] == {"at_least": 50}
    assert "watched as a KPI again" in page(as_member, f"{PATH}/orders")
