"""Properties as the parts have them, as codes into what different values there are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from headway.stores.ordered.ledger import Ledger
from headway.stores.ordered.streams import cores

Codes = npt.NDArray[np.int32]


@dataclass(frozen=True)
class Coded:
    """Of each row the place of its value in `values`; −1, the last place, is null."""

    codes: Codes
    values: pa.Array


def coded(
    root: Path, ledger: Ledger, names: Sequence[str], columns: Sequence[str]
) -> Mapping[tuple[str, str], Coded]:
    """(name, column) → the column of the name's rows. Every part has a column as the same type."""
    with ThreadPoolExecutor(cores()) as threads:
        parts = list(threads.map(lambda part: _read(root / part, columns), ledger.parts))
    found = {}
    for column in columns:
        values, places = _together([part.get(column, NOTHING) for part in parts])
        for name in names:
            mine = [
                place[part[column].codes[a:b]] if column in part else np.full(b - a, -1, np.int32)
                for part, place, runs in zip(parts, places, ledger.stretches, strict=True)
                for whose, a, b in runs
                if whose == name
            ]
            block = ledger.block(name)
            assert block is not None
            found[name, column] = Coded(np.concatenate(mine)[block.row], values)
    return found


NOTHING = Coded(np.zeros(0, np.int32), pa.array([], pa.null()))


def _read(path: Path, columns: Sequence[str]) -> dict[str, Coded]:
    schema = pq.read_schema(path)
    there = [name for name in columns if name in schema.names]
    texts = [name for name in there if pa.types.is_string(schema.field(name).type)]
    table = pq.read_table(path, columns=there, read_dictionary=texts, use_threads=False)
    return {name: _of(table[name]) for name in there}


def _of(column: pa.ChunkedArray) -> Coded:
    if not pa.types.is_dictionary(column.type):
        column = column.dictionary_encode()
    whole = column.unify_dictionaries().combine_chunks()
    whole = whole.chunk(0) if isinstance(whole, pa.ChunkedArray) else whole
    codes = whole.indices.fill_null(-1).to_numpy().astype(np.int32, copy=False)
    return Coded(codes, whole.dictionary)


def _together(parts: Sequence[Coded]) -> tuple[pa.Array, list[Codes]]:
    """All different values, and of each part where its own stand among them; last, none is −1."""
    kinds = [part.values.type for part in parts if not pa.types.is_null(part.values.type)]
    kind = kinds[0] if kinds else pa.string()
    whole = pa.concat_arrays([part.values.cast(kind) for part in parts]).dictionary_encode()
    places, start = [], 0
    for part in parts:
        mine = whole.indices[start : start + len(part.values)].to_numpy().astype(np.int32)
        places.append(np.append(mine, np.int32(-1)))
        start += len(part.values)
    return whole.dictionary, places
