"""A workspace with a metric whose points are typed, a team and a cycle of 101 days."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from headway.accounts.models import Team, Workspace
from headway.engine.period import Grain
from headway.goals import actions
from headway.goals.models import Cycle, KeyResult, Objective
from headway.metrics.models import Definition, Metric, Point

FIRST, LAST = date(2026, 1, 1), date(2026, 4, 11)


def moment(n: int) -> datetime:
    """Noon of the cycle's day `n`, which expects n / 100."""
    return datetime(2026, 1, 1, 12, tzinfo=UTC) + timedelta(days=n)


def make_metric(workspace: Workspace, key: str, kind: str = "count", **columns: Any) -> Metric:
    """`kind` is one of those that need an event and no more."""
    metric = Metric.objects.create(workspace=workspace, key=key, name=key.capitalize(), **columns)
    body = {"kind": kind, "event": "order"}
    Definition.objects.create(metric=metric, version=metric.version, body=body, at=moment(-30))
    return metric


def put(metric: Metric, first: date, values: Iterable[float | None], step: int = 1) -> None:
    """Complete points of `step` days each; None is an unknown one."""
    grain = {1: Grain.day, 7: Grain.week}[step]
    for i, value in enumerate(values):
        start = first + timedelta(days=i * step)
        Point.objects.update_or_create(
            metric=metric,
            grain=grain,
            start=start,
            defaults={
                "end": start + timedelta(days=step),
                "value": value,
                "complete": True,
                "reason": "" if value is not None else "No events from shop.",
            },
        )


@pytest.fixture
def cycle(acme: Workspace) -> Cycle:
    return actions.save_cycle(
        acme, key="2026-q1", name="Q1", starts=FIRST, ends=LAST, by=None, now=moment(-30)
    )


@pytest.fixture
def team(acme: Workspace) -> Team:
    return Team.objects.create(workspace=acme, key="growth", name="Growth")


@pytest.fixture
def objective(acme: Workspace, team: Team, cycle: Cycle) -> Objective:
    return actions.save_objective(
        acme, title="Effortless start", team=team, cycle=cycle, by=None, now=moment(-30)
    )


@pytest.fixture
def orders(acme: Workspace) -> Metric:
    """Additive, read day by day."""
    return make_metric(acme, "orders", profile={"grain": "day"})


@pytest.fixture
def save(objective: Objective) -> Callable[..., KeyResult]:
    """Saves a key result of the objective as the operator, on the cycle's day `n`."""

    def saved(n: int = 0, **fields: Any) -> KeyResult:
        return actions.save_key_result(objective, by=None, now=moment(n), **fields)

    return saved
