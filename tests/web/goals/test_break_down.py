"""A year's target over its quarters, and a formula's over its drivers: suggested, edited, saved."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client

from headway.accounts.models import Member, Team, Workspace
from headway.goals import actions
from headway.goals.models import KeyResult, Objective
from headway.metrics.models import Definition, Metric
from tests.api.conftest import Api, api_of
from tests.goals.conftest import make_metric, moment, put
from tests.web.goals.conftest import page

PATH = "/acme/objectives/grow"


@pytest.fixture
def year(acme: Workspace, team: Team) -> Objective:
    cycle = actions.save_cycle(
        acme,
        key="2026",
        name="",
        starts=date(2026, 1, 1),
        ends=date(2026, 12, 31),
        by=None,
        now=moment(0),
    )
    return actions.save_objective(
        acme, title="Grow", team=team, cycle=cycle, by=None, now=moment(0)
    )


def save(objective: Objective, **fields: Any) -> KeyResult:
    return actions.save_key_result(objective, shape="reach", by=None, now=moment(0), **fields)


def test_a_sum_is_shared_out_and_expected_by_the_ends_of_the_quarters(
    year: Objective, orders: Metric, member: Member, as_member: Client
) -> None:
    save(year, metric=orders, target=1000.0, over="cycle_to_date")
    said = page(as_member, f"{PATH}/orders/break-down").replace("\u202f", " ")
    assert [said.count(f'value="{v}"') for v in (250, 500, 750, 1000)] == [1, 1, 1, 1]
    assert "As last year went: Its history begins after 2025-01-01." in said
    found = api_of(member)("GET", "/objectives/grow/key-results/orders/breakdown")
    assert found["parts"][0] == {"start": "2026-01-01", "through": "2026-03-31"}
    assert (found["flow"], found["ways"][0]["brings"]) == (True, [250.0] * 4)
    values = {f"value_{n}": v for n, v in enumerate(("200", "500", "750", "1000"))}
    asked = {**values, "save": "phases"}
    refused = as_member.post(f"{PATH}/orders/break-down", asked).content.decode()
    assert "Give a reason" in refused
    assert 'value="200"' in refused
    as_member.post(f"{PATH}/orders/break-down", {**asked, "reason": "Winter is slow."})
    row = KeyResult.objects.get()
    assert row.phases == {"2026-03-31": 200, "2026-06-30": 500, "2026-09-30": 750}
    assert row.expected == pytest.approx(0.2 * 49 / 89)


def test_a_height_goes_along_a_path_and_becomes_a_key_result_a_quarter(
    acme: Workspace, year: Objective, orders: Metric, as_member: Client
) -> None:
    save(year, metric=orders, baseline_typed=800.0, target=1000.0)
    said = page(as_member, f"{PATH}/orders/break-down", way="compound")
    assert 'value="845.9"' in said
    assert "Make a key result for each" not in said
    for n, (first, last) in enumerate(((1, 31), (4, 30), (7, 30), (10, 31)), start=1):
        actions.save_cycle(
            acme,
            key=f"2026-q{n}",
            name=f"Q{n}",
            starts=date(2026, first, 1),
            ends=date(2026, first + 2, last),
            by=None,
            now=moment(0),
        )
    assert "Make a key result for each" in page(as_member, f"{PATH}/orders/break-down")
    values = {f"value_{n}": str(v) for n, v in enumerate((850, 900, 950, 1000))}
    as_member.post(f"{PATH}/orders/break-down", {**values, "save": "cycles"})
    made = KeyResult.objects.filter(title__startswith="Orders: ").order_by("cycle__starts")
    assert [(k.cycle.key, k.target) for k in made] == [
        ("2026-q1", 850),
        ("2026-q2", 900),
        ("2026-q3", 950),
        ("2026-q4", 1000),
    ]


def test_a_formulas_target_is_split_over_its_drivers(
    acme: Workspace, year: Objective, orders: Metric, member: Member, as_member: Client
) -> None:
    spend = make_metric(acme, "spend", profile={"grain": "day"})
    revenue = make_metric(acme, "revenue", profile={"grain": "day"})
    body = {"kind": "formula", "formula": "orders * spend"}
    Definition.objects.filter(metric=revenue).update(body=body)
    last = date(2026, 2, 19)
    put(spend, last - timedelta(days=3), [50.0] * 4)
    put(revenue, last - timedelta(days=3), [50.0 * (10 + n) for n in range(46, 50)])
    orders_now = orders.points.get(start=last).value
    assert orders_now == 59
    save(year, metric=revenue, baseline_typed=10.0, target=59 * 50 * 1.44)
    said = page(as_member, f"{PATH}/revenue/break-down")
    assert 'name="target_orders" value="70.8"' in said
    assert 'name="target_spend" value="60"' in said
    held = page(as_member, f"{PATH}/revenue/break-down", hold="spend")
    assert 'name="target_orders" value="84.96"' in held
    api: Api = api_of(member)
    found = api("GET", "/objectives/grow/key-results/revenue/breakdown?hold=spend")
    assert [d["metric"] for d in found["drivers"]] == ["orders", "spend"]
    assert found["drivers"][1]["suggested"] == 50
    path = f"{PATH}/revenue/break-down"
    asked = {"save": "drivers", "target_orders": "75", "target_spend": "60"}
    assert "No driver is ticked" in as_member.post(path, asked).content.decode()
    as_member.post(path, {**asked, "make_orders": "1"})
    made = KeyResult.objects.get(metric=orders)
    assert (made.target, made.cycle.key, made.due) == (75, "2026", date(2026, 12, 31))
