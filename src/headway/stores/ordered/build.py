"""A ledger from parts: three columns are read once, and sorted by counting."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq
from numba.typed import List

from headway.stores.ordered.keys import NOBODY, Keys, distinct, index_of, marked, places_of
from headway.stores.ordered.ledger import Draft, Ledger, Rows
from headway.stores.ordered.streams import by_subject, cores
from headway.stores.parts import PartFile

COLUMNS = {"user": "user_id", "account": "account_id"}
HALVES = 2
"""Even marks and odd ones are told apart, each by a thread of its own."""

Codes = npt.NDArray[np.int32]


@dataclass
class Piece:
    """What one part says: the marks there are, and of each row which it has; −1 for none.

    `runs` are stretches of rows of one name. Once all subjects are known, `subjects` says where
    each mark stands among them, and last NOBODY, which the code −1 finds.
    """

    marks: Keys
    codes: Codes
    at: npt.NDArray[np.int64]
    runs: list[tuple[str, int, int]]
    subjects: npt.NDArray[np.uint32]


Stretches = list[tuple[Piece, int, int]]


def build(root: Path, parts: Sequence[PartFile], by: str) -> Ledger:
    """All parts are of one source, in any order."""
    parts = sorted(parts, key=lambda p: (p.first_at, p.path))
    with ThreadPoolExecutor(cores()) as threads:
        pieces = list(threads.map(lambda p: _read(root / p.path, COLUMNS[by]), parts))
        keys = _told_apart(pieces, threads)
        names = _by_name(pieces)
        sizes = {name: sum(b - a for _, a, b in found) for name, found in names.items()}
        draft = Draft.begin(root, parts[0].source, by, [p.path for p in parts], keys, sizes)
        largest = sorted(names, key=lambda name: -sizes[name])
        list(threads.map(lambda n: draft.write(n, _in_order(names[n], len(keys))), largest))
    return draft.finish()


def _read(path: Path, column: str) -> Piece:
    held = [n for n in ("event", column) if n in pq.read_schema(path).names]
    columns = [*held, "happened_at"]
    table = pq.read_table(path, columns=columns, read_dictionary=held, use_threads=False)
    at = table["happened_at"].cast(pa.int64()).to_numpy()
    marks, codes = _codes(table[column].chunks if column in held else [], table.num_rows)
    runs = list(_runs(table["event"].chunks))
    return Piece(marks, codes, at, runs, np.zeros(0, np.uint32))


def _codes(chunks: Sequence[pa.DictionaryArray], rows: int) -> tuple[Keys, Codes]:
    marks, codes, start = [np.zeros(0, np.uint64)], [], 0
    for chunk in chunks:
        marks.append(marked(chunk.dictionary))
        mine = chunk.indices.fill_null(-start - 1).to_numpy().astype(np.int32, copy=False)
        codes.append(mine + np.int32(start))
        start += len(chunk.dictionary)
    return np.concatenate(marks), np.concatenate(codes) if codes else np.full(rows, -1, np.int32)


def _runs(chunks: Sequence[pa.DictionaryArray]) -> Iterator[tuple[str, int, int]]:
    start = 0
    for chunk in chunks:
        codes, names = chunk.indices.to_numpy(), chunk.dictionary.to_pylist()
        firsts = np.nonzero(np.diff(codes, prepend=-1))[0].tolist()
        for a, b in zip(firsts, [*firsts[1:], len(codes)], strict=True):
            yield names[codes[a]], start + a, start + b
        start += len(codes)


def _told_apart(pieces: Sequence[Piece], threads: ThreadPoolExecutor) -> Keys:
    """The marks of all subjects, sorted; each piece learns where its own stand among them."""
    keys = _keys(List([piece.marks for piece in pieces]), threads)
    index = index_of(keys)

    def learn(piece: Piece) -> None:
        piece.subjects, piece.marks = places_of(piece.marks, keys, index), keys[:0]

    list(threads.map(learn, pieces))
    return keys


def _keys(marks: Any, threads: ThreadPoolExecutor) -> Keys:
    found = list(threads.map(lambda half: distinct(marks, half), range(HALVES)))
    keys: Keys = np.sort(np.concatenate(found))
    return keys


def _by_name(pieces: Sequence[Piece]) -> Mapping[str, Stretches]:
    """The stretches of each name, in the order of the parts; names in theirs."""
    found: dict[str, Stretches] = defaultdict(list)
    for piece in pieces:
        for name, a, b in piece.runs:
            found[name].append((piece, a, b))
    return {name: found[name] for name in sorted(found)}


def _in_order(stretches: Stretches, count: int) -> Rows:
    """The rows that have a subject, by subject and time; those of one instant as they came."""
    subject = np.concatenate([piece.subjects[piece.codes[a:b]] for piece, a, b in stretches])
    at = np.concatenate([piece.at[a:b] for piece, a, b in stretches])
    first = np.arange(len(at), dtype=np.uint32)
    if (at[1:] < at[:-1]).any():
        first = np.argsort(at, kind="stable").astype(np.uint32)
    whose = subject[first]
    if (whose == NOBODY).any():
        first, whose = first[whose != NOBODY], whose[whose != NOBODY]
    row = by_subject(whose, first, count)
    return Rows(subject[row], at[row], row, len(at) - len(row))
