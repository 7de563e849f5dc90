"""Points: as incremental passes leave them, and as they are computed from nothing."""

from __future__ import annotations

import random
from datetime import date, datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from headway.accounts.actions import save_settings
from headway.accounts.models import Workspace
from headway.ingest.models import ChangedDays
from headway.metrics.actions import archive_metric, enter_value, restore_metric
from headway.metrics.models import Metric, Point, Table
from headway.metrics.reading import series
from headway.metrics.refresh import refresh
from tests.metrics.conftest import Import, Save, at

METRICS: list[dict[str, Any]] = [
    {"key": "orders", "kind": "count", "event": "ordered", "segments": ["plan"]},
    {"key": "revenue", "kind": "sum", "event": "ordered", "property": "amount"},
    {"key": "value", "kind": "mean", "event": "ordered", "property": "amount"},
    {"key": "typical", "kind": "quantile", "event": "ordered", "property": "amount", "q": 0.5},
    {"key": "weekly", "kind": "unique", "event": "any", "window": "7 days"},
    {"key": "buyers", "kind": "unique", "event": "ordered", "segments": ["plan"]},
    {"key": "repeat", "kind": "unique", "event": "ordered", "at_least": 2, "window": "28 days"},
    {"key": "paid", "kind": "share", "event": "ordered", "where": {"plan": "pro"}},
    {"key": "per_buyer", "kind": "ratio", "numerator": "revenue", "denominator": "buyers"},
    {"key": "growth", "kind": "formula", "formula": "orders / lag(orders, 1) - 1"},
    {"key": "product", "kind": "formula", "formula": "buyers * per_buyer"},
    {"key": "split", "kind": "formula", "formula": "orders / buyers", "segments": ["plan"]},
    {
        "key": "converted", "kind": "funnel", "window": "5 days",
        "steps": [{"event": "signed_up"}, {"event": "ordered"}],
    },
    {
        "key": "kept", "kind": "retention", "bucket": "week", "at": 1, "horizon": 4,
        "start": {"event": "signed_up"}, "returns": {"event": "ordered"},
    },
    {"key": "worth", "kind": "stock", "event": "ordered", "value": "amount", "segments": ["plan"]},
]  # fmt: skip


def rows_between(seed: int, first: int, last: int) -> list[str]:
    """Events of the days first … last since the start of 2026, unlike for each seed."""
    dice = random.Random(seed)  # noqa: S311
    start = date(2026, 1, 1).toordinal()
    found = []
    for _ in range(12 * (last - first + 1)):
        day = date.fromordinal(start + dice.randint(first, last))
        event = dice.choice(["ordered", "ordered", "signed_up"])
        plan = dice.choice(["free", "pro", "team", ""])
        found.append(
            f"{event},{day}T{dice.randint(0, 23):02}:{dice.randint(0, 59):02}:00Z,"
            f"u{dice.randint(1, 25)},{dice.randint(1, 900) / 10},{plan}"
        )
    return found


def everything(workspace: Workspace) -> dict[Any, Any]:
    names = ["metric__key", "grain", "segment_by", "segment", "start", "end", "complete", "n"]
    values = ["value", "numerator", "denominator", "low", "high"]
    points = Point.objects.filter(metric__workspace=workspace).values_list(
        *names, "reason", *values
    )
    tables = Table.objects.filter(metric__workspace=workspace)
    rounded = {
        tuple(p[:9]): tuple(None if v is None else round(v, 9) for v in p[9:]) for p in points
    }
    return rounded | {(t.metric.key, t.grain, t.name): t.rows for t in tables}


def from_scratch(workspace: Workspace, now: datetime) -> dict[Any, Any]:
    Point.objects.all().delete()
    Table.objects.all().delete()
    Metric.objects.update(refreshed_version=0)
    refresh(workspace, now=now)
    return everything(workspace)


@pytest.mark.parametrize("zone", ["UTC", "America/New_York"])
def test_incremental_passes_leave_what_a_fresh_computation_gives(
    acme: Workspace, brought: Import, saved: Save, zone: str
) -> None:
    acme.timezone = zone
    acme.save()
    for document in METRICS:
        saved(**document)
    brought(rows_between(1, 3, 20))
    refresh(acme, now=at("2026-01-22"))
    brought(rows_between(2, 21, 24))  # new days
    refresh(acme, now=at("2026-01-26"))
    brought(rows_between(3, 8, 9))  # late days
    refresh(acme, now=at("2026-01-26", 15))
    refresh(acme, now=at("2026-02-08"))  # silence, and windows that close
    brought(["ordered,2026-02-10T09:00:00Z,u99,5,enterprise"])  # a new segment, the silence ends
    assert refresh(acme, now=at("2026-02-11")).problems == {}
    incremental = everything(acme)
    fresh = from_scratch(acme, at("2026-02-11"))
    assert len(fresh) > 1000
    assert incremental == fresh


def test_earlier_history_moves_the_beginning(acme: Workspace, brought: Import, saved: Save) -> None:
    for document in METRICS:
        saved(**document)
    brought(rows_between(1, 20, 24))
    refresh(acme, now=at("2026-01-26"))
    brought(rows_between(2, 2, 5))
    refresh(acme, now=at("2026-01-26"))
    incremental = everything(acme)
    assert incremental == from_scratch(acme, at("2026-01-26"))


def test_a_metric_settles_when_a_complete_period_is_another_one(
    acme: Workspace, brought: Import, saved: Save
) -> None:
    metric = saved(key="orders", kind="count", event="ordered")

    def seen(now: datetime) -> tuple[datetime | None, datetime | None]:
        refresh(acme, now=now)
        metric.refresh_from_db()
        return metric.refreshed_at, metric.settled_at

    early, noon, late = at("2026-01-07"), at("2026-01-07", 12), at("2026-01-08")
    brought(["ordered,2026-01-05T08:00:00Z,a,1,pro", "ordered,2026-01-07T08:00:00Z,a,1,pro"])
    assert seen(early) == (early, early)
    brought(["ordered,2026-01-07T10:00:00Z,b,1,pro"])
    assert seen(noon) == (noon, early), "today is not over"
    assert seen(late) == (late, late)
    brought(["ordered,2026-01-05T23:00:00Z,c,1,pro"])
    assert seen(at("2026-01-08", 15))[1] == at("2026-01-08", 15), "late, for a day that was over"


def test_a_second_pass_writes_nothing(acme: Workspace, brought: Import, saved: Save) -> None:
    for document in METRICS:
        saved(**document)
    brought(rows_between(1, 3, 20))
    first = refresh(acme, now=at("2026-01-22"))
    assert first.points > 0
    assert set(first.metrics) == {m["key"] for m in METRICS}
    assert not ChangedDays.objects.exists()
    again = refresh(acme, now=at("2026-01-22"))
    assert (again.points, again.metrics) == (0, ())


def test_a_new_day_recomputes_no_history(acme: Workspace, brought: Import, saved: Save) -> None:
    orders = saved(**METRICS[1])
    brought(rows_between(1, 3, 80))
    refresh(acme, now=at("2026-03-22"))
    old = Point.objects.filter(metric=orders, grain="day", end__lt=date(2026, 3, 15))
    old.update(value=-1.0)
    brought(rows_between(2, 81, 81))
    refresh(acme, now=at("2026-03-23"))
    assert set(old.values_list("value", flat=True)) == {-1.0}
    assert orders.points.filter(grain="day", value__gt=0, start=date(2026, 3, 23)).exists()


def test_an_idle_pass_asks_little(acme: Workspace, brought: Import, saved: Save) -> None:
    for document in METRICS:
        saved(**document)
    brought(rows_between(1, 3, 20))
    refresh(acme, now=at("2026-01-22"))
    with CaptureQueriesContext(
        connection,
    ) as queries:
        refresh(acme, now=at("2026-01-22"))
    assert len(queries) < 12


def test_values_by_hand(acme: Workspace, brought: Import, saved: Save) -> None:
    orders = saved(key="orders", kind="count", event="ordered")
    brought(
        [
            "ordered,2026-01-05T09:00:00Z,u1,10,pro",
            "ordered,2026-01-05T10:00:00Z,u2,20,pro",
            "ordered,2026-01-07T10:00:00Z,u2,20,pro",
        ]
    )
    refresh(acme, now=at("2026-01-08"))
    days = series(orders, "day").of()
    assert [(p.start.day, p.value, p.complete) for p in days] == [
        (5, 2, True), (6, 0, True), (7, 1, True), (8, 0, False),
    ]  # fmt: skip
    assert [(p.start, p.value) for p in series(orders, "week").of()] == [(date(2026, 1, 5), 3)]
    assert [p.value for p in series(orders, "month").of()] == [3]


def test_silence_is_unknown_and_says_so(acme: Workspace, brought: Import, saved: Save) -> None:
    orders = saved(key="orders", kind="count", event="ordered")
    brought(["ordered,2026-01-05T09:00:00Z,u1,10,pro"])
    refresh(acme, now=at("2026-01-06"))
    refresh(acme, now=at("2026-01-12"))
    last = series(orders, "day").of()[-1]
    assert last.value is None
    assert "since 5 Jan 2026" in last.reason


def test_a_new_version_is_computed_anew(acme: Workspace, brought: Import, saved: Save) -> None:
    saved(key="orders", kind="count", event="ordered", segments=["plan"])
    saved(key="twice", kind="formula", formula="orders * 2")
    brought(["ordered,2026-01-05T09:00:00Z,u1,10,pro", "paid,2026-01-05T09:00:00Z,u1,10,pro"])
    refresh(acme, now=at("2026-01-06"))
    orders = saved(key="orders", kind="count", event=["ordered", "paid"])
    assert orders.version == 2
    refresh(acme, now=at("2026-01-06"))
    assert series(orders, "day").of()[0].value == 2
    assert not orders.points.exclude(segment_by="").exists()
    assert series(Metric.objects.get(key="twice"), "day").of()[0].value == 4


def test_what_cannot_be_computed_keeps_its_points_and_says_why(
    acme: Workspace, brought: Import, saved: Save
) -> None:
    saved(key="orders", kind="count", event="ordered")
    twice = saved(key="twice", kind="formula", formula="orders * 2")
    brought(["ordered,2026-01-05T09:00:00Z,u1,10,pro"])
    refresh(acme, now=at("2026-01-06"))
    Metric.objects.filter(key="orders").update(archived_at=at("2026-01-06"))
    brought(["ordered,2026-01-05T10:00:00Z,u1,10,pro"])
    assert "There is no metric `orders`" in refresh(acme, now=at("2026-01-06")).problems["twice"]
    twice.refresh_from_db()
    assert "There is no metric `orders`" in twice.problem
    assert series(twice, "day").of()[0].value == 2
    restore_metric(Metric.objects.get(key="orders"), by=None, now=at("2026-01-06"))
    assert refresh(acme, now=at("2026-01-06")).problems == {}
    twice.refresh_from_db()
    assert twice.problem == ""
    assert series(twice, "day").of()[0].value == 4


def test_archived_metrics_are_left_alone(acme: Workspace, brought: Import, saved: Save) -> None:
    orders = saved(key="orders", kind="count", event="ordered")
    archive_metric(orders, by=None, now=at("2026-01-06"))
    brought(["ordered,2026-01-05T09:00:00Z,u1,10,pro"])
    assert refresh(acme, now=at("2026-01-06")).metrics == ()


def test_typed_values_move_what_depends_on_them(acme: Workspace, saved: Save) -> None:
    spend = saved(key="spend", kind="manual")
    double = saved(key="double", kind="formula", formula="spend * 2")
    enter_value(spend, date(2026, 1, 5), 10, by=None, now=at("2026-01-06"))
    refresh(acme, now=at("2026-01-06"))
    assert [p.value for p in series(double, "week").of()] == [20]
    enter_value(spend, date(2026, 1, 5), 15, by=None, now=at("2026-01-06"))
    enter_value(spend, date(2026, 1, 2), 7, by=None, now=at("2026-01-06"))
    refresh(acme, now=at("2026-01-06"))
    assert [p.value for p in series(double, "week").of()] == [14, 30]
    assert [p.value for p in series(spend, "month").of()] == [15]


def test_without_any_source_nothing_is_zero(acme: Workspace, saved: Save) -> None:
    orders = saved(key="orders", kind="count", event="ordered")
    refresh(acme, now=at("2026-01-06"))
    assert [(p.value, p.reason) for p in series(orders, "day").of()] == [(None, "No events yet.")]


def test_a_stopped_clock_is_the_present(acme: Workspace, brought: Import, saved: Save) -> None:
    acme.clock = at("2026-01-07", 0)
    acme.save()
    orders = saved(key="orders", kind="count", event="ordered")
    brought(["ordered,2026-01-05T09:00:00Z,u1,10,pro"])
    refresh(acme, now=at("2026-06-01"))
    assert [p.start.day for p in series(orders, "day").of()] == [5, 6, 7]
    assert refresh(acme, now=at("2026-06-02")).points == 0


def test_another_time_zone_moves_every_point(acme: Workspace, brought: Import, saved: Save) -> None:
    orders = saved(key="orders", kind="count", event="ordered")
    brought(["ordered,2026-01-05T02:00:00Z,u1,10,pro"])
    refresh(acme, now=at("2026-01-06"))
    save_settings(acme, {"timezone": "America/New_York"}, by=None, now=at("2026-01-06"))
    refresh(acme, now=at("2026-01-06"))
    days = [(p.start.day, p.value) for p in series(orders, "day").of()]
    assert days[0] == (4, 1)
