"""The script in Chromium, in a page of another origin whose policy allows nothing more than it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.sdks.conftest import served

pytestmark = pytest.mark.browser

MAKE = """
import json, sys
from datetime import UTC, datetime
from headway.cli import django, main
init = ["init", "--key", "acme", "--name", "Acme", "--email", "ada@acme.example"]
main(init, standalone_mode=False)
django.ready()
from headway.accounts.actions import create_token
from headway.accounts.models import Member, Workspace
from headway.ingest import actions as ingest
from headway.surveys.actions import save_survey
home, now, by = Workspace.objects.get(), datetime.now(UTC), Member.objects.get()
for document in json.loads(sys.argv[1]):
    name = document["source"]
    if not home.sources.filter(key=name).exists():
        source = ingest.save_source(home, name, by=None, now=now)
        print("key", name, ingest.create_key(source, name, by=None, now=now).value)
    save_survey(home, by=None, now=now, **document)
print("key", "token", create_token(by, "tests", now=now)[1])
"""
ENGLISH = {"question": "Would you recommend us?", "low": "No", "high": "Yes", "comment": "Why?"}
GERMAN = {"question": "Würden Sie uns empfehlen?", "send": "Senden", "thanks": "Danke!",
          "comment": "Warum?", "close": "Schließen"}  # fmt: skip
EASY = {"en": {"question": "How easy was it?", "low": "Hard", "high": "Easy"}}
FREE = {"again_days": 0, "rest_days": 0, "after_seconds": 0}
SURVEYS: list[dict[str, Any]] = [
    {"source": "shop", "key": "pulse", "kind": "nps", "after_seconds": 0, "pages": ["/shop*"],
     "where": {"plan": ["pro", "team"]}, "texts": {"en": ENGLISH, "de": GERMAN}},
    {"source": "shop", "key": "after", "kind": "csat", "after_seconds": 0, "event": "ordered",
     "texts": {"en": {"question": "Are you content?"}}},
    {"source": "half", "key": "half", "kind": "ces", "share": 0.5, "texts": EASY, **FREE},
    {"source": "said", "key": "easy", "kind": "ces", "event": "exported", "texts": EASY, **FREE},
    {"source": "said", "key": "words", "kind": "text", "event": "asked", **FREE,
     "texts": {"en": {"question": "What is missing?"}}},
]  # fmt: skip
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
HOST = """<!doctype html><html lang="{lang}"><head><title>Shop</title>
<meta name="viewport" content="width=device-width"><link rel="icon" href="data:,">
<script src="{headway}/survey.js" data-key="{key}" data-user="{user}" defer></script></head>
<body><main><h1>Shop</h1><p><a href="/shop/cart" id="cart">Cart</a></p></main></body></html>"""


@dataclass
class House:
    """Headway, and a shop that is not Headway's."""

    url: str
    keys: dict[str, str]
    shop: str = ""
    problems: list[str] = field(default_factory=list)

    def results(self, survey: str, answered: int, seconds: float = 30) -> dict[str, Any]:
        """Over the API, once the worker has brought so many answers."""
        until = time.monotonic() + seconds
        while True:
            address = f"{self.url}/api/workspaces/acme/surveys/{survey}/results"
            headers = {"Authorization": f"Bearer {self.keys['token']}"}
            request = urllib.request.Request(address, headers=headers)  # noqa: S310  # http
            with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310  # http
                found: dict[str, Any] = json.load(answer)
            if found["answered"] >= answered:
                return found
            assert time.monotonic() < until, found
            time.sleep(0.3)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    data = tmp_path_factory.mktemp("house")
    environ = {k: v for k, v in os.environ.items() if not k.startswith(("HEADWAY_", "DJANGO_"))}
    environ |= {"HEADWAY_DATA": str(data), "HEADWAY_WORKER_SECONDS": "1"}
    environ |= {"HEADWAY_PASSWORD": "three vans and a depot"}
    make = [sys.executable, "-c", MAKE, json.dumps(SURVEYS)]
    made = subprocess.run(
        make, env=environ, check=True, timeout=120, capture_output=True, text=True
    )
    lines = (line.split() for line in made.stdout.splitlines() if line.startswith("key "))
    with served(environ, data / "serve.log") as url:
        found = House(url, {name: key for _, name, key in lines})
        with shop(found) as found.shop:
            yield found


def shop(house: House) -> Any:
    from contextlib import contextmanager

    class Shop(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked = {n: v[0] for n, v in parse_qs(urlsplit(self.path).query).items()}
            key = house.keys[asked.get("source", "shop")]
            words = {"lang": asked.get("lang", "en"), "user": asked.get("user", "")}
            body = HOST.format(headway=house.url, key=key, **words).encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            at = house.url
            policy = f"default-src 'none'; script-src {at}; connect-src {at}; img-src data:"
            policy += "; base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'"
            self.send_header("Content-Security-Policy", policy)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None: ...

    @contextmanager
    def opened() -> Iterator[str]:
        server = ThreadingHTTPServer(("127.0.0.1", 0), Shop)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://localhost:{server.server_port}"
        server.shutdown()
        server.server_close()

    return opened()


Open = Callable[..., Page]


@pytest.fixture
def visit(chromium: Browser, house: House) -> Iterator[Open]:
    """A browser of its own. What is loaded from elsewhere, or breaks the policy, fails the test."""
    contexts: list[BrowserContext] = []
    problems: list[str] = []

    def open_(path: str, **options: Any) -> Page:
        context = chromium.new_context(base_url=house.shop, **options)
        context.set_default_timeout(10_000)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda m: problems.append(m.text) if m.type == "error" else None)
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("request", lambda r: problems.append(r.url) if foreign(r.url) else None)
        page.goto(path)
        return page

    def foreign(url: str) -> bool:
        return not url.startswith((house.url, house.shop, "data:"))

    yield open_
    for context in contexts:
        context.close()
    assert [p for p in problems if "ERR_INTERNET_DISCONNECTED" not in p] == []


def say(page: Page, *words: Any) -> None:
    page.evaluate("(words) => headway(...words)", list(words))


def broken(page: Page) -> list[str]:
    """What axe-core finds wrong with the survey."""
    options = {"runOnly": RULES, "resultTypes": ["violations"]}
    found = Axe().run(page, options=options).response["violations"]
    return [f"{v['id']}: {[n['html'][:200] for n in v['nodes'][:2]]}" for v in found]


def focused(page: Page) -> str:
    return str(
        page.evaluate(
            """() => {
              let one = document.activeElement;
              while (one.shadowRoot?.activeElement) one = one.shadowRoot.activeElement;
              return one.value || one.id || one.className || one.tagName;
            }"""
        )
    )


def never_shown(page: Page, milliseconds: int = 700) -> None:
    page.wait_for_timeout(milliseconds)
    expect(page.get_by_role("region")).to_have_count(0)


def test_by_keyboard_alone(house: House, visit: Open) -> None:
    page = visit("/shop/list?lang=de-AT")
    never_shown(page, 400)
    page.locator("#cart").focus()
    say(page, "identify", {"user": "u1", "account": "a1", "properties": {"plan": "pro"}})
    region = page.get_by_role("region", name="Würden Sie uns empfehlen?")
    expect(region).to_be_visible()
    expect(page.get_by_role("status")).to_have_text("Würden Sie uns empfehlen?")
    assert focused(page) == "cart"
    assert broken(page) == []
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    for _ in range(8):
        page.keyboard.press("ArrowRight")
    assert focused(page) == "8"
    outline = page.evaluate(
        "() => getComputedStyle(document.querySelector('body > div').shadowRoot"
        ".querySelector('label:has(:focus-visible)')).outlineStyle"
    )
    assert outline == "solid"
    page.keyboard.press("Tab")
    page.keyboard.type("Schnell, aber teuer.")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("region")).to_contain_text("Danke!")
    assert focused(page) == "y"
    assert broken(page) == []
    page.keyboard.press("Escape")
    expect(page.get_by_role("region")).to_have_count(0)
    assert focused(page) == "cart"

    found = house.results("pulse", 1)
    assert (found["shown"], found["dismissed"], found["answered"]) == (1, 0, 1)
    assert found["distribution"]["8"] == 1
    [comment] = found["comments"]
    assert (comment["text"], comment["who"], comment["page"]) == (
        "Schnell, aber teuer.",
        "u1",
        "/shop/list",
    )
    for path in ("/shop/list?lang=de", "/shop/cart"):
        page.goto(path)
        say(page, "identify", {"user": "u1", "properties": {"plan": "pro"}})
        never_shown(page)
    say(page, "event", "ordered")
    never_shown(page)


def test_only_who_is_meant_where_it_is_meant(visit: Open) -> None:
    page = visit("/shop")
    say(page, "identify", {"properties": {"plan": "free"}})
    never_shown(page)
    page.goto("/about")
    say(page, "identify", {"properties": {"plan": "pro"}})
    never_shown(page)
    page.evaluate("() => history.pushState({}, '', '/shop/x')")
    expect(page.get_by_role("region")).to_be_visible()
    expect(page.get_by_role("radio")).to_have_count(11)


def test_by_touch_on_a_phone_in_the_dark(house: House, visit: Open) -> None:
    phone = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
    page = visit("/x?source=said&user=t1", color_scheme="dark", reduced_motion="reduce", **phone)
    say(page, "event", "exported")
    region = page.get_by_role("region", name="How easy was it?")
    expect(region).to_be_visible()
    assert broken(page) == []
    for one in [*region.get_by_role("radio").all(), *region.get_by_role("button").all()]:
        box = one.bounding_box()
        assert box is not None
        assert box["width"] >= 43.5, box
        assert box["height"] >= 43.5, box
        assert 0 <= box["x"] <= 390 - box["width"]
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 390
    style = "() => getComputedStyle(document.querySelector('body > div').shadowRoot.firstChild)"
    assert page.evaluate(f"{style}.animationName") == "none"
    assert page.evaluate(f"{style}.backgroundColor") == "rgb(29, 33, 38)"
    if shots := os.environ.get("HEADWAY_SCREENSHOTS"):
        page.screenshot(path=Path(shots) / "survey-phone-dark.png")
    region.get_by_role("radio", name="7").tap()
    region.get_by_role("button", name="Send").tap()
    expect(region).to_contain_text("Thank you!")
    assert house.results("easy", 1)["distribution"]["7"] == 1


def test_by_mouse_and_when_somebody_asks_for_it(house: House, visit: Open) -> None:
    page = visit("/x?source=said&user=m1")
    say(page, "survey", "words", {"wanted": True})
    region = page.get_by_role("region", name="What is missing?")
    expect(region.get_by_role("textbox")).to_be_focused()
    assert broken(page) == []
    region.get_by_role("button", name="Close").click()
    expect(region).to_have_count(0)
    say(page, "survey", "words", {"wanted": True})
    region.get_by_role("textbox").fill("  A dark <b>mode</b>  ")
    region.get_by_role("button", name="Send").click()
    expect(region).to_contain_text("Thank you!")
    found = house.results("words", 1)
    assert (found["shown"], found["dismissed"]) == (2, 1)
    assert [c["text"] for c in found["comments"]] == ["A dark <b>mode</b>"]


def test_without_a_connection_the_answer_waits(house: House, visit: Open) -> None:
    page = visit("/x?source=said&user=o1")
    before = house.results("easy", 0)["answered"]
    page.context.set_offline(True)
    say(page, "event", "exported")
    region = page.get_by_role("region")
    region.get_by_role("radio", name="2").click()
    region.get_by_role("button", name="Send").click()
    expect(region).to_contain_text("Thank you!")
    kept = page.evaluate("() => JSON.parse(localStorage['headway.queue']).length")
    assert kept == 2
    page.context.set_offline(False)
    page.reload()
    assert house.results("easy", before + 1)["distribution"]["2"] == 1
    page.wait_for_function("() => JSON.parse(localStorage['headway.queue']).length === 0")


def portion(text: str) -> float:
    """FNV-1a with MurmurHash3's last steps, as the script has it."""
    h = 2166136261
    for byte in text.encode():
        h = (h ^ byte) * 16777619 % 2**32
    h = (h ^ h >> 16) * 2246822507 % 2**32
    h = (h ^ h >> 13) * 3266489909 % 2**32
    return (h ^ h >> 16) / 2**32


def test_the_same_share_of_people_is_asked_each_time(visit: Open) -> None:
    people = [f"user-{n}" for n in range(4000)]
    assert 0.47 < sum(portion(f"{user}:half") < 0.5 for user in people) / 4000 < 0.53
    page = visit("/x?source=half&user=nobody-1")
    asked = []
    for user in people[:16]:
        with page.expect_response("**/survey.json**"):
            page.goto(f"/x?source=half&user={user}")
        page.wait_for_timeout(150)
        asked += [user] * page.get_by_role("region").count()
    meant = [user for user in people[:16] if portion(f"{user}:half") < 0.5]
    assert asked == meant
    assert 0 < len(meant) < 16
