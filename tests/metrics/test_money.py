"""Amounts in several currencies, from the settings to the points."""

from __future__ import annotations

from datetime import date

import pytest

from headway.accounts.actions import save_settings
from headway.accounts.models import Workspace
from headway.metrics.models import Metric, Point
from headway.metrics.refresh import refresh
from tests.metrics.conftest import Save, at

pytestmark = pytest.mark.django_db
NOW = at("2026-01-07")


def first(metric: Metric) -> Point:
    return metric.points.get(grain="day", start=date(2026, 1, 5))


def test_another_rate_changes_the_points(acme: Workspace, saved: Save, dollars: None) -> None:
    revenue = saved(key="revenue", kind="sum", event="paid", property="amount", unit="money")
    plain = saved(key="plain", kind="sum", event="paid", property="amount")
    refresh(acme, now=NOW)
    assert (first(revenue).value, first(revenue).faults) == (10, 1)
    for rate in (0.5, 0.25):
        save_settings(acme, {"rates": {"USD": {"2026-01-01": rate}}}, by=None, now=NOW)
        refresh(acme, now=NOW)
        assert (first(revenue).value, first(revenue).faults) == (10 + 100 * rate, 0)
    save_settings(acme, {"currency": "USD", "rates": {"EUR": {"2026-01-01": 2}}}, by=None, now=NOW)
    refresh(acme, now=NOW)
    assert first(revenue).value == 110
    assert first(plain).value == 110


def test_the_unit_money_makes_a_new_version(acme: Workspace, saved: Save, dollars: None) -> None:
    """No other unit changes numbers."""
    metric = {"key": "revenue", "kind": "sum", "event": "paid", "property": "amount"}
    assert saved(**metric, unit="EUR").version == 1
    assert saved(**metric, unit="thousand").version == 1
    assert saved(**metric, unit="money").version == 2
    refresh(acme, now=NOW)
    assert first(saved(**metric, unit="money")).value == 10
    assert saved(**metric, unit="EUR").version == 3
    refresh(acme, now=NOW)
    assert first(saved(**metric, unit="EUR")).value == 110
