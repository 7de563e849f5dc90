"""A real Headway with both example workspaces, and a real Chromium that looks at it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.browser.visit import ADMIN, MEMBER, VIEWER, Headway, Watch, sign_in
from tests.conftest import PATIENCE

HEADWAY = [sys.executable, "-m", "headway"]
PASSWORD = "three vans and a depot"
FULL_SIZE = bool(os.environ.get("HEADWAY_SCREENSHOTS"))
"""Pictures for the documentation show the demo as people get it; tests a smaller one."""


OpenAs = Callable[..., BrowserContext]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    environ = {k: v for k, v in os.environ.items() if not k.startswith(("HEADWAY_", "DJANGO_"))}
    data = tmp_path_factory.mktemp("demo")
    return environ | {"HEADWAY_DATA": str(data), "HEADWAY_WORKER_SECONDS": "1"}


@pytest.fixture(scope="session")
def headway(environment: dict[str, str]) -> Iterator[Headway]:
    """`headway demo`, then `headway serve` until the last test is over."""
    events = "1000000" if FULL_SIZE else "60000"
    demo = ["demo", "--no-serve", "--events", events, "--password", PASSWORD]
    subprocess.run([*HEADWAY, *demo], env=environment, check=True, timeout=600)
    port = free_port()
    log = Path(environment["HEADWAY_DATA"]) / "serve.log"
    with log.open("w") as out:
        serve = [*HEADWAY, "serve", "--port", str(port)]
        process = subprocess.Popen(serve, env=environment, stdout=out, stderr=out)
        try:
            yield wait_for(Headway(f"http://127.0.0.1:{port}", PASSWORD, log), process)
        finally:
            process.send_signal(signal.SIGTERM)
            assert process.wait(15) == 0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(headway: Headway, process: subprocess.Popen[bytes], seconds: float = 60) -> Headway:
    until = time.monotonic() + seconds
    while time.monotonic() < until and process.poll() is None:
        try:
            urllib.request.urlopen(headway.url + "/accounts/login/", timeout=5).close()  # noqa: S310  # http
        except OSError:
            time.sleep(0.1)
        else:
            return headway
    raise AssertionError(f"Headway does not answer:\n{headway.log.read_text()}")


@pytest.fixture(scope="session")
def sessions(chromium: Browser, headway: Headway) -> dict[str, Any]:
    """The cookies of each role, signed in once."""
    found = {}
    for email in (ADMIN, MEMBER, VIEWER):
        context = chromium.new_context()
        sign_in(context.new_page(), headway, email)
        found[email] = context.storage_state()
        context.close()
    return found


@pytest.fixture
def watch(headway: Headway) -> Iterator[Watch]:
    """What goes wrong in any page of the test fails it at the end."""
    watched = Watch(headway.url)
    yield watched
    assert watched.problems == []


@pytest.fixture
def open_as(
    chromium: Browser, headway: Headway, sessions: dict[str, Any], watch: Watch
) -> Iterator[OpenAs]:
    """A browser of its own for somebody, or for nobody: its pages are watched."""
    contexts: list[BrowserContext] = []

    def open_(email: str = "", **options: Any) -> BrowserContext:
        context = chromium.new_context(
            base_url=headway.url,
            storage_state=sessions[email] if email else None,
            viewport=options.pop("viewport", {"width": 1280, "height": 800}),
            **options,
        )
        context.set_default_timeout(PATIENCE)
        context.on("page", watch.page)
        contexts.append(context)
        return context

    yield open_
    for context in contexts:
        context.close()


@pytest.fixture
def page(open_as: OpenAs) -> Page:
    """A page of somebody who may do everything."""
    return open_as(ADMIN).new_page()
