"""What must never make a number wrong, a test each, from the imported file to the point."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from headway.accounts.models import Workspace
from headway.ingest import actions
from headway.metrics.models import Metric
from headway.metrics.refresh import refresh
from tests.metrics.conftest import Save, at

pytestmark = pytest.mark.django_db
HEAD = "message_id,event,happened_at,user_id,previous_id,amount,plan\n"
LATER = at("2026-06-01")

Bring = Callable[..., None]
Known = Callable[..., list[Any]]


@pytest.fixture
def bring(acme: Workspace, tmp_path: Path) -> Bring:
    """Imports rows, and refreshes the points as of `now`."""
    source = actions.save_source(acme, "app", by=None, now=at("2026-01-01"))

    def take(*rows: str, now: datetime = LATER) -> None:
        path = tmp_path / f"{len(list(tmp_path.iterdir()))}.csv"
        path.write_text(HEAD + "\n".join(rows) + "\n")
        actions.import_events(source, path, by=None, now=LATER)
        assert refresh(acme, now=now).problems == {}

    actions.save_source(acme, "app", usual_gap_days=366, by=None, now=at("2026-01-01"))
    return take


@pytest.fixture
def values() -> Known:
    """The values of the days from `first` on."""

    def read(metric: Metric, first: str, days: int, grain: str = "day") -> list[Any]:
        rows = metric.points.filter(
            grain=grain, segment_by="", start__gte=date.fromisoformat(first)
        )
        return list(rows.order_by("start").values_list("value", flat=True)[:days])

    return read


def test_a_late_event_changes_the_day_on_which_it_happened(
    saved: Save, bring: Bring, values: Known
) -> None:
    orders = saved(key="orders", kind="count", event="ordered")
    bring("1,ordered,2026-03-02T10:00:00Z,a,,,", "2,ordered,2026-03-04T10:00:00Z,a,,,")
    assert values(orders, "2026-03-02", 3) == [1, 0, 1]
    bring("3,ordered,2026-03-03T10:00:00Z,b,,,")
    assert values(orders, "2026-03-02", 3) == [1, 1, 1]


def test_a_duplicate_counts_once_whenever_it_arrives(
    saved: Save, bring: Bring, values: Known
) -> None:
    revenue = saved(key="revenue", kind="sum", event="ordered", property="amount")
    bring("1,ordered,2026-03-02T10:00:00Z,a,,5,", "1,ordered,2026-03-02T10:00:00Z,a,,5,")
    bring("2,ordered,2026-03-03T10:00:00Z,a,,7,")
    bring("1,ordered,2026-03-02T10:00:00Z,a,,5,", "2,ordered,2026-03-05T10:00:00Z,a,,7,")
    assert values(revenue, "2026-03-02", 4) == [5, 7, 0, 0]


def test_steps_that_arrive_in_the_wrong_order_are_the_same_path(
    saved: Save, bring: Bring, values: Known
) -> None:
    funnel = saved(
        key="path", kind="funnel", steps=[{"event": "came"}, {"event": "paid"}], window="2 days"
    )
    bring("2,paid,2026-03-03T10:00:00Z,a,,,")
    assert values(funnel, "2026-03-03", 1) == [None]
    bring("1,came,2026-03-02T10:00:00Z,a,,,")
    assert values(funnel, "2026-03-02", 1) == [1]


def test_an_alias_long_after_merges_two_people_in_the_past(
    saved: Save, bring: Bring, values: Known
) -> None:
    people = saved(key="people", kind="unique", event="came")
    kept = saved(
        key="kept", kind="retention", start={"event": "came"}, returns={"event": "came"}, horizon=3
    )
    bring("1,came,2026-03-02T10:00:00Z,a,,,", "2,came,2026-03-02T11:00:00Z,b,,,",
          "3,came,2026-03-03T11:00:00Z,b,,,")  # fmt: skip
    assert (values(people, "2026-03-02", 1), values(kept, "2026-03-02", 1)) == ([2], [0.5])
    bring("4,$alias,2026-05-20T10:00:00Z,a,b,,")
    assert (values(people, "2026-03-02", 1), values(kept, "2026-03-02", 1)) == ([1], [1])


@pytest.mark.parametrize(
    ("day", "hours", "next_day"),
    [("2026-03-29", 23, "2026-03-30"), ("2025-10-26", 25, "2025-10-27")],
)
def test_a_day_on_which_the_clock_changes_has_all_its_hours(
    acme: Workspace, saved: Save, bring: Bring, values: Known, day: str, hours: int, next_day: str
) -> None:
    """One event at each hour that passes from a local midnight to the next."""
    acme.timezone = "Europe/Berlin"
    acme.save()
    beats = saved(key="beats", kind="count", event="beat")
    midnight = acme.calendar.instant(date.fromisoformat(day)).timestamp()
    times = [datetime.fromtimestamp(midnight + 3600 * i, tz=LATER.tzinfo) for i in range(hours + 1)]
    bring(*(f"{t},beat,{t.isoformat()},a,,," for t in times), now=at("2026-11-01"))
    assert values(beats, day, 2) == [hours, 1]


def test_the_leap_day_is_a_day_of_its_own(saved: Save, bring: Bring, values: Known) -> None:
    orders = saved(key="orders", kind="count", event="ordered")
    days = ["2024-02-28", "2024-02-29", "2024-03-01"]
    bring(*(f"{d},ordered,{d}T12:00:00Z,a,,," for d in days))
    assert values(orders, "2024-02-28", 3) == [1, 1, 1]
    assert values(orders, "2024-02-01", 2, "month") == [2, 1]


def test_an_empty_day_is_zero_where_counting_and_nothing_where_dividing(
    saved: Save, bring: Bring, values: Known
) -> None:
    orders = saved(key="orders", kind="count", event="ordered")
    mean = saved(key="mean", kind="mean", event="ordered", property="amount")
    per_order = saved(key="revenue", kind="sum", event="ordered", property="amount") and saved(
        key="per_order", kind="ratio", numerator="revenue", denominator="orders"
    )
    inverse = saved(key="inverse", kind="formula", formula="1 / orders")
    bring("1,ordered,2026-03-02T10:00:00Z,a,,5,", "2,ordered,2026-03-04T10:00:00Z,a,,7,")
    assert values(orders, "2026-03-02", 3) == [1, 0, 1]
    assert values(mean, "2026-03-02", 3) == [5, None, 7]
    assert values(per_order, "2026-03-02", 3) == [5, None, 7]
    assert values(inverse, "2026-03-02", 3) == [1, None, 1]
    reasons = [
        m.points.get(grain="day", start=date(2026, 3, 3)).reason for m in (mean, per_order, inverse)
    ]
    assert reasons == ["No values of amount in this period.", "orders is 0.", "Divided by zero."]


def test_somebody_of_whom_only_traits_are_known_did_nothing(
    saved: Save, bring: Bring, values: Known
) -> None:
    people = saved(key="people", kind="unique", event="any")
    everybody = saved(key="often", kind="frequency", event="any", of="all")
    bring("1,came,2026-03-02T10:00:00Z,a,,,", "2,$identify,2026-03-02T10:00:00Z,b,,,pro",
          "3,$group,2026-03-02T10:00:00Z,c,,,pro")  # fmt: skip
    assert values(people, "2026-03-02", 1) == [1]
    assert values(everybody, "2026-03-02", 1) == [1]


def test_missing_properties_are_neither_zero_nor_left_out_of_what_does_not_need_them(
    saved: Save, bring: Bring, values: Known
) -> None:
    orders = saved(key="orders", kind="count", event="ordered", segments=["plan"])
    mean = saved(key="mean", kind="mean", event="ordered", property="amount")
    bring("1,ordered,2026-03-02T10:00:00Z,a,,4,pro", "2,ordered,2026-03-02T11:00:00Z,,,,")
    assert values(orders, "2026-03-02", 1) == [2]
    assert values(mean, "2026-03-02", 1) == [4]
    assert mean.points.get(grain="day", start=date(2026, 3, 2)).faults == 1
    segments = orders.points.filter(grain="day", segment_by="plan", start=date(2026, 3, 2))
    assert dict(segments.values_list("segment", "value")) == {"pro": 1, "(none)": 1}


def test_a_window_that_is_still_open_leaves_its_period_incomplete(
    acme: Workspace, saved: Save, bring: Bring
) -> None:
    funnel = saved(
        key="path", kind="funnel", steps=[{"event": "came"}, {"event": "paid"}], window="7 days"
    )
    bring("1,came,2026-03-02T10:00:00Z,a,,,", now=at("2026-03-09"))
    entered = funnel.points.filter(grain="day", start=date(2026, 3, 2))
    assert list(entered.values_list("value", "complete")) == [(0, False)]
    bring("2,paid,2026-03-08T10:00:00Z,a,,,", now=at("2026-03-09", 10))
    assert list(entered.values_list("value", "complete")) == [(1, False)]
    refresh(acme, now=at("2026-03-10", 1))
    assert list(entered.values_list("value", "complete")) == [(1, True)]
