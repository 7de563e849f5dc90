"""A table of orders in a real database, and a workspace that reads it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from headway.accounts.models import Workspace
from headway.engine.statistics import Statistic
from headway.ingest.actions import save_source
from headway.ingest.manifest.exchange import Exchange
from headway.ingest.models import Source
from headway.metrics.actions import save_metric
from headway.metrics.models import Metric
from tests.metrics.conftest import Save
from tests.postgres.conftest import database
from tests.warehouses.shop import MAPPED, ClickHouseShop, Database, PostgresShop, Shop, SparkShop

Connect = Callable[..., Source]
DSN_ENV = "ORDERS_DSN"


@pytest.fixture
def postgres(cluster: str, monkeypatch: pytest.MonkeyPatch) -> PostgresShop:
    shop = PostgresShop(database(cluster))
    shop.open()
    monkeypatch.setenv(DSN_ENV, shop.dsn)
    return shop


@pytest.fixture
def clickhouse(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ClickHouseShop:
    pytest.importorskip("chdb")
    shop = ClickHouseShop(f"chdb:{tmp_path / 'clickhouse'}")
    shop.open()
    monkeypatch.setenv(DSN_ENV, shop.dsn)
    return shop


@pytest.fixture
def spark(tmp_path: Path) -> SparkShop:
    pytest.importorskip("pyspark")
    return SparkShop(tmp_path / "orders")


@pytest.fixture(params=["postgres", "clickhouse"])
def shop(request: pytest.FixtureRequest) -> Database:
    found: Database = request.getfixturevalue(request.param)
    return found


@pytest.fixture(params=["postgres", "clickhouse", pytest.param("spark", marks=pytest.mark.slow)])
def any_shop(request: pytest.FixtureRequest) -> Shop:
    found: Shop = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def recorded(monkeypatch: pytest.MonkeyPatch) -> list[Statistic]:
    """Every statistic that is asked of a store from now on, in order."""
    found: list[Statistic] = []
    run = Exchange.run

    def recording(self: Exchange, statistic: Statistic) -> pa.Table:
        found.append(statistic)
        return run(self, statistic)

    monkeypatch.setattr(Exchange, "run", recording)
    return found


@pytest.fixture
def saved(acme: Workspace, now: datetime) -> Save:
    def save(**document: Any) -> Metric:
        return save_metric(acme, document, by=None, now=now)

    return save


@pytest.fixture
def connect(acme: Workspace, now: datetime) -> Connect:
    """Makes the shop's table the source `orders` of the workspace."""

    def make(shop: Shop, **fields: Any) -> Source:
        place = {"master": "local[1]"} if shop.kind == "spark" else {"dsn_env": DSN_ENV}
        given = {"kind": shop.kind, "table": shop.table, **place, **MAPPED, **fields}
        return save_source(acme, "orders", by=None, now=now, **given)

    return make
