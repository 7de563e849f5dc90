"""A ledger from parts: three columns are read once, and sorted by counting."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq
from numba import njit
from numba.typed import List

from headway.stores.keys import NOBODY, Keys, distinct, index_of, marked, places_of
from headway.stores.ordered.ledger import Block, Draft, Ledger, Subjects
from headway.stores.ordered.streams import cores
from headway.stores.parts import PartFile

COLUMNS = {"user": "user_id", "account": "account_id"}
HALVES = 2
"""Even marks and odd ones are told apart, each by a thread of its own."""

Codes = npt.NDArray[np.int32]
AS_THEY_CAME: Subjects = np.zeros(0, np.uint32)
_NO_KEYS: Keys = np.zeros(0, np.uint64)


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
    subjects: Subjects = field(default_factory=lambda: AS_THEY_CAME)
    rows: Subjects = field(default_factory=lambda: AS_THEY_CAME)
    """Of each row its number among those of its name, where these are not in time."""


Stretches = list[tuple[Piece, int, int]]


def build(root: Path, parts: Sequence[PartFile], by: str) -> Ledger:
    """All parts are of one source, in any order."""
    parts = sorted(parts, key=lambda p: (p.first_at, p.path))
    with ThreadPoolExecutor(cores()) as threads:
        pieces = list(threads.map(lambda p: _read(root / p.path, COLUMNS[by]), parts))
        keys = _told_apart(pieces, threads)
        names = _by_name(pieces)
        runs = {part.path: piece.runs for part, piece in zip(parts, pieces, strict=True)}
        draft = Draft.begin(root, parts[0].source, by, runs, keys)

        def write(name: str) -> None:
            held, without = _put_in_order(names[name], len(keys), draft.room(name))
            draft.filled(name, held, without)

        list(threads.map(write, sorted(names, key=draft.size, reverse=True)))
    return draft.finish()


def _read(path: Path, column: str) -> Piece:
    held = [n for n in ("event", column) if n in pq.read_schema(path).names]
    columns = [*held, "happened_at"]
    table = pq.read_table(path, columns=columns, read_dictionary=held, use_threads=False)
    at = table["happened_at"].cast(pa.int64()).to_numpy()
    marks, codes = _codes(table[column].chunks if column in held else [], table.num_rows)
    return Piece(marks, codes, at, list(_runs(table["event"].chunks)))


def _codes(chunks: Sequence[pa.DictionaryArray], rows: int) -> tuple[Keys, Codes]:
    codes, row, start = np.full(rows, -1, np.int32), 0, 0
    for chunk in chunks:
        held = chunk.indices.fill_null(-start - 1) if chunk.null_count else chunk.indices
        np.add(held.to_numpy(), start, out=codes[row : row + len(chunk)])
        row, start = row + len(chunk), start + len(chunk.dictionary)
    return np.concatenate([_NO_KEYS, *(marked(c.dictionary) for c in chunks)]), codes


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


def _put_in_order(stretches: Stretches, count: int, room: Block) -> tuple[int, int]:
    """Fills the room by subject and time; how many rows have a subject, and how many have none.

    Those of one instant stand as they came. Every subject's rows are counted before the first is
    put in its place.
    """
    if not _in_time(stretches):
        return _put_in_order([_by_time(stretches)], count, room)
    ends = np.zeros(count + 1, np.uint32)
    for piece, a, b in stretches:
        count_rows(piece.subjects, piece.codes[a:b], ends)
    held = fill_subjects(ends, room.subject)
    row = 0
    for piece, a, b in stretches:
        rows = (piece.subjects, piece.codes[a:b], piece.at[a:b], piece.rows, row)
        fill_rows(*rows, ends, room.at, room.row)
        row += b - a
    return held, row - held


def _in_time(stretches: Stretches) -> bool:
    firsts = [piece.at[a] for piece, a, _ in stretches]
    lasts = [piece.at[b - 1] for piece, _, b in stretches]
    return all(last <= first for last, first in zip(lasts, firsts[1:], strict=False))


def _by_time(stretches: Stretches) -> tuple[Piece, int, int]:
    """One stretch of all of them, for those that overlap."""
    subject = np.concatenate([piece.subjects[piece.codes[a:b]] for piece, a, b in stretches])
    at = np.concatenate([piece.at[a:b] for piece, a, b in stretches])
    order = np.argsort(at, kind="stable")
    rows = order.astype(np.uint32)
    return Piece(_NO_KEYS, rows.view(np.int32), at[order], [], subject, rows), 0, len(at)


@njit(cache=True, nogil=True)
def count_rows(subjects: Any, codes: Any, ends: Any) -> None:
    """Adds one to the place after each subject's for each of its rows."""
    for code in codes:
        s = subjects[code]
        if s != NOBODY:
            ends[s + 1] += np.uint32(1)


@njit(cache=True, nogil=True)
def fill_subjects(ends: Any, subject: Any) -> int:
    """Each subject for as many rows as were counted; `ends` then says where each one's begin."""
    n = np.uint32(0)
    for s in range(ends.size - 1):
        size = ends[s + 1]
        subject[n : n + size] = s
        ends[s + 1] = n + size
        n += size
    return int(n)


@njit(cache=True, nogil=True)
def fill_rows(
    subjects: Any, codes: Any, at: Any, rows: Any, first: int, ends: Any, times: Any, row: Any
) -> None:
    """Puts each row at the end of its subject's; `ends` goes on with the next stretch."""
    for i in range(codes.size):
        s = subjects[codes[i]]
        if s != NOBODY:
            place = ends[s]
            times[place] = at[i]
            row[place] = rows[i] if rows.size else first + i
            ends[s] = place + np.uint32(1)
