"""Marks: 64 bits for each id of a part, sorted, in a file beside it, so that a look-up is cheap.

The file is a numpy array (`.npy` format) of little-endian unsigned 64-bit integers. A mark is made
of the id's length and its UTF-8 bytes in words of eight, the last one filled with zeros: starting
from the length, each word is joined by exclusive or and mixed with the finalizer of SplitMix64.
Marks only narrow a search: whoever finds one compares the ids themselves.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from headway.engine.errors import StoreError
from headway.stores.durable import settle

Marks = npt.NDArray[np.uint64]
WORD = 8
MANY = 10_000


def marks(ids: pa.ChunkedArray | pa.Array) -> Marks:
    """One mark for each id, in the order of the ids, none of which is null."""
    chunks = ids.chunks if isinstance(ids, pa.ChunkedArray) else [ids]
    return np.concatenate([np.zeros(0, np.uint64), *(_marks(chunk) for chunk in chunks)])


def distinct(ids: pa.ChunkedArray, of_ids: Marks) -> npt.NDArray[np.int64]:
    """The rows in which an id appears for the first time, ordered by their marks."""
    _, first = np.unique(of_ids, return_index=True)
    if len(first) < len(of_ids):
        # Ids that repeat or, once in a very long while, different ids with one mark.
        codes = ids.combine_chunks().dictionary_encode().indices.to_numpy()
        _, first = np.unique(codes, return_index=True)
        first = first[np.argsort(of_ids[first], kind="stable")]
    return first


def held(
    part: Path, stored: Marks, ids: pa.ChunkedArray, of_ids: Marks, rows: npt.NDArray[np.int64]
) -> npt.NDArray[np.bool_]:
    """Which of the rows have an id that the part holds. Quickest when their marks are sorted.

    `stored` are the part's marks, as `load` finds them: that is no work for several threads, since
    Python 3.11 may fail when two of them read the header of such a file.
    """
    wanted = of_ids[rows]
    hit = _among(stored, wanted)
    if hit.any():
        known = _ids(part).combine_chunks()
        hit[hit] = pc.is_in(ids.take(rows[hit]), value_set=known).to_numpy()
    return hit


def _among(stored: Marks, wanted: Marks) -> npt.NDArray[np.bool_]:
    """Which are stored. Many in order are walked together, which takes a step for each."""
    many = len(wanted) > MANY and len(wanted) > len(stored) // 16
    if many and not (wanted[1:] < wanted[:-1]).any():
        from headway.stores.keys import among  # compiled code takes a second to load

        found: npt.NDArray[np.bool_] = among(stored, wanted)
        return found
    at = np.minimum(np.searchsorted(stored, wanted), len(stored) - 1)
    return np.asarray(stored[at] == wanted)


def save(part: Path, of_ids: Marks) -> None:
    path = marks_path(part)
    draft = path.with_suffix(".writing")
    with draft.open("wb") as file:
        np.save(file, np.sort(of_ids).astype("<u8", copy=False))
    settle(draft, path)


def load(part: Path) -> Marks:
    """Marks that were lost or torn are made again: the part says everything."""
    try:
        stored: Marks = np.load(marks_path(part), mmap_mode="r")
    except (FileNotFoundError, ValueError, EOFError):
        remake(part)
        stored = np.load(marks_path(part), mmap_mode="r")
    return stored


def remake(part: Path) -> None:
    save(part, marks(_ids(part)))


def _ids(part: Path) -> pa.ChunkedArray:
    try:
        return pq.read_table(part, columns=["message_id"])["message_id"]
    except FileNotFoundError as error:
        raise StoreError(
            f"{part} of the event store cannot be found.",
            fix="Restore the folder from a backup: without it events could be counted twice.",
        ) from error


def marks_path(part: Path) -> Path:
    return part.with_suffix(".marks")


def _marks(ids: pa.Array) -> Marks:
    if not len(ids):
        return np.zeros(0, np.uint64)
    ids = ids.cast(pa.large_string())
    _, offsets, data = ids.buffers()
    bounds = np.frombuffer(offsets, np.int64)[ids.offset : ids.offset + len(ids) + 1]
    words, lengths = _words(data), np.diff(bounds)
    found = lengths.astype(np.uint64)
    rows = np.arange(len(ids))
    for start in range(0, int(lengths.max()), WORD):
        rows = rows[lengths[rows] > start]
        word = words[bounds[rows] + start]
        found[rows] = _mixed(found[rows] ^ _cut(word, lengths[rows] - start))
    return found


def _words(data: pa.Buffer | None) -> Marks:
    """The eight bytes that start at each byte of the buffer, as a number; zeros follow its end."""
    padded = (data.to_pybytes() if data else b"") + bytes(WORD)
    return np.ndarray((len(padded) - WORD + 1,), "<u8", padded, strides=(1,))


def _cut(word: Marks, length: npt.NDArray[np.int64]) -> Marks:
    """The word with zeros for what lies behind the first `length` bytes."""
    spare = np.clip(WORD - length, 0, WORD - 1).astype(np.uint64) * np.uint64(8)
    return word & (np.uint64(0xFFFFFFFFFFFFFFFF) >> spare)


def _mixed(x: Marks) -> Marks:
    """SplitMix64's finalizer (Steele, Lea and Flood 2014): a bijection that spreads every bit."""
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))
