"""A cohort since a launch: the day is that of the output, and is counted anew when it moves."""

from __future__ import annotations

from datetime import date

import pytest

from headway.accounts.models import Workspace
from headway.engine.errors import DefinitionError
from headway.goals.outputs import archive_output, save_output
from headway.metrics.happened.annotations import archive_annotation, save_annotation
from headway.metrics.models import Metric, Point
from headway.metrics.refresh import Refreshed, refresh
from tests.metrics.conftest import Import, Save, at

NOW = at("2026-01-20")
WHO = {"did": {"event": "tried"}, "within": "since new-search"}
ROWS = [
    "tried,2026-01-04T10:00:00Z,early,,",
    "tried,2026-01-08T10:00:00Z,late,,",
    *(f"order,2026-01-{n:02}T12:00:00Z,{who},5," for n in (9, 12) for who in ("early", "late")),
]


def launch(workspace: Workspace, day: str) -> None:
    save_output(
        workspace, key="new-search", name="New search", launched=date.fromisoformat(day), by=None,
        now=NOW,
    )  # fmt: skip


def pass_(workspace: Workspace) -> Refreshed:
    return refresh(workspace, now=NOW)


def value(metric: Metric, day: str = "2026-01-09") -> float | None:
    return Point.objects.get(metric=metric, grain="day", segment="", start=day).value


def test_counted_since_the_launch_and_anew_when_it_moves(
    acme: Workspace, brought: Import, saved: Save
) -> None:
    brought(ROWS)
    launch(acme, "2026-01-06")
    metric = saved(key="adopted", kind="count", event="order", who=WHO)
    twice = saved(key="twice", kind="formula", formula="adopted * 2")
    assert metric.document["who"]["within"] == "since new-search"
    assert pass_(acme).problems == {}
    assert (value(metric), value(twice)) == (1.0, 2.0)
    assert pass_(acme) == Refreshed()
    launch(acme, "2026-01-03")
    assert set(pass_(acme).metrics) == {"adopted", "twice"}
    assert (value(metric), value(twice)) == (2.0, 4.0)
    assert pass_(acme) == Refreshed()
    archive_output(acme.outputs.get(), by=None, now=NOW)
    problem = pass_(acme).problems["adopted"]
    assert "`new-search` has been launched" in problem
    row = save_annotation(
        acme, key="new-search", kind="launch", title="By hand", starts=date(2026, 1, 7), by=None,
        now=NOW,
    )  # fmt: skip
    assert pass_(acme).problems == {}
    assert value(metric) == 1.0
    archive_annotation(row, by=None, now=NOW)
    assert "adopted" in pass_(acme).problems


def test_what_was_never_launched_is_told_with_the_nearest(acme: Workspace, saved: Save) -> None:
    launch(acme, "2026-01-06")
    with pytest.raises(DefinitionError) as caught:
        saved(key="m", kind="count", event="order", who=WHO | {"within": "since new-serch"})
    assert "field `who`" in caught.value.where
    assert "Did you mean `new-search`" in caught.value.fix
    save_output(acme, key="planned", name="Planned", by=None, now=NOW)
    with pytest.raises(DefinitionError, match="launched"):
        saved(key="m", kind="count", event="order", who=WHO | {"within": "since planned"})
    with pytest.raises(DefinitionError, match="launched"):
        saved(key="m", kind="count", event="order", who=WHO | {"within": "since 2026-02-31"})
