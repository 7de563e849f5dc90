"""KPIs of a workspace whose points are typed, day by day."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from headway.accounts.models import Workspace
from headway.alerting.refresh import Refreshed, refresh
from headway.metrics.models import Definition, Metric, Point
from tests.goals.conftest import cycle, make_metric, objective, put, save, team

__all__ = ["cycle", "objective", "save", "team"]

START = date(2025, 12, 1)
TODAY = date(2026, 2, 1)
"""The day after 62 complete ones."""


def calm(n: int = 62, seed: int = 4, level: float = 100.0) -> list[float]:
    return (level + np.random.default_rng(seed).normal(0, level / 25, n)).tolist()


def noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)


def kpi(
    workspace: Workspace, key: str, *, body: dict[str, Any] | None = None, **columns: Any
) -> Metric:
    profile = {"grain": "day", **columns.pop("profile", {})}
    metric = make_metric(workspace, key, level="kpi", profile=profile, **columns)
    if body:
        Definition.objects.filter(metric=metric).update(body=body)
    return metric


def fill(metric: Metric, values: Iterable[float | None], first: date = START) -> None:
    """Puts the points, and says so as a refresh of the metric does."""
    listed = list(values)
    put(metric, first, listed)
    end = first + timedelta(days=len(listed))
    Metric.objects.filter(pk=metric.pk).update(refreshed_at=noon(end))


def split(metric: Metric, by: str, segments: Mapping[str, Sequence[float]]) -> None:
    """The same days by segment."""
    for segment, values in segments.items():
        starts = [START + timedelta(days=n) for n in range(len(values))]
        Point.objects.bulk_create(
            Point(
                metric=metric, grain="day", segment_by=by, segment=segment, start=start,
                end=start + timedelta(days=1), value=value, n=100, complete=True,
            )
            for start, value in zip(starts, values, strict=True)
        )  # fmt: skip


Pass = Callable[..., Refreshed]


@pytest.fixture
def passes() -> Pass:
    """A pass of the worker at noon of a day."""

    def passed(workspace: Workspace, day: date = TODAY) -> Refreshed:
        return refresh(workspace, now=noon(day))

    return passed


def fell(by: float, days: int = 2, n: int = 62, seed: int = 4) -> list[float]:
    values = calm(n, seed)
    return values[: n - days] + [v * by for v in values[n - days :]]


def keys(metrics: Sequence[Metric]) -> list[str]:
    return [metric.key for metric in metrics]
