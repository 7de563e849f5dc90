"""What is to come, on the pages: the chance beside status and confidence, and the cone."""

from __future__ import annotations

from collections.abc import Callable

from django.test import Client

from headway.accounts.models import Workspace
from headway.charts import formats
from headway.goals import actions
from headway.goals.ahead import prospects
from headway.goals.ahead.chance import in_ten
from headway.goals.ahead.words import brief
from headway.goals.models import KeyResult, Objective
from headway.goals.refresh import refresh
from headway.metrics.models import Metric
from headway.outlook import refresh as outlook
from tests.goals.conftest import moment
from tests.web.goals.conftest import page

New = Callable[..., KeyResult]
PATH = "/acme/objectives/effortless-start"


def look(workspace: Workspace) -> None:
    refresh(workspace, now=moment(50))
    prospects.refresh(workspace, now=moment(50))
    outlook.refresh(workspace, now=moment(50))


def test_a_key_result_says_whether_it_gets_there(
    acme: Workspace,
    objective: Objective,
    orders: Metric,
    new_key_result: New,
    as_member: Client,
) -> None:
    near = new_key_result(objective, metric=orders, shape="reach", target=70.0)
    far = new_key_result(objective, metric=orders, shape="reach", target=900.0, key=None)
    said = page(as_member, f"{PATH}/{near.key}")
    assert "It is worked out with the next pass" in said
    look(acme)
    actions.check_in(far, confidence=8, by=None, now=moment(50))
    said = page(as_member, f"{PATH}/{near.key}")
    assert "Will we get there?" in said
    near.refresh_from_db()
    assert near.chance is not None
    assert f"The chance to reach 70 is {in_ten(near.chance)}." in said
    assert "on 11 Apr 2026" in said
    assert "From 60 periods" in said
    assert "points above the forecast" not in said
    said = page(as_member, f"{PATH}/{far.key}")
    far.refresh_from_db()
    assert far.chance is not None
    assert far.chance < 0.3 < near.chance
    points = round(80 - 100 * far.chance)
    assert f"A confidence of 8 of 10 is {points} points above the forecast’s chance" in said
    assert "The shaded part holds what comes next" in said
    cone = page(as_member, f"{PATH}/{far.key}/chart")
    assert "mark-area" in cone
    whole = page(as_member, PATH)
    assert f"{formats.way(near.chance)}<" in whole
    assert 'title="A confidence of 8 of 10' in whole
    line = page(as_member, "/acme/objectives", cycle="2026-q1")
    assert "Of the least likely of its key results" in line
    assert "Far apart" in line
    (row,) = as_member.get("/acme/objectives", {"format": "json"}).json()
    assert row["chance"] == KeyResult.objects.get(pk=far.pk).chance
    home = page(as_member, "/acme/")
    assert "If it goes on like this, a chance of" in home


def test_a_kpi_says_what_comes_next(acme: Workspace, orders: Metric, as_member: Client) -> None:
    path = "/acme/kpis/orders"
    assert "It has not been looked at yet." in page(as_member, path)
    look(acme)
    said = page(as_member, path)
    assert "What comes next" in said
    assert "20 Feb 2026: most likely 60.3, with 80" in said
    assert "19 Mar 2026: most likely 9" in said
    assert "moments of the past" in said
    assert "The shaded part" in said
    assert "It is forecast by day" in page(as_member, path, grain="week")
    assert "The shaded part" not in page(as_member, path, to="2026-01-20")
    orders.points.filter(start__lt="2026-02-16").delete()
    orders.settled_at = moment(50)
    orders.save()
    look(acme)
    said = page(as_member, path)
    assert "It cannot be told. Only 4 periods have a value; it takes 6." in said
    assert "From 22 Feb 2026 on it can be told." in said


def test_a_status_and_a_chance_that_point_different_ways_are_told(
    objective: Objective, orders: Metric, new_key_result: New
) -> None:
    row = new_key_result(objective, metric=orders, shape="reach", target=70.0)
    for status, chance, said in (
        ("on_track", 0.24, "on pace today, but"),
        ("on_track", 0.5, ""),
        ("behind", 0.8, "not on pace today, but"),
        ("at_risk", 0.2, ""),
        ("unknown", 0.9, ""),
    ):
        row.status, row.chance = status, chance
        assert said in brief(row)
        assert bool(said) == ("today" in brief(row))
