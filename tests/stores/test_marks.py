"""Marks of ids: the same on every machine and in every release, and as different as the ids."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import given
from hypothesis import strategies as st

from headway.stores.marks import distinct, held, load, marks, save

MASK = 0xFFFFFFFFFFFFFFFF


def by_the_book(text: str) -> int:
    """The format as its documentation says it, one byte after the other."""
    raw = text.encode()
    mark = len(raw)
    for start in range(0, len(raw), 8):
        mark ^= int.from_bytes(raw[start : start + 8].ljust(8, b"\0"), "little")
        for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB), (31, 1)):
            mark = ((mark ^ (mark >> shift)) * factor) & MASK
    return mark


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=40)))
def test_marks_are_as_documented(ids: list[str]) -> None:
    assert marks(pa.array(ids, pa.string())).tolist() == [by_the_book(i) for i in ids]


def test_pieces_of_a_longer_array_have_the_same_marks() -> None:
    ids = pa.array(["first", "second", "x" * 30, "", "last"])
    pieces = pa.chunked_array([ids.slice(1, 2), ids.slice(3)])
    assert marks(pieces).tolist() == marks(ids).tolist()[1:]


def test_a_million_row_numbers_have_a_million_marks() -> None:
    ids = pa.array([f"0123456789abcdef:{number}" for number in range(1_000_000)])
    assert len(np.unique(marks(ids))) == 1_000_000


def test_of_ids_that_repeat_the_first_counts() -> None:
    ids = pa.chunked_array([["b", "a"], ["b", "c", "a"]])
    assert sorted(distinct(ids, marks(ids)).tolist()) == [0, 1, 3]


def test_ids_with_one_mark_by_chance_are_still_different(tmp_path: Path) -> None:
    same = np.zeros(3, np.uint64)
    ids = pa.chunked_array([["a", "b", "a"]])
    assert sorted(distinct(ids, same).tolist()) == [0, 1]
    part = tmp_path / "one.parquet"
    pq.write_table(pa.table({"message_id": ["a"]}), part)
    save(part, same[:1])
    assert held(part, load(part), ids, same, np.arange(3)).tolist() == [True, False, True]
