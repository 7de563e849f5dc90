"""The tree and the map of what supports what."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from django.test import Client

from headway.accounts.models import Member, Team, Workspace
from headway.goals import actions
from tests.goals.conftest import moment

Enter = Callable[[Member], Client]


@pytest.fixture
def aligned(acme: Workspace) -> Workspace:
    acme.clock = moment(10)
    acme.save()
    company = Team.objects.create(workspace=acme, key="company", name="Company")
    growth = Team.objects.create(workspace=acme, key="growth", name="Growth", parent=company)
    when = {"by": None, "now": moment(0)}
    cycle = actions.save_cycle(
        acme, key="q1", name="Q1", starts=date(2026, 1, 1), ends=date(2026, 3, 31), **when
    )
    trust = actions.save_objective(acme, title="Trust", team=company, cycle=cycle, **when)
    actions.save_objective(acme, title="Fame", team=company, cycle=cycle, **when)
    actions.save_objective(acme, title="Start", team=growth, cycle=cycle, supports=[trust], **when)
    return acme


def test_tree_map_and_data(aligned: Workspace, member: Member, enter: Enter) -> None:
    client = enter(member)
    tree = " ".join(client.get("/acme/alignment").content.decode().split())
    assert tree.index(">Trust</a>") < tree.index(">Start</a>")
    assert "A company objective that nobody supports." in tree
    assert "1 stands alone." in tree
    drawn = client.get("/acme/alignment?view=map").content.decode()
    assert drawn.count("<foreignObject") == 3
    assert drawn.count('class="map-line"') == 1
    rows = client.get("/acme/alignment?format=json").json()
    assert {row["key"]: row["supports"] for row in rows}["start"] == ["trust"]
    assert "/acme/alignment" in client.get("/acme/objectives").content.decode()
    assert "Trust" in client.get("/acme/alignment?team=growth").content.decode()
    nothing = client.get("/acme/alignment?team=company&cycle=all").content.decode()
    assert "Start" in nothing
