"""What can be done with sources: making them, and importing events into them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path

from django.conf import settings
from django.db import transaction

from headway.accounts import gate
from headway.accounts.models import Member, Workspace
from headway.engine.errors import Conflict, DefinitionError
from headway.feed.record import record
from headway.ingest.days import learnt_gap, runs
from headway.ingest.intake import Intake, Progress, RejectFile
from headway.ingest.models import ChangedDays, Import, Part, Source
from headway.ingest.store import part_file, root_of
from headway.stores.local import PartFile
from headway.stores.reading import Mapping, digest_of, read_events

KEY = r"^[a-z0-9][a-z0-9_-]{0,49}$"


def save_source(
    workspace: Workspace,
    key: str,
    *,
    name: str = "",
    kind: str = "ingest",
    usual_gap_days: int | None = None,
    by: Member | None,
    now: datetime,
    managed: bool = False,
) -> Source:
    """Makes the source, or changes its name and usual gap."""
    gate.require(by, "write", workspace)
    _check(key, kind, usual_gap_days)
    with transaction.atomic():
        source = workspace.sources.filter(key=key).first()
        fields: dict[str, object] = {
            "name": name,
            "kind": kind,
            "usual_gap_days": usual_gap_days,
            "managed_in_code": managed,
        }
        if source is None:
            source = Source.objects.create(workspace=workspace, key=key, **fields)
            _record(source, "created", by=by, now=now)
            return source
        _refuse_managed(source, managed)
        fields["managed_in_code"] = source.managed_in_code or managed
        _change(source, fields, by, now)
    return source


def import_events(
    source: Source,
    path: Path,
    *,
    mapping: Mapping | None = None,
    by: Member | None,
    now: datetime,
    on_progress: Progress | None = None,
) -> Import:
    """Adds a file's events that the source does not have yet.

    Killed half-way it leaves nothing but files that nobody reads; running it again completes it.
    Raises InputError when the file as a whole cannot be read; nothing is added then.
    """
    gate.require(by, "write", source.workspace)
    digest = digest_of(path) if path.is_file() else ""
    known = list(source.parts.order_by("pk"))
    with RejectFile(_reject_path(source, digest)) as rejects:
        intake = Intake(root_of(source.workspace), source.key, _files(known), rejects)
        with closing(read_events(path, mapping, now=now, digest=digest)) as batches:
            for batch in batches:
                intake.take(batch)
                if on_progress:
                    on_progress(intake.read, batch.share)
        intake.finish()
    with transaction.atomic():
        locked = Source.objects.select_for_update().get(pk=source.pk)
        _refuse_race(locked, known)
        found = _finish(locked, intake, path.name, digest, now)
        if intake.added:
            _record(locked, "imported", after=f"{intake.added:,} events", by=by, now=now)
    source.refresh_from_db()
    return found


def _check(key: str, kind: str, usual_gap_days: int | None) -> None:
    if not re.match(KEY, key):
        raise DefinitionError(
            f"`{key}` is not a key.",
            where="source",
            fix="Use lower case letters, digits, - and _, at most 50 of them.",
        )
    if kind != "ingest":
        raise DefinitionError(
            f"`{kind}` is not a kind of source.", where=f"source `{key}`", fix="Use `ingest`."
        )
    if usual_gap_days is not None and not 1 <= usual_gap_days <= 366:
        raise DefinitionError(
            f"{usual_gap_days} days is no usual gap.",
            where=f"source `{key}`",
            fix="Give 1 to 366 days, or leave it out to have it learnt.",
        )


def _refuse_managed(source: Source, managed: bool) -> None:
    if source.managed_in_code and not managed and not source.workspace.edit_managed:
        raise Conflict(
            f"The source `{source.key}` is managed in code.",
            fix="Change its file and apply it, or let the workspace allow both.",
        )


def _change(source: Source, fields: dict[str, object], by: Member | None, now: datetime) -> None:
    """Another gap moves the day from which silence means unknown."""
    for field, value in fields.items():
        before = getattr(source, field)
        if before == value:
            continue
        setattr(source, field, value)
        _record(source, field, before=before, after=value, by=by, now=now)
        if field == "usual_gap_days" and source.last_event_at:
            _changed(source, [(_utc_day(source.last_event_at),) * 2])
    source.save()


def _files(parts: Iterable[Part]) -> list[PartFile]:
    return [part_file(part) for part in parts]


def _reject_path(source: Source, digest: str) -> Path:
    folder: Path = settings.DATA / "rejects" / source.workspace.key
    return folder / f"{source.key}-{digest[:12]}.csv"


def _refuse_race(source: Source, known: list[Part]) -> None:
    """Parts written by somebody else meanwhile may hold the same events."""
    if source.parts.count() != len(known):
        raise Conflict(
            f"Another import into `{source.key}` finished meanwhile; nothing was added.",
            fix="Run this import again.",
        )


def _finish(source: Source, intake: Intake, filename: str, digest: str, now: datetime) -> Import:
    """The manifest, what it changes and the account of it: call it in a transaction."""
    again = source.imports.filter(digest=digest).exists()
    if intake.parts:
        _changed(source, _touched(source, intake.parts))
        Part.objects.bulk_create(_row(source, part, now) for part in intake.parts)
        _learn(source)
    source.rows += intake.added
    source.rejected += 0 if again else intake.rejects.count
    source.save()
    rejects = intake.rejects
    return Import.objects.create(
        source=source,
        filename=filename[-300:],
        digest=digest,
        read=intake.read,
        added=intake.added,
        known=intake.known,
        rejected=rejects.count,
        reject_path=str(rejects.path.relative_to(settings.DATA)) if rejects.count else "",
        reject_sample=rejects.sample,
        finished_at=now,
    )


def _touched(source: Source, parts: list[PartFile]) -> list[tuple[date, date]]:
    """Stretches of days: with new events, of a silence they end, or all if they join two ids."""
    stretches = runs(date.fromisoformat(day) for part in parts for day in part.days)
    if source.first_event_at is None or source.last_event_at is None:
        return stretches
    was_first, was_last = (_utc_day(at) for at in (source.first_event_at, source.last_event_at))
    first, last = min(was_first, stretches[0][0]), max(was_last, stretches[-1][1])
    if any(part.has_links for part in parts):
        return [(first, last)]
    return [*stretches, (was_last, last)]


def _utc_day(instant: datetime) -> date:
    return instant.astimezone(UTC).date()


def _learn(source: Source) -> None:
    parts = list(source.parts.all())
    source.first_event_at = min(part.first_at for part in parts)
    source.last_event_at = max(part.last_at for part in parts)
    source.learnt_gap_days = learnt_gap(date.fromisoformat(d) for p in parts for d in p.days)


def _row(source: Source, part: PartFile, now: datetime) -> Part:
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


def _changed(source: Source, stretches: list[tuple[date, date]]) -> None:
    ChangedDays.objects.bulk_create(
        ChangedDays(source=source, first=first, last=last) for first, last in stretches
    )


def _record(
    source: Source,
    what: str,
    *,
    before: object = "",
    after: object = "",
    by: Member | None,
    now: datetime,
) -> None:
    record(
        source.workspace,
        subject=f"source:{source.key}",
        title=str(source),
        what=what,
        before=before,
        after=after,
        by=by,
        now=now,
    )
