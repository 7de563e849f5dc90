"""Parts that were written are served: the manifest, what they change, and the account of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import date, datetime
from typing import TypeVar

from django.db import transaction

from headway.accounts.models import Workspace
from headway.ingest.arrived import Arrived
from headway.ingest.changes import Changed, mark_changed
from headway.ingest.days import learnt_gap
from headway.ingest.intake import Intake
from headway.ingest.models import Part, Source
from headway.ingest.seen import Counting, note
from headway.ingest.sieve import Sieve
from headway.ingest.store import part_file, root_of
from headway.stores.local import PartFile

Account = TypeVar("Account")
Changes = dict[str, list[Changed]]
"""What the next refresh looks at, by the key of the source."""


def manifest(workspace: Workspace) -> list[Part]:
    """Of the whole workspace: who is who is said to all sources."""
    parts = Part.objects.filter(source__workspace=workspace)
    return list(parts.select_related("source").order_by("pk"))


def intake_for(source: Source, known: Iterable[Part]) -> Intake:
    """Of events for the source, each of which goes in once. `known` is the manifest now."""
    own = [part for part in known if part.source_id == source.pk]
    root, sieve = root_of(source.workspace), Sieve.of(source.workspace)
    return Intake(root, source.key, files(own), Counting.of(source), sieve)


def land(
    source: Source,
    intake: Intake,
    known: list[Part],
    account: Callable[[Source], Account],
    *,
    now: datetime,
) -> Account:
    """Serves what was taken in, and says what it changes, in one transaction with `account`.

    `account` gets the locked source and writes down how the events came. `known` is the manifest
    that the intake began with: what others brought meanwhile is left out.
    """
    while True:
        changes = _changes(intake, known)
        with transaction.atomic():
            locked = Source.objects.select_for_update().get(pk=source.pk)
            served = manifest(locked.workspace)
            new = _brought(locked, known, served)
            if not new:
                if {part.pk for part in served} != {part.pk for part in known}:
                    changes = _changes(intake, served)
                _serve(locked, intake, changes, now)
                return account(locked)
        intake.leave_out(files(new))
        known = served


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
    """Its bounds and usual gap, from the manifest; save it afterwards."""
    parts = list(source.parts.all())
    source.first_event_at = min(part.first_at for part in parts)
    source.last_event_at = max(part.last_at for part in parts)
    source.learnt_gap_days = learnt_gap(date.fromisoformat(d) for p in parts for d in p.days)


def _brought(source: Source, before: Iterable[Part], now: Iterable[Part]) -> list[Part]:
    """Parts of the source that came since: they may hold the same events."""
    known = {part.pk for part in before}
    return [part for part in now if part.source_id == source.pk and part.pk not in known]


def _serve(source: Source, intake: Intake, changes: Changes, now: datetime) -> None:
    for changed in source.workspace.sources.filter(key__in=changes):
        mark_changed(changed, changes[changed.key])
    if intake.parts:
        Part.objects.bulk_create(row_of(source, part, now) for part in intake.parts)
        learn(source)
        note(source, intake.seen.entries, now)
    source.rows += intake.added
    source.rejected += intake.sieve.kept_out
    source.save()


def _changes(intake: Intake, known: Iterable[Part]) -> Changes:
    found: Changes = defaultdict(list)
    if intake.parts:
        arrived = Arrived(intake.root, files(known), intake.parts)
        for key, change in arrived.changes():
            found[key].append(change)
    return found
