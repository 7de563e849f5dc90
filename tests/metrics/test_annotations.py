"""Annotations: written down and put away, and who knows of them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from headway.accounts.actions import create_workspace
from headway.accounts.models import Member, Workspace
from headway.engine.errors import Conflict, DefinitionError, NotAllowed, NotFound
from headway.engine.period import Grain
from headway.feed.models import Change
from headway.metrics.happened.annotations import (
    archive_annotation,
    mark_launch,
    restore_annotation,
    save_annotation,
)
from headway.metrics.happened.happenings import (
    annotations_by,
    happenings,
    known,
    known_by,
    launch_days,
)
from headway.metrics.models import Annotation
from headway.stats.history import Known
from headway.stats.turns import Happening
from tests.metrics.conftest import Save

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def day(n: int, month: int = 2) -> date:
    return date(2026, month, n)


def write(workspace: Workspace, **fields: Any) -> Annotation:
    usual = {"by": None, "now": NOW, "kind": "note", "title": "A day", "starts": day(3)}
    return save_annotation(workspace, **usual | fields)


def told(key: str) -> list[tuple[str, str, str]]:
    rows = Change.objects.filter(subject=f"annotation:{key}").order_by("pk")
    return [(c.what, c.before, c.after) for c in rows]


def test_written_changed_and_put_away(acme: Workspace, saved: Save, member: Member) -> None:
    orders = saved(key="orders", kind="count", event="order")
    row = write(acme, kind="incident", title="Checkout down", by=member)
    assert (row.key, row.covers, row.by) == ("checkout-down-2026-02-03", "all", member.person)
    assert write(acme, title="Checkout down").key == "checkout-down-2026-02-03-2"
    again = save_annotation(
        acme, key=row.key, by=member, now=NOW, ends=day(4), metrics=[orders], title=" Checkout off "
    )
    assert (again.pk, again.covers, again.last, again.title) == (
        row.pk, "metrics", day(4), "Checkout off",
    )  # fmt: skip
    assert save_annotation(acme, key=row.key, by=None, now=NOW).covers == "metrics"
    assert told(row.key) == [
        ("created", "", ""),
        ("title", "Checkout down", "Checkout off"),
        ("ends", "", "2026-02-04"),
        ("metrics", "", "Orders"),
    ]
    archive_annotation(again, by=member, now=NOW)
    assert known(orders, Grain.day) == ()
    with pytest.raises(Conflict, match="archived"):
        write(acme, key=row.key)
    restore_annotation(again, by=member, now=NOW)
    assert known(orders, Grain.day) == (Known(day(3), day(5)),)
    assert [what for what, _, _ in told(row.key)][-2:] == ["archived", "restored"]


def test_who_may(acme: Workspace, viewer: Member) -> None:
    row = write(acme, managed=True)
    for refused in (
        lambda: write(acme, by=viewer),
        lambda: archive_annotation(row, by=viewer, now=NOW),
    ):
        with pytest.raises(NotAllowed):
            refused()
    with pytest.raises(Conflict, match="managed in code"):
        write(acme, key=row.key)
    with pytest.raises(Conflict, match="managed in code"):
        archive_annotation(row, by=None, now=NOW)
    assert write(acme, key=row.key, title="From a file", managed=True).pk == row.pk


@pytest.mark.parametrize(
    ("fields", "where", "fix"),
    [
        ({"kind": "incidnet"}, "kind", "incident"),
        ({"title": " "}, "title", "Say what happened"),
        ({"title": "x" * 161}, "title", "Shorten"),
        ({"starts": None}, "starts", "Give the day"),
        ({"ends": day(2)}, "ends", "Both days belong"),
        ({"link": "javascript:alert(1)"}, "link", "https://"),
        ({"key": "Not a key"}, "key", "lower case"),
        ({"key": "new"}, "key", "new-1"),
    ],
)
def test_what_cannot_be(acme: Workspace, fields: dict[str, Any], where: str, fix: str) -> None:
    with pytest.raises(DefinitionError) as caught:
        write(acme, **fields)
    assert caught.value.where == where
    assert fix in str(caught.value.fix)
    assert not Annotation.objects.exists()


def test_covers_all_a_product_or_some(acme: Workspace, saved: Save) -> None:
    app = saved(key="taps", kind="count", event="tap", product="app")
    web = saved(key="clicks", kind="count", event="click", product="web")
    write(acme, title="All")
    write(acme, title="App", product="app")
    write(acme, title="Some", metrics=[web])
    found = annotations_by([app, web])
    assert [row.title for row in found[app.pk]] == ["All", "App"]
    assert [row.title for row in found[web.pk]] == ["All", "Some"]
    with pytest.raises(DefinitionError, match="not both"):
        write(acme, product="app", metrics=[web])


def test_not_those_of_another_workspace(acme: Workspace, saved: Save) -> None:
    globex = create_workspace("globex", "Globex", now=NOW)
    ours = saved(key="orders", kind="count", event="order")
    write(globex, title="Theirs")
    assert annotations_by([ours]) == {ours.pk: ()}
    with pytest.raises(NotFound):
        write(globex, metrics=[ours])


def test_what_models_know_of(acme: Workspace, saved: Save) -> None:
    """A launch is a step, a range a pulse; what is short beside the period is drowned in it."""
    orders = saved(key="orders", kind="count", event="order", grain="day")
    write(acme, kind="launch", title="Launch", starts=day(1), metrics=[orders])
    write(acme, kind="incident", title="Incident", starts=day(2))
    write(acme, kind="campaign", title="Campaign", starts=day(3), ends=day(9))
    write(acme, kind="holiday", title="Holiday", starts=day(20))
    write(acme, kind="note", title="Note", starts=day(22))
    step, crash, long = Known(day(1)), Known(day(2), day(3)), Known(day(3), day(10))
    assert known(orders) == (step, crash, long, Known(day(20), day(21)))
    assert known(orders, Grain.week) == (step, crash, long)
    assert known(orders, Grain.month) == (step, long)
    assert known(orders, Grain.quarter) == (step,)


def test_happenings_of_a_range(acme: Workspace, saved: Save) -> None:
    orders = saved(key="orders", kind="count", event="order")
    write(acme, title="Long", starts=day(1), ends=day(10))
    write(acme, title="Short", starts=day(12))
    names = [found.name for found in happenings(orders, day(10), day(12))]
    assert names == ["Long"]
    assert happenings(orders, day(11), day(13)) == (Happening(day(12), "Short"),)


def test_many_metrics_take_two_queries(
    acme: Workspace, saved: Save, django_assert_num_queries: Any
) -> None:
    metrics = [saved(key=f"m{n}", kind="count", event="e", grain="day") for n in range(5)]
    for metric in metrics:
        write(acme, title=metric.key, kind="launch", metrics=[metric])
    with django_assert_num_queries(2):
        assert all(len(steps) == 1 for steps in known_by(metrics).values())


def test_a_launch_of_an_output_is_changed_there(acme: Workspace, saved: Save) -> None:
    orders = saved(key="orders", kind="count", event="order")
    write(acme, key="checkout", starts=day(9))
    mark_launch(acme, "checkout", "New checkout", day(5), [orders], by=None, now=NOW)
    row = Annotation.objects.get(origin="output")
    with pytest.raises(Conflict, match="launch of an output"):
        archive_annotation(row, by=None, now=NOW)
    assert launch_days(acme) == {"checkout": day(5)}
    mark_launch(acme, "checkout", "New checkout", None, [], by=None, now=NOW)
    assert launch_days(acme) == {"checkout": day(9)}
