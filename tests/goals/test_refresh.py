"""A pass of the worker over goals, with points in the database."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from headway.accounts.models import Workspace
from headway.feed.models import Change
from headway.goals import actions
from headway.goals.models import KeyResult, Objective
from headway.goals.picture import usual_pictures
from headway.goals.refresh import refresh
from headway.metrics.models import Definition, Metric
from tests.goals.conftest import FIRST, LAST, make_metric, moment, put

Save = Callable[..., KeyResult]
EVE = FIRST - timedelta(days=1)


def seen(key_result: KeyResult, *names: str) -> tuple[Any, ...]:
    key_result.refresh_from_db()
    return tuple(getattr(key_result, name) for name in names)


def flips(workspace: Workspace) -> list[tuple[str, str, str]]:
    rows = Change.objects.filter(workspace=workspace, what="status").order_by("pk")
    return [(c.subject, c.before, c.after) for c in rows]


def test_a_key_result_moves_by_itself(acme: Workspace, orders: Metric, save: Save) -> None:
    put(orders, EVE, [100])
    key_result = save(0, metric=orders, shape="reach", target=200)
    put(orders, FIRST + timedelta(days=30), [150])
    refresh(acme, now=moment(31))
    assert seen(key_result, "baseline", "aim", "value", "progress", "expected", "status") == (
        *(100, 200, 150, 0.5, 0.3),
        "on_track",
    )
    assert key_result.value_through == FIRST + timedelta(days=30)
    assert (
        key_result.reason == "50\u202f% of the way, 30\u202f% expected by 31 Jan: 20 points ahead."
    )


def test_a_flip_is_recorded_once_with_its_reason(
    acme: Workspace, orders: Metric, objective: Objective, save: Save
) -> None:
    put(orders, EVE, [100, 100])
    save(0, key="more", metric=orders, shape="reach", target=200)
    put(orders, FIRST, [100] * 50)
    first = refresh(acme, now=moment(50))
    again = refresh(acme, now=moment(50))
    assert (first.key_results, first.flips) == (1, 2)
    assert again.flips == 0
    assert flips(acme) == [
        ("key_result:effortless-start/more", "on track", "at risk"),
        ("objective:effortless-start", "on track", "at risk"),
    ]
    why = "0\u202f% of the way, 49\u202f% expected by 19 Feb: 49 points behind."
    recorded = Change.objects.filter(what="status").order_by("pk")
    assert [c.why for c in recorded] == [why, f"Orders: {why}"]
    objective.refresh_from_db()
    assert (objective.status, objective.progress) == ("at_risk", 0.0)


def test_a_second_pass_writes_nothing(acme: Workspace, orders: Metric, save: Save) -> None:
    put(orders, EVE, [100, 120])
    save(1, metric=orders, shape="reach", target=200)
    refresh(acme, now=moment(2))
    with CaptureQueriesContext(
        connection,
    ) as queries:
        refresh(acme, now=moment(2))
    assert not [q for q in queries if q["sql"].startswith(("UPDATE", "INSERT"))]


def test_a_metric_is_read_once_however_many_key_results_it_has(
    acme: Workspace, orders: Metric, save: Save
) -> None:
    put(orders, EVE, [100, 120])
    save(1, metric=orders, shape="reach", target=200)
    refresh(acme, now=moment(2))
    with CaptureQueriesContext(connection) as one:
        refresh(acme, now=moment(2))
    for target in range(300, 310):
        save(1, metric=orders, shape="reach", target=target)
    refresh(acme, now=moment(2))
    with CaptureQueriesContext(connection) as eleven:
        refresh(acme, now=moment(2))
    assert len(eleven) == len(one)


def test_a_silent_source_is_unknown_and_holds_the_objective_back(
    acme: Workspace, orders: Metric, objective: Objective, save: Save
) -> None:
    other = make_metric(acme, "visits", profile={"grain": "day"})
    put(orders, EVE, [100, 150, None])
    put(other, EVE, [10, 20, 20])
    dead = save(3, metric=orders, shape="reach", target=200)
    save(3, metric=other, shape="reach", target=20)
    assert seen(dead, "status", "progress", "reason") == ("unknown", None, "No events from shop.")
    objective.refresh_from_db()
    assert (objective.status, objective.progress, objective.unknown_count) == ("behind", 1.0, 1)
    assert objective.reason == f"{dead} is unknown, which counts as behind."


def test_what_cannot_be_computed_is_unknown(acme: Workspace, orders: Metric, save: Save) -> None:
    put(orders, EVE, [100, 150])
    key_result = save(2, metric=orders, shape="reach", target=200)
    Metric.objects.update(problem="`order` has no source.")
    refresh(acme, now=moment(2))
    assert seen(key_result, "status", "reason") == (
        "unknown",
        "The metric Orders cannot be computed: `order` has no source.",
    )


def test_a_relative_target_is_measured(acme: Workspace, orders: Metric, save: Save) -> None:
    put(orders, EVE, [80, 90])
    key_result = save(1, metric=orders, shape="relative", change=0.25)
    assert seen(key_result, "baseline", "aim", "progress") == (80, 100, 0.5)


def test_bounds_are_kept_over_the_periods_of_the_cycle(
    acme: Workspace, orders: Metric, save: Save
) -> None:
    put(orders, EVE, [1, 9, 9, 9, 1])
    key_result = save(4, metric=orders, shape="keep", at_least=5)
    assert seen(key_result, "progress", "holds", "status") == (0.75, False, "at_risk")


def test_a_sum_since_the_cycle_opened(acme: Workspace, orders: Metric, save: Save) -> None:
    put(orders, EVE, [1000, 10, 10, 10])
    key_result = save(3, metric=orders, shape="reach", target=100, over="cycle_to_date")
    assert seen(key_result, "baseline", "value", "progress") == (0, 30, 0.3)


def test_weeks_are_read_when_the_workspace_reads_weeks(acme: Workspace, save: Save) -> None:
    visits = make_metric(acme, "visits")
    put(visits, date(2025, 12, 22), [10, 20, 30], step=7)
    key_result = save(11, metric=visits, shape="reach", target=50)
    assert seen(key_result, "baseline", "value", "value_through") == (10, 30, date(2026, 1, 11))


def test_a_stopped_clock_is_the_present(acme: Workspace, orders: Metric, save: Save) -> None:
    put(orders, EVE, [100] * 60)
    key_result = save(0, metric=orders, shape="reach", target=200)
    acme.clock = moment(-2)
    acme.save()
    refresh(acme, now=moment(500))
    assert seen(key_result, "status") == ("not_started",)


def test_archived_key_results_are_left_out(
    acme: Workspace, orders: Metric, objective: Objective, save: Save
) -> None:
    put(orders, EVE, [100, 100])
    save(1, metric=orders, shape="reach", target=200)
    done = save(1, metric=orders, shape="reach", target=100.5, baseline_typed=99.5)
    assert seen(done, "progress") == (0.5,)
    actions.archive_key_result(done, by=None, now=moment(1))
    objective.refresh_from_db()
    assert objective.progress == 0.0
    actions.restore_key_result(done, by=None, now=moment(1))
    objective.refresh_from_db()
    assert objective.progress == 0.25


@pytest.mark.parametrize(("n", "status"), [(101, "missed"), (100, "on_track")])
def test_the_due_day_still_belongs_to_the_cycle(
    orders: Metric, save: Save, n: int, status: str
) -> None:
    put(orders, EVE, [100])
    put(orders, FIRST + timedelta(days=99), [199])
    assert save(n, metric=orders, shape="reach", target=200).status == status


def test_days_that_no_longer_add_up_are_unknown(
    acme: Workspace, orders: Metric, save: Save
) -> None:
    put(orders, EVE, [1000, 10])
    key_result = save(1, metric=orders, shape="reach", target=100, over="trailing", over_n=2)
    assert seen(key_result, "value") == (1010,)
    Definition.objects.create(
        metric=orders, version=2, body={"kind": "unique", "event": "order"}, at=moment(1)
    )
    Metric.objects.update(version=2)
    refresh(acme, now=moment(1))
    assert seen(key_result, "status", "value") == ("unknown", None)
    assert "no longer add up" in key_result.reason


def test_last_years_season_is_found_in_the_stored_points(
    acme: Workspace, save: Save, orders: Metric
) -> None:
    """Weekends are half of weekdays, in both years; this one grows from 110 to 120."""

    def value(n: int) -> float:
        weekend = (FIRST + timedelta(days=n)).weekday() >= 5
        return (50.0 if weekend else 100.0) * (1.1 + 0.001 * (n + 1) if n >= -1 else 1.0)

    put(orders, FIRST - timedelta(days=400), [value(n) for n in range(-400, 24)])
    friday = LAST - timedelta(days=1)
    asked: dict[str, Any] = {"metric": orders, "shape": "reach", "target": 120.0, "due": friday}
    even = save(24, **asked)
    season = save(24, key="season", pace="seasonal", **asked)
    assert (FIRST + timedelta(days=23)).weekday() == 5
    assert (even.status, even.curve) == ("at_risk", [])
    assert season.status == "on_track"
    assert season.curve[0] == ["2025-12-31", 0.0]
    assert season.curve[-1] == [str(friday), 1.0]
    assert season.pace_reason.startswith("Expected as the same days went a year before: ")
    count = Change.objects.count()
    refresh(acme, now=moment(24))
    assert Change.objects.count() == count
    [dashes] = [p.slopes for p in usual_pictures(acme) if len(p.slopes) > 1]
    assert len(dashes) == 99
    assert dashes[-1].end_value == pytest.approx(120)


def test_too_young_for_a_season(save: Save, orders: Metric) -> None:
    put(orders, FIRST - timedelta(days=30), [10.0] * 40)
    found = save(9, metric=orders, shape="reach", target=20.0, pace="seasonal")
    assert (found.curve, found.expected) == ([], 0.09)
    assert "a year before" in found.pace_reason
