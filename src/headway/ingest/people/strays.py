"""Files of events that no manifest names: left by what was killed, or set aside by a check."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from django.conf import settings
from django.db import DatabaseError, connection

from headway.accounts.models import Workspace
from headway.ingest.manifest.compaction import remove
from headway.ingest.manifest.health import YOUNG, named
from headway.ingest.manifest.rows import root_of
from headway.ingest.people.person import Person
from headway.stores.ordered.ledger import FOLDER


@dataclass(frozen=True)
class Strays:
    """`waits`: a file that holds their events may still be an import's that is under way.

    `removed` files are gone, of `cleaned` ones only their events, and `unread` cannot be read.
    """

    removed: int = 0
    cleaned: int = 0
    unread: int = 0
    waits: bool = False


def forget(workspace: Workspace, theirs: Person, now: datetime) -> Strays:
    """Again, it does nothing."""
    removed, waits = 0, False
    for path in _orphans(workspace):
        table = _table(path)
        if table is not None and not _holds(table, theirs):
            continue
        if now.timestamp() - path.stat().st_mtime < YOUNG.total_seconds():
            waits = waits or table is not None
            continue
        remove(path)
        removed += 1
    cleaned, unread = _clean_aside(workspace, theirs)
    return Strays(removed, cleaned, unread, waits)


def overwrite_free_pages() -> str:
    """What was deleted from the application's database is not to be found in its file any more.

    Says why it is; "" when it is not.
    """
    if connection.vendor != "sqlite":
        return "PostgreSQL keeps deleted rows in its files until it vacuums them"
    try:
        with connection.cursor() as cursor:
            cursor.execute("VACUUM")
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    except DatabaseError as error:
        return f"The database could not be written anew: {error}"
    return ""


def _orphans(workspace: Workspace) -> Iterator[Path]:
    root, known = root_of(workspace), named(workspace)
    for path in sorted(root.rglob("*")):
        inside = path.relative_to(root)
        ours = path.suffix == ".parquet" or path.name.startswith(".writing-")
        if ours and inside.parts[0] != FOLDER and str(inside.with_suffix("")) not in known:
            yield path


def _clean_aside(workspace: Workspace, theirs: Person) -> tuple[int, int]:
    cleaned = unread = 0
    folder = settings.DATA / "aside" / workspace.key
    for path in sorted(p for p in folder.rglob("*") if p.suffix != ".marks" and p.is_file()):
        table = _table(path)
        if table is None:
            unread += 1
        elif _holds(table, theirs):
            draft = path.with_name(f".{secrets.token_hex(8)}")
            pq.write_table(table.filter(pc.invert(theirs.mask(table))), draft)
            draft.replace(path)
            cleaned += 1
    return cleaned, unread


def _table(path: Path) -> pa.Table | None:
    """None where it is no file of events, or torn."""
    try:
        found = pq.read_table(path)
    except (OSError, pa.ArrowException):
        return None
    return found if {"user_id", "happened_at"} <= set(found.column_names) else None


def _holds(table: pa.Table, theirs: Person) -> bool:
    return bool(pc.any(theirs.mask(table)).as_py())
