"""What moved a metric between two periods: drivers, drivers of drivers, trees and segments."""

from __future__ import annotations

import math
from datetime import date
from typing import Any

import pytest

from headway.accounts.models import Workspace
from headway.engine.errors import InputError, NotFound
from headway.engine.period import Calendar, Grain
from headway.metrics.drivers.drivers import (
    REST,
    Moved,
    Span,
    asked,
    latest,
    moved,
    moved_by,
    period_of,
)
from headway.metrics.models import Metric
from headway.metrics.refresh import refresh
from tests.metrics.conftest import Import, Save, at

pytestmark = pytest.mark.django_db
SPAN = Span(Grain.day, date(2026, 1, 5), date(2026, 1, 6))


@pytest.fixture
def shop(acme: Workspace, brought: Import, saved: Save) -> dict[str, Metric]:
    """On the 5th two people buy for 20 each; on the 6th three orders of 15, by two people."""
    ordered = {"event": "ordered"}
    documents: list[dict[str, Any]] = [
        {"key": "buyers", "kind": "unique", **ordered, "segments": ["plan"]},
        {"key": "orders", "kind": "count", **ordered, "segments": ["plan"]},
        {"key": "typical", "kind": "quantile", **ordered, "property": "amount", "q": 0.5},
        {"key": "often", "kind": "formula", "formula": "orders / buyers"},
        {"key": "taken", "kind": "sum", **ordered, "property": "amount"},
        {"key": "price", "kind": "formula", "formula": "taken / orders"},
        {"key": "pro", "kind": "share", "event": "ordered", "where": {"plan": "pro"},
         "of": {"event": "ordered"}, "segments": ["plan"]},
        {"key": "growth", "kind": "formula", "formula": "orders - lag(orders, 1)"},
        {"key": "revenue", "kind": "sum", **ordered, "property": "amount",
         "tree": "buyers * often * typical"},
    ]  # fmt: skip
    made = {str(d["key"]): saved(**d) for d in documents}
    rows = [
        ("2026-01-04", "z", 5, "pro"),
        ("2026-01-05", "a", 20, "pro"),
        ("2026-01-05", "b", 20, "free"),
        ("2026-01-06", "a", 15, "pro"),
        ("2026-01-06", "a", 15, "free"),
        ("2026-01-06", "b", 18, "free"),
        ("2026-01-08", "b", 1, "free"),
    ]
    brought([f"ordered,{day}T10:0{i}:00Z,{who},{x},{p}" for i, (day, who, x, p) in enumerate(rows)])
    refresh(acme, now=at("2026-01-08"))
    return made


def total(found: Moved) -> float:
    return math.fsum(part.share for part in found.split.parts)


def test_a_tree_and_the_formulas_below_it(
    shop: dict[str, Metric], django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(4):  # one for each level, and the points
        found = moved(shop["revenue"], SPAN)
    assert (found.before.value, found.after.value, found.complete) == (40, 48, True)
    assert [p.name for p in found.split.parts] == ["buyers", "often", "typical", REST]
    assert found.split.method == "log-mean"
    assert total(found) == pytest.approx(8, abs=1e-12)
    assert found.split.parts[-1].share == pytest.approx(48 - 45)
    often = found.of("often")
    assert often is not None
    assert [(p.name, p.before, p.after) for p in often.split.parts] == [
        ("orders", 2, 3),
        ("buyers", 2, 2),
    ]
    assert total(often) == pytest.approx(0.5)
    assert found.of("buyers") is None


def test_a_formula_that_looks_back(shop: dict[str, Metric]) -> None:
    found = moved(shop["growth"], SPAN)
    assert [(p.name, p.before, p.after, p.share) for p in found.split.parts] == [
        ("orders", 2, 3, 1),
        ("lag(orders, 1)", 1, 2, -1),
    ]


def test_what_is_measured_has_no_drivers_and_unknown_is_said(shop: dict[str, Metric]) -> None:
    assert (moved(shop["orders"], SPAN).formula, moved(shop["orders"], SPAN).split.parts) == (
        "",
        (),
    )
    gap = Span(Grain.day, date(2026, 1, 6), date(2026, 1, 7))
    found = moved(shop["price"], gap)
    assert found.split.parts == ()
    assert found.split.change is None
    assert found.split.reason == "Divided by zero."


def test_segments_that_add_up_overlap_and_weigh(shop: dict[str, Metric]) -> None:
    orders = moved_by(shop["orders"], SPAN, "plan")
    assert {p.name: p.share for p in orders.parts} == {"free": 1, "pro": 0}
    buyers = moved_by(shop["buyers"], SPAN, "plan")
    assert {p.name: p.share for p in buyers.parts} == {
        "free": 1,
        "pro": 0,
        "in several segments": -1,
    }
    share = moved_by(shop["pro"], SPAN, "plan")
    assert share.method == "weights"
    assert math.fsum(p.share for p in share.parts) == pytest.approx(1 / 3 - 1 / 2)
    with pytest.raises(NotFound, match="Did you mean `plan`"):
        moved_by(shop["orders"], SPAN, "plans")


def test_periods_by_their_names(shop: dict[str, Metric]) -> None:
    calendar = Calendar()
    named = (("2026", Grain.year), ("2026-q3", Grain.quarter), ("2026-09", Grain.month))
    assert [period_of(text, grain, calendar).isoformat() for text, grain in named] == [
        "2026-01-01",
        "2026-07-01",
        "2026-09-01",
    ]
    assert period_of("2026-09-16", Grain.week, calendar) == date(2026, 9, 14)
    for text in ("soon", "2026-q5", "2026-13", ""):
        with pytest.raises(InputError, match="is not a period"):
            period_of(text, Grain.month, calendar)
    with pytest.raises(InputError, match="is a quarter, and the numbers are asked by week"):
        asked(shop["orders"], Grain.week, "", "2026-q1")
    assert asked(shop["orders"], None, "", "2026-q1") == Span(
        Grain.quarter, date(2025, 10, 1), date(2026, 1, 1)
    )
    assert asked(shop["orders"], Grain.day, "2026-01-04", "") == Span(
        Grain.day, date(2026, 1, 4), date(2026, 1, 7)
    )
    with pytest.raises(InputError, match="No quarter of Orders is complete yet"):
        asked(shop["orders"], Grain.quarter, "", "")
    assert [p.start.day for p in latest(shop["price"], Grain.day, 3)] == [8, 6, 5]
