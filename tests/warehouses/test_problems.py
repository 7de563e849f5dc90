"""A table that cannot be read says so, where it is looked for, and holds nothing else up."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from time import monotonic
from typing import Any

import pytest

from headway.accounts.models import Member, Workspace
from headway.engine.errors import Conflict, DefinitionError, NotAllowed, StoreError
from headway.engine.period import Calendar
from headway.engine.selection import Match, Span
from headway.engine.statistics import Cells
from headway.feed.models import Change
from headway.ingest.actions import import_events, save_source
from headway.ingest.manifest.exchange import expected
from headway.ingest.manifest.store import store_for
from headway.ingest.models import Source
from headway.ingest.opening import opened
from headway.ingest.probe import glance
from headway.metrics.models import Metric
from headway.metrics.refresh import refresh
from headway.stores.patient import Patient
from tests.metrics.conftest import Save, at
from tests.postgres.cluster import free_port
from tests.warehouses.conftest import DSN_ENV, Connect
from tests.warehouses.shop import Database, Order, PostgresShop, on, written

NOW = at("2026-01-26")
SOON, LATER = NOW + timedelta(minutes=5), NOW + timedelta(minutes=20)
DAYS = [Order(d, "ordered", on(f"2026-01-{d:02}"), f"u{d}", 10.0) for d in range(5, 26)]


def problem_of(source: Source, workspace: Workspace) -> str:
    refresh(workspace, now=NOW)
    source.refresh_from_db()
    assert source.probed_at == NOW
    return source.problem


def test_a_missing_table_is_named(acme: Workspace, shop: Database, connect: Connect) -> None:
    said = problem_of(connect(shop, table="shop.order"), acme)
    assert "has no table `shop.order` that may be read. Correct the name" in said


def test_every_missing_column_is_named_with_the_nearest(
    acme: Workspace, shop: Database, connect: Connect
) -> None:
    source = connect(shop, user="custmer", properties=["amount", "colour"])
    said = problem_of(source, acme).splitlines()
    assert "has no column `custmer`. Did you mean `customer`?" in said[0]
    assert "has no column `colour`. It has `number`, `name`, `created`," in said[1]


def test_a_time_that_is_none_is_named(acme: Workspace, shop: Database, connect: Connect) -> None:
    assert "not a time" in problem_of(connect(shop, at="plan"), acme)


def test_no_connection_is_said_without_the_password(
    acme: Workspace, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = "hunter2"
    address = f"postgres://me:{secret}@127.0.0.1:{free_port()}/shop"
    monkeypatch.setenv(DSN_ENV, address)
    said = problem_of(connect(PostgresShop(address)), acme)
    assert "cannot be reached" in said
    assert "Check the address" in said
    assert secret not in said


@pytest.mark.parametrize("kind", ["postgres", "clickhouse"])
@pytest.mark.parametrize(
    "value", ["t0p-s3cret", "s = t0p-s3cret", "host= t0p-s3cret =", "postgres://me:t0p-s3cret%zz@h"]
)
def test_what_is_no_address_is_not_shown(
    acme: Workspace, connect: Connect, monkeypatch: pytest.MonkeyPatch, kind: str, value: str
) -> None:
    """A variable may hold another secret, and its name may be given by mistake."""
    monkeypatch.setenv(DSN_ENV, value)
    said = problem_of(connect(PostgresShop("", kind)), acme)
    assert said
    assert "t0p-s3cret" not in said


def test_a_variable_that_is_not_set_is_named(
    acme: Workspace, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(DSN_ENV, raising=False)
    said = problem_of(connect(PostgresShop("")), acme)
    assert said.startswith("The environment variable `ORDERS_DSN` is not set. Set it")


def test_headways_own_database_is_no_source(
    acme: Workspace, connect: Connect, postgres: PostgresShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEADWAY_DATABASE_URL", postgres.dsn)
    assert "in which Headway keeps its own data" in problem_of(connect(postgres), acme)


@pytest.mark.parametrize(
    "table",
    [
        "parquet:{}/other/web", "parquet:file://{}/other", "delta:{}", "parquet.`{}/other`",
        "parquet:{}/../events/x", "parquet:/*/{}", "parquet:{}/o*", "parquet:/",
    ],
)  # fmt: skip
def test_headways_own_files_are_no_source(
    acme: Workspace, settings: Any, now: Any, table: str
) -> None:
    fields = {"kind": "spark", "event": "e", "id": "id", "at": "at"}
    place = table.format(settings.STORE)
    source = save_source(acme, "files", by=None, now=now, table=place, **fields)
    assert "is where Headway keeps its own data" in problem_of(source, acme)


def test_a_query_that_takes_too_long_is_ended_and_says_so(
    acme: Workspace, postgres: PostgresShop, connect: Connect, saved: Save
) -> None:
    postgres.add(DAYS)
    postgres.run("CREATE VIEW shop.slow AS SELECT *, pg_sleep(1)::text AS pause FROM shop.orders")
    source = connect(postgres, table="shop.slow", timeout="2 s", properties=["pause"])
    metric = saved(key="orders", kind="count", event="ordered", source="orders")
    assert "did not answer within 2 s. Give the source a longer time-out" in problem_of(
        source, acme
    )
    metric.refresh_from_db()
    assert "did not answer within 2 s" in metric.problem


def test_a_role_that_may_write_cannot(postgres: PostgresShop, connect: Connect) -> None:
    postgres.add(DAYS)
    definition = connect(postgres).definition
    store = opened(definition)
    for sql in ("DELETE FROM shop.orders", "CREATE TABLE shop.more (n int)"):
        with pytest.raises(StoreError, match="read-only"):
            store.rows(sql)  # type: ignore[attr-defined]
    assert store.extent().rows == len(DAYS)
    store.close()


@pytest.fixture
def web(acme: Workspace, tmp_path: Path, saved: Save) -> Metric:
    """A metric over imported events, beside whatever else there is."""
    source = save_source(acme, "web", by=None, now=NOW)
    rows = [Order(d, "seen", on(f"2026-01-{d:02}")) for d in range(20, 26)]
    import_events(source, written(rows, tmp_path / "web.csv"), by=None, now=NOW)
    return saved(key="seen", kind="count", event="seen")


def test_a_dead_warehouse_holds_nothing_else_up(
    acme: Workspace,
    postgres: PostgresShop,
    connect: Connect,
    saved: Save,
    web: Metric,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    postgres.add(DAYS)
    source = connect(postgres)
    orders = saved(key="orders", kind="count", event="ordered", source="orders")
    share = saved(key="share", kind="formula", formula="orders / seen")
    refresh(acme, now=NOW)
    kept = list(orders.points.order_by("pk").values_list("start", "value"))
    orders.points.filter(start__lt="2026-01-20").update(value=-1)
    address = f"postgres://me@127.0.0.1:{free_port()}/shop"
    monkeypatch.setenv(DSN_ENV, address)
    tomorrow = NOW + timedelta(days=1)
    found = refresh(acme, now=tomorrow)
    assert set(found.problems) == {"orders", "share"}
    assert found.problems["orders"].startswith("source `orders`: 127.0.0.1/shop: PostgreSQL")
    assert web.points.filter(grain="day", start="2026-01-27").exists()
    assert [start for start, _ in kept] == list(
        orders.points.order_by("pk").values_list("start", flat=True)
    )
    for metric in (orders, share):
        metric.refresh_from_db()
        assert "cannot be reached" in metric.problem
    again = refresh(acme, now=tomorrow + timedelta(seconds=5))
    assert (again.metrics, set(again.problems)) == ((), {"orders", "share"})

    monkeypatch.setenv(DSN_ENV, postgres.dsn)
    assert refresh(acme, now=tomorrow + timedelta(minutes=16)).problems == {}
    source.refresh_from_db()
    orders.refresh_from_db()
    assert (source.problem, orders.problem) == ("", "")
    assert orders.points.filter(grain="day", start="2026-01-27").exists()
    assert set(
        orders.points.filter(grain="day", start__lt="2026-01-20").values_list("value", flat=True)
    ) == {-1}
    flips = Change.objects.filter(subject="source:orders", what="problem").order_by("at")
    assert [bool(flip.after) for flip in flips] == [True, False]


def test_what_changed_while_a_source_was_dead_is_not_missed(
    acme: Workspace,
    postgres: PostgresShop,
    connect: Connect,
    saved: Save,
    web: Metric,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    postgres.add(DAYS)
    connect(postgres)
    saved(key="orders", kind="count", event="ordered", source="orders")
    share = saved(key="share", kind="formula", formula="orders / seen")
    refresh(acme, now=NOW)
    monkeypatch.delenv(DSN_ENV)
    late = written([Order(99, "seen", on("2026-01-22"))], tmp_path / "late.csv")
    import_events(acme.sources.get(key="web"), late, by=None, now=LATER)
    refresh(acme, now=LATER)
    assert share.points.get(grain="day", start="2026-01-22").value == 1
    monkeypatch.setenv(DSN_ENV, postgres.dsn)
    refresh(acme, now=LATER + timedelta(minutes=20))
    assert share.points.get(grain="day", start="2026-01-22").value == 0.5


def test_a_metric_that_takes_too_long_waits_for_the_next_look(
    acme: Workspace, postgres: PostgresShop, connect: Connect, saved: Save, recorded: list[Any]
) -> None:
    """Otherwise a worker would ask the same heavy question every few seconds."""
    postgres.add(DAYS)
    connect(postgres)
    metric = saved(key="orders", kind="count", event="ordered", source="orders")
    refresh(acme, now=NOW)
    Metric.objects.update(refreshed_version=0, problem="It took too long.")
    recorded.clear()
    assert refresh(acme, now=SOON).problems == {"orders": "It took too long."}
    assert recorded == []
    refresh(acme, now=LATER)
    metric.refresh_from_db()
    assert (metric.problem, bool(recorded)) == ("", True)


def test_a_new_definition_does_not_wait(
    acme: Workspace, postgres: PostgresShop, connect: Connect, saved: Save
) -> None:
    postgres.add(DAYS)
    connect(postgres)
    saved(key="orders", kind="count", event="ordered", source="orders")
    refresh(acme, now=NOW)
    Metric.objects.update(refreshed_version=0, problem="It took too long.")
    saved(key="orders", kind="count", event=["ordered", "paid"], source="orders")
    assert refresh(acme, now=SOON).problems == {}


def test_a_preview_of_an_unreadable_source_says_why_at_once(
    acme: Workspace, shop: Database, connect: Connect
) -> None:
    source = connect(shop, table="shop.order")
    problem_of(source, acme)
    with store_for(acme) as store, pytest.raises(StoreError, match=r"no table `shop\.order`"):
        store.run(Cells(Span(Calendar(), 0, 1, "orders"), Match(), None))


def test_who_waits_for_a_slow_table_waits_for_a_time_only(
    acme: Workspace, postgres: PostgresShop, connect: Connect
) -> None:
    postgres.add(DAYS)
    postgres.run("CREATE VIEW shop.slow AS SELECT *, pg_sleep(1)::text AS pause FROM shop.orders")
    connect(postgres, table="shop.slow", properties=["pause"])
    span = Span(Calendar(), 20_000, 21_000, "orders")
    started = monotonic()
    with (
        store_for(acme) as store,
        store.apart() as apart,
        Patient(apart, 1) as patient,
        pytest.raises(StoreError, match="takes longer than 1 seconds"),
    ):
        patient.run(Cells(span, Match(), "pause"))
    assert monotonic() - started < 5


def test_a_time_that_no_calendar_has_is_named(
    acme: Workspace, postgres: PostgresShop, connect: Connect, web: Metric
) -> None:
    postgres.run("INSERT INTO shop.orders VALUES (1, 'ordered', '22222-01-01T00:00Z')")
    assert "outside the years 1 to 9999. Correct its time" in problem_of(connect(postgres), acme)
    assert web.points.exists()


def test_what_nobody_expected_of_a_driver_is_logged_not_shown() -> None:
    with pytest.raises(StoreError) as caught, expected("orders"):
        raise ZeroDivisionError("hunter2")
    assert str(caught.value) == (
        "source `orders`: Something unexpected happened: ZeroDivisionError. The log says more."
    )


def test_a_glance_shows_what_is_there_and_keeps_nothing(
    acme: Workspace, shop: Database, connect: Connect
) -> None:
    shop.add(DAYS)
    found = glance(connect(shop).definition)
    assert found.extent is not None
    assert (found.problems, found.names) == ((), (("ordered", 21),))
    assert (found.extent.rows, found.extent.first_at) == (21, on("2026-01-05"))
    assert acme.sources.get().probed_at is None


def test_a_glance_at_nothing_says_what_is_wrong(shop: Database, connect: Connect) -> None:
    [said] = glance(connect(shop, id="nmber").definition).problems
    assert "Did you mean `number`?" in said


def test_tables_are_connected_by_admins(
    acme: Workspace, member: Member, admin: Member, now: Any
) -> None:
    fields = {"kind": "postgres", "dsn_env": DSN_ENV, "table": "t", "event": "e", "id": "i"}
    with pytest.raises(NotAllowed):
        save_source(acme, "s", by=member, now=now, **fields, at="at")
    made = save_source(acme, "s", by=admin, now=now, **fields, at="at")
    with pytest.raises(NotAllowed):
        save_source(acme, "s", by=member, now=now)
    assert made.definition.mapped.table == "t"


def test_a_wrong_source_is_refused_with_its_field(acme: Workspace, now: Any) -> None:
    with pytest.raises(DefinitionError) as caught:
        save_source(acme, "s", by=None, now=now, kind="postgres", table="t")
    assert (caught.value.where, caught.value.message) == ("dsn_env", "`dsn_env` is missing.")


def test_nothing_is_imported_into_a_table(
    postgres: PostgresShop, connect: Connect, tmp_path: Path
) -> None:
    source = connect(postgres)
    with pytest.raises(Conflict, match="nothing is imported into it"):
        import_events(source, written(DAYS, tmp_path / "x.csv"), by=None, now=NOW)


def test_imported_events_keep_their_source(acme: Workspace, web: Metric) -> None:
    fields = {"kind": "postgres", "dsn_env": DSN_ENV, "table": "t", "event": "e", "id": "i"}
    with pytest.raises(Conflict, match="has events of kind `ingest`"):
        save_source(acme, "web", by=None, now=NOW, **fields, at="at")
