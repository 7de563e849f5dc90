"""Objectives, key results and cycles, made and changed in forms."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from django.test import Client

from headway.accounts.models import Member, Team, Workspace
from headway.goals.models import Cycle, KeyResult, Objective
from headway.metrics.models import Metric
from tests.goals.conftest import make_metric, put
from tests.web.goals.conftest import BEFORE, page

PATH = "/acme/objectives/effortless-start"
NEW = f"{PATH}/key-results/new"
KEY_RESULT = {"over": "latest", "due": "2026-04-11", "weight": "1"}


def test_a_new_objective_leads_on_to_its_key_results(
    team: Team, cycle: Cycle, member: Member, as_member: Client
) -> None:
    page(as_member, "/acme/objectives/new")
    data = {
        "title": "Gladly again",
        "why": "They stay.",
        "team": "growth",
        "cycle": "2026-q1",
        "owner": str(member.pk),
        "ambition": "aspirational",
    }
    answer = as_member.post("/acme/objectives/new", data)
    assert answer["Location"] == "/acme/objectives/gladly-again/key-results/new"
    made = Objective.objects.get()
    assert (made.title, made.ambition, made.owner) == ("Gladly again", "aspirational", member)


def test_an_objective_keeps_its_address_when_its_words_change(
    objective: Objective, as_member: Client
) -> None:
    data = {"title": "Easy start", "team": "growth", "cycle": "2026-q1", "ambition": "committed"}
    answer = as_member.post(f"{PATH}/edit", data)
    assert answer["Location"] == PATH
    objective.refresh_from_db()
    assert (objective.title, objective.owner) == ("Easy start", None)


def test_a_refusal_keeps_what_was_typed(
    new_objective: Callable[..., Objective], objective: Objective, as_member: Client
) -> None:
    new_objective("Below", supports=[objective])
    data = {
        "title": "Changed words",
        "team": "growth",
        "cycle": "2026-q1",
        "ambition": "committed",
        "supports": "below",
    }
    said = as_member.post(f"{PATH}/edit", data).content.decode()
    assert "would support itself" in said
    assert "Changed words" in said
    objective.refresh_from_db()
    assert objective.title == "Effortless start"


def test_a_viewer_gets_no_form(objective: Objective, as_viewer: Client) -> None:
    for path in ("/acme/objectives/new", f"{PATH}/edit", NEW, "/acme/settings/cycles/new"):
        assert as_viewer.post(path, {"title": "x"}).status_code == 403


@pytest.mark.parametrize(
    ("unit", "typed", "target"),
    [
        ("percent", "85 %", 0.85),
        ("duration", "5 min", 300.0),
        ("", "1,000,000", 1e6),
        ("", "−5", -5),
    ],
)
def test_targets_are_typed_as_people_write_them(
    acme: Workspace, objective: Objective, as_member: Client, unit: str, typed: str, target: float
) -> None:
    put(make_metric(acme, "thing", unit=unit, profile={"grain": "day"}), BEFORE, [0.5] * 60)
    data = {**KEY_RESULT, "shape": "reach", "metric": "thing", "target": typed}
    answer = as_member.post(NEW, data)
    assert answer["Location"] == f"{PATH}/thing", answer.content.decode()
    assert KeyResult.objects.get().aim == target


@pytest.mark.parametrize(
    ("way", "typed", "meaning", "aim"),
    [
        ("increase", "15 %", "percent", 0.46),
        ("increase", "15 %", "points", 0.55),
        ("reduce", "5 points", "", 0.35),
        ("increase", "10", "percent", 0.44),
    ],
)
def test_changes_of_a_percentage(
    objective: Objective,
    share: Metric,
    as_member: Client,
    way: str,
    typed: str,
    meaning: str,
    aim: float,
) -> None:
    data = {"shape": "relative", "metric": "share", "way": way, "change": typed}
    as_member.post(NEW, {**KEY_RESULT, **data, "change_in": meaning})
    assert KeyResult.objects.get().aim == pytest.approx(aim)


def test_a_percentage_of_a_percentage_is_asked_about(
    objective: Objective, share: Metric, as_member: Client
) -> None:
    data = {"shape": "relative", "metric": "share", "change": "15 %"}
    said = as_member.post(NEW, {**KEY_RESULT, **data}).content.decode()
    assert "can be read in two ways" in said
    assert 'value="15 %"' in said
    assert not KeyResult.objects.exists()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"shape": "reach", "metric": "orders"}, "This is needed."),
        ({"shape": "reach", "target": "5"}, "Choose what measures it"),
        ({"shape": "reach", "metric": "orders", "target": "a lot"}, "`a lot` is not an amount."),
        ({"shape": "reach", "metric": "orders", "target": "5", "due": "2027-01-01"}, "outside"),
        ({"shape": "keep", "metric": "orders"}, "There are no bounds to keep."),
        ({"shape": "manual", "baseline_typed": "1", "target": "5"}, "needs a title"),
        ({"shape": "reach", "metric": "orders", "target": "5", "over": "mean"}, "Say how many."),
    ],
)
def test_what_is_wrong_stands_beside_its_field(
    objective: Objective, orders: Metric, as_member: Client, data: dict[str, str], words: str
) -> None:
    answer = as_member.post(NEW, {**KEY_RESULT, **data})
    assert answer.status_code == 200
    said = answer.content.decode()
    assert words in said
    assert 'class="error"' in said
    assert not KeyResult.objects.exists()


def test_bounds_and_typed_ones(objective: Objective, share: Metric, as_member: Client) -> None:
    as_member.post(NEW, {**KEY_RESULT, "shape": "keep", "metric": "share", "at_least": "35 %"})
    typed = {"title": "Depots", "unit": "depots", "baseline_typed": "2", "target": "12"}
    as_member.post(NEW, {**KEY_RESULT, "shape": "manual", **typed})
    kept, by_hand = KeyResult.objects.order_by("pk")
    assert (kept.at_least, kept.holds) == (0.35, True)
    assert (by_hand.metric, by_hand.unit, by_hand.aim) == (None, "depots", 12.0)


def test_an_edit_shows_what_was_typed_and_changes_only_that(
    objective: Objective, share: Metric, new_key_result: Callable[..., KeyResult], as_member: Client
) -> None:
    new_key_result(objective, metric=share, shape="relative", change=-0.05, change_in="points")
    said = page(as_member, f"{PATH}/share/edit")
    assert 'value="5 points"' in said
    data = {"shape": "relative", "metric": "share", "way": "reduce", "change": "10 points"}
    as_member.post(f"{PATH}/share/edit", {**KEY_RESULT, **data, "reason": "Too bold."})
    assert KeyResult.objects.get().change == pytest.approx(-0.1)


def test_the_measured_baseline_is_shown_while_one_chooses(
    objective: Objective, orders: Metric, as_member: Client
) -> None:
    said = page(as_member, f"{PATH}/key-results/baseline", metric="orders", over="latest")
    assert ">10<" in said
    assert ">59<" in said
    assert "<html" not in said


def test_targets_are_suggested_where_a_value_is_to_be_reached(
    as_member: Client, objective: Objective, orders: Metric
) -> None:
    asked = {"metric": "orders", "shape": "reach", "over": "latest"}
    said = page(as_member, f"{PATH}/key-results/baseline", **asked)
    assert "A stretch: one time in three" in said
    for other in ({"shape": "keep"}, {"over": "trailing"}, {"grain": "month"}):
        assert "one time in three" not in page(
            as_member, f"{PATH}/key-results/baseline", **asked | other
        )


def test_without_javascript_a_button_shows_it_and_keeps_the_form(
    objective: Objective, orders: Metric, as_member: Client
) -> None:
    data = {**KEY_RESULT, "shape": "reach", "metric": "orders", "title": "Many", "look": "1"}
    said = as_member.post(NEW, data).content.decode()
    assert "Measured baseline of Orders" in said
    assert 'value="Many"' in said
    assert 'class="error"' not in said


def test_cycles_are_made_changed_and_listed(acme: Workspace, as_member: Client) -> None:
    data = {"name": "Spring", "key": "spring", "starts": "2026-03-01", "ends": "2026-05-31"}
    assert as_member.post("/acme/settings/cycles/new", data).status_code == 302
    changed = {**data, "name": "Early spring", "ends": "2026-04-30"}
    assert as_member.post("/acme/settings/cycles/spring", changed).status_code == 302
    made = Cycle.objects.get()
    assert (made.name, made.ends) == ("Early spring", date(2026, 4, 30))
    assert "Early spring" in page(as_member, "/acme/settings/cycles")


def test_a_cycle_that_ends_before_it_starts(acme: Workspace, as_member: Client) -> None:
    data = {"name": "Spring", "key": "spring", "starts": "2026-03-01", "ends": "2026-02-01"}
    said = as_member.post("/acme/settings/cycles/new", data).content.decode()
    assert "before it starts" in said
    assert 'value="Spring"' in said
    assert not Cycle.objects.exists()
