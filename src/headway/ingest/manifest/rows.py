"""The manifest of a workspace: which files hold its events."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from pathlib import Path

from django.conf import settings

from headway.accounts.models import Workspace
from headway.ingest.days import learnt_gap
from headway.ingest.models import Keeping, Part, Source
from headway.stores.local import PartFile


def manifest(workspace: Workspace) -> list[Part]:
    """Of the whole workspace: who is who is said to all sources."""
    parts = Part.objects.filter(source__workspace=workspace)
    return list(parts.select_related("source").order_by("pk"))


def files(parts: Iterable[Part]) -> list[PartFile]:
    return [part_file(part) for part in parts]


def row_of(source: Source, part: PartFile, now: datetime) -> Part:
    return Part(
        source=source,
        path=f"{source.workspace.key}/{part.path}",
        rows=part.rows,
        bytes=part.bytes,
        sha256=part.sha256,
        first_at=part.first_at,
        last_at=part.last_at,
        columns=part.columns,
        days=part.days,
        has_links=part.has_links,
        created_at=now,
    )


def learn(source: Source) -> None:
    """Its bounds and usual gap, from the manifest; save it afterwards.

    Where old events were removed, it was there before what is left of them.
    """
    parts = list(source.parts.all())
    removed = Keeping.objects.filter(workspace=source.workspace_id).exclude(kept_from=None).exists()
    before = (source.first_event_at, source.last_event_at) if removed else ()
    source.first_event_at = min([*(part.first_at for part in parts), *filter(None, before)])
    source.last_event_at = max([*(part.last_at for part in parts), *filter(None, before)])
    source.learnt_gap_days = learnt_gap(date.fromisoformat(d) for p in parts for d in p.days)


def part_file(part: Part) -> PartFile:
    return PartFile(
        path=part.path.partition("/")[2],
        source=part.source.key,
        rows=part.rows,
        bytes=part.bytes,
        sha256=part.sha256,
        first_at=part.first_at,
        last_at=part.last_at,
        columns=part.columns,
        days=part.days,
        has_links=part.has_links,
    )


def root_of(workspace: Workspace) -> Path:
    store: Path = settings.STORE
    return store / workspace.key
