"""A table of a real PostgreSQL, connected by hand in a browser with and without scripts."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from headway.charts import formats
from tests.browser.conftest import HEADWAY, PASSWORD, free_port, wait_for
from tests.browser.test_pages import PHONE, findings, too_wide
from tests.browser.visit import Headway, sign_in, until
from tests.conftest import PATIENCE
from tests.postgres.conftest import database
from tests.warehouses.shop import Order, PostgresShop

ADMIN = "ada@acme.example"


@pytest.fixture(scope="module")
def shop(cluster: str) -> PostgresShop:
    """Orders of the last forty days, more of them each week."""
    shop = PostgresShop(database(cluster))
    shop.open()
    now = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    days = [(back, n) for back in range(40) for n in range(60 - back)]
    shop.add(
        Order(back * 100 + n, "order_placed", now - timedelta(days=back), f"u{n}", 5.0 + n, "pro")
        for back, n in days
    )
    return shop


@pytest.fixture(scope="module")
def company(shop: PostgresShop, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Headway]:
    """A Headway whose operator has named one table's address."""
    data = tmp_path_factory.mktemp("company")
    environ = {k: v for k, v in os.environ.items() if not k.startswith(("HEADWAY_", "DJANGO_"))}
    environ |= {"HEADWAY_DATA": str(data), "HEADWAY_WORKER_SECONDS": "1", "ORDERS_DSN": shop.dsn}
    who = ["--key", "acme", "--name", "Acme", "--email", ADMIN, "--password", PASSWORD]
    subprocess.run([*HEADWAY, "init", *who], env=environ, check=True, timeout=120)
    port, log = free_port(), Path(data) / "serve.log"
    with log.open("w") as out:
        serve = [*HEADWAY, "serve", "--port", str(port)]
        process = subprocess.Popen(serve, env=environ, stdout=out, stderr=out)
        try:
            yield wait_for(Headway(f"http://127.0.0.1:{port}", PASSWORD, log), process)
        finally:
            process.send_signal(signal.SIGTERM)
            assert process.wait(15) == 0


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_a_table_is_tried_and_connected(chromium: Browser, company: Headway, scripts: bool) -> None:
    context = chromium.new_context(
        base_url=company.url,
        java_script_enabled=scripts,
        viewport={"width": 1280, "height": 800},
    )
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    sign_in(page, company, ADMIN)
    page.goto("/acme/sources")
    page.get_by_role("link", name="New source").first.click()
    page.get_by_role("link", name="PostgreSQL").click()
    fill(page, key=f"orders-{scripts}".lower(), user="custmer")
    page.get_by_role("button", name="Test the connection").click()
    expect(page.get_by_role("alert")).to_contain_text("Did you mean customer?")
    page.get_by_label("User column").fill("customer")
    page.get_by_role("button", name="Test the connection").click()
    expect(page.locator("aside")).to_contain_text("order_placed")
    if scripts:
        look(page)
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Orders of the shop")
    until(page, "main", "Receiving")
    expect(page.get_by_role("main")).to_contain_text(formats.number(1620))
    if scripts:
        look(page)
    context.close()


def test_a_table_that_goes_away_says_so(
    chromium: Browser, company: Headway, shop: PostgresShop
) -> None:
    context = chromium.new_context(base_url=company.url)
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    sign_in(page, company, ADMIN)
    page.goto("/acme/sources/orders-true")
    shop.run("ALTER TABLE shop.orders RENAME TO gone")
    page.get_by_role("button", name="Look again").click()
    until(page, "main", "has no table")
    look(page)
    shop.run("ALTER TABLE shop.gone RENAME TO orders")
    page.get_by_role("button", name="Look again").click()
    until(page, "main", "Receiving")
    context.close()


def fill(page: Page, **fields: Any) -> None:
    given = {
        "name": "Orders of the shop", "dsn_env": "ORDERS_DSN", "table": "shop.orders",
        "event_column": "name", "at": "created", "id": "number",
        "properties": "amount, plan, previous_id = before", **fields,
    }  # fmt: skip
    for name, value in given.items():
        page.locator(f"[name={name}]").fill(value)


def look(page: Page) -> None:
    """Sound on a desk and on a phone."""
    for size in ({"width": 1280, "height": 800}, PHONE):
        page.set_viewport_size(size)  # type: ignore[arg-type]
        assert findings(page) == []
        assert too_wide(page) == []
