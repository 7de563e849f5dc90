"""Which parts of a change are more than noise, from the changes before it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest

from headway.accounts.models import Workspace
from headway.engine.period import Calendar, Grain
from headway.metrics.drivers.drivers import Span, moved, moved_by
from headway.metrics.drivers.movers import of_change, spans_before, usual
from headway.metrics.models import Definition, Metric, Point

FIRST = date(2025, 1, 6)
WEEK = timedelta(days=7)
NOW = datetime(2026, 1, 20, 12, tzinfo=UTC)


@pytest.fixture
def orders(acme: Workspace) -> Metric:
    """Orders of two plans; those of `pro` jump in the last week."""
    acme.grain = Grain.week
    acme.save()
    row = Metric.objects.create(workspace=acme, key="orders", name="Orders")
    body = {"kind": "count", "event": "order", "segments": ["plan"]}
    Definition.objects.create(metric=row, version=1, body=body, at=NOW)
    rng = np.random.default_rng(1)
    pro, free = 100 + rng.integers(-4, 5, 20), 300 + rng.integers(-9, 10, 20)
    pro[-1] += 60
    for by, segment, values in (
        *(("plan", "pro", pro), ("plan", "free", free)),
        ("", "", pro + free),
    ):
        Point.objects.bulk_create(
            Point(
                metric=row, grain="week", start=FIRST + i * WEEK, end=FIRST + (i + 1) * WEEK,
                value=float(v), numerator=float(v), n=int(v), complete=True,
                segment_by=by, segment=segment,
            )
            for i, v in enumerate(values)
        )  # fmt: skip
    return row


def test_what_jumps_is_beyond_noise_and_the_rest_within(orders: Metric) -> None:
    span = Span(Grain.week, FIRST + 18 * WEEK, FIRST + 19 * WEEK)
    found = usual(orders, span, moved_by(orders, span, "plan"), "plan")
    assert found.change == "beyond noise"
    assert (found.of("pro"), found.of("free")) == ("beyond noise", "within noise")
    quiet = Span(Grain.week, FIRST + 15 * WEEK, FIRST + 16 * WEEK)
    assert usual(orders, quiet, moved_by(orders, quiet, "plan"), "plan").change == "within noise"
    early = Span(Grain.week, FIRST + 3 * WEEK, FIRST + 4 * WEEK)
    found = usual(orders, early, moved_by(orders, early, "plan"), "plan")
    assert (found.change, found.of("pro")) == ("cannot tell", "cannot tell")
    Point.objects.filter(start=FIRST + 19 * WEEK).update(complete=False)
    whole = moved(orders, span)
    assert of_change(whole, span, moved_by(orders, span, "plan"), "plan").change == "cannot tell"


def test_changes_that_are_compared_share_nothing() -> None:
    span = Span(Grain.month, date(2026, 1, 1), date(2026, 4, 1))
    before = spans_before(span, Calendar(), most=2)
    assert [(s.before, s.after) for s in before] == [
        (date(2025, 10, 1), date(2026, 1, 1)),
        (date(2025, 7, 1), date(2025, 10, 1)),
    ]
    assert spans_before(Span(Grain.week, FIRST, FIRST + 52 * WEEK), Calendar()) == []
