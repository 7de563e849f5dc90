"""The journey, the funnel and the value map: what they show and advise, and what stays unknown."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from headway.accounts.actions import save_settings
from headway.accounts.models import Workspace
from headway.engine.errors import DefinitionError, NotFound
from headway.engine.period import Grain
from headway.goals import actions
from headway.goals.boards import journey
from headway.goals.boards.funnel import funnel
from headway.goals.boards.value_map import scaled, value_map
from headway.goals.models import Cycle, Objective
from headway.goals.outputs import save_output
from headway.metrics.models import Definition, Metric, Point
from tests.goals.conftest import make_metric, moment, put

TODAY = date(2026, 4, 1)
Kpi = Callable[..., Metric]


@pytest.fixture
def kpi(acme: Workspace) -> Kpi:
    """A KPI whose last complete weeks have these values; no values: nothing is known."""

    def make(key: str, family: str, *values: float, **healthy: float) -> Metric:
        profile: dict[str, Any] = {"grain": "week", "healthy": healthy}
        found = make_metric(acme, key, family=family, level="kpi", profile=profile)
        put(found, date(2026, 3, 16), values, step=7)
        return found

    return make


def month(metric: Metric, value: float, segment_by: str = "", segment: str = "") -> None:
    Point.objects.create(
        metric=metric, grain=Grain.month, start=date(2026, 2, 1), end=date(2026, 3, 1),
        value=value, complete=True, segment_by=segment_by, segment=segment,
    )  # fmt: skip


def shelves(workspace: Workspace) -> dict[str, dict[str, list[str]]]:
    return {
        placed.stage.key: {
            s.name: [t.metric.key for t in s.tiles] for s in placed.shelves if s.tiles
        }
        for placed in journey.board(workspace, TODAY)
    }


def test_the_usual_journey_needs_no_set_up(
    acme: Workspace, kpi: Kpi, django_assert_max_num_queries: Any
) -> None:
    kpi("registered", "creation/register", 0.7, at_least=0.6)
    kpi("availability", "creation/operation", 0.9, at_least=0.99)
    kpi("latency_p95", "creation/operation")
    kpi("parcels", "creation/operation", 3)
    kpi("churn", "capture/retention", 3)
    with django_assert_max_num_queries(6):
        found = journey.board(acme, TODAY)
    assert shelves(acme) == {
        "register": {"KPIs": ["registered"]},
        "configure": {},
        "operate": {
            "Availability": ["availability"],
            "Performance": ["latency_p95"],
            "Other KPIs": ["parcels"],
        },
    }
    assert [p.health.word for p in found] == ["healthy", "no range", "out of range"]
    assert [s.name for s in found[2].shelves][-2:] == ["Cost", "Other KPIs"]
    rows = {row["name"]: row for row in journey.rows(found)}
    assert rows["Performance"]["kpis"] == {"latency_p95": None}


def test_stages_of_ones_own_and_jobs_that_are_underserved(acme: Workspace, kpi: Kpi) -> None:
    stages = [
        {"key": "send", "name": "Send", "family": "creation/operation", "capabilities": [
            {"key": "speed", "name": "Speed", "metrics": ["late"]},
            {"key": "care", "name": "Care", "job": "handle with care"},
            {"key": "price", "name": "Price"},
        ]},
    ]  # fmt: skip
    save_settings(acme, {"journey": stages}, by=None, now=moment(0))
    kpi("late", "capture/retention", 3, at_most=5)
    kpi("care_index", "creation/operation/care", 3)
    profile = {"grain": "month"}
    importance = make_metric(acme, "job_importance", profile=profile)
    satisfaction = make_metric(acme, "job_satisfaction", profile=profile)
    for job, cares, likes in (("speed", 7, 8), ("handle with care", 9, 6)):
        month(importance, cares, "job", job)
        month(satisfaction, likes, "job", job)
    found = {s.name: s for p in journey.board(acme, TODAY) for s in p.shelves}
    assert shelves(acme) == {"send": {"Speed": ["late"], "Care": ["care_index"]}}
    assert (found["Speed"].opportunity, found["Speed"].underserved) == (7, False)
    assert (found["Care"].opportunity, found["Care"].underserved) == (12, True)
    assert found["Price"].opportunity is None
    with pytest.raises(DefinitionError, match="`send` is there 2 times"):
        save_settings(acme, {"journey": stages * 2}, by=None, now=moment(0))


def test_the_funnel_advises_from_the_bottom_up(
    acme: Workspace, kpi: Kpi, objective: Objective, cycle: Cycle
) -> None:
    visitors = kpi("visitors", "capture/awareness", 50, at_least=100)
    signups = kpi("signups", "capture/acquisition", 9, at_least=5)
    assert funnel(acme, TODAY, cycle).advice.startswith("Fix awareness first: Visitors is 50")
    churn = kpi("churn", "capture/retention", 0.2, at_most=0.1)
    kpi("nps", "capture/retention", at_least=30)
    for metric, target in ((visitors, 100), (signups, 20), (churn, 0.1)):
        actions.save_key_result(
            objective, metric=metric, shape="reach", target=target, by=None, now=moment(0)
        )
    save_output(acme, name="Campaign", moves=[visitors], by=None, now=moment(0))
    save_output(
        acme, name="Old", moves=[visitors], launched=date(2026, 1, 1), by=None, now=moment(0)
    )
    for metric, value in ((visitors, 400), (signups, 30)):
        month(metric, value)
    found = funnel(acme, TODAY, cycle)
    assert found.advice == "Fix retention first: Churn is 0.2 (healthy: at most 0.1)."
    assert found.warning.startswith(
        "3 of 4 key results and outputs work above retention, while retention is unhealthy: "
        "Churn is 0.2 (healthy: at most 0.1)."
    )
    steps = {s.stage.name: s for s in found.steps}
    assert (steps["awareness"].key_results, steps["awareness"].outputs) == (1, 1)
    assert steps["awareness"].many is not None
    assert steps["awareness"].many.value == 400
    assert steps["interest"].many is None
    assert steps["acquisition"].conversion is None, "interest is not counted"
    assert steps["retention"].health.words == "1 of 2 out of range, 1 unknown"


def test_an_unknown_stage_is_not_healthy(acme: Workspace, kpi: Kpi) -> None:
    kpi("nps", "capture/retention", at_least=30)
    found = funnel(acme, TODAY, None)
    assert found.advice.startswith("Nothing is known to be unhealthy, but awareness, interest")
    assert found.warning == ""


def test_the_value_map(acme: Workspace, kpi: Kpi, cycle: Cycle) -> None:
    """The cycle ends on 11 April; on 1 May its end and today are two dots."""
    kpi("speed", "creation/operation", 30, 40, floor=0, goal=50)
    kpi("faults", "creation/register", 5, 2, floor=10, goal=0)
    kpi("ease", "creation/onboarding", floor=0, goal=1)
    kpi("revenue", "capture/monetization", 10, 20, floor=0, goal=100)
    kpi("mood", "capture/retention", 3, at_least=2)
    other = kpi("clicks", "creation/operation", 9, floor=0, goal=10)
    other.profile["product"] = "App"
    other.save()
    found = value_map(acme, date(2026, 5, 1), [cycle])
    whole, app = found.products
    assert (whole.name, app.name) == ("Acme", "App")
    assert [(d.title, d.creation, d.capture) for d in whole.trail] == [
        ("end of Q1", 80, 20),
        ("now", 80, 20),
    ]
    assert whole.now.quadrant is not None
    assert whole.now.quadrant[:2] == (1, "Loved, not paid")
    assert (whole.now.unknown, whole.now.count("creation")) == (1, 2)
    assert (app.now.creation, app.now.capture, app.now.quadrant) == (90, None, None)
    assert [m.key for m in found.unscaled] == ["mood"]
    before = value_map(acme, date(2026, 3, 25), [cycle]).products[0].now
    assert (before.creation, before.capture) == (55, 10), "the week of 16 March"
    late = value_map(acme, date(2027, 1, 1), []).products[0].now
    assert (late.creation, late.capture) == (None, None), "what is long past says nothing of now"


def test_the_value_map_by_segment(acme: Workspace, kpi: Kpi) -> None:
    """Of rates and means only: the orders of a plan have no goal of their own."""
    speed = kpi("speed", "creation/operation", floor=0, goal=50)
    paid = kpi("paid", "capture/monetization", floor=0, goal=1)
    orders = kpi("orders", "capture/monetization", floor=0, goal=10)
    share = {"kind": "share", "event": "order", "where": {"paid": True}, "segments": ["plan"]}
    count = {"kind": "count", "event": "order", "segments": ["plan", "country"]}
    for metric, body in ((speed, share), (paid, share), (orders, count)):
        Definition.objects.filter(metric=metric).update(body=body)
    for metric, segment, value, n in (
        (speed, "pro", 40.0, 9), (speed, "free", 10.0, 90), (paid, "pro", 0.9, 9),
        (orders, "pro", 5.0, 9),
    ):  # fmt: skip
        Point.objects.create(
            metric=metric, grain=Grain.week, start=date(2026, 3, 23), end=date(2026, 3, 30),
            value=value, n=n, complete=True, segment_by="plan", segment=segment,
        )  # fmt: skip
    assert value_map(acme, TODAY, []).splits == ["plan"]
    found = value_map(acme, TODAY, [], "plan")
    dots = {p.name: (p.now.creation, p.now.capture) for p in found.products}
    assert dots == {"free": (20, None), "pro": (80, 90)}
    assert [row["by"] for row in found.rows()] == ["plan", "plan"]
    with pytest.raises(NotFound, match="cannot be split by `country`"):
        value_map(acme, TODAY, [], "country")


def test_the_scale_ends_at_floor_and_goal() -> None:
    assert [scaled(v, 10, 0) for v in (12, 10, 5, 0, -1)] == [0, 0, 50, 100, 100]
