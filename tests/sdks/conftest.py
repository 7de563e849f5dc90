"""A real Headway with one source for each SDK, and a way to it that carries everything twice."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.sdks.passage import Passage
from tests.sdks.story import Expected, Heard, Who, heard, wait_for

ROOT = Path(__file__).parents[2]
MODULES = ROOT / "build" / "sdks" / "node_modules"
HEADWAY = [sys.executable, "-m", "headway"]
MAKE = """
import sys
from datetime import UTC, datetime
from headway.cli import django, main
init = ["init", "--key", "acme", "--name", "Acme", "--email", "ada@acme.example"]
main(init, standalone_mode=False)
django.ready()
from headway.accounts.models import Workspace
from headway.ingest import actions
home, now = Workspace.objects.get(), datetime.now(UTC)
for name in sys.argv[1:]:
    source = actions.save_source(home, name, by=None, now=now)
    print("key", name, actions.create_key(source, name, by=None, now=now).value)
"""
PYTHON = ("segment-py", "rudder-py", "posthog-py", "posthog-v1", "amplitude-py", "mixpanel-py",
          "snowplow-py", "snowplow-get")  # fmt: skip
NODE = ("segment-node", "rudder-node", "posthog-node", "amplitude-node", "mixpanel-node",
        "snowplow-node")  # fmt: skip
BROWSER = ("segment-web", "rudder-web", "posthog-web", "amplitude-web", "mixpanel-web",
           "snowplow-web")  # fmt: skip
BUSY = "busy"


@dataclass(frozen=True)
class House:
    url: str
    events: Path
    keys: dict[str, str]

    def hear(self, sdk: str) -> Heard:
        return heard(self.events / sdk)


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    data = tmp_path_factory.mktemp("house")
    environ = {k: v for k, v in os.environ.items() if not k.startswith(("HEADWAY_", "DJANGO_"))}
    environ |= {"HEADWAY_DATA": str(data), "HEADWAY_WORKER_SECONDS": "1"}
    environ |= {"HEADWAY_PASSWORD": "three vans and a depot", "HEADWAY_DELIVERY_MEGABYTES": "1"}
    make = [sys.executable, "-c", MAKE, *PYTHON, *NODE, *BROWSER, BUSY]
    made = subprocess.run(
        make, env=environ, check=True, timeout=120, capture_output=True, text=True
    )
    lines = (line.split() for line in made.stdout.splitlines() if line.startswith("key "))
    keys = {name: key for _, name, key in lines}
    with served(environ, data / "serve.log") as url:
        yield House(url, data / "events" / "acme", keys)


@contextmanager
def served(environ: dict[str, str], log: Path) -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    with log.open("w") as out:
        serve = [*HEADWAY, "serve", "--port", str(port)]
        process = subprocess.Popen(serve, env=environ, stdout=out, stderr=out)
        try:
            url = f"http://127.0.0.1:{port}"
            until = time.monotonic() + 90
            while not answers(url):
                assert process.poll() is None, log.read_text()
                assert time.monotonic() < until
                time.sleep(0.1)
            yield url
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(20)


def answers(url: str) -> bool:
    try:
        urllib.request.urlopen(url + "/accounts/login/", timeout=5).close()  # noqa: S310  # http
    except OSError:
        return False
    return True


Tell = Callable[[Passage, str, Who], None]
Told = Callable[..., Heard]


@pytest.fixture
def told(house: House) -> Told:
    """Lets an SDK tell its story, checks what the store then holds, and gives it back."""

    def told(sdk: str, tell: Tell, expected: Expected, *, twice: bool = True) -> Heard:
        who = Who(sdk)
        with Passage(house.url, twice) as passage:
            tell(passage, house.keys[sdk], who)
            story = wait_for(lambda: house.hear(sdk), expected.enough)
            refused = [status for _, status in passage.answers if status >= 400]
        expected.holds(story, who)
        assert set(refused) <= {401}
        assert 1 <= len(refused) <= 3, passage.answers  # the wrong key, and not for ever
        return story

    return told
