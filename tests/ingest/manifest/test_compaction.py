"""Many small parts become few; numbers, identities and readers notice nothing."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from headway.accounts.models import Workspace
from headway.ingest import actions
from headway.ingest.manifest import compaction
from headway.ingest.manifest.compaction import GRACE, compact
from headway.ingest.manifest.store import store_for
from headway.ingest.models import ChangedDays, Part, Replaced, Source
from headway.stores.merging import FAN, worth_merging
from headway.stores.ordered.build import build
from headway.stores.parts import PartFile

pytestmark = pytest.mark.django_db
HEAD = "event,happened_at,user_id,message_id,size\n"


@pytest.fixture
def source(acme: Workspace, now: datetime) -> Source:
    return actions.save_source(acme, "app", by=None, now=now)


def imported(source: Source, folder: Path, now: datetime, number: int, size: Any = 1) -> int:
    path = folder / f"{number}.csv"
    rows = [f"opened,2026-02-{1 + number:02d},u{i},m{number}-{i},{size}" for i in range(3)]
    path.write_text(HEAD + "\n".join([*rows, f"$identify,2026-02-01,u0,i{number},{size}"]) + "\n")
    return actions.import_events(source, path, by=None, now=now).added


def files(source: Source) -> set[str]:
    return {p.name for p in (settings.STORE / "acme" / source.key).glob("*.parquet")}


def test_parts_are_put_together_and_old_files_go_a_day_later(
    source: Source, tmp_path: Path, now: datetime
) -> None:
    for number in range(FAN - 1):
        imported(source, tmp_path, now, number)
    assert compact(source.workspace, now=now) == 0
    imported(source, tmp_path, now, FAN - 1)
    before = store_for(source.workspace).local
    ChangedDays.objects.all().delete()
    assert compact(source.workspace, now=now) == FAN
    [part] = source.parts.all()
    assert (part.rows, part.has_links, len(part.days)) == (4 * FAN, True, FAN)
    assert store_for(source.workspace).names == [("opened", 3 * FAN)]
    assert before.names == [("opened", 3 * FAN)]  # who had begun reads on
    assert not ChangedDays.objects.exists()
    source.refresh_from_db()
    assert source.rows == 4 * FAN
    assert imported(source, tmp_path, now, 0) == 0  # each event is known still
    assert compact(source.workspace, now=now) == 0
    assert len(files(source)) == FAN + 1
    root = settings.STORE / "acme"
    old = build(root, before.parts, "user")
    new = build(root, store_for(source.workspace).local.parts, "user")
    compact(source.workspace, now=now + GRACE + timedelta(seconds=1))
    assert (old.path.exists(), new.path.exists()) == (False, True)
    assert files(source) == {Path(part.path).name}
    assert not Replaced.objects.exists()


def test_a_kill_before_the_manifest_leaves_what_was(
    source: Source, tmp_path: Path, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(FAN):
        imported(source, tmp_path, now, number)

    class Killed(Exception): ...

    def killed(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(compaction, "row_of", killed)
        with pytest.raises(Killed):
            compact(source.workspace, now=now)
    assert source.parts.count() == FAN
    assert store_for(source.workspace).names == [("opened", 3 * FAN)]
    assert compact(source.workspace, now=now) == FAN
    assert store_for(source.workspace).names == [("opened", 3 * FAN)]


def test_an_import_that_was_under_way_goes_in_once(
    source: Source, tmp_path: Path, now: datetime
) -> None:
    for number in range(FAN):
        imported(source, tmp_path, now, number)

    def compacted(_: int, __: float) -> None:
        compact(source.workspace, now=now)

    path = tmp_path / "more.csv"
    path.write_text(HEAD + "opened,2026-02-01,u0,m0-0,1\nopened,2026-02-01,u9,new,1\n")
    done = actions.import_events(source, path, by=None, now=now, on_progress=compacted)
    assert (done.added, done.known) == (1, 1)
    assert source.parts.count() == 2


def part(number: int, rows: int, **columns: str) -> PartFile:
    at = datetime(2026, 1, 1) + timedelta(hours=number)
    return PartFile(f"app/{number}.parquet", "app", rows, 1, "", at, at, columns, {})


def test_only_what_has_the_same_types_and_a_similar_size_goes_together() -> None:
    whole = [part(n, 10, **{"p:size": "int64"}) for n in range(FAN)]
    broken = [part(n + 50, 10, **{"p:size": "double"}) for n in range(FAN - 1)]
    assert [len(group) for group in worth_merging([*whole, *broken])] == [FAN]
    assert list(worth_merging([*whole[1:], part(99, 100_000)])) == []
    assert list(worth_merging([part(n, 2_000_000) for n in range(20)])) == []


def test_numbers_stay_the_same_where_types_differ(
    source: Source, tmp_path: Path, now: datetime
) -> None:
    for number in range(2 * FAN):
        imported(source, tmp_path, now, number, size=number % 2 + 0.5 if number % 2 else 1)
    compact(source.workspace, now=now)
    types = [p.columns["p:size"] for p in Part.objects.all()]
    assert sorted(types) == ["double", "int64"]
