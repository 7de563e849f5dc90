"""Studies are computed when a metric's past is another one, and never else."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from headway.engine.period import Grain
from headway.metrics import past
from headway.metrics.happened.annotations import save_annotation
from headway.metrics.models import Definition, Metric, Point
from headway.outlook.ahead import FORECAST, Ahead
from headway.outlook.models import Study
from headway.outlook.refresh import refresh
from headway.stats.history import Bound, CannotTell, History

FIRST = date(2026, 1, 5)
NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
WEEK = timedelta(days=7)
EACH = 2
"""Studies of a metric that drives nothing: its forecast and its turns."""


def metric_of(workspace, key, body, values, *, open_value=None, counts=None):
    """Weeks from FIRST on; `open_value` is in of the week after them."""
    metric = Metric.objects.create(workspace=workspace, key=key, name=key, settled_at=NOON)
    Definition.objects.create(metric=metric, version=1, body=body, at=NOON)
    weeks = [(value, True) for value in values] + [(open_value, False)] * (open_value is not None)
    for i, (value, complete) in enumerate(weeks):
        start = FIRST + i * WEEK
        Point.objects.create(
            metric=metric, grain="week", start=start, end=start + WEEK, value=value,
            denominator=counts, complete=complete, reason="" if value is not None else "Silent.",
        )  # fmt: skip
    return metric


COUNT = {"kind": "count", "event": "order"}
SHARE = {"kind": "share", "event": "order", "where": {"plan": "pro"}}


@pytest.fixture
def orders(acme):
    return metric_of(acme, "orders", COUNT, [100.0 + i % 4 for i in range(20)], open_value=40.0)


def test_a_past_is_its_complete_periods_with_what_its_kind_says(acme, orders):
    found = past.history(orders)
    assert isinstance(found, History)
    assert (len(found.values), found.grain, found.bound) == (20, Grain.week, Bound.zero)
    assert (found.partial, found.counts, found.starts[0]) == (40.0, None, FIRST)
    share = metric_of(acme, "share", SHARE, [0.5, None, 0.7], open_value=0.1, counts=40.0)
    found = past.history(share)
    assert isinstance(found, History)
    assert (found.bound, found.counts, found.partial) == (Bound.share, [40.0] * 3, None)
    assert list(found.values) == [0.5, None, 0.7]
    assert past.enough_on(found) == FIRST + 7 * WEEK
    loss = metric_of(acme, "profit", {**COUNT, "kind": "sum", "property": "x"}, [3.0, -1.0])
    found = past.history(loss)
    assert isinstance(found, History)
    assert (found.bound, found.partial) == (Bound.none, None)
    assert past.history(orders, Grain.month) == CannotTell(past.NOTHING)


def test_a_forecast_is_stored_and_read(acme, orders):
    few = metric_of(acme, "few", COUNT, [3.0, 4.0, 5.0, 4.0])
    assert isinstance(FORECAST.read(orders, Grain.week), CannotTell)
    done = refresh(acme, now=NOON)
    assert (done.studies, done.computed) == (2 * EACH, 2 * EACH)
    found = FORECAST.read(orders, Grain.week)
    assert isinstance(found, Ahead)
    assert len(found.steps) == 12
    first = found.steps[0]
    assert (first.start, first.through) == (FIRST + 20 * WEEK, FIRST + 21 * WEEK - timedelta(1))
    assert 90 < first.low <= first.middle <= first.high < 112
    assert found.rests.startswith("From 20 periods")
    none = FORECAST.read(few, Grain.week)
    assert isinstance(none, CannotTell)
    assert (
        none.reason
        == "Only 4 periods have a value; it takes 6. From 16 Feb 2026 on it can be told."
    )


def test_only_another_past_is_computed_again(acme, orders):
    shares = metric_of(acme, "shares", SHARE, [0.5, 0.6] * 8)
    assert refresh(acme, now=NOON).computed == 2 * EACH
    assert refresh(acme, now=NOON).computed == 0
    before = Study.objects.get(metric=shares, name="forecast").seen
    Metric.objects.filter(pk=shares.pk).update(settled_at=NOON + timedelta(hours=1))
    assert refresh(acme, now=NOON).computed == 0, "looked at, and the same"
    assert Study.objects.get(metric=shares, name="forecast").seen != before
    Point.objects.filter(metric=shares, start=FIRST).update(value=0.9)
    Metric.objects.filter(pk=shares.pk).update(settled_at=NOON + timedelta(hours=2))
    assert refresh(acme, now=NOON).computed == EACH
    save_annotation(
        acme, kind="incident", title="Down", starts=FIRST + 4 * WEEK,
        ends=FIRST + 5 * WEEK, metrics=[shares], by=None, now=NOON,
    )  # fmt: skip
    assert refresh(acme, now=NOON).computed == EACH
    orders.archived_at = NOON
    orders.save()
    assert refresh(acme, now=NOON).studies == EACH
    assert not Study.objects.filter(metric=orders).exists()


def test_a_pass_that_is_stopped_computes_nothing(acme, orders):
    assert refresh(acme, now=NOON, stopped=lambda: True).computed == 0
    assert not Study.objects.exists()
