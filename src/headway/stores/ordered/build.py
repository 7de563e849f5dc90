"""A ledger from parts: three columns are read once, and sorted by counting."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from headway.engine.errors import StoreError
from headway.stores.marks import marks
from headway.stores.ordered.ledger import Ledger, save
from headway.stores.ordered.streams import by_subject
from headway.stores.parts import PartFile

COLUMNS = {"user": "user_id", "account": "account_id"}
WANTING = np.uint32(2**32 - 1)
"""In place of a subject where an event has none."""


def build(root: Path, parts: Sequence[PartFile], by: str) -> Ledger:
    """All parts are of one source, in any order."""
    parts = sorted(parts, key=lambda p: (p.first_at, p.path))
    tables = [_read(root / p.path, COLUMNS[by]) for p in parts]
    keys, subject = _subjects(tables, COLUMNS[by])
    at = np.concatenate([t["happened_at"].cast(pa.int64()).to_numpy() for t in tables])
    names, codes = _coded(tables, "event")
    del tables
    blocks, rows, start = [], [], 0
    for name, held in _by_name(names, codes):
        order = _order(subject[held], at[held], len(keys))
        rows.append((held, order))
        blocks.append((name, start, start + len(order)))
        start += len(order)
    arrays = {
        "keys": keys,
        "subject": np.concatenate([_NONE32, *(subject[held[order]] for held, order in rows)]),
        "at": np.concatenate([_NONE64, *(at[held[order]] for held, order in rows)]),
        "row": np.concatenate([_NONE32, *(order for _, order in rows)]),
    }
    return save(root, parts[0].source, by, [p.path for p in parts], blocks, arrays)


_NONE32, _NONE64 = np.zeros(0, np.uint32), np.zeros(0, np.int64)


def _read(path: Path, subject: str) -> pa.Table:
    held = [n for n in ("event", subject) if n in pq.read_schema(path).names]
    table = pq.read_table(path, columns=[*held, "happened_at"], read_dictionary=held)
    if subject not in held:
        nothing = pa.nulls(table.num_rows, pa.string()).dictionary_encode()
        table = table.append_column(subject, nothing)
    return table


def _subjects(
    tables: Sequence[pa.Table], column: str
) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint32]]:
    """The mark of every subject, sorted; and of each row the place of its subject's."""
    texts, codes = _coded(tables, column)
    of_texts = marks(pa.array(texts, pa.string()))
    keys, place = np.unique(of_texts, return_inverse=True)
    if len(keys) < len(texts):
        raise StoreError("Two ids have the same mark, so that the quick way is closed to them.")
    places: npt.NDArray[np.uint32] = np.append(place, WANTING).astype(np.uint32)
    return keys, places[codes]


def _coded(tables: Sequence[pa.Table], column: str) -> tuple[list[str], npt.NDArray[np.int32]]:
    """The texts there are, and of each row which it has: −1 where it has none."""
    whole = pa.chunked_array([chunk for t in tables for chunk in t[column].chunks])
    one = whole.unify_dictionaries().combine_chunks() if whole.num_chunks else whole
    one = one.chunk(0) if isinstance(one, pa.ChunkedArray) else one
    codes = pc.fill_null(one.indices, -1).to_numpy(zero_copy_only=False)
    return one.dictionary.to_pylist(), codes.astype(np.int32, copy=False)


def _by_name(
    names: Sequence[str], codes: npt.NDArray[np.int32]
) -> Iterator[tuple[str, npt.NDArray[np.int64]]]:
    order = np.argsort(codes.astype(np.int16 if len(names) < 2**15 else np.int32), kind="stable")
    bounds = np.searchsorted(codes[order], np.arange(len(names) + 1))
    for i in sorted(range(len(names)), key=names.__getitem__):
        yield names[i], order[bounds[i] : bounds[i + 1]]


def _order(
    subject: npt.NDArray[np.uint32], at: npt.NDArray[np.int64], count: int
) -> npt.NDArray[Any]:
    """The rows that have a subject, by subject and time; those of one instant as they came."""
    first = np.arange(len(at), dtype=np.uint32)
    if len(at) and (at[1:] < at[:-1]).any():
        first = np.argsort(at, kind="stable").astype(np.uint32)
    first = first[subject[first] != WANTING]
    found: npt.NDArray[Any] = by_subject(subject[first], first, count)
    return found
