"""Outputs: what is shipped, when and for whom, and who may say so."""

from __future__ import annotations

from datetime import date
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.db import connection

from headway.accounts.actions import create_workspace
from headway.accounts.models import Member, Team, Workspace
from headway.engine.errors import Conflict, DefinitionError, HeadwayError, NotAllowed, NotFound
from headway.feed.models import Change
from headway.goals.audience import audience
from headway.goals.models import Output
from headway.goals.outputs import archive_output, restore_output, save_output
from headway.metrics.happened.happenings import annotations_by, known
from headway.metrics.models import Annotation, Metric
from headway.stats.history import Known
from tests.goals.conftest import make_metric, moment

GERMANS = {"where": {"country": {"in": ["DE", "AT"]}}}


def save(workspace: Workspace, n: int = 10, **fields: Any) -> Output:
    return save_output(workspace, **{"by": None, "now": moment(n), **fields})


def changes(key: str) -> list[tuple[str, str, str]]:
    rows = Change.objects.filter(subject=f"output:{key}").order_by("pk")
    return [(c.what, c.before, c.after) for c in rows]


def test_from_a_plan_to_a_launch(
    acme: Workspace, orders: Metric, team: Team, member: Member
) -> None:
    plan = save(acme, name="New onboarding", planned=date(2026, 1, 20), audience=GERMANS)
    assert (plan.key, plan.status, plan.launched) == ("new-onboarding", "planned", None)
    assert audience(plan.audience).words == "`country` is DE or AT"
    assert save(acme, name="New onboarding").key == "new-onboarding-2"
    save(acme, key=plan.key, status="building", by=member)
    fields = {"launched": date(2026, 1, 11), "moves": [orders], "team": team, "owner": member}
    shipped = save(acme, key=plan.key, by=member, **fields)
    assert (shipped.pk, shipped.status, shipped.name) == (plan.pk, "launched", "New onboarding")
    assert shipped.audience == GERMANS
    assert list(shipped.moves.all()) == [orders]
    assert changes(plan.key) == [
        ("created", "", ""),
        ("status", "planned", "building"),
        ("status", "building", "launched"),
        ("launched", "", "2026-01-11"),
        ("team", "", "Growth"),
        ("owner", "", "Member"),
        ("moves", "", "Orders"),
    ]
    save(acme, key=plan.key, status="stopped")
    assert save(acme, key=plan.key, name="Onboarding").status == "stopped"


def marks(metric: Metric) -> list[tuple[str, date]]:
    return [(row.title, row.starts) for row in annotations_by([metric])[metric.pk]]


def test_a_launch_is_an_annotation_of_what_it_moves(acme: Workspace, orders: Metric) -> None:
    visits, launched = make_metric(acme, "visits"), date(2026, 1, 9)
    output = save(acme, name="Lottery", planned=launched, moves=[orders])
    assert marks(orders) == []
    save(acme, key=output.key, launched=launched)
    assert marks(orders) == [("Lottery", launched)]
    assert known(orders) == (Known(launched),)
    save(acme, key=output.key, name="Raffle", launched=date(2026, 1, 8), moves=[visits])
    assert (marks(orders), marks(visits)) == ([], [("Raffle", date(2026, 1, 8))])
    archive_output(output, by=None, now=moment(11))
    assert marks(visits) == []
    restore_output(Output.objects.get(), by=None, now=moment(12))
    assert marks(visits) == [("Raffle", date(2026, 1, 8))]
    save(acme, key=output.key, launched=None)
    assert marks(visits) == []


def test_launches_of_before_are_annotations(acme: Workspace, orders: Metric) -> None:
    """What the migration finds in a workspace of an earlier version."""
    save(acme, name="Lottery", launched=date(2026, 1, 9), moves=[orders])
    save(acme, name="Raffle", planned=date(2026, 1, 9), moves=[orders])
    before = marks(orders)
    Annotation.objects.all().delete()
    step = import_module("headway.goals.migrations.0009_launches_are_annotations")
    step.mark(apps, connection.schema_editor())
    assert marks(orders) == before == [("Lottery", date(2026, 1, 9))]


def test_put_away_and_brought_back(acme: Workspace) -> None:
    output = save(acme, name="Lottery", managed=True)
    with pytest.raises(Conflict, match="managed in code"):
        archive_output(output, by=None, now=moment(11))
    archive_output(output, by=None, now=moment(11), managed=True)
    with pytest.raises(Conflict, match="archived"):
        save(acme, key="lottery", name="Raffle", managed=True)
    restore_output(output, by=None, now=moment(12), managed=True)
    assert save(acme, key="lottery", name="Raffle", managed=True).name == "Raffle"


@pytest.mark.parametrize(
    ("fields", "where", "said"),
    [
        ({"name": " "}, "name", "needs a name"),
        ({"status": "launhced"}, "status", "Did you mean `launched`"),
        ({"status": "launched"}, "launched", "nobody knows when"),
        ({"launched": date(2026, 1, 12)}, "launched", "as `planned` until it has come"),
        ({"launched": date(2026, 1, 2), "status": "planned"}, "status", "take the launch day out"),
        ({"audience": {"where": {"plan": {"inn": ["pro"]}}}}, "audience", "inn"),
        ({"audience": {"whom": "all"}}, "audience", "whom"),
    ],
)
def test_what_an_output_cannot_be(
    acme: Workspace, fields: dict[str, Any], where: str, said: str
) -> None:
    with pytest.raises(DefinitionError, match=said) as refused:
        save(acme, **{"name": "Guided setup", **fields})
    assert refused.value.where == where
    assert not Output.objects.exists()


def test_only_who_may_write_in_this_workspace(
    acme: Workspace, viewer: Member, member: Member
) -> None:
    with pytest.raises(NotAllowed):
        save(acme, name="Guided setup", by=viewer)
    other = create_workspace("other", "Other", now=moment(0))
    with pytest.raises(HeadwayError):
        save(other, name="Guided setup", by=member)
    with pytest.raises(NotFound, match="not in the workspace"):
        save(acme, name="Guided setup", moves=[make_metric(other, "theirs")])
