"""The events of a workspace, as its manifest stands now."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.db.models import Count, Max, Sum

from headway.accounts.models import Workspace
from headway.engine.ask import SourceState
from headway.engine.definition import duration
from headway.ingest.manifest.exchange import Exchange
from headway.ingest.manifest.rows import part_file, root_of
from headway.ingest.models import Part, Source
from headway.stores.local import ORDERED_FROM, LocalStore
from headway.stores.memory import Memory


def store_for(workspace: Workspace) -> Exchange:
    """Use it as a context manager where questions are asked: it closes what it opened."""
    rows = [s for s in workspace.sources.order_by("key") if s.is_warehouse]
    return Exchange(lambda: local_store(workspace), {row.key: row for row in rows})


def local_store(workspace: Workspace) -> LocalStore:
    """Kept per process for as long as the manifest stays as it is."""
    parts = Part.objects.filter(source__workspace=workspace)
    state = parts.aggregate(count=Count("pk"), last=Max("pk"))
    return _open(workspace.pk, root_of(workspace), state["count"], state["last"])


def sources_of(workspace: Workspace) -> dict[str, SourceState]:
    """By what metrics name; "" stands for all events that came to Headway itself."""
    states: dict[str, SourceState] = {}
    local: list[SourceState] = []
    for source in workspace.sources.select_related("fetch").order_by("key"):
        state = SourceState(source.first_event_at, *_known_until(source))
        states[source.key] = state
        local += [state] if "" in source.asked_as else []
    return {"": _together(local), **states}


def _known_until(source: Source) -> tuple[datetime | None, int]:
    """And for how many days without news that holds. Where a fetch brings all that happened, what
    it does not bring did not happen, until one fails.
    """
    fetch, fetcher = source.last_fetch, source.sort.fetcher
    if not (fetcher and fetcher.complete and fetch and fetch.done_at and source.last_event_at):
        return source.last_event_at, source.gap_days
    pause = 0 if fetch.problem else -(-duration(source.definition.every) // timedelta(days=1))
    return max(fetch.done_at, source.last_event_at), source.usual_gap_days or pause


def _together(states: list[SourceState]) -> SourceState:
    """None of them is silent while one still speaks."""
    firsts = [s.first for s in states if s.first]
    lasts = [(s.watermark, s.gap_days) for s in states if s.watermark]
    if not lasts:
        return SourceState(None, None)
    return SourceState(min(firsts), *max(lasts))


def has_ledgers() -> bool:
    """Whether some workspace has events enough for compiled kernels."""
    rows = Part.objects.values("source__workspace").annotate(rows=Sum("rows"))
    return rows.filter(rows__gte=ORDERED_FROM).exists()


def event_names(workspace: Workspace) -> list[str]:
    """The most frequent first."""
    return [name for name, _ in store_for(workspace).names]


@lru_cache(maxsize=8)
def _open(workspace: int, root: Path, count: int, last: int | None) -> LocalStore:
    """`count` and `last` stand for the version of the manifest."""
    del count, last
    parts = Part.objects.filter(source__workspace=workspace).select_related("source")
    memory = Memory(settings.MEMORY, settings.DATA / "spill")
    return LocalStore(root, [part_file(part) for part in parts.order_by("pk")], memory=memory)
