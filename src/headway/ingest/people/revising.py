"""One part gives way to another: manifest, changed days and the account of it, all or nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from django.db import transaction

from headway.engine.event import MARKERS
from headway.ingest.changes import Changed, mark_changed
from headway.ingest.manifest.rows import learn, part_file, root_of, row_of
from headway.ingest.models import Part, Replaced, Rewrite, Source
from headway.ingest.people.revision import Revision
from headway.stores.census import census
from headway.stores.joins import said_in
from headway.stores.parts import rewritten


def replace_part(job: Rewrite, part: Part, change: Revision, now: datetime) -> None:
    """Killed at any moment it leaves the old part served, or the new one."""
    root, file = root_of(job.workspace), part_file(part)
    table = pq.read_table(root / file.path)
    after, gone = change.of(table)
    new = rewritten(root, after, file.source) if after.num_rows else []
    with transaction.atomic():
        source = Source.objects.select_for_update().get(pk=part.source_id)
        if not Part.objects.filter(pk=part.pk).delete()[0]:
            return  # it was put together with others meanwhile, and they are looked at next
        Part.objects.bulk_create(row_of(source, one, now) for one in new)
        Replaced.objects.create(source=source, path=part.path, at=now)
        _mark(source, table, gone, change, part)
        _count(source, gone.num_rows)
        _account(job, part, gone.num_rows or after.num_rows)


def _account(job: Rewrite, part: Part, events: int) -> None:
    job.account["parts"] = [*job.account.get("parts", []), part.path]
    job.account["events"] = job.account.get("events", 0) + events
    job.save(update_fields=["account"])


def _count(source: Source, gone: int) -> None:
    source.rows -= gone
    if source.parts.exists():
        learn(source)
    else:
        source.first_event_at = source.last_event_at = None
    source.save()


def _mark(source: Source, table: pa.Table, gone: pa.Table, change: Revision, part: Part) -> None:
    if change.leaves:
        mark_changed(source, _came_and_went(gone))
        _mark_all(source, tuple(said_in(_markers(gone))))
    elif change.names:
        days = [date.fromisoformat(day) for day in part.days]
        names = tuple(sorted({*change.names, *change.names.values()}))
        mark_changed(source, [Changed(min(days), max(days), names)])
    else:
        _mark_all(source, tuple(change.columns(dict.fromkeys(table.column_names, ""))))


def _came_and_went(table: pa.Table) -> Iterator[Changed]:
    for name, entry in census(table).items():
        days = sorted(map(date.fromisoformat, entry.days))
        yield Changed(days[0], days[-1], (name,))


def _mark_all(source: Source, columns: tuple[str, ...]) -> None:
    """What is said of accounts and people holds for events of every source."""
    if not columns:
        return
    for one in source.workspace.sources.exclude(first_event_at=None):
        if one.first_event_at and one.last_event_at:
            first, last = one.first_event_at.date(), one.last_event_at.date()
            mark_changed(one, [Changed(first, last, columns=columns)])


def _markers(table: pa.Table) -> pa.Table:
    return table.filter(pc.is_in(table["event"], value_set=pa.array(MARKERS, pa.string())))
