"""Moving in and out, in the browser's own words: send, look, correct, make."""

from __future__ import annotations

import io
import json
import re
import zipfile
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from headway.accounts.models import Member, Workspace
from headway.moving.delivery import deliveries, keep
from headway.moving.opening import File

GOALS = (
    "Ziel;Key Result;Team;Cycle;Owner;From;To;Now;Due\n"
    "Loved;Calls;Care;Q3 2026;zoe@x.example;10;50;12;03/04/2026\n"
)


@pytest.fixture
def visitor(client: Client, admin: Member) -> Client:
    client.force_login(admin.person)
    return client


def send(client: Client, *files: tuple[str, bytes]) -> str:
    sent = [SimpleUploadedFile(name, content) for name, content in files]
    answer = client.post("/acme/move-in", {"files": sent})
    assert answer.status_code == 302, answer.content.decode()
    return str(answer["Location"])


def words(answer: Any) -> str:
    text = re.sub(r"<[^>]+>", " ", answer.content.decode())
    return " ".join(unescape(text).split())


def fields(answer: Any) -> dict[str, str]:
    form = answer.context["form"]
    return {name: form[name].value() or "" for name in form.fields}


def test_goals_come_in_by_way_of_a_look(visitor: Client, acme: Workspace, admin: Member) -> None:
    assert "Move goals in" in words(visitor.get("/acme/settings/moving"))
    assert "Move them in" in words(visitor.get("/acme/objectives"))
    address = send(visitor, ("plan.csv", GOALS.encode()))
    seen = visitor.get(address)
    assert "belongs" not in words(seen)
    assert "“Calls” has no objective." in words(seen)
    asked = {**fields(seen), "column0-0": "objective", "column0-8": "", "do": "read"}
    assert visitor.post(address, {**asked, "column0-1": "objective"}).status_code == 422
    answer = visitor.post(address, asked)
    assert answer.status_code == 302, words(answer)
    seen = visitor.get(address)
    assert "1 team, 1 cycle, 1 objective, 1 key result, 1 check-in would be made" in words(seen)
    assert "Calls from 10 to 50" in words(seen)
    assert "`zoe@x.example`" not in words(seen)
    assert "zoe@x.example is no member and is left out" in words(seen)
    assert not acme.objectives.exists()

    again = {**fields(seen), "column0-8": "due", "do": "read"}
    visitor.post(address, again)
    problem = words(visitor.get(address))
    assert "1 problem to mend first" in problem
    assert "03/04/2026 may be 3 April or 4 March" in problem
    failed = visitor.post(address, {"do": "move"})
    assert failed.status_code == 422
    assert not acme.objectives.exists()
    assert deliveries(acme, admin)[0].files()[0].content == GOALS.encode()

    visitor.post(address, {**again, "column0-8": "", "add_people": "on"})
    done = visitor.post(address, {"do": "move"}, follow=True)
    assert (
        "Moved in: 1 team, 1 cycle, 1 objective, 1 key result, 1 check-in, 1 new member"
        in words(done)
    )
    assert acme.objectives.get().owner == acme.members.get(person__email="zoe@x.example")
    assert deliveries(acme, admin) == []
    assert visitor.get(address).status_code == 404


def test_files_are_kept_for_who_sent_them(
    visitor: Client, acme: Workspace, admin: Member, member: Member, viewer: Member
) -> None:
    address = send(visitor, ("broken.xlsx", b"PK\x03\x04 torn"), ("a.csv", GOALS.encode()))
    assert "The file cannot be read; it may be torn" in words(visitor.get(address))
    assert "broken.xlsx" in words(visitor.get("/acme/move-in"))
    other = Client()
    other.force_login(member.person)
    assert other.get(address).status_code == 404
    assert "broken.xlsx" not in words(other.get("/acme/move-in"))
    other.force_login(viewer.person)
    assert other.get("/acme/move-in").status_code == 403
    visitor.post(address, {"do": "drop"})
    assert visitor.get(address).status_code == 404
    assert visitor.post("/acme/move-in").status_code == 422
    now = timezone.now()
    keep(acme, admin, [File("old.csv", b"x")], now=now - timedelta(days=8))
    keep(acme, admin, [File("new.csv", b"x")], now=now)
    assert [one.names for one in deliveries(acme, admin)] == [["new.csv"]]


def test_everything_goes_out(visitor: Client, acme: Workspace) -> None:
    document = json.loads(visitor.get("/acme/settings/moving?format=json").content)
    assert document["workspace"]["key"] == "acme"
    packed = visitor.get("/acme/settings/moving?format=csv")
    assert packed["Content-Disposition"].endswith('.zip"')
    assert "workspace.csv" in zipfile.ZipFile(io.BytesIO(packed.content)).namelist()
    assert visitor.get("/acme/settings/moving?format=pdf").status_code == 422
