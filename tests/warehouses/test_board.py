"""A board over a table shows what it shows over the same events, imported."""

from __future__ import annotations

import random
from datetime import timedelta
from pathlib import Path
from typing import Any

from headway.accounts import actions as accounts
from headway.accounts.models import Workspace
from headway.ingest.actions import import_events, save_source
from headway.ingest.manifest.store import event_names, sources_of
from headway.metrics.actions import save_metric
from headway.metrics.models import Metric
from headway.metrics.refresh import refresh
from tests.metrics.conftest import Save, at
from tests.metrics.test_refresh import METRICS, everything
from tests.warehouses.conftest import Connect
from tests.warehouses.shop import Order, Shop, on, written

NOW = at("2026-01-26")


def orders_of_a_month() -> list[Order]:
    """With missing amounts and customers, and two customers who turn out to be known ones."""
    dice = random.Random(7)  # noqa: S311
    found = []
    for number in range(300):
        created = on("2026-01-03", 0) + timedelta(minutes=dice.randrange(20 * 24 * 60))
        name = dice.choice(["ordered", "ordered", "signed_up"])
        customer = dice.choice([f"u{dice.randint(1, 25)}", None])
        amount = dice.choice([None, dice.randint(1, 900) / 10])
        plan = dice.choice(["free", "pro", "team", None])
        found.append(Order(number, name, created, customer, amount, plan))
    links = [
        Order(900, "$alias", on("2026-01-12"), "u1", before="u2"),
        Order(901, "$identify", on("2026-01-13"), "u3", before="u4"),
    ]
    return [*found, *links]


def board(workspace: Workspace, source: str) -> None:
    """Inputs come before what is computed from them, as in METRICS."""
    for document in METRICS:
        named = {} if document["kind"] in ("ratio", "formula") else {"source": source}
        save_metric(workspace, {**document, **named}, by=None, now=NOW)


def test_a_table_gives_the_points_that_an_import_gives(
    acme: Workspace, any_shop: Shop, connect: Connect, tmp_path: Path
) -> None:
    orders = orders_of_a_month()
    any_shop.add(orders)
    connect(any_shop)
    board(acme, "orders")
    assert refresh(acme, now=NOW).problems == {}
    other = accounts.create_workspace("beta", "Beta", now=NOW)
    imported = save_source(other, "orders", by=None, now=NOW)
    import_events(imported, written(orders, tmp_path / "orders.csv"), by=None, now=NOW)
    board(other, "orders")
    refresh(other, now=NOW)
    there, here = everything(acme), everything(other)
    assert len(here) > 1000
    assert there == here
    assert sources_of(acme)["orders"] == sources_of(other)["orders"]


def test_a_pass_without_changes_asks_nothing_again(
    acme: Workspace, shop: Shop, connect: Connect, recorded: list[Any]
) -> None:
    shop.add(orders_of_a_month())
    connect(shop)
    board(acme, "orders")
    refresh(acme, now=NOW)
    recorded.clear()
    again = refresh(acme, now=NOW + timedelta(minutes=20))
    assert (again.points, again.metrics, recorded) == (0, (), [])
    assert acme.sources.get().probed_at == NOW + timedelta(minutes=20)


def test_a_metric_without_a_source_reads_no_warehouse(
    acme: Workspace, shop: Shop, connect: Connect, saved: Save, tmp_path: Path
) -> None:
    shop.add([Order(1, "ordered", on("2026-01-25"), "u1", 10.0)])
    connect(shop)
    local = save_source(acme, "web", by=None, now=NOW)
    rows = [Order(1, "ordered", on("2026-01-05"), "u1", 7.0), Order(2, "seen", on("2026-01-25"))]
    import_events(local, written(rows, tmp_path / "web.csv"), by=None, now=NOW)
    here = saved(key="here", kind="sum", event="ordered", property="amount")
    there = saved(key="there", kind="sum", event="ordered", property="amount", source="orders")
    both = saved(key="both", kind="ratio", numerator="there", denominator="here")
    assert refresh(acme, now=NOW).problems == {}
    assert month(here) == 7
    assert month(there) == 10
    assert month(both) == 10 / 7
    assert event_names(acme) == ["ordered", "seen"]


def test_a_warehouse_that_goes_on_keeps_no_other_source_alive(
    acme: Workspace, shop: Shop, connect: Connect, saved: Save, tmp_path: Path
) -> None:
    shop.add([Order(n, "ordered", on(f"2026-01-{n:02}"), "u1") for n in range(1, 26)])
    connect(shop)
    local = save_source(acme, "web", by=None, now=NOW)
    rows = [Order(1, "seen", on("2026-01-05"), "u1")]
    import_events(local, written(rows, tmp_path / "web.csv"), by=None, now=NOW)
    here = saved(key="here", kind="count", event="seen")
    there = saved(key="there", kind="count", event="ordered", source="orders")
    refresh(acme, now=NOW)
    assert latest(here) is None
    assert latest(there) == 1
    refresh(acme, now=at("2026-02-20"))
    assert latest(there) is None


def month(metric: Metric) -> Any:
    return metric.points.get(grain="month", segment_by="", start="2026-01-01").value


def latest(metric: Metric) -> Any:
    days = metric.points.filter(grain="day", segment_by="", complete=True)
    return days.order_by("-start").values_list("value", flat=True)[0]
