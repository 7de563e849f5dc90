"""A store whose files were torn, lost, changed or joined by strangers."""

from __future__ import annotations

import os
import shutil
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings

from headway.accounts.models import Workspace
from headway.cli.worker import run_pass
from headway.engine.errors import StoreError
from headway.feed.models import Change
from headway.ingest import actions
from headway.ingest.manifest.health import Flaw, flaws
from headway.ingest.manifest.store import store_for
from headway.ingest.models import Source

pytestmark = pytest.mark.django_db
HEAD = "event,happened_at,user_id,message_id\n"


@pytest.fixture
def source(acme: Workspace, tmp_path: Path, now: datetime) -> Source:
    made = actions.save_source(acme, "app", name="App", by=None, now=now)
    for name in ("a", "b"):
        path = tmp_path / f"{name}.csv"
        path.write_text(f"{HEAD}opened,2026-02-01,u1,{name}\n")
        actions.import_events(made, path, by=None, now=now)
    return made


def folder() -> Path:
    found: Path = settings.STORE / "acme" / "app"
    return found


def parts() -> list[Path]:
    return sorted(folder().glob("*.parquet"))


def found(source: Source, repair: bool = False) -> list[tuple[str, str]]:
    """File and words, of a look that is made two days later."""
    late = datetime.now().astimezone() + timedelta(days=2)
    listed = list(flaws(source.workspace, now=late))
    for flaw in listed if repair else []:
        if flaw.mend:
            flaw.mend()
    return [(Path(flaw.path).name, flaw.words) for flaw in listed]


def test_a_sound_store_has_no_flaw(source: Source) -> None:
    assert found(source) == []


def test_a_changed_byte_is_found_by_its_checksum(source: Source) -> None:
    path = parts()[0]
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    [(name, words)] = found(source, repair=True)
    assert (name, "another content" in words) == (path.name, True)
    assert len(found(source)) == 1  # only a backup helps


def test_a_torn_file_is_said_on_the_page_and_never_served(
    source: Source, tmp_path: Path, now: datetime
) -> None:
    path = parts()[0]
    shutil.copy(path, tmp_path / "backup")
    os.truncate(path, 500)
    with pytest.raises(StoreError, match="500 bytes instead of"):
        assert store_for(source.workspace).names
    run_pass(now)
    source.refresh_from_db()
    assert f"app/{path.name} of its events has 500 bytes" in source.problem
    path.unlink()
    assert "cannot be found" in found(source)[0][1]
    shutil.copy(tmp_path / "backup", path)
    run_pass(now)
    source.refresh_from_db()
    assert source.problem == ""
    assert store_for(source.workspace).names == [("opened", 2)]
    assert Change.objects.filter(what="problem").count() == 2


def test_what_does_not_belong_there_is_set_aside(source: Source) -> None:
    shutil.copy(parts()[0], folder() / "orphan.parquet")
    (folder() / "notes.txt").write_text("mine")
    (folder() / "torn.parquet").write_bytes(b"PAR1")
    (folder() / ".writing-77").write_bytes(b"half")
    parts()[0].with_suffix(".marks").write_bytes(b"torn")
    told = dict(found(source, repair=True))
    assert told == {
        "orphan.parquet": "It holds events, and no manifest names it.",
        "notes.txt": "It does not belong here.",
        "torn.parquet": "It is no Parquet file.",
        ".writing-77": "It was left half-way.",
        parts()[0].name: "Its list of known ids is missing or torn.",
    }
    assert found(source) == []
    aside = settings.DATA / "aside" / "acme" / "app"
    assert {p.name for p in aside.iterdir()} == set(told) - {parts()[0].name}
    assert store_for(source.workspace).names == [("opened", 2)]


def test_what_an_import_may_be_writing_is_left_alone(source: Source) -> None:
    shutil.copyfile(parts()[0], folder() / "new.parquet")
    listed: list[Flaw] = list(flaws(source.workspace, now=datetime.now().astimezone()))
    assert listed == []
