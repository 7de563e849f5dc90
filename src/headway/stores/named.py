"""A few rows of parts by the names of their events, without a query over the whole store."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from headway.engine.event import PROPERTY
from headway.stores.parts import PartFile


def rows_named(
    root: Path,
    parts: Iterable[PartFile],
    names: Sequence[str],
    columns: Sequence[str],
    *,
    equal: tuple[str, str],
    since: datetime,
) -> list[dict[str, object]]:
    """Events of these names from `since` on whose property is `equal`, in no order.

    Parts are sorted by name, so that only the row groups of those names are read. Properties are
    among `columns` by their own names; a part that lacks one gives None.
    """
    found: list[dict[str, object]] = []
    for part in parts:
        if part.last_at >= since and f"{PROPERTY}{equal[0]}" in part.columns:
            found += _of(root / part.path, part, names, columns, equal, since)
    return found


def _of(
    path: Path,
    part: PartFile,
    names: Sequence[str],
    columns: Sequence[str],
    equal: tuple[str, str],
    since: datetime,
) -> list[dict[str, object]]:
    stored = {name: name for name in ("event", "happened_at", "user_id", "message_id")}
    stored |= {name: f"{PROPERTY}{name}" for name in columns}
    there = {n: c for n, c in stored.items() if n == c or c in part.columns}
    property_ = pc.field(f"{PROPERTY}{equal[0]}").cast(pa.string())
    wanted = pc.field("event").isin(list(names)) & (property_ == equal[1])
    wanted &= pc.field("happened_at") >= pa.scalar(since, pa.timestamp("us", "UTC"))
    table = pq.read_table(path, columns=list(there.values()), filters=wanted)
    table = table.rename_columns(list(there))
    empty = dict.fromkeys(stored)
    return [empty | row for row in table.to_pylist()]
