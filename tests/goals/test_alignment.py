"""What supports what, across teams and cycles, and what stands alone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from headway.accounts.models import Team, Workspace
from headway.goals import actions
from headway.goals.boards.alignment import Alignment, Branch, alignment
from headway.goals.models import Cycle, Objective
from tests.goals.conftest import moment

Made = Callable[..., Objective]


@pytest.fixture
def year(acme: Workspace) -> Cycle:
    return actions.save_cycle(
        acme, key="2026", name="Year", starts=date(2026, 1, 1), ends=date(2026, 12, 31),
        by=None, now=moment(0),
    )  # fmt: skip


@pytest.fixture
def later(acme: Workspace) -> Cycle:
    return actions.save_cycle(
        acme, key="2026-q3", name="Q3", starts=date(2026, 7, 1), ends=date(2026, 9, 30),
        by=None, now=moment(0),
    )  # fmt: skip


@pytest.fixture
def made(acme: Workspace, team: Team, cycle: Cycle) -> Made:
    company = Team.objects.create(workspace=acme, key="company", name="Company")
    team.parent = company
    team.save()

    def make(title: str, *supports: Objective, **fields: Any) -> Objective:
        top = fields.pop("top", False)
        given = {"team": company if top else team, "cycle": cycle, **fields}
        return actions.save_objective(
            acme, title=title, supports=supports, by=None, now=moment(0), **given
        )

    return make


def titles(found: Alignment) -> dict[str, tuple[int, str | None]]:
    return {p.objective.title: (p.depth, p.alone) for p in found.placed.values()}


def outline(branches: tuple[Branch, ...] | list[Branch]) -> list[Any]:
    return [
        [b.placed.objective.title, *outline(b.branches)] if b.branches else b.placed.objective.title
        for b in branches
    ]


def test_the_tree_the_map_and_what_stands_alone(
    acme: Workspace, made: Made, year: Cycle, later: Cycle, django_assert_num_queries: Any
) -> None:
    trust = made("Trust", top=True, cycle=year)
    growth = made("Growth", top=True, cycle=year)
    made("Fame", top=True, cycle=year)
    start = made("Start", trust, growth)
    made("Setup", start)
    made("Hobby")
    gone = made("Gone", trust)
    actions.archive_objective(gone, by=None, now=moment(1))
    made("Later", growth, cycle=later)
    with django_assert_num_queries(3):
        found = alignment(acme)
    assert titles(found) == {
        "Trust": (0, None),
        "Growth": (0, None),
        "Fame": (0, "nobody supports it"),
        "Start": (1, None),
        "Setup": (2, None),
        "Hobby": (1, "supports nothing"),
        "Later": (1, None),
    }
    assert outline(found.tree()) == [
        ["Trust", ["Start", "Setup"]],
        ["Growth", ["Start", "Setup"], "Later"],
        "Fame",
        "Hobby",
    ]
    assert [[p.objective.title for p in level] for level in found.levels()] == [
        ["Fame", "Growth", "Trust"],
        ["Later", "Start", "Hobby"],
        ["Setup"],
    ]
    rows = {row["key"]: row for row in found.rows()}
    assert rows["start"]["supports"] == ["trust", "growth"]
    assert rows["growth"]["supported_by"] == ["start", "later"]
    assert rows["hobby"]["alone"] == "Supports nothing above."


def test_a_cycle_brings_what_its_objectives_support(
    acme: Workspace, made: Made, cycle: Cycle, year: Cycle, later: Cycle
) -> None:
    dream = made("Dream", top=True, cycle=later)
    trust = made("Trust", top=True, cycle=year)
    made("Now", trust)
    made("Odd", dream)
    made("Later", trust, cycle=later)
    assert titles(alignment(acme, cycle)).keys() == {"Trust", "Now", "Odd", "Dream"}
    assert titles(alignment(acme, later)).keys() == {"Trust", "Dream", "Later"}


def test_a_team_with_what_is_above_and_below(acme: Workspace, made: Made, team: Team) -> None:
    other = Team.objects.create(workspace=acme, key="other", name="Other", parent=team.parent)
    trust = made("Trust", top=True)
    made("Ours", trust)
    made("Helps ours", acme.objectives.get(title="Ours"), team=other)
    made("Theirs", trust, team=other)
    found = alignment(acme, teams={team.pk})
    assert titles(found).keys() == {"Trust", "Ours", "Helps ours"}


def test_without_a_company_team_nothing_stands_alone(acme: Workspace, objective: Objective) -> None:
    assert titles(alignment(acme)) == {"Effortless start": (0, None)}
