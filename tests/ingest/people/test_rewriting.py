"""A person is deleted everywhere, even when the worker is killed on the way."""

from __future__ import annotations

import json
import os
import shutil
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from django.conf import settings
from django.db import connection

from headway.accounts import actions as accounts
from headway.accounts.models import Workspace
from headway.cli.worker import run_pass
from headway.engine.errors import Conflict, NotAllowed, NotFound
from headway.feed.models import Change
from headway.ingest import actions
from headway.ingest.manifest.store import store_for
from headway.ingest.models import Blocked, Delivered, Part, Refusal, Replaced, Rewrite, Source
from headway.ingest.packing import packed
from headway.ingest.people import leavings, person, rewriting
from headway.ingest.people.blocking import unblock
from headway.ingest.people.rewriting import UNREAD_AFTER, ask_person, ask_rename, rewrite
from headway.metrics import actions as metrics
from headway.metrics.models import Point
from tests.conftest import member_of
from tests.ingest.inflow.test_drain import deliver, drained, event

pytestmark = pytest.mark.django_db


@pytest.fixture
def source(acme: Workspace, now: datetime) -> Source:
    return actions.save_source(acme, "app", name="App", by=None, now=now)


def said(type_: str, id_: str, at: str, **more: Any) -> dict[str, Any]:
    return {"type": type_, "messageId": id_, "timestamp": f"2026-03-01T{at}Z"} | more


def story(source: Source, now: datetime) -> None:
    """Ada visits without a name, signs up, and gets another id; Bob uses her computer later."""
    actions.save_source(source.workspace, "web", by=None, now=now)
    web = source.workspace.sources.get(key="web")
    deliver(
        source,
        now,
        said("track", "1", "08:00:00", event="ordered", anonymousId="anon"),
        said("identify", "2", "09:00:00", anonymousId="anon", userId="ada"),
        event("3", userId="ada"),
        event("4", userId="bob"),
        event("5", userId="ada2"),
    )
    drained(source, now)
    deliver(
        web,
        now,
        said("alias", "6", "11:00:00", previousId="ada", userId="ada2"),
        said("identify", "7", "12:00:00", anonymousId="anon", userId="bob"),
        said("track", "8", "11:30:00", event="ordered", anonymousId="anon"),
        said("track", "9", "13:00:00", event="ordered", anonymousId="anon"),
        said("track", "10", "13:00:00", event="", userId="ada", properties={"a": 1}),
        said("track", "11", "13:00:00", event="", userId="adam"),
    )
    drained(web, now)
    broken = b'{"batch": [{"userId": "ada2"'
    Delivered.objects.create(
        source=web, dialect="segment", path="/v1/batch", query="{}", headers="{}",
        body=packed(broken), bytes=len(broken), received_at=now, problem="unreadable",
    )  # fmt: skip


def stored(workspace: Workspace) -> set[str]:
    found = set[str]()
    for part in Part.objects.filter(source__workspace=workspace):
        found |= set(pq.read_table(settings.STORE / part.path)["message_id"].to_pylist())
    return found


def bytes_of(workspace: Workspace, text: str) -> list[Path]:
    """Files of the workspace that hold the text, in whatever part of them."""
    found = []
    for path in (settings.STORE / workspace.key).rglob("*.parquet"):
        if any(text in str(row.values()) for row in pq.read_table(path).to_pylist()):
            found.append(path)
    return found


def test_a_person_goes_with_every_id_and_leaves_a_receipt(source: Source, now: datetime) -> None:
    home = source.workspace
    story(source, now)
    metrics.save_metric(
        home, {"key": "buyers", "kind": "unique", "event": "ordered"}, by=None, now=now
    )
    run_pass(now)
    point = Point.objects.get(metric__key="buyers", grain="day", start="2026-03-01")
    assert point.value == 2
    for id_ in ("ada", "ada2"):
        exported = {row["message_id"] for row in person.exported(home, id_, by=None)}
        assert exported == {"1", "2", "3", "5", "6"}
    with pytest.raises(Conflict, match="2 people"):
        ask_person(home, "anon", blocks=True, by=None, now=now)
    with pytest.raises(NotFound):
        ask_person(home, "nobody", blocks=True, by=None, now=now)
    with pytest.raises(NotAllowed):
        ask_person(home, "ada", blocks=True, by=member_of(home, "member", now), now=now)
    job = ask_person(home, "ada", blocks=True, by=member_of(home, "admin", now), now=now)
    with pytest.raises(Conflict, match="already"):
        ask_person(home, "ada2", blocks=True, by=None, now=now)
    run_pass(now)
    assert stored(home) == {"4", "7", "8", "9"}
    point.refresh_from_db()
    assert point.value == 1
    assert not Delivered.objects.exists()
    assert [
        row.text for row in Refusal.objects.all() if "ada" in row.text and "adam" not in row.text
    ] == []
    assert bytes_of(home, "ada2"), "those who still read the old files may finish"
    later = now + UNREAD_AFTER
    run_pass(later)
    assert bytes_of(home, "ada2") == []
    job.refresh_from_db()
    assert (job.state, job.what, job.finished_at) == ("done", {}, later)
    assert job.account["events"] == 5
    assert (job.account["deliveries"], job.account["refusals"]) == (1, 1)
    assert "ada" not in json.dumps([job.account, job.digest, str(job)])
    source.refresh_from_db()
    assert source.rows == sum(source.parts.values_list("rows", flat=True))
    assert not Replaced.objects.exists()

    deliver(source, later, event("20", userId="ada"), event("21", userId="bob"))
    deliver(source, later, said("identify", "22", "14:00:00", anonymousId="x", userId="ada2"))
    deliver(source, later, said("track", "23", "14:00:00", event="ordered", anonymousId="anon"))
    drained(source, later)
    assert stored(home) == {"4", "7", "8", "9", "21", "23"}, "late events of hers are left out"
    source.refresh_from_db()
    assert source.rejected == 2


@pytest.mark.parametrize("at", range(1, 8))
def test_a_kill_half_way_is_made_good(
    source: Source, now: datetime, monkeypatch: pytest.MonkeyPatch, at: int
) -> None:
    """Killed at each of its steps, and gone on with: the end is the same."""
    home = source.workspace
    story(source, now)
    ask_person(home, "ada", blocks=False, by=None, now=now)
    left = [at]

    def mortal(function: Any) -> Any:
        def call(*args: Any, **more: Any) -> Any:
            found = function(*args, **more)
            left[0] -= 1
            if not left[0]:
                raise KeyboardInterrupt
            return found

        return call

    with monkeypatch.context() as patch:
        for place, name in (
            (rewriting, "replace_part"), (rewriting, "_move"), (rewriting, "remove"),
            (leavings, "_set_aside"), (rewriting, "_remove_ledgers"),
        ):  # fmt: skip
            patch.setattr(place, name, mortal(getattr(place, name)))
        with pytest.raises(KeyboardInterrupt):
            [rewrite(home, now=moment) for moment in (now, now + UNREAD_AFTER)]
    rewrite(home, now=now + timedelta(minutes=1))
    rewrite(home, now=now + 2 * UNREAD_AFTER)
    assert stored(home) == {"4", "7", "8", "9"}
    assert bytes_of(home, "ada2") == []
    job = Rewrite.objects.get()
    assert (job.state, job.account["events"], job.account["deliveries"]) == ("done", 5, 1)
    assert not Blocked.objects.exists()


def test_what_is_personal_is_hashed_at_the_door_and_in_what_was_there(
    source: Source, now: datetime
) -> None:
    home = source.workspace
    deliver(source, now, event("1", properties={"email": "Ada@x.org", "phone": "1", "n": 2}))
    drained(source, now)
    accounts.save_settings(home, {"personal": {"email": "hash", "phone": "drop"}}, by=None, now=now)
    deliver(source, now, event("2", properties={"user.email": "ada@x.org ", "n": 2}))
    drained(source, now)
    assert len(bytes_of(home, "Ada@x.org")) == 1
    assert bytes_of(home, "ada@x.org ") == []
    rewriting.ask_personal(home, by=None, now=now)
    rewrite(home, now=now)
    rewrite(home, now=now + UNREAD_AFTER)
    assert bytes_of(home, "da@x.org") == []
    rows = list(person.exported(home, "u1", by=None))
    kept = [row["properties"] for row in sorted(rows, key=lambda r: str(r["message_id"]))]
    assert kept[0]["email"] == kept[1]["user.email"], "joins still work"
    assert "phone" not in kept[0]
    assert Rewrite.objects.get().state == "done"
    rewriting.ask_personal(home, by=None, now=now)
    rewrite(home, now=now)
    again = Rewrite.objects.order_by("pk").last()
    assert again
    assert again.account.get("parts") is None, "nothing is hashed twice"


def test_what_was_counted_under_another_name_is_renamed(source: Source, now: datetime) -> None:
    deliver(source, now, event("1", event="orderd"), event("2"))
    drained(source, now)
    ask_rename(source.workspace, "orderd", "ordered", by=None, now=now)
    rewrite(source.workspace, now=now)
    assert store_for(source.workspace).names == [("ordered", 2)]
    assert list(source.seen.values_list("name", "rows")) == [("ordered", 2)]
    assert ["orderd", "ordered"] in list(source.changed_days.values_list("names", flat=True))


def test_who_was_refused_is_taken_again(source: Source, now: datetime) -> None:
    home = source.workspace
    story(source, now)
    job = ask_person(home, "ada", blocks=True, by=None, now=now)
    run_pass(now)
    deliver(source, now, event("20", userId="ada2"))
    drained(source, now)
    assert "20" not in stored(home)
    with pytest.raises(NotFound, match="Nothing with this id is refused"):
        unblock(home, "bob", by=None, now=now)
    with pytest.raises(NotAllowed):
        unblock(home, "ada", by=member_of(home, "member", now), now=now)
    admin = member_of(home, "admin", now)
    assert unblock(home, "ada", by=admin, now=now) == 2, "by one id all of theirs"
    assert not Blocked.objects.exists()
    job.refresh_from_db()
    assert not job.blocks
    change = Change.objects.get(what="unblocked")
    assert (change.subject, change.by) == (f"rewrite:{job.pk}", admin.person)
    deliver(source, now, event("21", userId="ada2"))
    drained(source, now)
    assert "21" in stored(home)


def test_files_that_nothing_names_are_searched_too(source: Source, now: datetime) -> None:
    home = source.workspace
    story(source, now)
    run_pass(now)
    root = settings.STORE / home.key
    [some, *_] = (part.path for part in Part.objects.order_by("pk"))
    orphan, aside = root / "app" / "0a.parquet", settings.DATA / "aside" / home.key / "b.parquet"
    aside.parent.mkdir(parents=True)
    for path in (orphan, aside, root / "app" / "others.parquet"):
        shutil.copy(settings.STORE / some, path)
    table = pq.read_table(root / "app" / "others.parquet")
    bob = table.filter(pc.equal(table["user_id"], "bob"))
    pq.write_table(bob, root / "app" / "others.parquet")
    (aside.parent / "notes.txt").write_text("ada")
    os.utime(orphan, (now.timestamp(), now.timestamp()))
    job = ask_person(home, "ada", blocks=False, by=None, now=now)
    run_pass(now)
    later = now + UNREAD_AFTER
    run_pass(later)
    job.refresh_from_db()
    assert job.state == "clearing"
    assert "may belong to an import" in job.problem
    assert orphan.exists(), "younger than a day it may be an import's"
    run_pass(now + timedelta(days=1, minutes=1))
    job.refresh_from_db()
    assert (job.state, job.problem, job.what) == ("done", "", {})
    assert not orphan.exists()
    assert (root / "app" / "others.parquet").exists()
    assert set(pq.read_table(aside)["user_id"].to_pylist()) == {"bob"}
    counts = [job.account[f"strays_{name}"] for name in ("removed", "cleaned", "unread")]
    assert counts == [1, 1, 1]


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "sqlite", reason="its file is not ours to look into")
def test_nothing_of_them_is_left_in_free_pages(source: Source, now: datetime) -> None:
    deliver(source, now, event("1", userId="ada-of-the-free-pages"))
    drained(source, now)
    job = ask_person(source.workspace, "ada-of-the-free-pages", blocks=False, by=None, now=now)
    rewrite(source.workspace, now=now)
    rewrite(source.workspace, now=now + UNREAD_AFTER)
    job.refresh_from_db()
    assert (job.state, job.account["pages"]) == ("done", "")
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA freelist_count")
        assert cursor.fetchone() == (0,)
    assert b"ada-of-the-free-pages" not in connection.connection.serialize()
