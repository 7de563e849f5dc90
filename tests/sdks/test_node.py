"""The Node SDKs, told to send to Headway as the documentation says."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.sdks.conftest import MODULES, Told
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
