"""A pass finds what is wrong, groups it by cause, and lets go of what is over."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from headway.accounts.models import Member, Workspace
from headway.alerting import actions
from headway.alerting.models import Alert, Sign
from headway.alerting.reading import of_key_result, of_metric, stories
from headway.alerting.refresh import Refreshed, refresh
from headway.feed.models import Change
from headway.goals.models import KeyResult
from headway.ingest.models import Report
from headway.metrics.happened.annotations import save_annotation
from headway.metrics.models import Metric
from tests.alerting.conftest import TODAY, Pass, calm, fell, fill, keys, kpi, noon, split

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def test_one_event_is_raised_once_and_over_by_itself(acme: Workspace, passes: Pass) -> None:
    orders = kpi(acme, "orders")
    fill(orders, fell(0.4))
    fill(kpi(acme, "visits"), calm(seed=9))
    assert passes(acme) == Refreshed(looked=2, raised=1)
    (story,) = stories(acme, TODAY)
    assert story.title == "Orders: unusually low"
    assert story.alert.since == TODAY - 2 * DAY
    assert "was to be expected. Fewer than 1 in 200 days lie outside by chance." in story.sentence
    assert story.sentence.split(" ")[2:5] == ["30", "Jan", "2026,"]

    assert passes(acme) == Refreshed()
    assert passes(acme, TODAY + DAY).raised == 0
    assert Sign.objects.count() == 1

    fill(orders, [*fell(0.4), *calm(seed=5, n=6)])
    assert passes(acme, TODAY + 6 * DAY) == Refreshed(looked=2, resolved=1)
    assert stories(acme, TODAY + 6 * DAY) == []
    (over,) = stories(acme, TODAY + 6 * DAY, "resolved")
    assert over.alert.resolved_at == noon(TODAY + 6 * DAY)
    assert over.last < TODAY + 3 * DAY
    told = Change.objects.filter(subject=f"alert:{over.alert.pk}").order_by("pk")
    assert [(t.what, t.title) for t in told] == [
        ("raised", "Orders: unusually low"),
        ("resolved", "Orders: unusually low"),
    ]
    assert "was to be expected" in told[0].why


def test_what_came_and_went_while_nobody_looked_is_kept(acme: Workspace, passes: Pass) -> None:
    fill(kpi(acme, "orders"), [*fell(0.4, n=56), *calm(n=6, seed=5)])
    assert passes(acme) == Refreshed(looked=1, raised=1, resolved=1)
    assert stories(acme, TODAY) == []
    assert len(stories(acme, TODAY, "resolved")) == 1
    assert not Change.objects.filter(subject__startswith="alert:").exists()


def test_only_what_changed_is_looked_at(
    acme: Workspace, django_assert_max_num_queries: Callable[..., object]
) -> None:
    metrics = [kpi(acme, f"metric_{n}") for n in range(4)]
    for n, metric in enumerate(metrics):
        fill(metric, calm(seed=n))
    assert refresh(acme, now=noon(TODAY)).looked == 4
    with django_assert_max_num_queries(4):
        assert refresh(acme, now=noon(TODAY)).looked == 0
    Metric.objects.filter(key="metric_2").update(refreshed_at=noon(TODAY) + DAY / 24)
    assert refresh(acme, now=noon(TODAY)).looked == 1


def test_a_dead_source_is_one_alert_that_names_its_metrics(acme: Workspace, passes: Pass) -> None:
    since = TODAY - 3 * DAY
    for n in range(5):
        metric = kpi(acme, f"metric_{n}", profile={"healthy": {"at_least": 50}})
        fill(metric, [*calm(59, seed=n), None, None, None])
        why = "No events from shop since 28 Jan 2026."
        Metric.objects.filter(pk=metric.pk).update(silences={"shop": [since.isoformat(), why]})
    assert passes(acme).raised == 1
    (story,) = stories(acme, TODAY)
    assert story.title == "Nothing comes from shop"
    assert story.sentence == "No events from shop since 28 Jan 2026."
    assert keys(story.others) == [f"metric_{n}" for n in range(5)]
    assert story.alert.since == since
    acme.metrics.update(silences={}, refreshed_at=noon(TODAY) + DAY / 2)
    assert passes(acme).resolved == 1


def test_a_silent_event_takes_what_follows_from_it(acme: Workspace, passes: Pass) -> None:
    fill(kpi(acme, "orders"), fell(0.0))
    Report.objects.create(
        workspace=acme, code="silent", event="order", words="`order` has not come since 29 Jan.",
        since=TODAY - 3 * DAY, raised_at=timezone.now(),
    )  # fmt: skip
    assert passes(acme).raised == 1
    (story,) = stories(acme, TODAY)
    assert story.title == "order has stopped coming"
    assert {sign.kind for sign in story.signs} == {"silent", "unusual"}


def test_what_a_driver_moved_is_under_the_driver(acme: Workspace, passes: Pass) -> None:
    fill(kpi(acme, "customers"), fell(0.4))
    fill(kpi(acme, "price"), calm(seed=7))
    formula = {"kind": "formula", "formula": "customers * price"}
    fill(kpi(acme, "revenue", body=formula), fell(0.45, seed=2))
    alone = kpi(acme, "visits", body={"kind": "count", "event": "visit"})
    fill(alone, fell(0.4, seed=3))
    assert passes(acme).raised == 2
    found = {story.alert.cause: story for story in stories(acme, TODAY)}
    assert set(found) == {"metric:customers", "metric:visits"}
    assert keys(found["metric:customers"].others) == ["revenue"]
    assert found["metric:customers"].title == "Customers: unusually low"


def test_segments_of_a_metric_are_one_alert(acme: Workspace, passes: Pass) -> None:
    body = {"kind": "count", "event": "order", "segments": ["plan"]}
    orders = kpi(acme, "orders", body=body)
    fill(orders, calm())
    split(orders, "plan", {"pro": fell(0.3, seed=1), "team": fell(0.3, seed=2), "free": calm()})
    assert passes(acme).raised == 1
    (story,) = stories(acme, TODAY)
    assert story.title == "Orders: unusually low for plan pro"
    assert {sign.segment for sign in story.signs} == {"pro", "team"}
    assert "1 in 1,000 days" in story.sentence


def test_out_of_range_is_told_with_the_range(acme: Workspace, passes: Pass) -> None:
    rating = kpi(acme, "rating", profile={"healthy": {"at_least": 99, "at_most": 200}})
    fill(rating, [*calm(level=110.0, n=20), 98.0, 97.0, 96.0])
    passes(acme, TODAY)
    (story,) = stories(acme, TODAY)
    assert story.title == "Rating: out of its healthy range"
    assert re.fullmatch(r"96 on \d+ \w{3} \d{4}; healthy is 99 to 200\.", story.sentence)


def test_a_budget_burns_day_by_day_whatever_the_grain(acme: Workspace, passes: Pass) -> None:
    body = {"kind": "share", "event": "call", "where": {"ok": True}, "of": {"event": "call"}}
    profile = {"grain": "week", "alerts": {"target": 0.99}}
    up = kpi(acme, "up", body=body, unit="percent", profile=profile)
    fill(up, [1.0] * 60 + [0.93, 0.9])
    up.points.update(denominator=1000)
    passes(acme)
    (story,) = stories(acme, TODAY)
    assert story.title == "Up: uses up its error budget"
    assert story.sentence.startswith("23\u202f% of a month's error budget went in the last day")
    assert story.alert.since == TODAY - 2 * DAY


def test_a_leading_kpi_that_slips_is_told_on_the_key_result(
    acme: Workspace, passes: Pass, save: Callable[..., KeyResult]
) -> None:
    revenue = kpi(acme, "revenue")
    fill(revenue, calm(n=62))
    level = [100 - 1.2 * max(n - 112, 0) for n in range(130)]
    values = [v + noise - 100 for v, noise in zip(level, calm(n=130), strict=True)]
    leads = kpi(acme, "visits", profile={"drives": ["revenue"], "grain": "day"})
    fill(leads, values, TODAY - 130 * DAY)
    goal = save(metric=revenue, shape="reach", target=200.0)
    passes(acme)
    (story,) = of_key_result(goal, TODAY)
    assert story.metrics == (leads,)
    assert "slipping" in {sign.kind for sign in story.signs}
    assert list(story.key_results) == [goal]
    assert of_metric(leads, TODAY)[0].title == story.title


def test_what_was_written_down_is_no_alert(acme: Workspace, passes: Pass) -> None:
    fill(kpi(acme, "orders"), fell(0.4))
    assert passes(acme).raised == 1
    save_annotation(
        acme, kind="incident", title="Shop was down", starts=TODAY - 2 * DAY, ends=TODAY - DAY,
        by=None, now=noon(TODAY),
    )  # fmt: skip
    assert passes(acme) == Refreshed(looked=1, resolved=1)
    assert Alert.objects.filter(resolved_at=None).count() == 0


def test_what_cannot_be_computed_any_more_is_told(acme: Workspace, passes: Pass) -> None:
    orders = kpi(acme, "orders", profile={"healthy": {"at_least": 50}})
    fill(orders, calm())
    passes(acme)
    why = "The table `orders` has no column `paid_at`."
    Metric.objects.filter(pk=orders.pk).update(problem=why, refreshed_version=0)
    assert passes(acme, TODAY + DAY).raised == 0
    assert passes(acme, TODAY + 2 * DAY).raised == 1
    (story,) = stories(acme, TODAY + 2 * DAY)
    assert story.title == "Orders: no value any more"
    assert story.sentence == f"No value since 1 Feb 2026: {why}"
    assert passes(acme, TODAY + 3 * DAY) == Refreshed(looked=1)
    fill(orders, calm(66))
    Metric.objects.filter(pk=orders.pk).update(problem="", refreshed_version=1)
    assert passes(acme, TODAY + 4 * DAY).resolved == 1
    assert stories(acme, TODAY + 4 * DAY) == []


def test_nobody_looks_after_it_who_has_left(acme: Workspace, member: Member, passes: Pass) -> None:
    fill(kpi(acme, "orders"), fell(0.4))
    passes(acme)
    (story,) = stories(acme, TODAY)
    actions.acknowledge(story.alert, by=member, now=noon(TODAY), note="I am on it.")
    passes(acme, TODAY + DAY)
    assert stories(acme, TODAY + DAY) == []
    member.delete()
    passes(acme, TODAY + 2 * DAY)
    (again,) = stories(acme, TODAY + 2 * DAY)
    assert (again.alert.acknowledged_at, again.alert.note) == (None, "I am on it.")
    told = Change.objects.filter(subject=f"alert:{again.alert.pk}").latest("pk")
    assert (told.what, told.why) == ("put back", "Member has left the workspace.")
