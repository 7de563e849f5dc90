"""The main job: goals that stand on numbers, checked in on, and moved by new events."""

from __future__ import annotations

import re
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import HEADWAY
from tests.browser.visit import ADMIN, Headway, until

TODAY = datetime.now(UTC).date()


def test_a_kpi_becomes_a_key_result(page: Page) -> None:
    page.goto("/parcel/kpis/csat")
    page.get_by_role("link", name="Promote to key result").click()
    drafted = page.locator("dl.facts")
    expect(drafted).to_contain_text(re.compile(r"Baseline\s*[\d.]+\s%"))
    page.get_by_label("Objective", exact=True).select_option("on-the-dot")
    page.get_by_label("Reach a value").check()
    page.get_by_label("Title").fill("Shops that are happy with us")
    page.get_by_label("To", exact=True).fill("95 %")
    page.get_by_role("button", name="Save key result").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Shops that are happy with us")
    expect(page.locator("dl.facts")).to_contain_text("measured before the cycle")
    expect(page.locator("dl.facts")).to_contain_text(re.compile(r"Target\s*95"))

    page.goto("/parcel/objectives/on-the-dot")
    row = page.get_by_role("row", name="Shops that are happy with us")
    expect(row).to_contain_text("95")
    until(page, "tr:has-text('Shops that are happy')", "expected")


def test_a_check_in_by_keyboard_alone(page: Page) -> None:
    page.goto("/parcel/objectives/no-manual-needed/errors/check-in")
    tab_to(page, "Confidence, 0 – 10")
    page.keyboard.type("4")
    page.keyboard.press("Tab")
    page.keyboard.type("The new form halves the typing errors.")
    page.keyboard.press("Enter")
    said = page.locator(".notice-success")
    expect(said).to_contain_text("confidence 4 of 10")
    expect(said).to_contain_text("halves the typing errors")
    page.goto("/parcel/objectives/no-manual-needed/errors")
    expect(page.get_by_role("main")).to_contain_text("The new form halves the typing errors.")


def tab_to(page: Page, label: str) -> None:
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.labels?.[0]?.innerText || ''").startswith(label):
            return
    raise AssertionError(f"`{label}` cannot be reached with the Tab key.")


def test_a_typed_value_moves_its_key_result_at_once(page: Page) -> None:
    address = "/parcel/objectives/beyond-the-label/new-services"
    page.goto(address)
    assert "Achieved" not in page.locator(".headline").inner_text()
    page.get_by_role("link", name="Check in").click()
    page.get_by_label("Value now").fill("25")
    page.get_by_label("Confidence").fill("9")
    page.get_by_role("button", name="Check in").click()
    expect(page.locator(".notice-success")).to_contain_text("Checked in")
    page.goto(address)
    expect(page.locator(".headline")).to_contain_text("Achieved")
    expect(page.locator(".headline")).to_contain_text("25")


@pytest.fixture
def fleet(headway: Headway, environment: dict[str, str]) -> str:
    """A workspace in which nothing is yet, of somebody who has an account."""
    new = ["init", "--key", "fleet", "--name", "Fleet", "--email", ADMIN]
    subprocess.run([*HEADWAY, *new], env=environment, check=True, timeout=60)
    return "/fleet"


def test_events_that_come_in_move_a_key_result(page: Page, tmp_path: Path, fleet: str) -> None:
    """From an empty workspace to an achieved key result, all of it in the browser."""
    upload(page, fleet, events(tmp_path / "before.csv", days=70, a_day=1))
    new_cycle(page, fleet)
    new_metric(page, fleet)
    new_team(page, fleet)
    new_objective(page, fleet)
    page.get_by_role("link", name="Add key result").first.click()
    page.get_by_label("Reach a value").check()
    page.get_by_label("KPI or metric").select_option(label="Routes planned")
    expect(page.get_by_role("main")).to_contain_text("Measured baseline of Routes planned: 1")
    page.get_by_label("To", exact=True).fill("5")
    page.get_by_role("button", name="Save").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Routes planned")
    until(page, ".headline", "At risk")

    address = page.url
    upload(page, fleet, events(tmp_path / "after.csv", days=10, a_day=8))
    page.goto(address)
    until(page, ".headline", "Achieved")
    expect(page.get_by_role("main")).to_contain_text("from at risk to achieved")


def events(path: Path, days: int, a_day: int) -> Path:
    """As many events on each of the last days, today included."""
    rows = [
        f"route_planned,{day}T{9 + n}:00:00Z,driver-{n},{path.stem}-{day}-{n}"
        for day in (TODAY - timedelta(days=back) for back in range(days))
        for n in range(a_day)
    ]
    path.write_text("\n".join(["event,happened_at,user_id,message_id", *rows, ""]))
    return path


def upload(page: Page, at: str, path: Path) -> None:
    page.goto(f"{at}/sources/import")
    page.get_by_label("File").set_input_files(path)
    page.get_by_label("Source").fill("routing")
    page.get_by_role("button", name="Import").click()
    expect(page.get_by_role("status")).to_contain_text("events came in")


def new_cycle(page: Page, at: str) -> None:
    """Longer than the quarter, which therefore stays the one that pages open with."""
    page.goto(f"{at}/settings/cycles/new")
    page.get_by_label("Name").fill("Four months")
    page.get_by_label("Key", exact=True).fill("four-months")
    page.get_by_label("First day").fill(f"{TODAY - timedelta(days=60)}")
    page.get_by_label("Last day").fill(f"{TODAY + timedelta(days=60)}")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("main")).to_contain_text("Four months")


def new_metric(page: Page, at: str) -> None:
    """From a template of the catalogue, with the answer shown before it is saved."""
    page.goto(f"{at}/kpis/new")
    page.get_by_role("searchbox", name="Find").fill("join")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="How many join?").click()
    page.get_by_label("Name").fill("Routes planned")
    page.get_by_label("Event", exact=True).fill("route_planned")
    page.get_by_label("Event", exact=True).press("Tab")
    preview = page.locator("aside.preview")
    expect(preview).to_contain_text("Measured just now")
    expect(preview).to_contain_text("route_planned")
    page.get_by_text("More: who is counted").click()
    page.get_by_label("Usually read by").select_option("day")
    page.locator("#metric").get_by_label("Key").fill("routes_planned")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Routes planned")
    until(page, "main", "The numbers")


def new_team(page: Page, at: str) -> None:
    page.goto(f"{at}/settings/teams")
    page.get_by_label("Name").last.fill("Delivery")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("main")).to_contain_text("Delivery")


def new_objective(page: Page, at: str) -> None:
    page.goto(f"{at}/objectives/new")
    page.get_by_label("What do you want to be true?").fill("Every van knows its way")
    page.get_by_label("Team", exact=True).last.select_option("delivery")
    page.locator("form.stack").get_by_label("Cycle").select_option(label="Four months")
    page.get_by_role("button", name="Save and add key results").click()
    page.goto(f"{at}/objectives?cycle=all")
    page.get_by_role("link", name="Every van knows its way").click()
