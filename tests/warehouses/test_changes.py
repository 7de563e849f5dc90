"""What changed in a table moves the points that it influences, and only those are read again."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from headway.accounts.models import Workspace
from headway.engine.period import day_number
from headway.engine.statistics import Statistic
from headway.feed.models import Change
from headway.ingest.actions import probe_again
from headway.ingest.models import ChangedDays, Fingerprint
from headway.metrics.models import Metric
from headway.metrics.refresh import refresh
from tests.metrics.conftest import Save
from tests.metrics.test_refresh import everything, from_scratch
from tests.warehouses.conftest import Connect
from tests.warehouses.shop import Database, Order, PostgresShop, on
from tests.warehouses.test_board import NOW, board, orders_of_a_month

LATER = NOW + timedelta(minutes=20)
STALE = -1.0


@pytest.fixture
def orders(acme: Workspace, postgres: PostgresShop, connect: Connect, saved: Save) -> Metric:
    """Two orders a day up to today, counted, and every point then made recognisable."""
    days = [date(2026, 1, 4) + timedelta(days=n) for n in range(23)]
    pairs = [(day, half) for day in days for half in (0, 1)]
    postgres.add(
        Order(n, "ordered", on(str(day), 7 + half), f"u{n}", 10.0)
        for n, (day, half) in enumerate(pairs)
    )
    connect(postgres)
    metric = saved(key="orders", kind="count", event="ordered", source="orders")
    refresh(acme, now=NOW)
    metric.points.update(value=STALE)
    return metric


def written_days(metric: Metric) -> dict[date, float | None]:
    """The days that were computed since."""
    days = metric.points.filter(grain="day").exclude(value=STALE)
    return dict(days.order_by("start").values_list("start", "value"))


@pytest.mark.parametrize(
    ("change", "value"),
    [
        ("INSERT INTO shop.orders VALUES (900, 'ordered', '2026-01-12T10:00Z')", 3),
        ("DELETE FROM shop.orders WHERE created::date = '2026-01-12'", 0),
        ("UPDATE shop.orders SET name = 'gone' WHERE created = '2026-01-12T07:00Z'", 1),
        ("UPDATE shop.orders SET plan = 'pro' WHERE created = '2026-01-12T07:00Z'", 2),
    ],
    ids=["came late", "vanished", "renamed", "property"],
)
def test_only_the_day_that_changed_is_computed_again(
    acme: Workspace,
    orders: Metric,
    postgres: PostgresShop,
    recorded: list[Statistic],
    change: str,
    value: float,
) -> None:
    postgres.run(f"SET TimeZone = 'UTC'; {change}")
    refresh(acme, now=LATER)
    day = date(2026, 1, 12)
    assert written_days(orders) == {day: value}
    weeks = orders.points.filter(grain="week").exclude(value=STALE)
    assert [w.start for w in weeks] == [day]
    [statistic] = recorded  # one question for every grain: the year so far
    first, today = day_number(date(2026, 1, 4)), day_number(date(2026, 1, 26))
    assert first <= statistic.span.start < statistic.span.end <= today + 1
    assert not ChangedDays.objects.exists()


def test_rows_that_go_from_one_day_to_another_change_both(
    acme: Workspace, orders: Metric, postgres: PostgresShop
) -> None:
    postgres.run(
        "UPDATE shop.orders SET created = created + interval '3 days' "
        "WHERE created = '2026-01-12T07:00Z'"
    )
    refresh(acme, now=LATER)
    assert written_days(orders) == {date(2026, 1, 12): 1, date(2026, 1, 15): 3}


def test_nothing_is_looked_at_before_its_time(
    acme: Workspace, orders: Metric, postgres: PostgresShop
) -> None:
    postgres.add([Order(900, "ordered", on("2026-01-12"))])
    refresh(acme, now=NOW + timedelta(minutes=14))
    assert written_days(orders) == {}
    probe_again(acme.sources.get(), by=None)
    refresh(acme, now=NOW + timedelta(minutes=14))
    assert written_days(orders) == {date(2026, 1, 12): 3}


def test_every_says_how_often(acme: Workspace, orders: Metric, connect: Connect) -> None:
    shop = PostgresShop("", "postgres")
    source = connect(shop, every="2 hours")
    refresh(acme, now=NOW)
    source.refresh_from_db()
    assert not source.due(NOW + timedelta(minutes=119))
    assert source.due(NOW + timedelta(minutes=120))


def test_another_mapping_looks_at_every_day(
    acme: Workspace, orders: Metric, connect: Connect, postgres: PostgresShop
) -> None:
    connect(postgres, properties=["amount"])
    refresh(acme, now=NOW + timedelta(minutes=1))
    assert len(written_days(orders)) == 23
    said = Change.objects.get(subject="source:orders", what="properties")
    assert said.before == "amount (amount), plan (plan), previous_id (before)"
    assert said.after == "amount"


def test_an_alias_moves_the_whole_past(
    acme: Workspace, shop: Database, connect: Connect, saved: Save
) -> None:
    days = range(5, 26)
    shop.add(
        Order(10 * d + who, "seen", on(f"2026-01-{d:02}"), f"u{who}")
        for d in days
        for who in (1, 2)
    )
    connect(shop)
    people = saved(key="people", kind="unique", event="seen", source="orders")
    refresh(acme, now=NOW)
    shop.add([Order(900, "$alias", on("2026-01-25"), "u1", before="u2")])
    refresh(acme, now=LATER)
    values = people.points.filter(grain="day", complete=True).values_list("value", flat=True)
    assert set(values) == {1}


def test_a_trait_said_late_holds_from_its_day_on(
    acme: Workspace, shop: Database, connect: Connect, saved: Save
) -> None:
    shop.add(Order(d, "seen", on(f"2026-01-{d:02}"), "u1") for d in range(5, 26))
    connect(shop)
    pro = saved(key="pro", kind="count", event="seen", where={"plan": "pro"}, source="orders")
    refresh(acme, now=NOW)
    shop.add([Order(900, "$identify", on("2026-01-10", 1), "u1", plan="pro")])
    refresh(acme, now=LATER)
    found = pro.points.filter(grain="day", complete=True).values_list("start", "value")
    assert {start.day: value for start, value in found} == {d: float(d >= 10) for d in range(5, 26)}
    shop.run(
        "DELETE FROM shop.orders WHERE number = 900"
        if shop.kind == "postgres"
        else "ALTER TABLE shop.orders DELETE WHERE number = 900 SETTINGS mutations_sync = 1"
    )
    refresh(acme, now=LATER + timedelta(minutes=20))
    assert set(pro.points.filter(grain="day").values_list("value", flat=True)) == {0}


def test_the_source_learns_as_from_imports(
    acme: Workspace, orders: Metric, postgres: PostgresShop
) -> None:
    source = acme.sources.get()
    assert (source.rows, source.first_event_at) == (46, on("2026-01-04", 7))
    assert (source.last_event_at, source.gap_days) == (on("2026-01-26", 8), 2)
    assert source.names == [["ordered", 46]]
    postgres.run("DELETE FROM shop.orders WHERE created > '2026-01-20T00:00Z'")
    refresh(acme, now=LATER)
    source.refresh_from_db()
    assert (source.rows, source.last_event_at) == (32, on("2026-01-19", 8))
    assert Fingerprint.objects.filter(source=source).count() == 16
    unknown = orders.points.filter(grain="day", value=None).values_list("start", flat=True)
    assert sorted(unknown) == [date(2026, 1, day) for day in range(22, 27)]


def test_changes_leave_what_a_fresh_computation_gives(
    acme: Workspace, postgres: PostgresShop, connect: Connect
) -> None:
    postgres.add(orders_of_a_month())
    connect(postgres)
    board(acme, "orders")
    refresh(acme, now=NOW)
    for n, change in enumerate(CHANGES):
        postgres.run(change)
        assert refresh(acme, now=NOW + timedelta(hours=n + 1)).problems == {}
    incremental = everything(acme)
    assert incremental == from_scratch(acme, NOW + timedelta(hours=len(CHANGES)))


CHANGES = [
    "INSERT INTO shop.orders VALUES (800, 'ordered', '2026-01-08T10:00Z', 'u5', 12.5, 'pro')",
    "UPDATE shop.orders SET customer = 'u7' WHERE customer = 'u6'",
    "DELETE FROM shop.orders WHERE created < '2026-01-05T00:00Z'",
    "INSERT INTO shop.orders VALUES (902, '$alias', '2026-01-09T10:00Z', 'u8', NULL, NULL, 'u9')",
    "DELETE FROM shop.orders WHERE number = 900",
    "INSERT INTO shop.orders VALUES (801, 'ordered', '2026-01-02T10:00Z', 'u5', 1, 'enterprise')",
]


def test_a_first_look_at_an_empty_table_is_no_mistake(
    acme: Workspace, shop: Database, connect: Connect, saved: Save
) -> None:
    source = connect(shop)
    metric = saved(key="orders", kind="count", event="ordered", source="orders")
    assert refresh(acme, now=NOW).problems == {}
    source.refresh_from_db()
    assert (source.rows, source.problem, source.last_event_at) == (0, "", None)
    assert set(metric.points.values_list("value", flat=True)) == {None}
    shop.add([Order(1, "ordered", on("2026-01-25"))])
    refresh(acme, now=LATER)
    assert metric.points.get(grain="day", start="2026-01-25").value == 1
