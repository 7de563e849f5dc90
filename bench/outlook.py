"""How long the worker takes for forecasts and chances: `python -m bench.outlook [--metrics 1000]`.

As many metrics with two years of weeks, each with a key result: a first pass over all of them, a
second one with nothing new, one after the open week of all has grown, and one after a new week.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from bench import report

if TYPE_CHECKING:
    from headway.accounts.models import Workspace

WEEKS, WEEK = 104, timedelta(days=7)
FIRST = date(2024, 1, 1)
NOW = datetime(2025, 12, 30, 9, tzinfo=UTC)


def main() -> None:
    parser = argparse.ArgumentParser("python -m bench.outlook", description=__doc__)
    parser.add_argument("--metrics", type=int, default=1000)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="headway-outlook-") as folder:
        os.environ |= {"HEADWAY_DATA": folder, "DJANGO_SETTINGS_MODULE": "headway.config.settings"}
        os.environ.setdefault("HEADWAY_LOG_LEVEL", "ERROR")
        _prepare()
        rows = list(_passes(_build(asked.metrics)))
    print(f"{report.machine()}.\n{report.load()}\n")
    head = (f"{asked.metrics} metrics and key results", "computed", "seconds", "of one core")
    print(report.markdown([head, *rows]))


def _prepare() -> None:
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)


def _build(metrics: int) -> Workspace:
    """Weeks that grow, some with a season, all with noise."""
    import numpy as np

    from headway.accounts.models import Team, Workspace
    from headway.goals.models import Cycle, KeyResult, Objective
    from headway.metrics.models import Definition, Metric

    workspace = Workspace.objects.create(key="many", name="Many", clock=NOW)
    team = Team.objects.create(workspace=workspace, key="all", name="All")
    ends = date(2026, 3, 31)
    cycle = Cycle.objects.create(
        workspace=workspace, key="winter", starts=date(2025, 12, 1), ends=ends
    )
    objective = Objective.objects.create(
        workspace=workspace, cycle=cycle, team=team, key="grow", title="Grow", created_at=NOW
    )
    random = np.random.default_rng(1)
    for i in range(metrics):
        metric = Metric.objects.create(
            workspace=workspace, key=f"m{i}", name=f"Metric {i}", settled_at=NOW
        )
        body = {"kind": "count", "event": "order"}
        Definition.objects.create(metric=metric, version=1, body=body, at=NOW)
        _fill(metric, random)
        KeyResult.objects.create(
            objective=objective, cycle=cycle, key=f"k{i}", metric=metric, shape="reach",
            target=400.0, due=ends, created_at=NOW,
        )  # fmt: skip
    return workspace


def _fill(metric: object, random: object) -> None:
    import numpy as np

    from headway.metrics.models import Point

    assert isinstance(random, np.random.Generator)
    weeks = np.arange(WEEKS + 1)
    swing = random.uniform(0, 0.3) * np.sin(2 * np.pi * weeks / 52)
    values = 200 * np.exp(random.uniform(0, 0.008) * weeks + swing)
    values *= np.exp(random.normal(0, random.uniform(0.02, 0.2), len(weeks)))
    Point.objects.bulk_create(
        Point(
            metric=metric, grain="week", start=FIRST + int(i) * WEEK,
            end=FIRST + int(i + 1) * WEEK, value=float(value), complete=bool(i < WEEKS),
        )
        for i, value in zip(weeks, values, strict=True)
    )  # fmt: skip


def _passes(workspace: Workspace) -> Iterator[report.Row]:
    from django.db.models import F

    from headway.metrics.models import Metric, Point

    points, metrics = Point.objects.filter(grain="week"), Metric.objects.all()
    yield from _timed(workspace, "first pass")
    yield from _timed(workspace, "nothing new")
    points.filter(complete=False).update(value=F("value") * 1.2)
    metrics.update(refreshed_at=NOW + timedelta(minutes=1))
    yield from _timed(workspace, "the open week has grown")
    points.filter(complete=False).update(complete=True)
    metrics.update(settled_at=NOW + timedelta(minutes=2))
    yield from _timed(workspace, "a week is complete")


def _timed(workspace: Workspace, name: str) -> Iterator[report.Row]:
    from headway.goals import refresh as goals
    from headway.goals.ahead import prospects
    from headway.outlook import refresh as outlook

    goals.refresh(workspace, now=NOW)
    yield _one(f"{name}: forecasts", lambda: outlook.refresh(workspace, now=NOW).computed)
    yield _one(f"{name}: chances", lambda: prospects.refresh(workspace, now=NOW).computed)


def _one(name: str, work: Callable[[], int]) -> report.Row:
    began, busy = time.perf_counter(), time.process_time()
    computed = work()
    waited, worked = time.perf_counter() - began, time.process_time() - busy
    return name, str(computed), f"{waited:.1f}", f"{worked:.1f}"


if __name__ == "__main__":
    main()
