"""Which events came in: kept up by whatever brings them, so that no page has to count."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from django.db import transaction
from django.db.models import Q

from headway.accounts.models import Workspace
from headway.engine.event import MARKERS
from headway.ingest.manifest.rows import part_file, root_of
from headway.ingest.models import Seen, Source
from headway.stores.census import TEXT, UNSURE, Entry, census, settled

DAYS_KEPT = 60
NAMES_KEPT = 2_000
PROPERTIES_KEPT = 300
"""More than that is no plan of anybody's, but ids that are sent as names."""

LONGEST_NAME = 200


@dataclass
class Counting:
    """Counts tables of events that are new in the store, until `note` writes it down."""

    texts: frozenset[tuple[str, str]] = frozenset()
    entries: list[dict[str, Entry]] = field(default_factory=list)

    @staticmethod
    def of(source: Source) -> Counting:
        rows = source.seen.values_list("name", "properties") if source.pk else []
        known = ((n, p) for n, kept in rows for p, one in kept.items() if one["type"] == TEXT)
        return Counting(frozenset(known))

    def take(self, table: pa.Table | None) -> None:
        if table is not None:
            self.entries.append(census(table, lambda event, name: (event, name) in self.texts))


def note(source: Source, counted: Iterable[Mapping[str, Entry]], now: datetime) -> None:
    """Call it where the events are served, in the same transaction."""
    found = [(name, entry) for entries in counted for name, entry in entries.items()]
    if not found:
        return
    rows = {row.name: row for row in source.seen.all()}
    new: dict[str, Seen] = {}
    touched: dict[str, Seen] = {}
    for name, entry in found:
        name = name[:LONGEST_NAME]
        row = rows.get(name)
        if row is None:
            if len(rows) >= NAMES_KEPT:
                continue
            row = rows[name] = new[name] = Seen(
                source=source, name=name, first_at=entry.first_at, last_at=entry.last_at
            )
        _add(row, entry, now)
        touched[name] = row
    Seen.objects.bulk_create(new.values())
    Seen.objects.bulk_update(
        [row for name, row in touched.items() if name not in new],
        ["rows", "first_at", "last_at", "days", "properties"],
        batch_size=100,
    )


def catch_up(workspace: Workspace, *, now: datetime) -> None:
    """Counts what came in before anybody counted."""
    never = Q(seen=None) | Q(counted=False)
    for source in workspace.sources.filter(never, rows__gt=0).distinct():
        parts = list(source.parts.select_related("source").order_by("first_at"))
        counting = Counting()
        for part in parts:
            counting.take(pq.read_table(root_of(workspace) / part_file(part).path))
        _count_anew(source, {part.pk for part in parts}, counting, now)


def _count_anew(source: Source, parts: set[int], counting: Counting, now: datetime) -> None:
    """What came in meanwhile is counted with the rest in the next pass."""
    with transaction.atomic():
        locked = Source.objects.select_for_update().get(pk=source.pk)
        if set(locked.parts.values_list("pk", flat=True)) != parts:
            return
        locked.seen.all().delete()
        note(locked, counting.entries, now)
        Source.objects.filter(pk=source.pk).update(counted=True)


def names_and_properties(workspace: Workspace) -> tuple[list[str], list[str]]:
    """Names of events, the most frequent first, and the properties that came with them."""
    rows = Seen.objects.filter(source__workspace=workspace).order_by("-rows")
    found = list(rows.values_list("name", "properties"))
    names = dict.fromkeys(name for name, _ in found if name not in MARKERS)
    return list(names), sorted({one for _, properties in found for one in properties})


def _add(row: Seen, entry: Entry, now: datetime) -> None:
    row.rows += entry.rows
    row.first_at = min(row.first_at, entry.first_at)
    row.last_at = max(row.last_at, entry.last_at)
    for day, count in entry.days.items():
        row.days[day] = row.days.get(day, 0) + count
    row.days = dict(sorted(row.days.items())[-DAYS_KEPT:])
    for name, one in entry.properties.items():
        kept = row.properties.get(name)
        if kept is None and len(row.properties) >= PROPERTIES_KEPT:
            continue
        row.properties[name] = _with(kept or _empty(entry), one.type, one.rows, entry)
    _lacking(row, entry, now)


def _empty(entry: Entry) -> dict[str, Any]:
    return {"type": "", "rows": 0, "first": entry.first_at.isoformat()}


def _with(kept: dict[str, Any], type_: str, rows: int, entry: Entry) -> dict[str, Any]:
    """Late events say nothing about what a property is by now."""
    found = {**kept, "rows": kept["rows"] + rows}
    late = "last" in kept and entry.last_at < datetime.fromisoformat(kept["last"])
    if late:
        return found
    after = settled(kept["type"], type_)
    if kept["type"] not in ("", UNSURE, after):
        found |= {"was": kept["type"], "since": entry.first_at.isoformat()}
    return {**found, "type": after, "last": entry.last_at.isoformat()}


def _lacking(row: Seen, entry: Entry, now: datetime) -> None:
    """How often events come without a property that others of their name have, and when last."""
    for name, kept in row.properties.items():
        held = entry.properties.get(name)
        if missing := entry.rows - (held.rows if held else 0):
            kept["lacking"] = kept.get("lacking", 0) + missing
            kept["lacked"] = now.isoformat()


def rename_seen(workspace: Workspace, names: Mapping[str, str]) -> None:
    """What was counted under a name is counted under the other; again, it does nothing."""
    for row in Seen.objects.filter(source__workspace=workspace, name__in=names):
        other = names[row.name]
        into = row.source.seen.filter(name=other).first()
        if into is None:
            row.name = other
            row.save(update_fields=["name"])
            continue
        into.rows += row.rows
        into.first_at = min(into.first_at, row.first_at)
        into.last_at = max(into.last_at, row.last_at)
        for day, count in row.days.items():
            into.days[day] = into.days.get(day, 0) + count
        into.properties = {**row.properties, **into.properties}
        into.save()
        row.delete()
