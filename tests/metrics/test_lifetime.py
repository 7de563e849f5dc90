"""What customers are worth: computed by the worker where somebody asked, from events to a row."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path

import numpy as np
import pytest

import headway.demo as demo
from headway.accounts import actions as accounts
from headway.accounts.models import Workspace
from headway.engine.errors import DefinitionError
from headway.engine.kinds import parse
from headway.engine.measure import scope_of
from headway.engine.period import Calendar, Grain
from headway.engine.worth import Bought
from headway.metrics import refresh as metrics
from headway.metrics.keeping import keep
from headway.metrics.lifetime import lifetime
from headway.metrics.lifetime.bought import told_of_purchases
from headway.metrics.lifetime.told import Told
from headway.metrics.models import LifetimeValue
from headway.metrics.reading import series
from headway.stats.history import CannotTell
from headway.stores.local import LocalStore
from headway.stores.reading import read_events
from tests.metrics.conftest import Import, Save, at

SAMPLE = Path(__file__).parents[1] / "stats" / "cdnow_sample.txt"
REVENUE = {"key": "revenue", "kind": "sum", "event": "order_placed", "property": "amount"}


@cache
def cdnow(as_of: datetime) -> Told:
    """The standard sample of the demo's events, through the engine."""
    events = Path(demo.__file__).with_name("cdnow.parquet")
    table = next(read_events(events, now=at("2026-01-01"))).table
    sample = SAMPLE.read_text().split()
    table = table.filter(np.isin(np.array(table["user_id"].to_pylist()), sample))
    definition = parse(REVENUE | {"lifetime": "9 months"})
    scope = scope_of(
        date(1997, 1, 1), date(1998, 7, 1), Grain.all, calendar=Calendar(), as_of=as_of,
    )  # fmt: skip
    worth = definition.worth(scope)
    assert isinstance(worth, Bought)
    return told_of_purchases(worth, LocalStore.of_table(table), Calendar(), 9)


def test_the_published_parameters_through_the_engine() -> None:
    """Fader, Hardie, Lee 2005, table 2: calibrated to 30 September 1997."""
    told = cdnow(at("1997-10-01", 0))
    assert told.outlook is not None
    model = told.outlook.model
    assert told.customers == 2357
    assert (model["r"], model["a"]) == pytest.approx((0.2426, 0.793), abs=5e-5, rel=5e-4)
    assert (model["alpha"], model["b"]) == pytest.approx((4.414, 2.426), abs=5e-4)
    assert (model["p"], model["q"], model["gamma"]) == pytest.approx((6.25, 3.74, 15.44), abs=1e-2)
    assert told.cohorts[0].size == 781
    assert told.outlook.checks[0].day == date(1997, 5, 17)


def test_what_came_later_lies_in_the_interval() -> None:
    early, late = cdnow(at("1997-10-01", 0)), cdnow(at("1998-07-01", 0))
    assert early.outlook is not None
    came = late.so_far - early.so_far
    assert early.outlook.each.low < came < early.outlook.each.high
    for before, after in zip(early.cohorts, late.cohorts, strict=True):
        assert before.ahead is not None
        assert before.ahead.low < after.so_far - before.so_far < before.ahead.high
        for old, new in zip(before.cells, after.cells, strict=True):
            assert not old.complete or (new.complete and new.value == pytest.approx(old.value))
    march = {cell.months: cell.complete for cell in early.cohorts[2].cells}
    assert march == {1: True, 2: True, 3: True, 6: True, 12: False}
    assert early.cohorts[2].cells[-1].value is not None


def test_the_worker_computes_it_where_somebody_asked(
    acme: Workspace, brought: Import, saved: Save
) -> None:
    rows = ["order_placed,2026-01-05T09:00:00Z,a,10,", "order_placed,2026-01-20T09:00:00Z,b,30,"]
    rows += ["order_placed,2026-03-02T09:00:00Z,a,20,", "order_placed,2026-03-03T09:00:00Z,,7,"]
    brought(rows)
    metric = saved(**REVENUE)
    assert run(acme, "2026-03-10") == 0
    assert lifetime.read(metric) is None
    metric = saved(**REVENUE, lifetime="6 months")
    assert metric.version == 1, "it changes no number of the series"
    assert isinstance(lifetime.read(metric), CannotTell)
    assert run(acme, "2026-03-10") == 1
    told = lifetime.read(metric)
    assert isinstance(told, Told)
    assert (told.customers, told.paid, told.nobody, told.so_far) == (2, 67.0, 7.0, 30.0)
    points = series(metric, Grain.month).points
    assert told.paid == sum(point.value or 0 for point in points)
    (january,) = told.cohorts
    assert [(c.value, c.complete) for c in january.cells] == [
        (20.0, True), (30.0, False), (30.0, False), (None, False), (None, False),
    ]  # fmt: skip
    assert told.reason == "2 customers; 100 are the least."
    assert run(acme, "2026-03-10") == 0, "nothing is computed twice"
    brought(["order_placed,2026-03-09T09:00:00Z,b,5,"])
    assert run(acme, "2026-03-10", hours=1) == 1
    assert run(acme, "2026-03-11") == 1, "customers are a day older"
    saved(**REVENUE)
    assert run(acme, "2026-03-11") == 0
    assert not LifetimeValue.objects.exists()


def test_subscriptions_by_the_ends_of_months(acme: Workspace, brought: Import, saved: Save) -> None:
    """40 come in January at 10 a month; 10 leave in February, 10 in April; one comes back."""
    rows = [f"changed,2026-01-{1 + i % 28:02d}T09:00:00Z,u{i},10," for i in range(40)]
    rows += [f"changed,2026-02-10T09:00:00Z,u{i},0," for i in range(10)]
    rows += [f"changed,2026-04-10T09:00:00Z,u{i},0," for i in range(10, 20)]
    brought([*rows, "changed,2026-04-20T09:00:00Z,u0,10,"])
    stock = {"key": "mrr", "kind": "stock", "event": "changed", "value": "amount"}
    metric = saved(**stock, lifetime="3 months")
    run(acme, "2026-05-03")
    told = lifetime.read(metric)
    assert isinstance(told, Told)
    (january,) = told.cohorts
    assert (january.size, january.staying, told.until) == (40, 21 / 40, date(2026, 5, 1))
    values = [point.value for point in series(metric, Grain.month).points][:4]
    assert values == [400.0, 300.0, 300.0, 210.0]
    assert told.paid == sum(v or 0 for v in values), (
        "cohorts sum to the stock at the ends of months"
    )
    paid = {cell.months: (cell.value, cell.complete) for cell in january.cells}
    assert paid == {
        1: (10.0, True), 2: (17.5, True), 3: (25.0, True), 6: (1210 / 40, False), 12: (None, False),
    }  # fmt: skip
    assert told.outlook is not None
    assert told.outlook.retention[:2] == pytest.approx((1.0, 31 / 40))
    assert told.outlook.each.low < told.outlook.each.mean < told.outlook.each.high


def test_where_the_past_is_not_kept_nobody_is_taken_for_new(
    acme: Workspace, brought: Import, saved: Save
) -> None:
    brought(["order_placed,2026-01-05T09:00:00Z,a,10,", "order_placed,2026-03-20T09:00:00Z,a,20,"])
    asked = saved(**REVENUE, lifetime="6 months")
    assert run(acme, "2026-03-21") == 1
    accounts.save_settings(acme, {"keep_events": "30 days"}, by=None, now=at("2026-03-21"))
    keep(acme, now=at("2026-03-21"))
    run(acme, "2026-03-22")
    assert keep(acme, now=at("2026-03-22")) == 0, "what was bought stays where somebody asked"
    late = saved(**REVENUE | {"key": "turnover", "event": ["order_placed"]}, lifetime="6 months")
    other = saved(key="orders", kind="sum", event="*", property="amount", lifetime="6 months")
    run(acme, "2026-03-23")
    told = lifetime.read(asked)
    assert isinstance(told, Told)
    assert (told.customers, told.paid) == (1, 30.0)
    assert isinstance(lifetime.read(late), Told), "of the same events"
    unknown = lifetime.read(other)
    assert isinstance(unknown, CannotTell)
    assert "who came before is not known" in unknown.reason


def test_only_amounts_have_customers(saved: Save) -> None:
    with pytest.raises(DefinitionError, match="lifetime"):
        saved(key="orders", kind="count", event="order_placed", lifetime="6 months")


def run(acme: Workspace, day: str, hours: int = 0) -> int:
    now = at(day) + timedelta(hours=hours)
    metrics.refresh(acme, now=now)
    return lifetime.refresh(acme, now=now)
