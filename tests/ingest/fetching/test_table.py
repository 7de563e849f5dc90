"""Tables of a real SQLite and a real PostgreSQL, read by a column that grows."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa
from django.conf import settings

from headway.accounts.models import Member, Workspace
from headway.ingest.actions import save_source
from headway.ingest.fetch import fetch
from headway.ingest.fetching import table
from headway.ingest.manifest.store import local_store
from headway.ingest.models import Source

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)
FIELDS: dict[str, Any] = {
    "kind": "sql", "dsn_env": "SHOP_DSN", "table": "orders", "event": "order_placed",
    "id": "id", "at": "placed", "user": "customer", "properties": {"amount": "eur", "paid": "paid"},
    "every": "1 hour",
}  # fmt: skip


def database(cluster: str) -> str:
    """A new one."""
    name = f"shop_{uuid4().hex}"
    server = sa.create_engine(
        f"{cluster.replace('postgres://', 'postgresql+psycopg://')}/postgres",
        isolation_level="AUTOCOMMIT",
    )
    with server.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    server.dispose()
    return f"{cluster}/{name}"


@pytest.fixture(params=["sqlite", "postgres"])
def shop(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    if request.param == "sqlite":
        address = f"sqlite:///{tmp_path / 'shop.db'}"
    else:
        address = database(request.getfixturevalue("cluster"))
    monkeypatch.setenv("SHOP_DSN", address)
    engine = sa.create_engine(address.replace("postgres://", "postgresql+psycopg://"))
    with engine.begin() as connection:
        connection.exec_driver_sql(
            "CREATE TABLE orders (id integer PRIMARY KEY, placed timestamp, customer integer, "
            "eur numeric(8, 2), paid boolean)"
        )
    yield engine
    engine.dispose()


def put(shop: Any, *rows: tuple[int, datetime | None]) -> None:
    with shop.begin() as connection:
        for number, at in rows:
            connection.execute(
                sa.text("INSERT INTO orders VALUES (:id, :at, 7, 12.50, true)"),
                {"id": number, "at": at and at.replace(tzinfo=None)},
            )


def test_rows_come_in_as_they_are_written_late_ones_too(
    acme: Workspace, admin: Member, shop: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(table, "ROWS_AT_ONCE", 2)
    source = save_source(acme, "shop", by=admin, now=NOW, **FIELDS)
    put(shop, *((n, NOW - timedelta(minutes=90 - n // 2)) for n in range(1, 8)), (9, None))
    assert fetch(acme, now=NOW).added == 7
    source.refresh_from_db()
    assert (source.rows, source.fetch.done_at) == (7, NOW)
    assert local_store(acme).properties == ["amount", "paid"]
    assert local_store(acme).names == [("order_placed", 7)]
    # One is written that lies a little before the last, as its transaction ended late.
    put(shop, (8, NOW - timedelta(minutes=120)), (10, NOW - timedelta(minutes=1)))
    assert fetch(acme, now=NOW + HOUR).added == 2
    assert fetch(acme, now=NOW + 2 * HOUR).added == 0
    assert "All rows up to 2026-03-02 09:29:00" in table.words(Source.objects.get().fetch.cursor)


def test_a_row_of_the_year_9999_waits_and_hides_no_other(
    acme: Workspace, admin: Member, shop: Any
) -> None:
    save_source(acme, "shop", by=admin, now=NOW, **FIELDS)
    soon = NOW + timedelta(days=3)
    put(shop, (1, NOW - HOUR), (2, datetime(9999, 12, 31, tzinfo=UTC)), (3, soon))
    assert fetch(acme, now=NOW).added == 1
    put(shop, (4, NOW + HOUR / 2), (5, NOW + HOUR / 2))
    assert fetch(acme, now=NOW + HOUR).added == 2, "of two in the same second none is lost"
    assert fetch(acme, now=soon).added == 1
    assert Source.objects.get().last_event_at == soon


def test_a_row_that_cannot_be_told_apart_is_refused(
    acme: Workspace, admin: Member, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with sqlite3.connect(tmp_path / "till.db") as till:
        till.execute("CREATE TABLE orders (id real, placed integer, customer real, eur, paid)")
        till.executemany(
            "INSERT INTO orders VALUES (?, ?, ?, ?, ?)",
            [(1, 1772356000000, 7, 2, 1), (None, 1772356000001, 7, 2, 1),
             (None, 1772356000002, 7, 2, 1), (9e999, 1772356000003, 7, 2, 1),
             (2, 1772356000004, 9e999, 2, 1), (3, 1872356000000, 7, 2, 1)],
        )  # fmt: skip
    till.close()
    monkeypatch.setenv("SHOP_DSN", f"sqlite:///{tmp_path / 'till.db'}")
    source = save_source(acme, "shop", by=admin, now=NOW, **FIELDS)
    done = fetch(acme, now=NOW)
    assert (done.added, done.problems) == (2, {})
    reasons = [one.reason for one in source.refusals.order_by("pk")]
    assert reasons == ["It has no id."] * 3 + ["2029-05-01 lies in the future."]
    monkeypatch.setattr(table, "ROWS_AT_ONCE", 2)
    save_source(acme, "again", by=admin, now=NOW, **FIELDS)
    assert "`id` is empty in many rows" in fetch(acme, now=NOW).problems["again"]


def test_a_column_of_its_own_says_what_is_new(acme: Workspace, admin: Member, shop: Any) -> None:
    save_source(acme, "shop", by=admin, now=NOW, **FIELDS, changed="id")
    put(shop, (1, NOW), (2, None))
    assert fetch(acme, now=NOW).added == 1
    source = Source.objects.get()
    assert (source.rejected, source.refusals.get().reason) == (1, "It has no time.")
    put(shop, (3, NOW - timedelta(days=9)))
    assert fetch(acme, now=NOW + HOUR).added == 1
    assert Source.objects.get().rejected == 1, "what is read again is refused once"


def test_what_is_wrong_is_said_with_the_way_out(
    acme: Workspace, admin: Member, shop: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def problem(**fields: Any) -> str:
        save_source(acme, "shop", by=admin, now=NOW, **{**FIELDS, **fields})
        return fetch(acme, now=NOW).problems["shop"]

    assert "There is no table `order`. Did you mean `orders`?" in problem(table="order")
    assert "has no column `custmer`. Did you mean `customer`?" in problem(user="custmer")
    monkeypatch.setenv("OTHER_DSN", "postgresql://nobody:s3cret@127.0.0.1:1/x")
    found = problem(dsn_env="OTHER_DSN")
    assert "could not be read" in found
    assert "s3cret" not in found
    own = settings.DATA / "headway.sqlite3"
    settings.DATA.mkdir(parents=True, exist_ok=True)
    sqlite3.connect(own).close()
    monkeypatch.setenv("OWN_DSN", f"sqlite:///{own}")
    assert "Headway keeps its own data" in problem(dsn_env="OWN_DSN")
