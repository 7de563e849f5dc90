"""Metrics: versions, what is recorded, what is refused."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest

from headway.accounts.models import Member, Workspace
from headway.engine.errors import Conflict, DefinitionError, InputError, NotAllowed
from headway.feed.models import Change
from headway.metrics.actions import archive_metric, enter_value, restore_metric, save_metric
from headway.metrics.reading import health
from tests.metrics.conftest import Save

WEEKLY: dict[str, Any] = {
    "key": "weekly",
    "name": "Weekly active users",
    "kind": "unique",
    "event": "any",
    "window": "7 days",
}


def test_a_new_metric_has_version_one(saved: Save) -> None:
    metric = saved(**WEEKLY, healthy={"at_least": 10}, grain="week")
    assert (metric.version, metric.name, metric.level) == (1, "Weekly active users", "metric")
    assert metric.definitions.get().body == {"kind": "unique", "event": "any", "window": "7 days"}
    assert metric.profile == {"healthy": {"at_least": 10.0}, "grain": "week"}
    assert metric.definition.healthy is not None
    assert Change.objects.get(subject="metric:weekly").what == "created"


def test_what_computes_it_makes_a_version_with_a_note(saved: Save) -> None:
    saved(**WEEKLY)
    metric = saved(**{**WEEKLY, "window": "28 days", "where": {"plan": "pro"}})
    latest = metric.definitions.get(version=2)
    assert metric.version == 2
    assert "window: 7 days → 28 days" in latest.note
    assert "where: none → plan pro" in latest.note
    change = Change.objects.get(what="definition")
    assert (change.before, change.after) == ("version 1", "version 2")


def test_what_describes_it_does_not(saved: Save) -> None:
    saved(**WEEKLY)
    metric = saved(**{**WEEKLY, "name": "WAU", "level": "kpi", "healthy": {"at_most": 5}})
    assert (metric.version, metric.name, metric.level) == (1, "WAU", "kpi")
    found = Change.objects.exclude(what="created").values_list("what", "before", "after")
    assert set(found) == {
        ("name", "Weekly active users", "WAU"),
        ("level", "metric", "kpi"),
        ("healthy", "none", "at_most 5.0"),
    }


def test_saving_the_same_changes_nothing(saved: Save) -> None:
    saved(**WEEKLY)
    saved(**WEEKLY)
    assert Change.objects.filter(subject="metric:weekly").count() == 1


@pytest.mark.parametrize(
    ("document", "says"),
    [
        ({**WEEKLY, "windw": "7 days"}, "Did you mean `window`"),
        ({**WEEKLY, "kind": "uniqe"}, "Did you mean `unique`"),
        ({"key": "f", "kind": "formula", "formula": "weekli * 2"}, "Did you mean `weekly`"),
        ({"key": "f", "kind": "formula", "formula": "f + 1"}, "computed from itself"),
        ({**WEEKLY, "owner": "nobody@acme.example"}, "no member"),
    ],
)
def test_wrong_definitions_say_what_and_how(
    saved: Save, document: dict[str, Any], says: str
) -> None:
    saved(**WEEKLY)
    with pytest.raises(DefinitionError, match=says):
        saved(**document)


def test_a_loop_through_another_metric_is_refused(saved: Save) -> None:
    saved(key="a", kind="count", event="x")
    saved(key="b", kind="formula", formula="a * 2")
    with pytest.raises(DefinitionError, match=r"is computed from itself: (a → b → a|b → a → b)"):
        saved(key="a", kind="formula", formula="b / 2")


def test_an_owner_is_a_member(acme: Workspace, member: Member, saved: Save) -> None:
    metric = saved(**WEEKLY, owner=member.person.email)
    assert metric.owner == member
    assert metric.document["owner"] == member.person.email


def test_viewers_may_not(acme: Workspace, viewer: Member, now: datetime) -> None:
    with pytest.raises(NotAllowed):
        save_metric(acme, WEEKLY, by=viewer, now=now)


def test_managed_in_code(acme: Workspace, saved: Save, now: datetime) -> None:
    save_metric(acme, WEEKLY, by=None, now=now, managed=True)
    with pytest.raises(Conflict, match="managed in code"):
        saved(**{**WEEKLY, "window": "28 days"})
    save_metric(acme, {**WEEKLY, "window": "28 days"}, by=None, now=now, managed=True)
    acme.edit_managed = True
    acme.save()
    metric = saved(**{**WEEKLY, "window": "14 days"})
    assert metric.version == 3
    assert metric.managed_in_code


def test_archiving_names_what_still_uses_it(saved: Save, now: datetime) -> None:
    weekly = saved(**WEEKLY)
    double = saved(key="double", kind="formula", formula="weekly * 2")
    with pytest.raises(Conflict, match="the metric `double`"):
        archive_metric(weekly, by=None, now=now)
    archive_metric(double, by=None, now=now)
    archive_metric(weekly, by=None, now=now)
    with pytest.raises(DefinitionError, match="no metric `weekly`"):
        restore_metric(double, by=None, now=now)
    restore_metric(weekly, by=None, now=now)
    assert restore_metric(double, by=None, now=now).archived_at is None


def test_values_are_typed_for_manual_metrics_only(saved: Save, now: datetime) -> None:
    spend = saved(key="spend", kind="manual")
    enter_value(spend, date(2026, 3, 1), 5, by=None, now=now)
    enter_value(spend, date(2026, 3, 1), 6, by=None, now=now)
    assert spend.entries.get().value == 6
    with pytest.raises(InputError, match="has not come yet"):
        enter_value(spend, date(2026, 3, 3), 5, by=None, now=now)
    with pytest.raises(InputError, match="not a number"):
        enter_value(spend, date(2026, 3, 1), float("nan"), by=None, now=now)
    with pytest.raises(Conflict, match="measured"):
        enter_value(saved(**WEEKLY), date(2026, 3, 1), 5, by=None, now=now)


@pytest.mark.parametrize(
    ("bounds", "value", "expected"),
    [
        ({}, 5, "no range"),
        ({"at_least": 5}, 5, "healthy"),
        ({"at_least": 5}, 4.9, "out of range"),
        ({"at_most": 5}, 5.1, "out of range"),
        ({"at_least": 1, "at_most": 5}, None, "unknown"),
        ({"floor": 0, "goal": 9}, 5, "no range"),
    ],
)
def test_health(saved: Save, bounds: dict[str, float], value: float | None, expected: str) -> None:
    assert health(saved(**WEEKLY, healthy=bounds), value) == expected


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("source", "shpo", "no source `shpo`. Did you mean `shop`"),
        ("tree", "order * 2", "no metric `order`"),
    ],
)
def test_names_of_nothing_are_refused(
    acme: Workspace, now: datetime, field: str, value: str, said: str
) -> None:
    acme.sources.create(key="shop")
    document = {"key": "orders", "kind": "count", "event": "ordered", field: value}
    with pytest.raises(DefinitionError, match=said):
        save_metric(acme, document, by=None, now=now)
