"""`headway check`, and sources as files."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from django.conf import settings

from headway.accounts.models import Workspace
from headway.cli import main
from headway.files.export import write
from headway.files.plan import plan
from headway.files.reading import read
from headway.files.state import known_in
from headway.ingest.actions import import_events, save_source
from headway.metrics.actions import save_metric
from tests.metrics.conftest import Save, at
from tests.postgres.cluster import free_port
from tests.warehouses.conftest import DSN_ENV, Connect
from tests.warehouses.shop import Order, PostgresShop, on, written

Run = Callable[..., str]
NOW = at("2026-01-26")
DEFINITIONS = """
workspace: {{key: acme, name: Acme}}
sources:
  - {{key: web}}
  - key: orders
    kind: postgres
    dsn_env: ORDERS_DSN
    table: shop.orders
    event: order_placed
    id: number
    at: created
    user: {user}
    properties: [amount, plan]
    timeout: 5 s
metrics:
  - {{key: orders, kind: count, source: orders, event: {event}, segments: [plan]}}
  - {{key: revenue, kind: sum, source: orders, event: order_placed, property: {property}}}
"""
RIGHT = {"user": "customer", "event": "order_placed", "property": "amount"}


@pytest.fixture
def headway() -> Run:
    # The tests' database lies in memory; commands look for its file before they open it.
    settings.DATA.mkdir(parents=True, exist_ok=True)
    (settings.DATA / "headway.sqlite3").touch()

    def run(*words: object, exits: int = 0) -> str:
        done = CliRunner().invoke(main, [*map(str, words)], prog_name="headway")
        assert done.exit_code == exits, done.output
        return done.output

    return run


@pytest.fixture
def file(tmp_path: Path) -> Callable[..., Path]:
    def make(**words: str) -> Path:
        path = tmp_path / "definitions.yml"
        path.write_text(DEFINITIONS.format(**{**RIGHT, **words}))
        return path

    return make


def test_right_files_over_a_right_table(
    headway: Run, acme: Workspace, postgres: PostgresShop, file: Callable[..., Path]
) -> None:
    postgres.add([Order(1, "any", on("2026-01-05"), "u1", 5.0)])
    assert headway("check", file()) == "Nothing is wrong.\n"


def test_what_is_wrong_is_said_line_by_line(
    headway: Run, acme: Workspace, postgres: PostgresShop, file: Callable[..., Path]
) -> None:
    postgres.add([Order(1, "any", on("2026-01-05"), "u1", 5.0)])
    assert headway("check", file(user="custmer"), exits=1) == (
        "problem  source orders: `shop.orders` has no column `custmer`. Did you mean `customer`?\n"
        "1 problem.\n"
    )
    wrong = file(event="order_plcaed", property="amuont")
    expected = (
        "notice   metric orders: No event `order_plcaed` has been seen in `orders`. "
        "Did you mean `order_placed`?\n"
        "notice   metric revenue: No property `amuont` has been seen in `orders`. "
        "Did you mean `amount`?\n"
        "2 notices.\n"
    )
    assert headway("check", wrong) == expected
    assert headway("check", wrong, "--strict", exits=1) == expected
    rows = json.loads(headway("check", wrong, "--format", "json"))
    assert [row["subject"] for row in rows] == ["metric:orders", "metric:revenue"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("table: shop.orders", "table: shop.order"),
        ("timeout: 5 s", "timeout: 1 s"),
    ],
)
def test_other_problems_of_tables(
    headway: Run,
    acme: Workspace,
    postgres: PostgresShop,
    file: Callable[..., Path],
    words: str,
    said: str,
) -> None:
    postgres.add([Order(1, "any", on("2026-01-05"), "u1", 5.0)])
    slow = "(SELECT 1 FROM pg_sleep(3)) = 1"
    postgres.run(f"CREATE VIEW shop.slow AS SELECT * FROM shop.orders WHERE {slow}")
    path = file()
    text = path.read_text().replace(words, said)
    path.write_text(text.replace("shop.orders", "shop.slow") if "1 s" in said else text)
    found = headway("check", path, exits=1)
    assert ("no table `shop.order`" in found) or ("did not answer within 1 s" in found)
    assert found.endswith("1 problem.\n")


def test_no_connection_and_no_variable(
    headway: Run, acme: Workspace, file: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(DSN_ENV, f"postgres://me:hunter2@127.0.0.1:{free_port()}/shop")
    found = headway("check", file(), exits=1)
    assert "PostgreSQL cannot be reached" in found
    assert "hunter2" not in found
    monkeypatch.delenv(DSN_ENV)
    assert "The environment variable `ORDERS_DSN` is not set." in headway("check", file(), exits=1)


def test_a_mistake_in_a_file_is_told_with_its_line(
    headway: Run, acme: Workspace, file: Callable[..., Path]
) -> None:
    path = file(event="[1]")
    path.write_text(path.read_text().replace("kind: sum", "kind: summ"))
    assert "definitions.yml:17: metrics[revenue].kind" in headway("check", path, exits=1)


def test_the_workspace_itself(
    headway: Run,
    acme: Workspace,
    postgres: PostgresShop,
    connect: Connect,
    saved: Save,
    tmp_path: Path,
) -> None:
    assert headway("check") == "Nothing is wrong.\n"
    postgres.add([Order(1, "ordered", on("2026-01-05"), "u1", 5.0)])
    connect(postgres)
    web = save_source(acme, "web", by=None, now=NOW)
    path = written([Order(1, "seen", on("2026-01-05"), "u1")], tmp_path / "web.csv")
    import_events(web, path, by=None, now=NOW)
    saved(key="good", kind="count", event="ordered", source="orders")
    saved(key="here", kind="count", event="ordered")
    saved(key="any", kind="unique", event="any", segments=["colour"], source="orders")
    assert headway("check") == (
        "notice   metric any: No property `colour` has been seen in `orders`. "
        "There are: `amount`, `plan`, `previous_id`.\n"
        "notice   metric here: No event `ordered` has been seen yet. There are: `seen`.\n"
        "2 notices.\n"
    )


def test_files_are_checked_where_there_is_no_headway(
    postgres: PostgresShop, file: Callable[..., Path], tmp_path: Path
) -> None:
    postgres.add([Order(1, "any", on("2026-01-05"), "u1", 5.0)])
    environ = {**os.environ, "HEADWAY_DATA": str(tmp_path / "none"), DSN_ENV: postgres.dsn}
    command = [sys.executable, "-m", "headway", "check", file(event="ordered")]
    said = subprocess.run(command, env=environ, capture_output=True, text=True, timeout=60)
    assert (said.returncode, said.stderr) == (0, "")
    assert "No event `ordered` has been seen in `orders`." in said.stdout
    assert not (tmp_path / "none").exists()


SOURCES: tuple[dict[str, Any], ...] = (
    {"key": "plain"},
    {"key": "named", "name": "The shop", "usual_gap_days": 5},
    {
        "key": "orders", "kind": "postgres", "dsn_env": "ORDERS_DSN", "table": "shop.orders",
        "event": "order_placed", "id": "order_id", "at": "created_at", "user": "customer_id",
        "account": "company", "properties": ["country", "amount", "plan"],
    },
    {
        "key": "hits", "kind": "clickhouse", "dsn_env": "HITS_DSN", "table": "web.hits",
        "event_column": "name", "id": "id", "at": "time", "timeout": "2 minutes",
        "properties": {"page": "url_path", "ref": "ref"}, "every": "1 hour",
    },
    {
        "key": "clicks", "kind": "spark", "master": "spark://host:7077",
        "table": "parquet:/data/clicks", "event": "click", "id": "id", "at": "at",
    },
)  # fmt: skip


def test_an_export_of_every_kind_of_source_changes_nothing(
    acme: Workspace, tmp_path: Path, now: Any
) -> None:
    for fields in SOURCES:
        save_source(acme, by=None, now=now, **fields)
    save_metric(
        acme, {"key": "m", "kind": "count", "event": "e", "source": "hits"}, by=None, now=now
    )
    write(acme, tmp_path / "out")
    document = read(tmp_path / "out", lambda _: known_in(acme))
    assert plan(acme, document) == []
    assert len(document.sources) == len(SOURCES)
