"""What can be done with sources: making them, and importing events into them."""

from __future__ import annotations

import secrets
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction

from headway.accounts import gate
from headway.accounts.keeping import refuse_managed
from headway.accounts.models import Member, Workspace
from headway.engine.errors import Conflict, DefinitionError, nearest
from headway.engine.written import grouped
from headway.ingest.allotted import require_allotted
from headway.ingest.changes import record_of
from headway.ingest.definition import SourceDefinition
from headway.ingest.fetch import again, elsewhere, start_anew
from headway.ingest.inflow.intake import Intake, Progress, RejectFile
from headway.ingest.inflow.landing import intake_for, land
from headway.ingest.kinds import KINDS, parse
from headway.ingest.manifest.rows import manifest
from headway.ingest.models import Import, Source, WriteKey
from headway.stores.reading import Mapping, digest_of, read_events


def save_source(
    workspace: Workspace,
    key: str,
    *,
    by: Member | None,
    now: datetime,
    managed: bool = False,
    **fields: Any,
) -> Source:
    """Makes the source, or changes it to be like this; fields are those of SourceDefinition.

    Whose table is read is for admins to say. Raises DefinitionError with the field as `where`.
    """
    gate.require(by, "write", workspace)
    definition = parse({"key": key, **fields})
    if KINDS[definition.kind].is_theirs:
        gate.require(by, "administer", workspace)
    require_allotted(workspace, definition)
    with transaction.atomic():
        source = workspace.sources.select_for_update().filter(key=key).first()
        columns = {**_columns(definition), "managed_in_code": managed}
        if source is None:
            source = Source.objects.create(workspace=workspace, key=key, **columns)
            record_of(source, "created", by=by, now=now)
            return source
        if source.sort.is_theirs:
            gate.require(by, "administer", workspace)
        refuse_managed(
            f"The source `{source.key}`", source.managed_in_code, source.workspace, managed
        )
        _refuse_move(source, definition)
        columns["managed_in_code"] = source.managed_in_code or managed
        _change(source, columns, by, now)
    return source


def probe_again(source: Source, *, by: Member | None) -> None:
    """The next pass looks at its table, however short ago the last one did."""
    gate.require(by, "write", source.workspace)
    Source.objects.filter(pk=source.pk).update(probed_at=None)


def fetch_now(source: Source, *, by: Member | None) -> None:
    """The worker fetches it in its next pass, however short ago the last time was."""
    gate.require(by, "write", source.workspace)
    if not source.is_fetched:
        raise Conflict(
            f"Nothing is fetched for the source `{source.key}`.",
            fix="Its events are sent, imported, or read where they are.",
        )
    again(source)


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
    _refuse_warehouse(source, "nothing is imported into it")
    digest = digest_of(path) if path.is_file() else ""
    known = manifest(source.workspace)
    intake = intake_for(source, known)
    with RejectFile(_reject_path(source, digest)) as rejects:
        with closing(read_events(path, mapping, now=now, digest=digest)) as batches:
            for batch in batches:
                intake.take(batch.table)
                rejects.add(batch.rejects)
                if on_progress:
                    on_progress(intake.taken + rejects.count, batch.share)
        intake.finish()

    def account(locked: Source) -> Import:
        found = _account(locked, intake, rejects, path.name, digest, now)
        if intake.added:
            record_of(locked, "imported", after=f"{grouped(intake.added)} events", by=by, now=now)
        return found

    found = land(source, intake, known, account, now=now)
    source.refresh_from_db()
    return found


def create_key(source: Source, name: str, *, by: Member | None, now: datetime) -> WriteKey:
    """A key with which events can be sent to the source."""
    gate.require(by, "write", source.workspace)
    _refuse_warehouse(source, "nothing can be sent to it")
    with transaction.atomic():
        key = WriteKey.objects.create(
            source=source, value=secrets.token_hex(16), name=_named(name), created_at=now
        )
        record_of(source, "write key", after=f"{key} made", by=by, now=now)
    return key


def rename_key(key: WriteKey, name: str, *, by: Member | None, now: datetime) -> WriteKey:
    gate.require(by, "write", key.source.workspace)
    before, key.name = key.name, _named(name)
    with transaction.atomic():
        if key.name != before:
            key.save(update_fields=["name"])
            record_of(key.source, "write key", before=before, after=key.name, by=by, now=now)
    return key


def revoke_key(key: WriteKey, *, by: Member | None, now: datetime) -> WriteKey:
    """The door refuses it from now on; what it delivered before stays."""
    gate.require(by, "write", key.source.workspace)
    with transaction.atomic():
        if WriteKey.objects.filter(pk=key.pk, revoked_at=None).update(revoked_at=now):
            record_of(key.source, "write key", after=f"{key} revoked", by=by, now=now)
    key.refresh_from_db()
    return key


def try_again(source: Source, *, by: Member | None) -> int:
    """The worker reads what it had set aside once more; how many deliveries that is."""
    gate.require(by, "write", source.workspace)
    return source.inbox.exclude(problem="").update(problem="")


def _named(name: str) -> str:
    if not name.strip():
        raise DefinitionError(
            "A write key needs a name.", where="name", fix="Say what will use it, such as `web`."
        )
    return name.strip()[:80]


def taking(workspace: Workspace, key: str, why: str) -> Source:
    """The source that is to get events; `why` none can go where a table is read.

    Raises DefinitionError.
    """
    found = workspace.sources.filter(key=key).first()
    if found is None:
        fix = nearest(key, workspace.sources.values_list("key", flat=True))
        raise DefinitionError(
            f"There is no source `{key}`.", where="source", fix=fix or "Make one first."
        )
    if found.is_warehouse:
        raise DefinitionError(
            f"The source `{key}` reads a table where it is, so {why}.",
            where="source",
            fix="Take one of the kind `ingest`.",
        )
    return found


def _columns(definition: SourceDefinition) -> dict[str, Any]:
    return {
        "name": definition.name,
        "kind": definition.kind,
        "usual_gap_days": definition.usual_gap_days,
        "body": definition.body(),
    }


def _refuse_warehouse(source: Source, so: str) -> None:
    if source.is_warehouse:
        raise Conflict(
            f"The source `{source.key}` reads a table where it is, so {so}.",
            fix="Take another source, or give the key of a new one.",
        )


def _refuse_move(source: Source, definition: SourceDefinition) -> None:
    """Events that came to Headway would still be there, and counted by nobody."""
    moves = KINDS[definition.kind].is_table != source.is_warehouse
    if moves and source.rows:
        raise Conflict(
            f"The source `{source.key}` has events of kind `{source.kind}`.",
            where="kind",
            fix="Make another source, and let the metrics name that one.",
        )


def _change(source: Source, columns: dict[str, Any], by: Member | None, now: datetime) -> None:
    """Another table: every day is another one."""
    for field, value in columns.items():
        before = getattr(source, field)
        if before == value:
            continue
        setattr(source, field, value)
        if field == "body":
            _record_body(source, before, by, now)
        else:
            record_of(source, field, before=before, after=value, by=by, now=now)
        if field in ("kind", "body"):
            _forget_probe(source)
        if field == "body" and elsewhere(before, value):
            start_anew(source)
    source.save()


def _record_body(source: Source, before: dict[str, Any], by: Member | None, now: datetime) -> None:
    for field in dict.fromkeys([*source.body, *before]):
        old, new = before.get(field, ""), source.body.get(field, "")
        if old != new:
            record_of(source, field, before=_said(old), after=_said(new), by=by, now=now)


def _said(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} ({column})" for name, column in value.items())
    return ", ".join(value) if isinstance(value, list) else str(value)


def _forget_probe(source: Source) -> None:
    """The next probe finds every day changed, those that are gone too."""
    source.probed_at, source.problem = None, ""
    source.fingerprints.update(value="")


def _reject_path(source: Source, digest: str) -> Path:
    folder: Path = settings.DATA / "rejects" / source.workspace.key
    return folder / f"{source.key}-{digest[:12]}.csv"


def _account(
    source: Source, intake: Intake, rejects: RejectFile, filename: str, digest: str, now: datetime
) -> Import:
    """Rows of a file that was there before were counted as rejected then."""
    if not source.imports.filter(digest=digest).exists():
        source.rejected += rejects.count
        source.save(update_fields=["rejected"])
    return Import.objects.create(
        source=source,
        filename=filename[-300:],
        digest=digest,
        read=intake.taken + rejects.count,
        added=intake.added,
        known=intake.known,
        rejected=rejects.count,
        reject_path=str(rejects.path.relative_to(settings.DATA)) if rejects.count else "",
        reject_sample=rejects.sample,
        finished_at=now,
    )
