"""The browser SDKs, in a page of another origin, told to send to Headway as documented."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.sdks.conftest import MODULES, Told
from tests.sdks.passage import Passage
from tests.sdks.story import PLAN, WRONG, Expected, Who

pytestmark = pytest.mark.browser

SCRIPTS = Path(__file__).parent / "browser"
PAGE = b"<!doctype html><title>Shop</title><h1>Shop</h1>"
LOADED = {
    "segment-web": "/@segment/analytics-next/dist/umd/index.js",
    "rudder-web": "/@rudderstack/analytics-js/dist/npm/modern/bundled/umd/index.js",
    "posthog-web": "",
    "amplitude-web": "/@amplitude/analytics-browser/lib/scripts/amplitude-min.js",
    "mixpanel-web": "/mixpanel-browser/dist/mixpanel.umd.js",
    "snowplow-web": "/@snowplow/browser-tracker/dist/index.umd.min.js",
}
STORIES = {
    "segment-web": Expected(visits=1),
    "rudder-web": Expected(visits=1),
    "posthog-web": Expected(visits=1),
    "amplitude-web": Expected(visits=1, alias=False),
    "mixpanel-web": Expected(visits=1, alias=False),
    "snowplow-web": Expected(visits=1, traits=False, alias=False, group=False, company_name=False),
}


@pytest.fixture(scope="module")
def shop() -> Iterator[str]:
    """A site that is not Headway's, with the SDKs as they are installed."""
    assert (MODULES / "posthog-js").is_dir(), "The SDKs are not installed: make sdks"

    class Shop(SimpleHTTPRequestHandler):
        def __init__(self, *args: Any) -> None:
            super().__init__(*args, directory=str(MODULES))

        def do_GET(self) -> None:
            if self.path != "/":
                return super().do_GET()
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(PAGE)
            return None

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Shop)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def page(chromium: Browser, shop: str) -> Iterator[Page]:
    with chromium.new_context() as context:
        page = context.new_page()
        page.goto(shop)
        yield page


def wait_until_refused(page: Page, passage: Passage) -> None:
    for _ in range(100):
        if any(status == 401 for _, status in passage.answers):
            break
        page.wait_for_timeout(100)
    page.wait_for_timeout(500)  # long enough to be asked again at once


@pytest.mark.parametrize("sdk", STORIES)
def test_each_tells_the_story(sdk: str, page: Page, told: Told) -> None:
    if LOADED[sdk]:
        page.add_script_tag(url=LOADED[sdk])
    script = (SCRIPTS / f"{sdk}.js").read_text(encoding="utf-8")

    def tell(passage: Passage, key: str, who: Who) -> None:
        given = {
            "url": passage.url, "key": key, "wrong": WRONG, "plan": PLAN, "user": who.user,
            "old": who.old, "company": who.company, "email": who.email,
        }  # fmt: skip
        page.evaluate(script[script.index("async (") :].rstrip().rstrip(";"), given)
        wait_until_refused(page, passage)

    story = told(sdk, tell, STORIES[sdk])
    [seen] = story.named("page")
    assert seen.properties.get("context.page.path", "/") == "/"
