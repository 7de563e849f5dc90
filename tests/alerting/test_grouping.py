"""One alert for each cause: what went off at once, what is found out later, what comes back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import pytest
from django.utils import timezone

from headway.accounts.models import Workspace
from headway.alerting import actions
from headway.alerting.models import Alert
from headway.alerting.reading import Story, matching, stories, story
from headway.feed.models import Change
from headway.ingest.models import Report
from headway.metrics.happened.annotations import save_annotation
from headway.metrics.models import Metric
from tests.alerting.conftest import TODAY, Pass, calm, fell, fill, keys, kpi, noon

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def counting(workspace: Workspace, key: str, event: str, source: str = "") -> Metric:
    body = {"kind": "count", "event": event, **({"source": source} if source else {})}
    return kpi(workspace, key, body=body)


def open_(workspace: Workspace, day: date = TODAY) -> list[Story]:
    return stories(workspace, day)


def silent(workspace: Workspace, event: str, since: date) -> Report:
    return Report.objects.create(
        workspace=workspace, code="silent", event=event, words=f"`{event}` has not come.",
        since=since - DAY, raised_at=timezone.now(),
    )  # fmt: skip


def test_what_went_off_at_once_and_reads_the_same_event_is_one(
    acme: Workspace, passes: Pass
) -> None:
    for n in range(4):
        fill(counting(acme, f"orders_{n}", "order_placed"), fell(0.4, seed=n))
    fill(counting(acme, "failed", "order_placed"), fell(1.9, seed=7))
    fill(counting(acme, "earlier", "order_placed"), fell(0.4, days=6, seed=8))
    fill(counting(acme, "visits", "visit"), fell(0.4, seed=9))
    assert passes(acme).raised == 3
    found = {one.alert.cause: one for one in open_(acme)}
    assert set(found) == {"metric:failed", "metric:earlier", "metric:visits"}
    one = found["metric:failed"]
    assert one.title == "5 KPIs went off on 30 Jan 2026: 4 fell, 1 rose"
    assert one.sentence.startswith("All of them read order_placed. Failed: ")
    assert keys(one.others) == ["failed", *(f"orders_{n}" for n in range(4))]
    assert one.alert.common == "event:order_placed"
    assert passes(acme, TODAY + DAY).raised == 0


def test_of_one_source_it_takes_three(acme: Workspace, passes: Pass) -> None:
    for n in range(2):
        fill(counting(acme, f"metric_{n}", f"event_{n}", "shop"), fell(0.4, seed=n))
    fill(counting(acme, "too", "event_0", "shop"), fell(0.4, seed=5))
    assert passes(acme).raised == 2
    fill(counting(acme, "metric_2", "event_2", "shop"), fell(0.4, seed=2))
    assert passes(acme).raised == 0
    (one,) = open_(acme)
    assert one.title == "4 KPIs fell on 30 Jan 2026"
    assert one.sentence.startswith("All of them come from shop.")
    gone = Alert.objects.get(part_of=one.alert)
    assert story(acme, gone.pk, TODAY).alert == one.alert
    told = Change.objects.get(subject=f"alert:{gone.pk}", what="part of")
    assert told.after == "4 KPIs fell on 30 Jan 2026"
    assert stories(acme, TODAY, "resolved") == []


def test_a_launch_on_the_day_is_what_they_have_in_common(acme: Workspace, passes: Pass) -> None:
    fill(counting(acme, "orders", "order"), fell(0.4, seed=1))
    fill(counting(acme, "visits", "visit"), fell(0.4, seed=2))
    for kind, title in (("note", "The board met"), ("launch", "Checkout 2")):
        save_annotation(
            acme, kind=kind, title=title, starts=TODAY - 2 * DAY, by=None, now=noon(TODAY)
        )
    assert passes(acme).raised == 1
    (one,) = open_(acme)
    assert one.sentence.startswith("“Checkout 2” went out on 30 Jan 2026. Orders: ")


def test_what_is_found_out_later_takes_in_what_was_raised(acme: Workspace, passes: Pass) -> None:
    for n in range(3):
        fill(counting(acme, f"metric_{n}", "order"), fell(0.0, seed=n))
    fill(counting(acme, "since_long", "order"), [*calm(56, level=100), *([40.0] * 6)])
    assert passes(acme).raised == 2
    one = next(s for s in open_(acme) if s.alert.common)
    actions.acknowledge(one.alert, by=None, now=noon(TODAY), note="Ada asks the depot.")
    report = silent(acme, "order", TODAY - 2 * DAY)
    assert passes(acme).raised == 1
    found = {s.alert.cause: s for s in open_(acme)}
    assert set(found) == {"metric:since_long", "event:order"} or set(found) == {"event:order"}
    told = found["event:order"]
    assert told.title == "order has stopped coming"
    assert set(keys(told.others)) >= {f"metric_{n}" for n in range(3)}
    assert told.alert.note == "Ada asks the depot."
    assert story(acme, one.alert.pk, TODAY).alert == told.alert
    report.settled_at = timezone.now()
    report.save()
    for metric in acme.metrics.all():
        fill(metric, [*calm(62), *calm(5, seed=3)])
    passes(acme, TODAY + 5 * DAY)
    assert open_(acme, TODAY + 5 * DAY) == []


def test_an_old_alert_does_not_swallow_a_new_event(acme: Workspace, passes: Pass) -> None:
    first = counting(acme, "aaa", "order")
    first.profile["healthy"] = {"at_least": 90}
    first.save()
    low = [*calm(40), *calm(22, level=80.0)]
    fill(first, low)
    assert passes(acme).raised == 1
    (old,) = open_(acme)
    actions.acknowledge(old.alert, by=None, now=noon(TODAY))
    fill(first, [*low, 10.0, 10.0])
    for n in range(2):
        fill(counting(acme, f"metric_{n}", "order"), [*calm(62, seed=n), 30.0, 31.0])
    passes(acme, TODAY + 2 * DAY)
    (new,) = open_(acme, TODAY + 2 * DAY)
    assert "KPIs fell on 1 Feb 2026" in new.title
    assert {"metric_0", "metric_1"} <= set(keys(new.others))


def flapping(acme: Workspace, passes: Pass, tail: Sequence[float]) -> list[int]:
    """How many alerts are open after each further day."""
    profile = {"healthy": {"at_least": 90}, "alerts": {"mute": ["unusual"]}}
    rating = kpi(acme, "rating", profile=profile)
    values, open_now = calm(level=100.0), []
    for n, value in enumerate(tail):
        values = [*values, value]
        fill(rating, values)
        day = TODAY + (n + 1) * DAY
        passes(acme, day)
        open_now.append(sum(s.gravest.kind == "out of range" for s in open_(acme, day)))
    return open_now


@pytest.mark.parametrize(
    "tail",
    [
        [89, 91, 89, 91, 89, 91, 89, 91],
        [89, 89, 91, 91, 89, 89, 91, 91, 89, 89, 91, 91],
        [89, 89, 91, 91, 91, 91, 91, 89, 89, 91, 91, 91, 91, 91, 89, 89],
        [90, 90, 89.999, 90, 89.999, 90.001, 90],
    ],
)
def test_at_the_bound_of_its_range_it_does_not_flap(
    acme: Workspace, passes: Pass, tail: list[float]
) -> None:
    flapping(acme, passes, tail)
    assert Alert.objects.filter(signs__kind="out of range").distinct().count() <= 1


def test_what_comes_back_is_the_same_alert_and_keeps_what_was_said(
    acme: Workspace, passes: Pass
) -> None:
    assert flapping(acme, passes, [85, 85]) == [1, 1]
    alert = Alert.objects.get()
    actions.snooze(alert, days=30, by=None, now=noon(TODAY + 2 * DAY), note="The fair.")
    rating = acme.metrics.get(key="rating")
    past = [*calm(level=100.0), 85.0, 85.0, 95.0, 95.0]
    fill(rating, past)
    assert passes(acme, TODAY + 4 * DAY).resolved == 1
    fill(rating, [*past, 85.0, 85.0])
    passes(acme, TODAY + 6 * DAY)
    again = Alert.objects.get()
    assert (again.resolved_at, again.note, again.returned_at) == (None, "The fair.", None)
    assert open_(acme, TODAY + 6 * DAY) == []
    assert len(stories(acme, TODAY + 6 * DAY, "snoozed")) == 1
    past = [*past, 85.0, 85.0, *([95.0] * 9)]
    fill(rating, past)
    passes(acme, TODAY + 15 * DAY)
    fill(rating, [*past, *([95.0] * 10), 85.0, 85.0])
    passes(acme, TODAY + 27 * DAY)
    assert len(open_(acme, TODAY + 27 * DAY)) == 1
    assert Alert.objects.count() == 2


def test_another_definition_is_looked_at_anew(acme: Workspace, passes: Pass) -> None:
    orders = kpi(acme, "orders", refreshed_version=1)
    fill(orders, fell(0.4))
    assert passes(acme).raised == 1
    orders.points.all().delete()
    fill(orders, calm(level=7000.0))
    Metric.objects.filter(pk=orders.pk).update(
        refreshed_version=2, refreshed_at=noon(TODAY) + DAY / 24
    )
    assert passes(acme).resolved == 1
    assert open_(acme) == []


def test_what_is_archived_is_no_longer_wrong(acme: Workspace, passes: Pass) -> None:
    for n in range(3):
        fill(counting(acme, f"metric_{n}", "order"), fell(0.4, seed=n))
    assert passes(acme).raised == 1
    acme.metrics.filter(key="metric_1").update(archived_at=noon(TODAY))
    passes(acme, TODAY + DAY)
    (one,) = open_(acme, TODAY + DAY)
    assert "1 of them is back." in one.sentence or "All of them" in one.sentence
    acme.metrics.update(archived_at=noon(TODAY))
    assert passes(acme, TODAY + 2 * DAY).resolved == 1
    (over,) = stories(acme, TODAY + 2 * DAY, "resolved")
    assert over.title == "3 KPIs fell on 30 Jan 2026"


def test_alerts_are_found_by_words(acme: Workspace, passes: Pass) -> None:
    for n in range(3):
        fill(counting(acme, f"metric_{n}", "order"), fell(0.4, seed=n))
    fill(counting(acme, "visits", "visit"), fell(0.4, seed=5))
    passes(acme)
    assert [s.title for s in matching(acme, TODAY, "visit", 8)] == ["Visits: unusually low"]
    assert [s.title for s in matching(acme, TODAY, "unusually", 8)] == ["Visits: unusually low"]
    assert len(matching(acme, TODAY, "kpis fell", 8)) == 1
    assert len(matching(acme, TODAY, "metric_2", 8)) == 1
    assert matching(acme, TODAY, "nothing like it", 8) == []


def test_one_that_is_back_alone_is_told_alone(acme: Workspace, passes: Pass) -> None:
    past = {f"metric_{n}": fell(0.4, seed=n) for n in range(3)}
    for key, values in past.items():
        fill(counting(acme, key, "order"), values)
    assert passes(acme).raised == 1
    (one,) = open_(acme)
    assert one.title == "3 KPIs fell on 30 Jan 2026"
    for n, key in enumerate(past):
        past[key] += calm(8, seed=9 + n)
        fill(acme.metrics.get(key=key), past[key])
    assert passes(acme, TODAY + 8 * DAY).resolved == 1
    fill(acme.metrics.get(key="metric_0"), [*past["metric_0"], 30.0])
    passes(acme, TODAY + 9 * DAY)
    (again,) = open_(acme, TODAY + 9 * DAY)
    assert again.alert == one.alert
    assert again.title == "Metric_0: unusually low"
    assert again.sentence.startswith("30 on 9 Feb 2026, where ")


def test_a_source_that_dies_and_comes_back_with_late_events_is_one_alert(
    acme: Workspace, passes: Pass
) -> None:
    """First the numbers fall, then the source is known to be silent, then all comes in."""
    metrics = [counting(acme, f"metric_{n}", f"event_{n}", "shop") for n in range(4)]
    for n, metric in enumerate(metrics):
        fill(metric, [*calm(61, seed=n), 20.0])
    assert passes(acme).raised == 1
    (fell_,) = open_(acme)
    assert fell_.title == "4 KPIs fell on 31 Jan 2026"
    for n, metric in enumerate(metrics):
        fill(metric, [*calm(61, seed=n), None, None])
    silence = {"shop": [(TODAY - DAY).isoformat(), "No events from shop since 31 Jan 2026."]}
    acme.metrics.update(silences=silence)
    assert passes(acme, TODAY + DAY).raised == 1
    (dead,) = open_(acme, TODAY + DAY)
    assert dead.title == "Nothing comes from shop"
    assert story(acme, fell_.alert.pk, TODAY).alert == dead.alert
    for n, metric in enumerate(metrics):
        fill(metric, calm(64, seed=n))
    acme.metrics.update(silences={})
    assert passes(acme, TODAY + 2 * DAY).resolved == 1
    assert open_(acme, TODAY + 2 * DAY) == []
    acme.metrics.update(silences=silence, refreshed_at=noon(TODAY + 4 * DAY))
    passes(acme, TODAY + 4 * DAY)
    (again,) = open_(acme, TODAY + 4 * DAY)
    assert again.alert == dead.alert
    assert Change.objects.filter(subject=f"alert:{again.alert.pk}", what="raised").count() == 2
