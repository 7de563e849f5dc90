"""What needs me today?"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from django.test import Client

from headway.accounts.models import Member, Workspace
from headway.alerting.refresh import refresh as refresh_alerts
from headway.feed.record import record
from headway.goals import actions
from headway.goals.models import KeyResult, Objective
from headway.metrics.models import Metric
from tests.goals.conftest import make_metric, moment, put
from tests.web.goals.conftest import BEFORE, days_ago, page, queries

New = Callable[..., KeyResult]


def test_an_empty_workspace_says_what_to_make_first(acme: Workspace, as_member: Client) -> None:
    said = page(as_member, "/acme/")
    assert "First, what to measure" in said
    assert 'href="/acme/kpis/new/packs"' in said


def test_with_metrics_a_cycle_comes_next(
    acme: Workspace, orders: Metric, as_member: Client
) -> None:
    said = page(as_member, "/acme/")
    assert "First, a cycle" in said
    assert 'href="/acme/settings/cycles/new?after=%2Facme%2F"' in said


def test_without_objectives_it_teaches_what_one_is(
    acme: Workspace, orders: Metric, cycle: object, team: object, as_member: Client
) -> None:
    said = page(as_member, "/acme/")
    assert "No objectives yet" in said
    assert 'href="/acme/objectives/new"' in said


def test_check_ins_due_come_first(
    objective: Objective, orders: Metric, new_key_result: New, as_member: Client
) -> None:
    found = new_key_result(objective, metric=orders, shape="reach", target=200.0)
    said = page(as_member, "/acme/")
    assert "waits for your check-in" in said
    assert "Check-ins due" in said
    actions.check_in(found, confidence=7, day=days_ago(1), by=None, now=moment(50))
    assert "Check-ins due" not in page(as_member, "/acme/")


def test_what_is_delegated_to_one_counts_as_ones_own(
    objective: Objective, orders: Metric, new_key_result: New, member: Member, as_member: Client
) -> None:
    found = new_key_result(objective, metric=orders, shape="reach", target=1000.0)
    KeyResult.objects.filter(pk=found.pk).update(owner=None, delegate=member)
    said = page(as_member, "/acme/")
    assert "waits for your check-in" in said
    assert "Your key results off pace" in said
    KeyResult.objects.filter(pk=found.pk).update(delegate=None)
    assert "waits for your check-in" not in page(as_member, "/acme/")


def test_a_key_result_off_pace_shows_why(
    objective: Objective, orders: Metric, new_key_result: New, as_member: Client
) -> None:
    found = new_key_result(objective, metric=orders, shape="reach", target=1000.0)
    said = page(as_member, "/acme/")
    assert "Your key results off pace" in said
    assert found.reason in said
    assert "points behind" in found.reason


def test_the_key_results_of_others_are_not_mine(
    objective: Objective, orders: Metric, new_key_result: New, admin: Member, as_member: Client
) -> None:
    new_key_result(objective, metric=orders, shape="reach", target=1000.0, owner=admin)
    assert "Your key results off pace" not in page(as_member, "/acme/")


def test_kpis_out_of_their_healthy_range(
    acme: Workspace, objective: Objective, as_member: Client
) -> None:
    profile = {"grain": "day", "healthy": {"at_least": 50.0}}
    metric = make_metric(acme, "visits", profile=profile, level="kpi")
    put(metric, BEFORE, [40.0] * 60)
    refresh_alerts(acme, now=datetime.now(UTC))
    said = page(as_member, "/acme/")
    assert "Visits: out of its healthy range" in said
    assert "at least 50" in said
    put(metric, days_ago(2), [60.0, 60.0])
    type(metric).objects.update(refreshed_at=datetime.now(UTC))
    refresh_alerts(acme, now=datetime.now(UTC))
    assert "What is wrong" not in page(as_member, "/acme/")


def test_a_viewer_is_not_asked_to_check_in(
    objective: Objective, orders: Metric, new_key_result: New, viewer: Member, as_viewer: Client
) -> None:
    new_key_result(objective, metric=orders, shape="reach", target=1000.0, owner=viewer)
    said = page(as_viewer, "/acme/")
    assert "Check-ins due" not in said
    assert "Your key results off pace" in said


def test_only_what_changed_since_the_last_visit(
    acme: Workspace, objective: Objective, member: Member, as_member: Client
) -> None:
    yesterday = datetime.now(UTC) - timedelta(days=1)
    Member.objects.filter(pk=member.pk).update(last_visit_at=yesterday)
    for title, at in (("Old news", -1), ("New thing", 1)):
        at_time = yesterday + timedelta(hours=at)
        record(acme, subject="cycle:x", title=title, what="created", now=at_time)
    for _ in range(2):
        said = page(as_member, "/acme/")
        assert "Since your last visit" in said
        assert "New thing" in said
        assert "Old news" not in said


def test_more_rows_take_no_more_queries(
    objective: Objective, orders: Metric, new_key_result: New, as_member: Client
) -> None:
    new_key_result(objective, metric=orders, shape="reach", target=1000.0)
    page(as_member, "/acme/")
    few = queries(as_member, "/acme/")
    for n in range(4):
        new_key_result(objective, metric=orders, shape="reach", target=900.0 + n)
    assert queries(as_member, "/acme/") == few
