"""The outcome chain: what leads to what, and what hangs loose."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest

from headway.accounts.models import Workspace
from headway.goals.boards.outcomes import OutcomeMap, outcome_map
from headway.goals.outputs import save_output
from headway.metrics.models import Metric
from tests.goals.conftest import make_metric, moment, put

TODAY = date(2026, 4, 1)


@pytest.fixture
def chain(acme: Workspace) -> dict[str, Metric]:
    """setup → signups (no outcome) → activation → revenue; mood drives nothing; profit alone."""

    def made(key: str, outcome: str = "none", drives: Sequence[str] = ()) -> Metric:
        profile = {"outcome": outcome, "drives": list(drives), "grain": "week"}
        return make_metric(acme, key, profile=profile)

    return {
        "setup": made("setup", "product", ["signups"]),
        "signups": made("signups", "none", ["activation", "gone"]),
        "activation": made("activation", "product", ["revenue"]),
        "revenue": made("revenue", "business"),
        "profit": made("profit", "business"),
        "mood": made("mood", "product"),
        "visits": made("visits"),
        "clicks": made("clicks"),
    }


def loose(found: OutcomeMap) -> dict[str, Any]:
    return {node.key: node.loose for node in found.loose}


def test_what_leads_to_what_and_what_hangs_loose(
    acme: Workspace, chain: dict[str, Metric], django_assert_max_num_queries: Any
) -> None:
    put(chain["setup"], date(2026, 3, 16), [4, 5], step=7)

    def ship(name: str, *moves: str, **more: Any) -> None:
        moved = [chain[key] for key in moves]
        save_output(acme, name=name, moves=moved, by=None, now=moment(90), **more)

    ship("Guided", "setup", launched=date(2026, 3, 1))
    ship("Banner", "visits")
    ship("Partners", "signups")
    ship("Lottery")
    ship("Old", "mood", status="stopped")
    with django_assert_max_num_queries(6):
        found = outcome_map(acme, TODAY)
    assert {n.key: n.to for n in found.nodes} == {
        "guided": ("setup",),
        "banner": ("visits",),
        "partners": ("signups",),
        "lottery": (),
        "setup": ("activation",),
        "signups": ("activation",),
        "activation": ("revenue",),
        "visits": (),
        "mood": (),
        "revenue": (),
        "profit": (),
    }
    assert [n.key for n in found.business] == ["profit", "revenue"]
    assert loose(found) == {
        "banner": "moves no outcome",
        "lottery": "moves nothing",
        "mood": "no business outcome",
        "visits": "no business outcome",
        "profit": "nothing drives it",
    }
    tile = next(n for n in found.product if n.key == "setup").tile
    assert tile is not None
    assert (tile.value, tile.change) == (5, 0.25)
    assert [n.key for n in found.shipped().business] == ["revenue"]
    assert "mood" not in {n.key for n in found.shipped().product}
    rows = {row["key"]: row for row in found.rows()}
    assert rows["setup"]["value"] == 5
    assert rows["activation"]["value"] is None
    assert rows["profit"]["loose"] == "Nothing that is shipped or measured drives it."


def test_a_product_outcome_that_nobody_works_on(acme: Workspace, chain: dict[str, Metric]) -> None:
    assert loose(outcome_map(acme, TODAY)) == {
        "setup": "nothing drives it",
        "mood": "no business outcome",
        "profit": "nothing drives it",
    }


def test_metrics_that_drive_each_other_end(acme: Workspace, chain: dict[str, Metric]) -> None:
    for key, other in (("setup", "mood"), ("mood", "setup")):
        chain[key].profile["drives"] = [other]
        chain[key].save()
    found = outcome_map(acme, TODAY)
    assert loose(found) == {
        "setup": "no business outcome",
        "mood": "no business outcome",
        "profit": "nothing drives it",
    }
