"""The Node SDKs, told to send to Headway as the documentation says; and what no SDK should send."""

from __future__ import annotations

import gzip
import http.client
import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from headway.ingest.dialects import DIALECTS
from headway.ingest.dialects.dialect import Dialect
from tests.sdks.conftest import MODULES, House, Told
from tests.sdks.passage import Passage
from tests.sdks.story import PLAN, WRONG, Expected, Who

pytestmark = pytest.mark.slow

SCRIPTS = Path(__file__).parent / "node"
RENEWED = (("Renewed", 1),)
STORIES = {
    "segment-node": Expected(more=RENEWED),
    "rudder-node": Expected(more=RENEWED),
    "posthog-node": Expected(),
    "amplitude-node": Expected(page=0, alias=False),
    "mixpanel-node": Expected(page=0),
    "snowplow-node": Expected(traits=False, alias=False, group=False, company_name=False),
}


def run(script: Path, passage: Passage, key: str, who: Who) -> None:
    node = shutil.which("node")
    assert node, "Node is not installed: make sdks"
    told = {
        "url": passage.url, "port": passage.port, "key": key, "wrong": WRONG, "plan": PLAN,
        "visitor": who.visitor, "user": who.user, "old": who.old, "company": who.company,
        "email": who.email,
    }  # fmt: skip
    ran = subprocess.run(
        [node, str(script), json.dumps(told)],
        env={**os.environ, "NODE_PATH": str(MODULES)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr


@pytest.mark.parametrize("sdk", STORIES)
def test_each_tells_the_story(sdk: str, told: Told) -> None:
    def tell(passage: Passage, key: str, who: Who) -> None:
        run(SCRIPTS / f"{sdk}.js", passage, key, who)

    # Mixpanel's says neither when something happened nor which of two equal events it is.
    told(sdk, tell, STORIES[sdk], twice=sdk != "mixpanel-node")


BODIES = {
    "segment": {"batch": []},
    "rudder": {"batch": []},
    "posthog": {"batch": []},
    "amplitude": {"events": []},
    "mixpanel": [],
    "snowplow": {"data": []},
}


@pytest.mark.parametrize("dialect", DIALECTS.values(), ids=list(DIALECTS))
def test_what_cannot_be_taken_is_said_to_any_page(dialect: Dialect, house: House) -> None:
    """With the key in the address, and each answer readable by a page of another origin."""
    own = f"/in/{house.keys['segment-py']}{dialect.paths[0]}"
    good = json.dumps(BODIES[dialect.name]).encode()
    large = b'{"batch":["' + b"x" * (1 << 20) + b'"]}'
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    for status, path, body, headers in (
        (200, own, good, {}),
        (200, own, gzip.compress(good), {"Content-Encoding": "gzip"}),
        (200, own, gzip.compress(good), form),
        (400, own, b'{"batch": [', {}),
        (400, own, gzip.compress(good)[:-9], {}),
        (401, f"/in/{WRONG}{dialect.paths[0]}", good, {}),
        (404, own + "/nowhere", good, {}),
        (413, own, large, {}),
        (413, own, gzip.compress(large), {}),
    ):
        answer, content = ask(house, path, body, headers)
        assert answer.status == status, (path, body[:40], content)
        assert answer.headers["Access-Control-Allow-Origin"] == "https://shop.example"
        if status != 200:
            assert json.loads(content)["code"] == status
            assert json.loads(content)["error"]


def ask(
    house: House, path: str, body: bytes, headers: dict[str, str]
) -> tuple[http.client.HTTPResponse, bytes]:
    connection = http.client.HTTPConnection(house.url.removeprefix("http://"), timeout=30)
    connection.request("POST", path, body, {"Origin": "https://shop.example", **headers})
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    return answer, content
