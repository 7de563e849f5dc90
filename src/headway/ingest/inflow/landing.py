"""Parts that were written are served: the manifest, what they change, and the account of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import TypeVar

from django.db import transaction

from headway.ingest.changes import Changed, mark_changed
from headway.ingest.inflow.arrived import Arrived
from headway.ingest.inflow.breadth import REASON
from headway.ingest.inflow.intake import Intake
from headway.ingest.inflow.refusals import LONGEST_TEXT
from headway.ingest.inflow.sieve import Sieve
from headway.ingest.manifest.rows import files, learn, manifest, root_of, row_of
from headway.ingest.models import Part, Refusal, Source
from headway.ingest.seen import Counting, note

Account = TypeVar("Account")
Changes = dict[str, list[Changed]]
"""What the next refresh looks at, by the key of the source."""


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
                _tell_left_out(locked, intake, now)
                return account(locked)
        intake.leave_out(files(new))
        known = served


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


def _tell_left_out(source: Source, intake: Intake, now: datetime) -> None:
    """Once, however much comes; it goes with the reasons of what was refused."""
    if intake.breadth.left_out and not source.refusals.filter(reason=REASON).exists():
        Refusal.objects.create(
            source=source,
            dialect=source.kind,
            received_at=now,
            at=0,
            reason=REASON,
            text=intake.breadth.told[:LONGEST_TEXT],
        )


def _changes(intake: Intake, known: Iterable[Part]) -> Changes:
    found: Changes = defaultdict(list)
    if intake.parts:
        arrived = Arrived(intake.root, files(known), intake.parts)
        for key, change in arrived.changes():
            found[key].append(change)
    return found
