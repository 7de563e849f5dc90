"""Grades, milestones, paces, shares and reasons over HTTP."""

from __future__ import annotations

from typing import Any

import pytest

from headway.feed.models import Change
from tests.api.conftest import Api

PATH = "/objectives/start/key-results"
LIST: dict[str, Any] = {
    "title": "Open Vienna",
    "pace": "phased",
    "milestones": [
        {"name": "Depot rented", "due": "2026-10-15"},
        {"name": "First parcel", "weight": 3, "due": "2026-12-01"},
    ],
}


@pytest.mark.parametrize(
    "asked",
    [
        {"metric": "orders", "from": 1, "grades": {"commit": 3, "target": 5, "stretch": 9}},
        {"metric": "orders", "to": 9, "phases": {"2026-10-31": 3, "2026-11-30": 7}},
        {"metric": "orders", "to": 9, "pace": "seasonal", "teams": ["sales"]},
        LIST,
    ],
)
def test_what_is_put_is_read_again_as_it_was(goals: Api, asked: dict[str, Any]) -> None:
    goals("PUT", "/teams/sales", {"name": "Sales"})
    made = goals("PUT", f"{PATH}/third", asked)
    assert asked.items() <= made.items()
    before = Change.objects.count()
    assert goals("PUT", f"{PATH}/third", made) == made
    assert Change.objects.count() == before


def test_milestones_are_ticked(goals: Api, viewers: Api) -> None:
    goals("PUT", f"{PATH}/vienna", LIST)
    tick = {"name": "Depot rented", "done": "2026-10-12"}
    viewers("POST", f"{PATH}/vienna/milestones", tick, status=403)
    found = goals("POST", f"{PATH}/vienna/milestones", tick)
    assert found["milestones"][0] == {**LIST["milestones"][0], "done": "2026-10-12"}
    assert (found["state"]["progress"], found["state"]["expected"]) == (0.25, 0.25)
    assert found["state"]["curve"][:2] == [["2026-10-01", 0.0], ["2026-10-15", 0.0]]
    goals("PUT", f"{PATH}/vienna", LIST)
    assert goals("GET", f"{PATH}/vienna")["state"]["progress"] == 0.25, "a tick stays"
    goals("POST", f"{PATH}/vienna/check-ins", {"done": ["First parcel"]}, status=201)
    assert goals("GET", f"{PATH}/vienna")["state"]["status"] == "achieved"
    undone = goals("POST", f"{PATH}/vienna/milestones", {"name": "First parcel", "undo": True})
    assert undone["state"]["progress"] == 0.25
    missing = goals("POST", f"{PATH}/vienna/milestones", {"name": "First parcl"}, status=404)
    assert "First parcel" in missing["fix"]


def test_a_change_in_a_running_cycle_gives_its_reason(goals: Api) -> None:
    asked = {"metric": "orders", "from": 100, "to": 600}
    refused = goals("PUT", f"{PATH}/more", asked, status=422)
    assert (refused["where"], "Give a reason" in refused["fix"]) == ("reason", True)
    assert goals("PUT", f"{PATH}/more?reason=A+new+shop", asked)["to"] == 600
    assert Change.objects.get(what="target").why == "A new shop"


def test_shares_sum_to_one(goals: Api) -> None:
    goals("PUT", f"{PATH}/third", {"metric": "orders", "from": 1, "to": 9, "weight": 2})
    path = "/objectives/start/shares"
    assert goals("GET", f"{PATH}/third")["state"]["share"] == 0.5
    goals("PUT", path, {"shares": {"more": 0.4}}, status=422)
    found = goals("PUT", path, {"shares": {"more": 0.4}, "reason": "It leads."})
    assert found == pytest.approx({"more": 0.4, "partners": 0.2, "third": 0.4})
    weights = [k.get("weight", 1) for k in goals("GET", PATH)]
    assert weights == [40, 20, 40]
    assert sum(k["state"]["share"] for k in goals("GET", "/objectives/start")["key_results"]) == 1
