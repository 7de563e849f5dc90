"""The guide's examples work, in their order."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from headway.accounts.models import Workspace
from headway.engine.errors import HeadwayError
from tests.api.conftest import Api

GUIDE = (Path(__file__).parents[2] / "docs" / "api.md").read_text(encoding="utf-8")
EVENTS = b"event,happened_at,user_id\norder_placed,2026-11-02T09:00:00Z,ann\n"


def examples() -> list[list[str]]:
    """The words of each command."""
    blocks = "\n".join(re.findall(r"```console\n(.*?)```", GUIDE, re.DOTALL))
    commands = re.findall(r"^\$ (curl .*?)(?=^\$ |\Z)", blocks, re.DOTALL | re.MULTILINE)
    return [shlex.split(command) for command in commands]


def run(words: list[str], api: Api) -> Any:
    """What curl would get: a call with data is a POST unless `-X` says otherwise."""
    options = {words[n]: words[n + 1] for n in range(len(words) - 1) if words[n] in ("-X", "-H")}
    body = next((words[n + 1] for n, word in enumerate(words) if word == "-d"), None)
    file = "-F" in words
    address = next(word for word in words if word.startswith("$API"))
    address = address.replace("$API", "/api/workspaces/acme")
    name, _, value = options["-H"].partition(": ")
    headers = {name: value.replace("$TOKEN", api.token)}
    if file:
        data = {"file": SimpleUploadedFile("events.csv", EVENTS)}
        return Client().post(address, data, headers=headers)
    method = options.get("-X", "POST" if body else "GET")
    form = "application/x-www-form-urlencoded"  # what curl says without a header of its own
    return Client().generic(method, address, body or "", content_type=form, headers=headers)


def test_the_examples_work(api: Api, acme: Workspace) -> None:
    answers = {" ".join(words): run(words, api) for words in examples()}
    assert len(answers) == 14
    failed = {command: a.content for command, a in answers.items() if a.status_code >= 300}
    assert failed == {}
    guides = api("GET", "/objectives/fast-start/key-results/guides")
    assert guides["state"]["value"] == 4
    assert acme.sources.get(key="shop").rows == 1


def test_the_example_of_an_error_is_the_error(api: Api) -> None:
    found = api("PUT", "/metrics/orders", {"kind": "cuont"}, status=422)
    assert f'"problems": ["{found["problems"][0]}"]' in GUIDE
    assert f'"message": "{found["message"]}"' in GUIDE


def test_every_status_is_in_the_guide() -> None:
    tree = [HeadwayError, *HeadwayError.__subclasses__()]
    own = {error.status for error in tree}
    for status in {*own, 400, 401, 405, 413} - {500}:
        assert f"| {status} |" in GUIDE
