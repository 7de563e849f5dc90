"""Every page: it opens, says what it shows, fits a phone, and is accessible, light and dark."""

from __future__ import annotations

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.browser.visit import ALONE, FURTHER, PAGES, current_cycle, settled

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
NO_PAGES = {
    "move_in_look",  # test_moving.py opens it
    "objective_archive",  # forms are sent to these, or parts of a page come from them
    "objective_restore",
    "key_result_archive",
    "key_result_comment",
    "objective_comment",
    "output_archive",
    "output_restore",
    "output_chart",
    "annotation_archive",
    "annotation_restore",
    "experiment_chart",
    "experiment_end",
    "key_result_restore",
    "key_result_baseline",
    "key_result_chart",
    "key_result_milestone",
    "key_result_hand_back",  # opens when it is due
    "coach_objective",
    "coach_key_result",
    "coach_promoted",
    "coach_silence",
    "survey_kpi",
    "survey_archive",
    "survey_restore",
    "check_change",
    "close_finish",
    "reopen",
    "kpi_chart",
    "kpi_baseline",
    "kpi_preview",
    "kpi_archive",
    "source_rejects",  # a file
    "source_again",
    "source_keys",
    "source_send",
    "source_aside",
    "tracking_start",
    "tracking_personal",
    "tracking_settle",
    "alert_act",
    "receipt",  # of a deletion, of which the demo has none
}
PHONE = {"width": 390, "height": 844}


def test_no_page_is_left_out() -> None:
    from headway.web.urls import urlpatterns

    assert {str(pattern.name) for pattern in urlpatterns} == PAGES.keys() | NO_PAGES


@pytest.mark.parametrize("name", [*PAGES, *FURTHER])
def test_a_page(page: Page, name: str) -> None:
    address = (PAGES | FURTHER)[name]
    if "{cycle}" in address:
        address = address.format(cycle=current_cycle(page))
    look_at(page, address)


@pytest.mark.parametrize("name", ALONE)
def test_a_page_for_strangers(open_as: Any, watch: Any, name: str) -> None:
    watch.refusals = 1 if name == "wrong invitation" else 0
    look_at(open_as().new_page(), ALONE[name], status=404 if watch.refusals else 200)


def look_at(page: Page, address: str, status: int = 200) -> None:
    answer = page.goto(address)
    assert answer is not None
    assert answer.status == status
    settled(page)
    assert says_what_it_shows(page)
    assert findings(page) == []
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    page.set_viewport_size(PHONE)
    assert findings(page, "wcag2aa") == []
    assert too_wide(page) == []
    assert page.locator("h1").is_visible()


def says_what_it_shows(page: Page) -> bool:
    [heading] = page.locator("h1").all_inner_texts()
    what, *_, product = page.title().split(" · ")
    return bool(heading.strip() and what.strip()) and product == "Headway"


def findings(page: Page, *rules: str) -> list[str]:
    """What axe-core finds wrong by the rules of WCAG, and anything serious besides."""
    only = list(rules) or [*RULES, "best-practice"]
    found = Axe().run(page, options={"runOnly": only, "resultTypes": ["violations"]}).response
    return [
        f"{v['id']} ({v['impact']}): {[n['html'][:120] for n in v['nodes'][:3]]}"
        for v in found["violations"]
        if v["impact"] in ("serious", "critical") or set(v["tags"]) & set(RULES)
    ]


def too_wide(page: Page) -> list[str]:
    """The elements that make the page scroll sideways."""
    return page.evaluate(
        """() => {
          const wide = document.documentElement.clientWidth;
          if (document.documentElement.scrollWidth <= wide) return [];
          return [...document.querySelectorAll("main *, header *")]
            .filter((one) => one.getBoundingClientRect().right > wide)
            .map((one) => one.outerHTML.slice(0, 100));
        }"""
    )
