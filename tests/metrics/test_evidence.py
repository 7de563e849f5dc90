"""A stored number and what it rests on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

import pytest

from headway.accounts import actions as accounts
from headway.accounts.models import Member, Workspace
from headway.engine.errors import DefinitionError, NotFound, StoreError
from headway.engine.evidence import Evidence
from headway.engine.period import Grain
from headway.engine.series import PART
from headway.metrics.actions import archive_metric
from headway.metrics.evidence import Place, followed, inputs_at, place_of, points_around
from headway.metrics.models import Metric
from headway.metrics.refresh import refresh
from tests.metrics.conftest import Import, Save, at

MONDAY = date(2026, 2, 2)
NOW = at("2026-02-20")


@pytest.fixture
def orders(acme: Workspace, brought: Import, saved: Save) -> Metric:
    """Two weeks of orders by ann (pro) and ben (free), and metrics over them."""
    brought(
        [
            "order,2026-02-02T09:00:00Z,ann,10,pro",
            "order,2026-02-03T09:00:00Z,ann,20,pro",
            "order,2026-02-03T10:00:00Z,ben,30,free",
            "order,2026-02-10T10:00:00Z,ben,,free",
        ]
    )
    found = saved(key="orders", kind="count", event="order", segments=["plan"])
    saved(key="revenue", kind="sum", event="order", property="amount")
    saved(key="value", kind="formula", formula="revenue / orders", segments=["plan"])
    saved(
        key="again",
        kind="funnel",
        steps=[{"event": "order"}, {"event": "order"}],
        window="3 days",
    )
    saved(key="lost", kind="formula", formula="100 * again.dropoff")
    refresh(acme, now=NOW)
    return found


def week(metric: Metric, start: date = MONDAY, by: str = "", segment: str = "") -> Place:
    return place_of(metric, Grain.week, start, by, segment)


def named(workspace: Workspace, key: str) -> Metric:
    return Metric.objects.select_related("workspace").get(workspace=workspace, key=key)


def ids(found: tuple[Evidence, ...]) -> list[str]:
    return [e.id for one in found for s in one.selections for e in s.examples]


def test_the_stored_number_and_the_counted_one_are_the_same(orders: Metric) -> None:
    place = week(orders)
    stored = points_around(place).get(place.period.start)
    [found] = followed(place, by=None, now=NOW)
    assert stored is not None
    assert stored == found.point
    assert (stored.value, found.selections[0].events, found.selections[0].subjects) == (3.0, 3, 2)
    assert found.version == orders.version


def test_the_operator_sees_who_is_behind_it(orders: Metric) -> None:
    assert ids(followed(week(orders), by=None, now=NOW)) == ["ben", "ann"]
    assert ids(followed(week(orders), by=None, now=NOW, examples=1)) == ["ben"]


@pytest.mark.parametrize(("role", "seen"), [("admin", True), ("member", True), ("viewer", False)])
def test_members_and_admins_see_people_and_viewers_do_not(
    request: pytest.FixtureRequest, orders: Metric, role: str, seen: bool
) -> None:
    found = followed(week(orders), by=request.getfixturevalue(role), now=NOW)
    assert ids(found) == (["ben", "ann"] if seen else [])
    assert found[0].selections[0].subjects == 2


def test_people_of_other_workspaces_see_nobody(orders: Metric, admin: Member) -> None:
    other = accounts.create_workspace("other", "Other", now=NOW)
    stranger = accounts.add_member(other, admin.person, "admin", by=None, now=NOW)
    assert ids(followed(week(orders), by=stranger, now=NOW)) == []


def test_a_segment_is_followed_by_itself(orders: Metric) -> None:
    place = week(orders, by="plan", segment="pro")
    stored = points_around(place).get(place.period.start)
    [found] = followed(place, by=None, now=NOW)
    assert stored == found.point
    assert found.point.segment == "pro"
    assert ids((found,)) == ["ann"]


def test_inputs_are_read_in_the_same_period_and_segment(
    acme: Workspace, orders: Metric, django_assert_num_queries: Callable[..., object]
) -> None:
    value = named(acme, "value")
    with django_assert_num_queries(2):  # type: ignore[attr-defined]
        found = inputs_at(week(value), ("revenue", "orders"))
    assert [(i.name, i.point and i.point.value) for i in found] == [
        ("revenue", 60.0),
        ("orders", 3.0),
    ]
    split = inputs_at(week(value, by="plan", segment="free"), ("revenue", "orders"))
    assert [i.point and i.point.value for i in split] == [None, 1.0]


def test_a_formula_is_followed_to_its_events(acme: Workspace, orders: Metric) -> None:
    found = followed(week(named(acme, "value"), date(2026, 2, 9)), by=None, now=NOW)
    assert [one.name for one in found] == ["value", "revenue", "orders"]
    assert [one.point.faults for one in found][1] == 1
    assert [one.version for one in found] == [1, 1, 1]


def test_a_part_of_another_metric_is_followed(acme: Workspace, orders: Metric) -> None:
    lost, dropoff = followed(week(named(acme, "lost")), by=None, now=NOW)
    assert (lost.point.value, dropoff.name, dropoff.point.value) == (50.0, "again.dropoff", 0.5)
    [part] = inputs_at(week(named(acme, "lost")), ("again.dropoff",))
    assert (part.place.name, part.place.segment_by) == ("again.dropoff", PART)


def test_a_day_on_which_no_period_begins_says_which_one_does(orders: Metric) -> None:
    with pytest.raises(NotFound, match="begins on 2026-02-02"):
        week(orders, date(2026, 2, 4))


def test_silence_has_no_stored_zero(acme: Workspace, orders: Metric) -> None:
    later: datetime = at("2026-03-20")
    refresh(acme, now=later)
    place = week(orders, date(2026, 3, 9))
    stored = points_around(place).get(place.period.start)
    [found] = followed(place, by=None, now=later)
    assert stored is not None
    assert stored.value is None
    assert found.point.value is None
    assert stored.reason.startswith("No events from")


def test_an_archived_metric_is_not_followed(acme: Workspace, orders: Metric) -> None:
    lost = named(acme, "lost")
    archive_metric(lost, by=None, now=NOW)
    with pytest.raises(DefinitionError, match="archived"):
        followed(week(lost), by=None, now=NOW)


def test_who_waits_is_told_when_it_takes_too_long(orders: Metric) -> None:
    assert followed(week(orders), by=None, now=NOW, seconds=60)[0].point.value == 3.0
    with pytest.raises(StoreError, match="longer than 0 seconds"):
        followed(week(orders), by=None, now=NOW, seconds=0)
