"""Immutable Parquet parts: written whole or not at all, each event once."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
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
from headway.stores.columns import one_spelling
from headway.stores.durable import make_folder, settle
from headway.stores.marks import Marks, distinct, held, load, marks, save

ROWS_A_PART = 4_000_000
ROWS_A_GROUP = 40_960
ORDER = ("event", "happened_at")
"""Within a part: a question about one event then reads the few row groups that hold it."""

Rows = npt.NDArray[np.int64]

ENCODING = {"message_id": "DELTA_BYTE_ARRAY", "happened_at": "DELTA_BINARY_PACKED"}
"""Of columns in which hardly a value repeats; a dictionary would only cost time and room there."""


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
    """`added` rows are new, `known` were in the store already (same message_id).

    `table` holds the new ones.
    """

    parts: list[PartFile]
    added: int
    known: int
    table: pa.Table | None = None


def write_parts(root: Path, table: pa.Table, source: str, known: Sequence[PartFile]) -> Written:
    """Writes the events that `known` parts do not hold yet; call it in one process at a time.

    A part is served once its row is in the manifest; the file is on disk, synced, before this
    returns. Running again after a crash writes the same files under the same names.
    """
    table = one_spelling(table).combine_chunks()
    of_ids = marks(table["message_id"])
    fresh = _ordered(table, _unseen(root, table["message_id"], of_ids, known))
    new = table.take(fresh)
    parts = _pieces(root, new, of_ids[fresh], source)
    return Written(parts, len(fresh), table.num_rows - len(fresh), new)


def rewritten(root: Path, table: pa.Table, source: str) -> list[PartFile]:
    """Events that the store has, each once, in other parts than before."""
    table = one_spelling(table).combine_chunks()
    of_ids = marks(table["message_id"])
    order = _ordered(table, np.argsort(of_ids, kind="stable"))
    return _pieces(root, table.take(order), of_ids[order], source)


def _pieces(root: Path, table: pa.Table, of_ids: Marks, source: str) -> list[PartFile]:
    pieces = (slice(start, start + ROWS_A_PART) for start in range(0, table.num_rows, ROWS_A_PART))
    return [_write(root, table[piece], of_ids[piece], source) for piece in pieces]


def without(root: Path, part: PartFile, known: Sequence[PartFile]) -> Written:
    """The part again without what `known` parts hold; the part itself when they hold none of it."""
    table = pq.read_table(root / part.path)
    ids = table["message_id"]
    if len(_unseen(root, ids, marks(ids), known)) == table.num_rows:
        return Written([part], part.rows, 0, table)
    return write_parts(root, table, part.source, known)


def _ordered(table: pa.Table, rows: Rows) -> Rows:
    """Those that have name and time in common stay as they are: in the order of their marks."""
    names = table["event"].combine_chunks().dictionary_encode()
    ranks = np.argsort(np.argsort(np.asarray(names.dictionary.to_pylist(), object)))
    codes = ranks[names.indices.to_numpy()[rows]]
    times = table["happened_at"].cast(pa.int64()).to_numpy()[rows]
    return rows[np.lexsort((times, codes))]


def _unseen(
    root: Path, ids: pa.ChunkedArray, of_ids: Marks, known: Sequence[PartFile]
) -> npt.NDArray[np.int64]:
    """The rows with an id that is new, each id once."""
    fresh = distinct(ids, of_ids)
    paths = [root / part.path for part in known]
    with ThreadPoolExecutor(os.cpu_count()) as threads:
        there = threads.map(
            lambda p, stored: held(p, stored, ids, of_ids, fresh), paths, map(load, paths)
        )
        known_already = np.logical_or.reduce([np.zeros(len(fresh), np.bool_), *there])
    found: npt.NDArray[np.int64] = fresh[~known_already]
    return found


def _write(root: Path, table: pa.Table, of_ids: Marks, source: str) -> PartFile:
    folder = root / source
    make_folder(folder)
    draft = folder / f".writing-{os.getpid()}"
    _write_table(table, draft)
    with draft.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    path = folder / f"{digest[:24]}.parquet"
    save(path, of_ids)
    settle(draft, path)
    first, last = _bounds(table)
    return PartFile(
        str(path.relative_to(root)), source, table.num_rows, path.stat().st_size, digest, first,
        last, {f.name: str(f.type) for f in table.schema}, _days(table), _has_links(table),
    )  # fmt: skip


def _write_table(table: pa.Table, path: Path) -> None:
    encoding = {name: ENCODING[name] for name in ENCODING if name in table.column_names}
    pq.write_table(
        table,
        path,
        compression="zstd",
        row_group_size=ROWS_A_GROUP,
        use_dictionary=[name for name in table.column_names if name not in encoding],
        column_encoding=encoding,
    )


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
