"""Imports: what goes in, what is known, what is refused, and what a crash leaves."""

from __future__ import annotations

import csv
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from headway.accounts.models import Member, Workspace
from headway.engine.errors import Conflict, DefinitionError, InputError, NotAllowed
from headway.feed.models import Change
from headway.ingest import actions
from headway.ingest.days import learnt_gap, runs
from headway.ingest.manifest.store import event_names, sources_of, store_for
from headway.ingest.models import ChangedDays, Import, Part, Source
from headway.stores.mapping import Mapping

HEAD = "event,happened_at,user_id,message_id\n"
ROWS = [
    "signed_up,2026-01-05T10:00:00Z,u1,m1",
    "ordered,2026-01-06T10:00:00Z,u1,m2",
    "ordered,2026-01-09T10:00:00Z,u2,m3",
]


def written(folder: Path, rows: list[str], name: str = "events.csv") -> Path:
    path = folder / name
    path.write_text(HEAD + "\n".join(rows) + "\n")
    return path


@pytest.fixture
def source(acme: Workspace, now: datetime) -> Source:
    return actions.save_source(acme, "shop", name="Shop", by=None, now=now)


def imported(source: Source, path: Path, now: datetime, **more: Any) -> Import:
    return actions.import_events(source, path, by=None, now=now, **more)


def counts(done: Import) -> tuple[int, int, int, int]:
    return done.read, done.added, done.known, done.rejected


def stretches(source: Source) -> set[tuple[date, date]]:
    return set(source.changed_days.values_list("first", "last"))


def test_good_rows_go_in_and_bad_ones_are_listed(
    source: Source, tmp_path: Path, now: datetime
) -> None:
    done = imported(source, written(tmp_path, [*ROWS, "ordered,2026-02-30,u3,m4"]), now)
    assert counts(done) == (4, 3, 0, 1)
    reason = "The date in `2026-02-30` does not exist."
    assert done.reject_sample == [{"line": 5, "reason": reason, "text": "ordered,2026-02-30,u3,m4"}]
    with (settings.DATA / done.reject_path).open() as file:
        assert list(csv.DictReader(file)) == [
            {"line": "5", "reason": reason, "text": "ordered,2026-02-30,u3,m4"}
        ]


def test_the_source_learns_its_bounds_and_gap(
    source: Source, tmp_path: Path, now: datetime
) -> None:
    imported(source, written(tmp_path, ROWS), now)
    assert source.first_event_at == datetime(2026, 1, 5, 10, tzinfo=UTC)
    assert source.last_event_at == datetime(2026, 1, 9, 10, tzinfo=UTC)
    assert (source.rows, source.rejected, source.gap_days) == (3, 0, 3)
    assert sources_of(source.workspace)["shop"].gap_days == 3
    assert event_names(source.workspace) == ["ordered", "signed_up"]
    assert Change.objects.filter(subject="source:shop", what="imported").count() == 1


def test_the_same_file_again_adds_nothing(source: Source, tmp_path: Path, now: datetime) -> None:
    path = written(tmp_path, [*ROWS, ",2026-01-01,u,m9"])
    imported(source, path, now)
    ChangedDays.objects.all().delete()
    done = imported(source, path, now)
    assert counts(done) == (4, 0, 3, 1)
    assert (source.rows, source.rejected, source.parts.count()) == (3, 1, 1)
    assert not ChangedDays.objects.exists()


def test_equal_rows_without_identity_both_count_once_each(
    source: Source, tmp_path: Path, now: datetime
) -> None:
    path = tmp_path / "plain.csv"
    path.write_text("event,happened_at,user_id\n" + "visited,2026-01-05,u1\n" * 2)
    assert counts(imported(source, path, now)) == (2, 2, 0, 0)
    assert counts(imported(source, path, now)) == (2, 0, 2, 0)


def test_identity_counts_once_across_files(source: Source, tmp_path: Path, now: datetime) -> None:
    imported(source, written(tmp_path, ROWS), now)
    more = written(tmp_path, [*ROWS[1:], "ordered,2026-01-10T10:00:00Z,u3,m5"], "more.csv")
    assert counts(imported(source, more, now)) == (3, 1, 2, 0)


def named(source: Source) -> set[tuple[str, str, str, str]]:
    """Changed days as first and last, with the names and columns that changed."""
    rows = source.changed_days.values_list("first", "last", "names", "columns")
    return {
        (f"{first:%d}", f"{last:%d}", " ".join(names or ["*"]), " ".join(columns or ["*"]))
        for first, last, names, columns in rows
    }


def test_changed_days_are_those_of_new_events_with_their_names(
    source: Source, tmp_path: Path, now: datetime
) -> None:
    imported(source, written(tmp_path, ROWS), now)
    assert stretches(source) == {
        (date(2026, 1, 5), date(2026, 1, 6)),
        (date(2026, 1, 9), date(2026, 1, 9)),
    }
    ChangedDays.objects.all().delete()
    late = ["ordered,2026-01-02,u1,m6", "ordered,2026-02-01,u1,m7"]
    imported(source, written(tmp_path, late, "late.csv"), now)
    assert stretches(source) == {
        (date(2026, 1, 2), date(2026, 1, 2)),
        (date(2026, 2, 1), date(2026, 2, 1)),
    }
    ChangedDays.objects.all().delete()
    more = [*late, "paid,2026-01-03,u1,m8", "left,2026-01-04,u1,m9", "left,2026-01-09,u1,m10"]
    imported(source, written(tmp_path, more, "more.csv"), now)
    assert named(source) == {("03", "04", "left paid", "*"), ("09", "09", "left", "*")}


def test_joining_two_ids_changes_the_days_of_the_one_that_goes(
    source: Source, tmp_path: Path, now: datetime
) -> None:
    other = actions.save_source(source.workspace, "app", by=None, now=now)
    imported(source, written(tmp_path, ROWS), now)
    imported(other, written(tmp_path, ["opened,2026-01-07,u2,a1"], "app.csv"), now)
    ChangedDays.objects.all().delete()
    path = tmp_path / "links.csv"
    path.write_text("event,happened_at,user_id,previous_id\n$alias,2026-01-08,u1,u2\n")
    imported(source, path, now)
    assert named(source) == {("08", "08", "$alias", "*"), ("09", "09", "ordered", "user_id")}
    assert named(other) == {("07", "07", "opened", "user_id")}
    ChangedDays.objects.all().delete()
    path.write_text("event,happened_at,user_id,previous_id\n$alias,2026-01-07,u1,u2\n")
    imported(source, path, now)
    assert named(source) == {("07", "07", "$alias", "*")}


def test_what_is_said_of_people_holds_from_then_on(
    source: Source, tmp_path: Path, now: datetime
) -> None:
    imported(source, written(tmp_path, ROWS), now)
    ChangedDays.objects.all().delete()
    path = tmp_path / "traits.csv"
    path.write_text("event,happened_at,user_id,plan\n$identify,2026-01-06,u1,pro\n")
    imported(source, path, now)
    assert named(source) == {("06", "06", "$identify", "*"), ("06", "09", "*", "p:plan")}
    ChangedDays.objects.all().delete()
    path.write_text("event,happened_at,user_id,previous_id\n$identify,2026-01-08,u2,u1\n")
    imported(source, path, now)
    assert named(source) == {
        ("08", "08", "$identify", "*"),
        ("05", "06", "$identify ordered signed_up", "user_id p:plan"),
        ("06", "09", "*", "p:plan"),
    }


def test_another_type_changes_what_reads_the_property(
    source: Source, tmp_path: Path, now: datetime
) -> None:
    path = tmp_path / "sizes.csv"
    for size, changed in ((1, False), (2, False), (2.5, True), (3, False)):
        ChangedDays.objects.all().delete()
        path.write_text(f"event,happened_at,user_id,size\nordered,2026-01-0{size:.0f},u1,{size}\n")
        imported(source, path, now)
        assert any(columns == "p:size" for *_, columns in named(source)) is changed


def test_parts_without_a_manifest_are_not_served_and_a_rerun_completes(
    source: Source, tmp_path: Path, now: datetime
) -> None:
    """What a kill between writing a part and its manifest row leaves: the file without its row."""
    path = written(tmp_path, ROWS)
    imported(source, path, now)
    Part.objects.all().delete()
    Import.objects.all().delete()
    assert list((settings.STORE / "acme" / "shop").glob("*.parquet"))
    assert store_for(source.workspace).names == []
    assert counts(imported(source, path, now)) == (3, 3, 0, 0)
    assert store_for(source.workspace).names == [("ordered", 2), ("signed_up", 1)]


def test_failure_half_way_adds_nothing(source: Source, tmp_path: Path, now: datetime) -> None:
    class Killed(Exception): ...

    def on_progress(rows: int, share: float) -> None:
        raise Killed

    with pytest.raises(Killed):
        imported(source, written(tmp_path, ROWS), now, on_progress=on_progress)
    source.refresh_from_db()
    assert (source.rows, source.parts.count(), source.imports.count()) == (0, 0, 0)
    assert list((settings.DATA / "rejects" / "acme").iterdir()) == []


def test_two_imports_at_once_do_not_double(source: Source, tmp_path: Path, now: datetime) -> None:
    path = written(tmp_path, ROWS)
    more = written(tmp_path, [*ROWS[1:], "ordered,2026-01-10T10:00:00Z,u3,m5"], "more.csv")

    def overtaken(rows: int, share: float) -> None:
        if not source.imports.exists():
            imported(Source.objects.get(pk=source.pk), path, now)

    done = imported(source, more, now, on_progress=overtaken)
    assert counts(done) == (3, 1, 2, 0)
    assert source.rows == 4
    assert store_for(source.workspace).names == [("ordered", 3), ("signed_up", 1)]


def test_progress_ends_at_the_whole_file(source: Source, tmp_path: Path, now: datetime) -> None:
    seen: list[tuple[int, float]] = []
    imported(source, written(tmp_path, ROWS), now, on_progress=lambda *at: seen.append(at))
    assert seen[-1] == (3, 1.0)


def test_everything_rejected_leaves_the_source_as_it_was(
    source: Source, tmp_path: Path, now: datetime
) -> None:
    done = imported(source, written(tmp_path, [",2026-01-01,u,m1"]), now)
    assert counts(done) == (1, 0, 0, 1)
    assert source.last_event_at is None


def test_an_unreadable_file_adds_nothing(source: Source, tmp_path: Path, now: datetime) -> None:
    with pytest.raises(InputError, match="no such file"):
        imported(source, tmp_path / "none.csv", now)
    assert not Import.objects.exists()


def test_viewers_may_not_import(
    source: Source, viewer: Member, tmp_path: Path, now: datetime
) -> None:
    with pytest.raises(NotAllowed):
        actions.import_events(source, written(tmp_path, ROWS), by=viewer, now=now)


@pytest.mark.parametrize("key", ["", "Shop", "a b", "../up"])
def test_a_source_key_is_plain(acme: Workspace, now: datetime, key: str) -> None:
    with pytest.raises(DefinitionError, match="a key of small letters"):
        actions.save_source(acme, key, by=None, now=now)


def test_a_managed_source_is_changed_by_its_file_only(acme: Workspace, now: datetime) -> None:
    actions.save_source(acme, "shop", by=None, now=now, managed=True)
    with pytest.raises(Conflict, match="managed in code"):
        actions.save_source(acme, "shop", name="Other", by=None, now=now)
    actions.save_source(acme, "shop", name="Other", by=None, now=now, managed=True)
    assert Source.objects.get().name == "Other"


def test_another_gap_is_recorded(source: Source, tmp_path: Path, now: datetime) -> None:
    imported(source, written(tmp_path, ROWS), now)
    actions.save_source(source.workspace, "shop", name="Shop", usual_gap_days=9, by=None, now=now)
    change = Change.objects.get(what="usual_gap_days")
    assert (change.before, change.after) == ("", "9")


def test_mapping_of_a_table_of_orders(source: Source, tmp_path: Path, now: datetime) -> None:
    path = tmp_path / "orders.csv"
    path.write_text("order,day,customer,amount\nA1,20260105,00042,9.50\n")
    mapping = Mapping(name="ordered", happened_at="day", user_id="customer", message_id="order")
    assert counts(imported(source, path, now, mapping=mapping)) == (1, 1, 0, 0)
    assert store_for(source.workspace).properties == ["amount"]


def test_learnt_gap_looks_at_the_last_half_year_only() -> None:
    days = [date(2025, 1, 1), date(2025, 12, 1), date(2025, 12, 2), date(2025, 12, 6)]
    assert learnt_gap(days) == 4
    assert learnt_gap([]) == learnt_gap(days[:1]) == 2


def test_runs() -> None:
    days = [date(2026, 1, d) for d in (3, 1, 2, 7)]
    assert runs(days) == [(days[1], days[0]), (days[3], days[3])]
