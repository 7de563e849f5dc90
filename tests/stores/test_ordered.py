"""Events in the order of their subjects: what is kept, what is made again, what is merged."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from headway.engine.definition import Definition
from headway.engine.kinds import parse
from headway.engine.measure import Ask, scope_of
from headway.engine.period import Calendar, Grain
from headway.stores.local import LocalStore, PartFile, write_parts
from headway.stores.memory import Memory
from headway.stores.ordered.answers import ANSWERS
from headway.stores.ordered.ledger import FOLDER, Ledger
from headway.stores.ordered.shelf import BYTES_A_ROW, Shelf
from headway.stores.warm import asked, warm
from tests.engine.reference import Happening
from tests.engine.worlds import table

BEGAN = datetime(2026, 3, 2, tzinfo=UTC)
LATER = datetime(2027, 1, 1, tzinfo=UTC)
ACTIVE = parse({"key": "active", "kind": "unique", "event": "any", "window": "3 days"})
PRO = parse({"key": "pro", "kind": "unique", "event": "A", "where": {"plan": "pro"}})


def happened(first: int, last: int, names: str = "AB") -> list[Happening]:
    return [
        Happening(f"m{i:05d}", names[i % len(names)], BEGAN + timedelta(hours=i), f"u{i % 7}", "x",
                  {"plan": ["pro", "free", None][i % 3]})
        for i in range(first, last)
    ]  # fmt: skip


def write(root: Path, parts: list[PartFile], *rows: Happening, source: str = "app") -> None:
    parts += write_parts(root, table(rows), source, parts).parts


def opened(root: Path, parts: list[PartFile]) -> LocalStore:
    return LocalStore(root, parts, ordered_from=0)


def values(store: LocalStore, definition: Definition) -> list[float | None]:
    scope = scope_of(
        BEGAN.date(), BEGAN.date() + timedelta(days=20), Grain.day, calendar=Calendar(),
        as_of=LATER, first_day=BEGAN.date(),
    )  # fmt: skip
    ask = Ask({definition.key: definition}, store, scope)
    return [p.value for p in ask.answer(definition.key).series.points]


def same(root: Path, parts: list[PartFile], definition: Definition = ACTIVE) -> LocalStore:
    """A store whose quick answer is that of SQL over the parts."""
    store, plain = opened(root, parts), LocalStore(root, parts)
    assert store.is_ordered
    assert not plain.is_ordered
    assert values(store, definition) == values(plain, definition)
    return store


def ledgers(root: Path) -> dict[str, int]:
    """Rows by folder."""
    found = (Ledger.open(path) for path in (root / FOLDER).iterdir())
    return {s.path.name: s.rows for s in found if s}


@pytest.fixture
def parts(tmp_path: Path) -> list[PartFile]:
    found: list[PartFile] = []
    write(tmp_path, found, *happened(0, 200))
    return found


def test_a_ledger_is_made_once_and_found_again(tmp_path: Path, parts: list[PartFile]) -> None:
    same(tmp_path, parts)
    (folder,) = (tmp_path / FOLDER).iterdir()
    made = (folder / "index.json").stat().st_mtime_ns
    same(tmp_path, parts)
    assert (folder / "index.json").stat().st_mtime_ns == made
    assert ledgers(tmp_path) == {folder.name: 200}


def test_a_small_part_stands_by_itself_until_there_is_as_much_again(
    tmp_path: Path, parts: list[PartFile]
) -> None:
    same(tmp_path, parts)
    write(tmp_path, parts, *happened(200, 230))
    same(tmp_path, parts)
    assert sorted(ledgers(tmp_path).values()) == [30, 200]
    write(tmp_path, parts, *happened(230, 400))
    same(tmp_path, parts)
    assert list(ledgers(tmp_path).values()) == [400]


def test_late_events_are_in_their_place(tmp_path: Path, parts: list[PartFile]) -> None:
    same(tmp_path, parts)
    write(tmp_path, parts, Happening("late", "A", BEGAN + timedelta(minutes=5), "u0", None, {}))
    same(tmp_path, parts)
    same(tmp_path, parts, PRO)


def test_what_was_lost_is_made_again(tmp_path: Path, parts: list[PartFile]) -> None:
    same(tmp_path, parts)
    (folder,) = (tmp_path / FOLDER).iterdir()
    (folder / "at.bin").write_bytes(b"torn")
    same(tmp_path, parts)
    (folder / "keys.bin").unlink()
    same(tmp_path, parts)


def test_another_content_of_the_same_size_is_told(tmp_path: Path, parts: list[PartFile]) -> None:
    same(tmp_path, parts)
    (folder,) = (tmp_path / FOLDER).iterdir()
    ledger = Ledger.open(folder)
    assert ledger is not None
    assert ledger.damaged() == []
    content = bytearray((folder / "at.bin").read_bytes())
    content[3] ^= 1
    (folder / "at.bin").write_bytes(content)
    assert ledger.damaged() == ["at"]


def alias(at: int, previous: str, person: str) -> dict[str, list[Any]]:
    return {
        "message_id": [f"alias-{previous}"], "event": ["$alias"], "user_id": [person],
        "happened_at": [BEGAN + timedelta(days=at)], "account_id": [None], "received_at": [None],
        "p:previous_id": [previous],
    }  # fmt: skip


def test_people_are_joined_without_anything_being_written_anew(
    tmp_path: Path, parts: list[PartFile]
) -> None:
    before = values(same(tmp_path, parts), ACTIVE)
    kept = ledgers(tmp_path)
    table = pa.table(alias(30, "u1", "u2"))
    parts += write_parts(tmp_path, table, "app", parts).parts
    joined = values(same(tmp_path, parts), ACTIVE)
    assert joined != before
    assert set(kept) < set(ledgers(tmp_path))
    same(tmp_path, parts, PRO)


def test_properties_are_those_of_the_same_events_whatever_the_parts_are_called(
    tmp_path: Path,
) -> None:
    parts: list[PartFile] = []
    for day in range(8):
        write(tmp_path, parts, *happened(day * 25, day * 25 + 25))
    names = [part.path for part in parts]
    assert names != sorted(names)
    same(tmp_path, parts, PRO)


def test_what_does_not_fit_into_memory_becomes_several(tmp_path: Path) -> None:
    parts: list[PartFile] = []
    for day in range(6):
        write(tmp_path, parts, *happened(day * 50, day * 50 + 50))
    memory = Memory(120 * BYTES_A_ROW)
    shelf = Shelf(tmp_path, parts, lambda _: None, frozenset(), memory=memory)
    assert [ledger.rows for ledger in shelf.runs("user").ledgers] == [100, 100, 100]
    assert sorted(ledgers(tmp_path).values()) == [100, 100, 100]
    write(tmp_path, parts, *happened(300, 330))
    shelf = Shelf(tmp_path, parts, lambda _: None, frozenset(), memory=memory)
    assert sorted(ledger.rows for ledger in shelf.runs("user").ledgers) == [30, 100, 100, 100]
    same(tmp_path, parts)


def test_answers_go_on_where_no_ledger_can_be_written(
    tmp_path: Path, parts: list[PartFile]
) -> None:
    (tmp_path / FOLDER).write_text("in the way")
    same(tmp_path, parts)


def test_warming_asks_every_kernel() -> None:
    assert {type(statistic) for statistic in asked()} == set(ANSWERS)
    warm()


def test_each_source_has_its_own(tmp_path: Path, parts: list[PartFile]) -> None:
    write(tmp_path, parts, *happened(300, 350, "AC"), source="site")
    store = same(tmp_path, parts)
    for source in ("app", "site"):
        of_source = parse({"key": "a", "kind": "unique", "event": "A", "source": source})
        same(tmp_path, parts, of_source)
    assert len(store._shelf.runs("user").ledgers) == 2


def test_a_name_that_nobody_sent_and_a_property_that_nobody_has(
    tmp_path: Path, parts: list[PartFile]
) -> None:
    for event, where in (
        ("never", {}),
        ("A", {"size": {"gt": 3}}),
        ("A", {"size": {"set": False}}),
    ):
        same(tmp_path, parts, parse({"key": "x", "kind": "unique", "event": event, "where": where}))
