"""Immutable Parquet parts: written whole or not at all, each event once."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from headway.engine.errors import StoreError
from headway.engine.event import MARKERS

Digests = npt.NDArray[np.uint64]
ROWS_A_PART = 4_000_000
ROWS_A_GROUP = 40_960
ORDER = ("event", "happened_at", "message_id")
"""Within a part: a question about one event then reads the few row groups that hold it."""


@dataclass(frozen=True)
class PartFile:
    """One file of the store. `path` is relative to its root; `days` maps UTC days to rows."""

    path: str
    source: str
    rows: int
    bytes: int
    sha256: str
    first_at: datetime
    last_at: datetime
    columns: dict[str, str] = field(hash=False)
    days: dict[str, int] = field(hash=False)
    has_links: bool = False


@dataclass(frozen=True)
class Written:
    """`added` rows are new, `known` were in the store already (same message_id)."""

    parts: list[PartFile]
    added: int
    known: int


def write_parts(root: Path, table: pa.Table, source: str, known: Sequence[PartFile]) -> Written:
    """Writes the events that `known` parts do not hold yet; call it in one process at a time.

    A part is served once its row is in the manifest; the file is on disk, synced, before this
    returns. Running again after a crash writes the same files under the same names.
    """
    new = _unseen(root, table, known)
    rows = new.sort_by([(name, "ascending") for name in ORDER])
    parts = [_write(root, piece, source) for piece in _pieces(rows)]
    return Written(parts, new.num_rows, table.num_rows - new.num_rows)


def digests(ids: pa.ChunkedArray | pa.Array) -> Digests:
    """64 bits of each id's BLAKE2b."""
    blake = hashlib.blake2b
    joined = b"".join(blake(i.encode(), digest_size=8).digest() for i in ids.to_pylist())
    return np.frombuffer(joined, dtype=np.uint64)


def _unseen(root: Path, table: pa.Table, known: Sequence[PartFile]) -> pa.Table:
    if not table.num_rows:
        return table
    ids = table["message_id"]
    marks = digests(ids)
    _, first = np.unique(marks, return_index=True)
    fresh = np.zeros(len(marks), bool)
    fresh[first] = True
    for part in known:
        fresh[fresh] = ~_contains(root, part, ids.filter(pa.array(fresh)), marks[fresh])
    return table.filter(pa.array(fresh))


def _contains(
    root: Path, part: PartFile, ids: pa.ChunkedArray, marks: Digests
) -> npt.NDArray[np.bool_]:
    """Which ids the part holds: looked up among its sorted digests, confirmed in the file."""
    try:
        stored = np.load(_marks_path(root / part.path), mmap_mode="r")
    except FileNotFoundError as error:
        raise StoreError(
            f"{error.filename} of the event store cannot be found.",
            fix="Restore the folder from a backup: without it events could be counted twice.",
        ) from error
    at = np.minimum(np.searchsorted(stored, marks), len(stored) - 1)
    hit = np.asarray(stored[at] == marks)
    if hit.any():
        held = pq.read_table(root / part.path, columns=["message_id"])["message_id"]
        hit[hit] = pc.is_in(ids.filter(pa.array(hit)), value_set=held.combine_chunks()).to_numpy()
    return hit


def _pieces(table: pa.Table) -> Iterator[pa.Table]:
    for start in range(0, table.num_rows, ROWS_A_PART):
        yield table.slice(start, ROWS_A_PART)


def _write(root: Path, table: pa.Table, source: str) -> PartFile:
    folder = root / source
    folder.mkdir(parents=True, exist_ok=True)
    draft = folder / f".writing-{os.getpid()}"
    pq.write_table(table, draft, compression="zstd", row_group_size=ROWS_A_GROUP)
    with draft.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    path = folder / f"{digest[:24]}.parquet"
    _save_marks(_marks_path(path), table)
    _settle(draft, path)
    first, last = _bounds(table)
    return PartFile(
        str(path.relative_to(root)), source, table.num_rows, path.stat().st_size, digest, first,
        last, {f.name: str(f.type) for f in table.schema}, _days(table), _has_links(table),
    )  # fmt: skip


def _save_marks(path: Path, table: pa.Table) -> None:
    draft = path.with_suffix(".writing")
    with draft.open("wb") as file:
        np.save(file, np.sort(digests(table["message_id"])))
    _settle(draft, path)


def _settle(draft: Path, path: Path) -> None:
    """Makes the file and its name durable, in this order."""
    with draft.open("rb") as file:
        os.fsync(file.fileno())
    draft.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _marks_path(path: Path) -> Path:
    return path.with_suffix(".ids")


def _bounds(table: pa.Table) -> tuple[datetime, datetime]:
    ends = pc.min_max(table["happened_at"]).as_py()
    if ends["min"] is None:
        raise StoreError("An event without a time cannot be stored.")
    return ends["min"], ends["max"]


def _days(table: pa.Table) -> dict[str, int]:
    counts = table["happened_at"].cast(pa.date32()).value_counts().to_pylist()
    return {
        row["values"].isoformat(): row["counts"]
        for row in sorted(counts, key=lambda r: r["values"])
    }


def _has_links(table: pa.Table) -> bool:
    return bool(pc.any(pc.is_in(table["event"], value_set=pa.array(MARKERS))).as_py())
