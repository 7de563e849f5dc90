"""What people read: the numbers of the real purchases, found by search, in light or dark."""

from __future__ import annotations

import csv
import io
import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.visit import settled

JANUARY_1997 = [
    *(7846, 1157, 964, 810, 679, 736, 720, 582, 559),
    *(594, 673, 634, 528, 511, 664, 472, 497, 498),
]
"""Customers who first bought in January 1997, and how many of them bought in each month since."""


def numbers(cells: list[str]) -> list[float]:
    """`$76 109.30` → 76109.3; texts without digits are left out."""
    plain = [re.sub(r"[^\d.]", "", cell) for cell in cells]
    return [float(cell) for cell in plain if cell]


def test_revenue_of_the_real_purchases(page: Page) -> None:
    page.goto("/cdnow/kpis/revenue?grain=month&from=1997-01-01&to=1998-06-30")
    settled(page)
    assert page.locator("figure.chart svg:visible").count() == 1
    shown = page.get_by_role("region", name="The numbers").locator("tbody tr td:nth-child(2)")
    assert sum(numbers(shown.all_inner_texts())) == pytest.approx(2_500_315.63)
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV").click()
    rows = list(csv.DictReader(io.StringIO(download.value.path().read_text())))
    assert len(rows) == 18
    assert sum(float(row["value"]) for row in rows) == pytest.approx(2_500_315.63)


def test_revenue_is_put_together_from_its_drivers(page: Page) -> None:
    asked = "?grain=month&from=1997-01-01&to=1998-06-30&format=json"
    found = []
    for key in ("revenue", "revenue_from_customers"):
        answer = page.request.get(f"/cdnow/kpis/{key}{asked}")
        found.append([row["value"] for row in answer.json()])
    assert found[0] == pytest.approx(found[1])


def test_the_first_cohort(page: Page) -> None:
    page.goto("/cdnow/kpis/monthly_retention?grain=month")
    cohort = page.get_by_role("region", name="Who came back").get_by_role("row", name="Jan 1997")
    people, *active = numbers(cohort.locator("td").all_inner_texts())
    assert people == JANUARY_1997[0]
    assert active[-len(JANUARY_1997) :] == JANUARY_1997


def test_every_page_of_the_generated_workspace_says_so(page: Page) -> None:
    for path in ("", "objectives", "kpis", "kpis/csat", "sources", "settings/members"):
        page.goto(f"/parcel/{path}")
        expect(page.locator(".banner")).to_contain_text("generated")


def test_a_slash_searches(page: Page) -> None:
    page.goto("/parcel/")
    page.keyboard.press("/")
    page.keyboard.type("on-time")
    found = page.locator("#suggestions").get_by_role("link", name=re.compile("On-time deliveries"))
    expect(found.first).to_be_visible()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/parcel/search"))
    page.get_by_role("main").get_by_role("link", name="On-time deliveries").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("On-time deliveries")


def test_the_keys_lead_around(page: Page) -> None:
    page.goto("/parcel/")
    page.keyboard.press("g")
    page.keyboard.press("k")
    expect(page).to_have_title("KPIs · Parcel · Headway")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()


def test_cycle_and_team_stay_chosen(page: Page) -> None:
    page.goto("/cdnow/objectives")
    page.get_by_label("Cycle", exact=True).select_option("1998-q2")
    expect(page).to_have_url(re.compile("cycle=1998-q2"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Objectives in Q2 1998")
    page.get_by_role("main").get_by_role("link", name="worth").first.click()
    expect(page.get_by_label("Cycle", exact=True)).to_have_value("1998-q2")


def test_dark_or_light_is_remembered(page: Page) -> None:
    page.goto("/parcel/")
    colour = "getComputedStyle(document.body).color"
    light = page.evaluate(colour)
    page.get_by_role("button", name="Dark or light").click()
    dark = page.evaluate(colour)
    assert dark != light
    page.goto("/parcel/kpis")
    assert page.evaluate(colour) == dark


def test_a_chart_is_read_with_the_arrow_keys(page: Page) -> None:
    page.goto("/cdnow/kpis/orders?grain=month&from=1997-01-01&to=1998-06-30")
    settled(page)
    page.locator("[data-chart]").focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator(".chart-tip")).to_contain_text("Jan 1997")
