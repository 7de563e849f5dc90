"""Acknowledged, snoozed, noted, muted: by anybody who may write, the same from every door."""

from __future__ import annotations

from datetime import timedelta

import pytest

from headway.accounts.models import Member, Role, Workspace
from headway.alerting import actions
from headway.alerting.models import Alert
from headway.alerting.reading import stories, story
from headway.engine.errors import Conflict, HeadwayError, InputError, NotAllowed
from headway.feed.models import Change
from headway.metrics.models import Metric
from tests.alerting.conftest import TODAY, Pass, calm, fell, fill, kpi, noon

pytestmark = pytest.mark.django_db
NOW = noon(TODAY)
DAY = timedelta(days=1)


@pytest.fixture
def orders(acme: Workspace) -> Metric:
    metric = kpi(acme, "orders")
    fill(metric, fell(0.4))
    return metric


@pytest.fixture
def alert(orders: Metric, passes: Pass) -> Alert:
    passes(orders.workspace)
    return stories(orders.workspace, TODAY)[0].alert


def test_it_is_taken_on_put_off_and_put_back(alert: Alert, member: Member) -> None:
    home = alert.workspace
    actions.acknowledge(alert, by=member, now=NOW, note="The shop is on it.")
    (taken,) = stories(home, TODAY, "acknowledged")
    assert stories(home, TODAY) == []
    assert taken.alert.acknowledged_by == member.person
    assert taken.alert.note == "The shop is on it."
    actions.snooze(alert, days=7, by=member, now=NOW)
    assert stories(home, TODAY, "snoozed")[0].alert.snoozed_until == TODAY + 7 * DAY
    assert stories(home, TODAY, "acknowledged") == []
    actions.put_back(alert, by=member, now=NOW)
    assert len(stories(home, TODAY)) == 1
    actions.snooze(alert, until=TODAY + 2 * DAY, by=member, now=NOW)
    assert stories(home, TODAY + DAY) == []
    assert len(stories(home, TODAY + 2 * DAY)) == 1
    told = Change.objects.filter(subject=f"alert:{alert.pk}", by=member.person).order_by("pk")
    assert [t.what for t in told] == ["note", "acknowledged", "snoozed", "put back", "snoozed"]


@pytest.mark.parametrize(
    "when",
    [{}, {"days": 0}, {"days": 400}, {"until": TODAY}, {"until": TODAY + DAY, "days": 1}],
)
def test_it_is_put_off_to_a_day_to_come(alert: Alert, when: dict[str, object]) -> None:
    with pytest.raises(InputError):
        actions.snooze(alert, by=None, now=NOW, **when)  # type: ignore[arg-type]


def test_what_is_over_is_only_noted(alert: Alert, orders: Metric, passes: Pass) -> None:
    fill(orders, [*fell(0.4), *calm(seed=5, n=6)])
    passes(alert.workspace, TODAY + 6 * DAY)
    with pytest.raises(Conflict):
        actions.acknowledge(alert, by=None, now=NOW)
    actions.write_note(alert, "It was a holiday.", by=None, now=NOW)
    assert story(alert.workspace, alert.pk, TODAY).alert.note == "It was a holiday."
    with pytest.raises(InputError):
        actions.write_note(alert, "x" * 2001, by=None, now=NOW)


def test_a_viewer_only_looks(alert: Alert, member: Member) -> None:
    Member.objects.filter(pk=member.pk).update(role=Role.viewer)
    viewer = Member.objects.get(pk=member.pk)
    for act in (actions.acknowledge, actions.put_back):
        with pytest.raises(NotAllowed):
            act(alert, by=viewer, now=NOW)
    with pytest.raises(NotAllowed):
        actions.snooze(alert, days=1, by=viewer, now=NOW)
    with pytest.raises(NotAllowed):
        actions.write_note(alert, "Hm.", by=viewer, now=NOW)


def test_a_kind_is_muted_in_the_definition(alert: Alert, orders: Metric, passes: Pass) -> None:
    actions.mute(orders, "unusual", by=None, now=NOW)
    orders.refresh_from_db()
    assert orders.document["alerts"] == {"mute": ["unusual"]}
    assert orders.version == 1
    assert passes(alert.workspace).resolved == 1
    actions.watch(orders, sensitivity="low", mute=[], target=0.99, by=None, now=NOW)
    orders.refresh_from_db()
    assert orders.document["alerts"] == {"sensitivity": "low", "target": 0.99}
    actions.watch(orders, sensitivity="usual", target=None, by=None, now=NOW)
    orders.refresh_from_db()
    assert "alerts" not in orders.document
    actions.watch(orders, sensitivity="off", by=None, now=NOW)
    assert passes(alert.workspace).raised == 0
    with pytest.raises(InputError, match="unusul"):
        actions.mute(orders, "unusul", by=None, now=NOW)
    with pytest.raises(HeadwayError):
        actions.watch(orders, target=1.5, by=None, now=NOW)
