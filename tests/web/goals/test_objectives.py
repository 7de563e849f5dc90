"""Are we on course?"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable

from django.test import Client

from headway.accounts.models import Team, Workspace
from headway.goals import actions
from headway.goals.models import KeyResult, Objective
from headway.metrics.models import Metric
from tests.goals.conftest import make_metric, moment
from tests.web.goals.conftest import days_ago, page, queries

New = Callable[..., KeyResult]
NewObjective = Callable[..., Objective]
PATH = "/acme/objectives"


def test_teams_stand_in_the_order_of_their_tree(
    acme: Workspace, team: Team, new_objective: NewObjective, as_member: Client
) -> None:
    company = Team.objects.create(workspace=acme, key="company", name="The company")
    team.parent = company
    team.save()
    new_objective("Ours")
    new_objective("Everybody's", team=company)
    said = page(as_member, PATH)
    assert said.index("Everybody") < said.index("The company › Growth") < said.index("Ours")


def test_a_team_shows_the_teams_below_it_too(
    acme: Workspace, team: Team, new_objective: NewObjective, as_member: Client
) -> None:
    inner = Team.objects.create(workspace=acme, key="inner", name="Inner", parent=team)
    other = Team.objects.create(workspace=acme, key="other", name="Other")
    new_objective("From within", team=inner)
    new_objective("From elsewhere", team=other)
    said = page(as_member, PATH, team="growth")
    assert "From within" in said
    assert "From elsewhere" not in said


def test_grouped_by_what_they_support(new_objective: NewObjective, as_member: Client) -> None:
    top = new_objective("Most trusted")
    new_objective("Never lose a parcel", supports=[top])
    said = page(as_member, PATH, group="supports")
    group, alone = said.split("Supports nothing above")
    assert "Never lose a parcel" in group
    assert "Never lose a parcel" not in alone


def test_status_progress_and_the_expected_mark_in_words(
    objective: Objective, orders: Metric, new_key_result: New, as_member: Client
) -> None:
    new_key_result(objective, metric=orders, shape="reach", target=110.0)
    said = page(as_member, PATH)
    assert "of the way, 49" in said.replace("\u202f", " ")
    assert "On track" in said


def test_confidence_is_the_latest_and_silence_is_stale(
    objective: Objective, orders: Metric, new_key_result: New, as_member: Client
) -> None:
    found = new_key_result(objective, metric=orders, shape="reach", target=110.0)
    assert "Stale" in page(as_member, PATH)
    actions.check_in(found, confidence=3, day=days_ago(9), by=None, now=moment(50))
    actions.check_in(found, confidence=8, day=days_ago(2), by=None, now=moment(50))
    said = page(as_member, PATH)
    assert "Confidence 8" in said
    assert "2 days ago" in said
    assert "Stale" not in said


def test_a_check_in_is_stale_three_days_after_it_was_due(
    objective: Objective, orders: Metric, new_key_result: New, as_member: Client
) -> None:
    found = new_key_result(objective, metric=orders, shape="reach", target=110.0)
    actions.check_in(found, confidence=8, day=days_ago(11), by=None, now=moment(50))
    assert "Stale" in page(as_member, PATH)
    actions.check_in(found, confidence=8, day=days_ago(10), by=None, now=moment(50))
    assert "Stale" not in page(as_member, PATH)


def test_the_key_result_that_holds_an_objective_back_is_named(
    acme: Workspace, objective: Objective, orders: Metric, new_key_result: New, as_member: Client
) -> None:
    new_key_result(objective, metric=orders, shape="reach", target=110.0)
    dead = new_key_result(objective, metric=make_metric(acme, "silent"), shape="reach", target=5.0)
    assert f"{dead} is unknown, which counts as behind." in page(as_member, PATH)


def test_the_rows_as_csv_and_json(
    objective: Objective, orders: Metric, new_key_result: New, as_member: Client
) -> None:
    new_key_result(objective, metric=orders, shape="reach", target=110.0)
    [row] = as_member.get(PATH, {"format": "json"}).json()
    assert (row["key"], row["status"], row["key_results"]) == ("effortless-start", "on_track", 1)
    text = as_member.get(PATH, {"format": "csv"}).content.decode()
    [line] = csv.DictReader(io.StringIO(text))
    assert float(line["progress"]) == row["progress"] == 0.49


def test_more_objectives_take_no_more_queries(
    new_objective: NewObjective, orders: Metric, new_key_result: New, as_member: Client
) -> None:
    def add(n: int) -> None:
        made = new_objective(f"Number {n}")
        new_key_result(made, metric=orders, shape="reach", target=110.0)

    add(1)
    few = queries(as_member, PATH)
    for n in range(2, 6):
        add(n)
    assert queries(as_member, PATH) == few <= 12


def test_another_workspace_is_closed(acme: Workspace, as_member: Client, now: object) -> None:
    Workspace.objects.create(key="rival", name="Rival")
    assert as_member.get("/rival/objectives").status_code == 404
