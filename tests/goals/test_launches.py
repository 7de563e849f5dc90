"""Recent launches: what their metrics did before and after, and what cannot be said."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest

from headway.accounts.models import Workspace
from headway.goals.launches import Launch, launches, living, recent, upcoming
from headway.goals.models import Output
from headway.goals.outputs import save_output
from headway.metrics.models import Metric
from tests.goals.conftest import make_metric, moment, put

DAY = date(2026, 3, 3)
BEFORE = (10, 11, 9, 10)


def launch(workspace: Workspace, *moves: Metric, day: date = DAY, n: int = 90) -> Output:
    return save_output(
        workspace, name="Guided setup", launched=day, moves=moves, by=None, now=moment(n)
    )


def read(output: Output) -> Launch:
    return launches(living(output.workspace).filter(pk=output.pk))[0]


@pytest.mark.parametrize(
    ("after", "direction", "verdict", "reason"),
    [
        ((14, 15, 13), "up", "moved", "The difference is beyond its usual ups and downs."),
        ((14, 15, 13), "none", "moved", "The difference is beyond its usual ups and downs."),
        ((14, 15, 13), "down", "wrong way", "The difference is beyond its usual ups and downs."),
        (
            (10, 11, 12),
            "up",
            "no clear move",
            "The difference lies within its usual ups and downs.",
        ),
        ((14, 15), "up", "too early", "2 complete weeks since the launch; it takes 3."),
        ((), "up", "too early", "No week since the launch is complete yet; it takes 3."),
        (
            (14, None, 15),
            "up",
            "cannot tell",
            "Only 2 weeks after the launch have a value. No events from shop.",
        ),
    ],
)
def test_a_launch_is_judged_by_complete_periods(
    acme: Workspace, after: Sequence[float | None], direction: str, verdict: str, reason: str
) -> None:
    """The week in which it was launched, from 2 to 8 March, belongs to neither side."""
    metric = make_metric(acme, "tries", profile={"grain": "week"}, direction=direction)
    put(metric, date(2026, 2, 2), BEFORE, step=7)
    put(metric, date(2026, 3, 2), [1000], step=7)
    put(metric, date(2026, 3, 9), after, step=7)
    move = read(launch(acme, metric)).moves[0]
    assert (move.verdict, move.reason) == (verdict, reason)
    assert move.mean_before == 10
    assert len(move.after) == len(after)


def test_a_metric_that_is_younger_than_the_launch_cannot_tell(acme: Workspace) -> None:
    metric = make_metric(acme, "tries", profile={"grain": "week"})
    put(metric, date(2026, 3, 9), [10, 11, 12], step=7)
    move = read(launch(acme, metric)).moves[0]
    assert (move.verdict, move.mean_before) == ("cannot tell", None)
    assert move.reason == "Only 0 weeks before the launch have a value."


def test_lists_of_what_came_and_what_comes(acme: Workspace, django_assert_num_queries: Any) -> None:
    metrics = [make_metric(acme, f"m{i}", profile={"grain": "week"}) for i in range(4)]
    new = launch(acme, *metrics)
    newer = launch(acme, metrics[0], day=date(2026, 3, 20))
    launch(acme, day=date(2025, 11, 1))
    for day in (date(2026, 3, 1), date(2026, 4, 20), date(2026, 9, 1)):
        save_output(acme, name=f"Plan {day}", planned=day, by=None, now=moment(90))
    today = date(2026, 4, 1)
    with django_assert_num_queries(3):
        found = recent(acme, today)
        assert [one.output for one in found] == [newer, new]
        assert [len(one.moves) for one in found] == [1, 4]
    assert [one.name for one in upcoming(acme, today)] == ["Plan 2026-03-01", "Plan 2026-04-20"]
    overdue = Launch(upcoming(acme, today)[0], ())
    assert overdue.overdue(today)
    assert not Launch(new, ()).overdue(today)
