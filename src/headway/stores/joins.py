"""What parts hold, without a database: names by day, who was said to be who, and whose it was."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from threading import Lock

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from headway.engine.event import ALIAS, GROUP, IDENTIFY, MARKERS, PROPERTY
from headway.engine.identity import Claim, Link
from headway.stores.parts import PartFile

PREVIOUS = PROPERTY + "previous_id"
ROOM = 64_000_000
"""Bytes of markers that are remembered, those of the parts that were asked last."""

_READ: dict[tuple[Path, str], pa.Table] = {}
_LOCK = Lock()

Held = tuple[date, str]
"""An event that somebody has: its UTC day and its name."""


def names_by_day(root: Path, part: PartFile) -> set[Held]:
    """Which events the part has on which day; two columns of it are read."""
    path, columns = root / part.path, ["event", "happened_at"]
    rows = pq.read_table(path, columns=columns, read_dictionary=["event"])
    return _held(rows.unify_dictionaries())


def markers_in(root: Path, parts: Iterable[PartFile]) -> pa.Table:
    """The events that say who somebody is, with all that they say, as text.

    Parts are in order of names, so that little of them is read.
    """
    tables = [_markers(root, part) for part in parts if part.has_links]
    return pa.concat_tables(tables, promote_options="default") if tables else pa.table({})


def links_in(markers: pa.Table) -> list[Link]:
    if PREVIOUS not in markers.column_names:
        return []
    known = pc.and_(pc.is_valid(markers[PREVIOUS]), pc.is_valid(markers["user_id"]))
    named = pc.is_in(markers["event"], value_set=pa.array([ALIAS, IDENTIFY]))
    rows = markers.filter(pc.and_(known, named))
    texts = (rows[name].to_pylist() for name in (PREVIOUS, "user_id", "event"))
    found = zip(_micros(rows), *texts, strict=True)
    return [Link(at, previous, user, event == ALIAS) for at, previous, user, event in found]


def said_in(markers: pa.Table) -> dict[str, date]:
    """The columns of what the markers say, each with the first UTC day on which one says it."""
    names = [c for c in markers.column_names if c.startswith(PROPERTY) and c != PREVIOUS]
    days = ((name, _days(markers.filter(pc.is_valid(markers[name])))) for name in names)
    return {name: pc.min(found).as_py() for name, found in days if len(found)}


def first_joined(markers: pa.Table) -> date | None:
    """The first UTC day on which one says that a user belongs to an account."""
    if not markers.num_rows:
        return None
    both = pc.and_(pc.is_valid(markers["user_id"]), pc.is_valid(markers["account_id"]))
    rows = markers.filter(pc.and_(pc.equal(markers["event"], GROUP), both))
    return pc.min(_days(rows)).as_py()  # type: ignore[no-any-return]


def claimed_in(root: Path, part: PartFile, claims: Iterable[Claim]) -> set[Held]:
    """The events of the part that fall under one of the claims."""
    spans: dict[str, list[Claim]] = defaultdict(list)
    for claim in claims:
        spans[claim.id].append(claim)
    columns = ["event", "happened_at", "user_id"]
    chosen = pc.field("user_id").isin(pa.array(list(spans), pa.string()))
    rows = pq.read_table(root / part.path, columns=columns, filters=chosen)
    inside = (
        any(claim.after < at <= claim.until for claim in spans[user])
        for user, at in zip(rows["user_id"].to_pylist(), _micros(rows), strict=True)
    )
    return _held(rows.filter(pa.array(inside, pa.bool_())))


def _markers(root: Path, part: PartFile) -> pa.Table:
    """Parts never change, so that the same are read once, as far as there is room."""
    with _LOCK:
        found = _READ.pop((root, part.path), None)
    if found is None:
        found = _read_markers(root, part)
    with _LOCK:
        _READ[root, part.path] = found
        while sum(table.nbytes for table in _READ.values()) > ROOM:
            _READ.pop(next(iter(_READ)))
    return found


def _read_markers(root: Path, part: PartFile) -> pa.Table:
    own = [name for name in part.columns if name.startswith(PROPERTY)]
    ids = [name for name in ("user_id", "account_id") if name in part.columns]
    columns = ["event", "happened_at", *ids, *own]
    chosen = pc.field("event").isin(pa.array(MARKERS))
    rows = pq.read_table(root / part.path, columns=columns, filters=chosen)
    said = {name: rows[name].cast(pa.string()) for name in ("event", *ids, *own)}
    nobody = pa.nulls(rows.num_rows, pa.string())
    empty = {name: nobody for name in ("user_id", "account_id") if name not in ids}
    return pa.table({"happened_at": rows["happened_at"], **said, **empty})


def _held(rows: pa.Table) -> set[Held]:
    table = pa.table({"day": _days(rows), "event": rows["event"]})
    found = table.group_by(["day", "event"]).aggregate([])
    return set(_pairs(found))


def _pairs(table: pa.Table) -> Iterator[Held]:
    yield from zip(table["day"].to_pylist(), table["event"].to_pylist(), strict=True)


def _days(rows: pa.Table) -> pa.ChunkedArray:
    return rows["happened_at"].cast(pa.timestamp("us")).cast(pa.date32(), safe=False)


def _micros(rows: pa.Table) -> list[int]:
    return rows["happened_at"].cast(pa.int64()).to_pylist()  # type: ignore[no-any-return]
