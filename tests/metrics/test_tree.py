"""A measured metric beside what its drivers make together."""

from __future__ import annotations

from datetime import date

import pytest

from headway.accounts.models import Workspace
from headway.engine.errors import DefinitionError
from headway.engine.period import Grain
from headway.metrics.drivers.tree import finding, verified
from headway.metrics.models import Metric
from headway.metrics.refresh import refresh
from tests.metrics.conftest import Import, Save, at

pytestmark = pytest.mark.django_db
SPAN = (date(2026, 1, 5), date(2026, 1, 9))


@pytest.fixture
def shop(acme: Workspace, brought: Import, saved: Save) -> Metric:
    """On the 6th b bought twice, so that customers × price is not the revenue."""
    saved(key="buyers", kind="unique", event="ordered")
    saved(key="price", kind="mean", event="ordered", property="amount")
    metric = saved(
        key="revenue", kind="sum", event="ordered", property="amount", tree="buyers * price"
    )
    on_5th = ["ordered,2026-01-05T10:00:00Z,a,10,", "ordered,2026-01-05T11:00:00Z,b,30,"]
    on_6th = ["ordered,2026-01-06T10:00:00Z,b,10,", "ordered,2026-01-06T11:00:00Z,b,10,"]
    brought([*on_5th, *on_6th, "seen,2026-01-08T10:00:00Z,b,,"])
    refresh(acme, now=at("2026-01-08"))
    return metric


def test_each_complete_period_is_verified(shop: Metric) -> None:
    found = verified(shop, Grain.day, *SPAN)
    assert [(v.point.start.day, v.point.value, v.made) for v in found] == [
        (7, 0, None),
        (6, 20, 10),
        (5, 40, 40),
    ]
    assert [v.gap for v in found] == [None, -0.5, 0]
    assert found[0].reason == "price has no value: No values of amount in this period."


def test_the_gap_is_said_in_words(shop: Metric) -> None:
    found = verified(shop, Grain.day, *SPAN)
    assert finding(found, Grain.day) == (
        "It does not hold in 1 of 2 days: the drivers make 50 % less than was measured in the day "
        "from 6 Jan 2026."
    )
    assert finding(found[2:], Grain.day) == "It holds to within 0.5 % in 1 of 1 days."
    assert finding(found[:1], Grain.day).startswith("It cannot be compared yet")


def test_a_metric_without_a_tree_has_nothing_to_verify(saved: Save) -> None:
    metric = saved(key="orders", kind="count", event="ordered")
    assert verified(metric, Grain.day, *SPAN) == []


def test_a_tree_names_metrics_and_parts_that_exist(saved: Save) -> None:
    saved(key="orders", kind="count", event="ordered")
    with pytest.raises(DefinitionError, match="`orders` has no part `new`"):
        saved(key="revenue", kind="sum", event="ordered", property="amount", tree="orders.new * 2")
