"""Parts on disk: each event once, whole files, and what a crash leaves behind."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from headway.engine.errors import StoreError
from headway.engine.event import PROPERTY
from headway.stores.local import LocalStore
from headway.stores.parts import ORDER, write_parts

DAY = datetime(2026, 1, 5, tzinfo=UTC)
INSTANT = pa.timestamp("us", "UTC")


def events(*ids: str, at: datetime = DAY, name: str = "seen", **properties: Any) -> pa.Table:
    """One event for each id; a property is a list with a value for each of them."""
    columns = {
        "message_id": pa.array(ids),
        "event": pa.array([name] * len(ids)),
        "happened_at": pa.array([at] * len(ids), INSTANT),
        "user_id": pa.array([f"user of {i}" for i in ids]),
        "account_id": pa.nulls(len(ids), pa.string()),
        "received_at": pa.nulls(len(ids), INSTANT),
    }
    return pa.table(columns | {PROPERTY + n: pa.array(v) for n, v in properties.items()})


def stored(root: Path, parts: Any) -> list[str]:
    tables = [pq.read_table(root / p.path)["message_id"].to_pylist() for p in parts]
    return [i for ids in tables for i in ids]


def test_an_event_counts_once_within_a_batch(tmp_path: Path) -> None:
    written = write_parts(tmp_path, events("a", "b", "a"), "shop", ())
    assert (written.added, written.known) == (2, 1)
    assert sorted(stored(tmp_path, written.parts)) == ["a", "b"]


def test_of_two_rows_with_one_message_id_the_first_counts(tmp_path: Path) -> None:
    written = write_parts(tmp_path, events("a", "a", n=[1, 2]), "shop", ())
    assert pq.read_table(tmp_path / written.parts[0].path)["p:n"].to_pylist() == [1]


def test_names_that_differ_only_in_case_are_one_property(tmp_path: Path) -> None:
    """A database would see the first of two such columns, and lose the other."""
    table = events(
        "a", "b", "c", Plan=["x", None, None], plan=[None, "y", None], PLAN=[None, None, 7]
    )
    table = table.append_column("p:Price", pa.array([1, None, None]))
    table = table.append_column("p:price", pa.array([None, 2.5, None]))
    [part] = write_parts(tmp_path, table, "shop", ()).parts
    rows = pq.read_table(tmp_path / part.path).sort_by("message_id")
    assert [name for name in rows.column_names if name.startswith(PROPERTY)] == [
        "p:Plan",
        "p:Price",
    ]
    assert rows["p:Plan"].to_pylist() == ["x", "y", "7"]
    assert rows["p:Price"].to_pylist() == [1.0, 2.5, None]
    assert LocalStore(tmp_path, [part]).properties == ["Plan", "Price"]
    assert LocalStore.of_table(table).properties == ["Plan", "Price"]


def test_an_event_counts_once_over_parts_and_sources(tmp_path: Path) -> None:
    first = write_parts(tmp_path, events("a", "b"), "shop", ())
    second = write_parts(tmp_path, events("b", "c"), "app", first.parts)
    assert (second.added, second.known) == (1, 1)
    assert stored(tmp_path, second.parts) == ["c"]


def test_nothing_new_writes_nothing(tmp_path: Path) -> None:
    first = write_parts(tmp_path, events("a", "b"), "shop", ())
    again = write_parts(tmp_path, events("b", "a"), "shop", first.parts)
    assert (again.parts, again.added, again.known) == ([], 0, 2)
    assert write_parts(tmp_path, events(), "shop", ()).parts == []


def test_a_part_knows_its_rows_days_bounds_and_columns(tmp_path: Path) -> None:
    late = DAY.replace(hour=23, day=6)
    table = pa.concat_tables([events("a", "b", n=[1, 2]), events("c", at=late, n=[3])])
    (part,) = write_parts(tmp_path, table, "shop", ()).parts
    assert (part.source, part.rows, part.first_at, part.last_at) == ("shop", 3, DAY, late)
    assert part.days == {"2026-01-05": 2, "2026-01-06": 1}
    assert part.columns["p:n"] == "int64"
    assert part.bytes == (tmp_path / part.path).stat().st_size
    assert not part.has_links


@pytest.mark.parametrize("name", ["$identify", "$alias"])
def test_a_part_says_that_it_holds_links(tmp_path: Path, name: str) -> None:
    (part,) = write_parts(tmp_path, events("a", name=name), "shop", ()).parts
    assert part.has_links


def test_rows_are_sorted_for_pruning(tmp_path: Path) -> None:
    table = pa.concat_tables(
        [events("c", at=DAY.replace(day=7)), events("b"), events("a"), events("d", name="bought")]
    )
    (part,) = write_parts(tmp_path, table, "shop", ()).parts
    found = pq.read_table(tmp_path / part.path)
    ordered = found.select(ORDER)
    assert ordered.equals(ordered.sort_by([(column, "ascending") for column in ORDER]))


def test_writing_again_after_a_crash_makes_the_same_files(tmp_path: Path) -> None:
    """The crash: files written, but their rows never reached the manifest."""
    before = write_parts(tmp_path, events("a", "b"), "shop", ())
    after = write_parts(tmp_path, events("a", "b"), "shop", ())
    assert after == before
    files = {p.suffix for p in (tmp_path / "shop").iterdir()}
    assert files == {".parquet", ".marks"}
    assert len(list((tmp_path / "shop").iterdir())) == 2


def test_files_that_are_not_in_the_manifest_are_not_read(tmp_path: Path) -> None:
    parts = write_parts(tmp_path, events("a"), "shop", ()).parts
    write_parts(tmp_path, events("b"), "shop", parts)
    (tmp_path / "shop" / "torn.parquet").write_bytes(b"PAR1 and then the power went")
    assert LocalStore(tmp_path, parts).names == [("seen", 1)]


def test_an_event_without_a_time_is_refused(tmp_path: Path) -> None:
    table = events("a").set_column(2, "happened_at", pa.nulls(1, INSTANT))
    with pytest.raises(StoreError, match="without a time"):
        write_parts(tmp_path, table, "shop", ())


def test_a_lost_list_of_known_ids_is_made_again(tmp_path: Path) -> None:
    parts = write_parts(tmp_path, events("a"), "shop", ()).parts
    (tmp_path / parts[0].path).with_suffix(".marks").unlink()
    assert write_parts(tmp_path, events("a", "b"), "shop", parts).added == 1


def test_without_a_known_part_nothing_is_written(tmp_path: Path) -> None:
    parts = write_parts(tmp_path, events("a"), "shop", ()).parts
    (tmp_path / parts[0].path).with_suffix(".marks").unlink()
    (tmp_path / parts[0].path).unlink()
    with pytest.raises(StoreError, match="cannot be found"):
        write_parts(tmp_path, events("a"), "shop", parts)


def test_many_columns(tmp_path: Path) -> None:
    wide = events("a", **{f"n{i}": [i] for i in range(600)})
    parts = write_parts(tmp_path, wide, "shop", ()).parts
    store = LocalStore(tmp_path, parts)
    assert len(store.properties) == 600
    assert pc.all(pc.equal(pq.read_table(tmp_path / parts[0].path)["p:n599"], 599)).as_py()
