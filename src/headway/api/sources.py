"""Sources and imports of files."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpRequest
from ninja import File, Path, Router, UploadedFile
from ninja import Form as Fields
from ninja.responses import Status

from headway.accounts import gate
from headway.api import answers, forms
from headway.api.context import Caller, caller, one
from headway.api.shapes import Source
from headway.api.written import Shown, keyed, live, one_live, save, shown
from headway.engine.errors import InputError, NotFound
from headway.files.state import Kept
from headway.ingest import actions
from headway.ingest.actions import import_events
from headway.ingest.models import Fetch, Import, Refusal, WriteKey
from headway.ingest.models import Source as Row
from headway.ingest.upload import on_disk
from headway.stores.mapping import Mapping

router = Router()
MEGABYTE = 1_000_000


@router.get("", summary="List sources", response=list[Source])
def index(request: HttpRequest, workspace: Path[str]) -> list[Shown]:
    who = caller(request, workspace)
    rows = {row.key: row for row in who.workspace.sources.select_related("fetch")}
    return [_shown(item, rows[key]) for key, item in live(who, "source").items()]


@router.get("/{key}", summary="Read a source", response=Source)
def show(request: HttpRequest, workspace: Path[str], key: str) -> Shown:
    who = caller(request, workspace)
    row = one(who.workspace.sources.all(), key, "source")
    return _shown(one_live(who, "source", key), row)


@router.put("/{key}", summary="Make or change a source", response=Source)
def put(request: HttpRequest, workspace: Path[str], key: str, body: Source) -> Shown:
    """What is left out gets its default."""
    save(caller(request, workspace), "sources", keyed(body, key))
    return show(request, workspace, key)


@router.post("/{key}/fetch", summary="Fetch a source now", response={202: Source})
def fetch(request: HttpRequest, workspace: Path[str], key: str) -> Status[Shown]:
    """The worker fetches it in its next pass."""
    who = caller(request, workspace)
    actions.fetch_now(_source(who, key), by=who.member)
    return Status(202, show(request, workspace, key))


@router.get("/{key}/imports", summary="List imports", response=list[answers.Import])
def imports(request: HttpRequest, workspace: Path[str], key: str) -> QuerySet[Import]:
    """Newest first."""
    source = one(caller(request, workspace).workspace.sources.all(), key, "source")
    found: QuerySet[Import] = source.imports.order_by("-finished_at", "-pk")
    return found


@router.post("/{key}/imports", summary="Import a file", response={201: answers.Import})
def upload(
    request: HttpRequest,
    workspace: Path[str],
    key: str,
    file: File[UploadedFile],
    columns: Fields[forms.Columns],
) -> Status[Import]:
    """Adds the events of a CSV, Parquet or NDJSON file, also with .gz; again, it adds nothing."""
    who = caller(request, workspace)
    gate.require(who.member, "write")
    source = one(who.workspace.sources.all(), key, "source")
    _refuse_large(file)
    with on_disk(file) as path:
        mapping = _mapping(columns)
        return Status(
            201, import_events(source, path, mapping=mapping, by=who.member, now=who.clock)
        )


@router.get("/{key}/keys", summary="List write keys", response=list[answers.WriteKey])
def keys(request: HttpRequest, workspace: Path[str], key: str) -> QuerySet[WriteKey]:
    """Revoked ones too."""
    return _source(caller(request, workspace), key).write_keys.all()


@router.post("/{key}/keys", summary="Make a write key", response={201: answers.WriteKey})
def make_key(
    request: HttpRequest, workspace: Path[str], key: str, body: forms.WriteKey
) -> Status[WriteKey]:
    """With its value, SDKs send events to the source."""
    who = caller(request, workspace)
    made = actions.create_key(_source(who, key), body.name, by=who.member, now=who.clock)
    return Status(201, made)


@router.put("/{key}/keys/{number}", summary="Rename a write key", response=answers.WriteKey)
def rename_key(
    request: HttpRequest, workspace: Path[str], key: str, number: int, body: forms.WriteKey
) -> WriteKey:
    who = caller(request, workspace)
    found = _write_key(_source(who, key), number)
    return actions.rename_key(found, body.name, by=who.member, now=who.clock)


@router.delete("/{key}/keys/{number}", summary="Revoke a write key", response={204: None})
def revoke_key(request: HttpRequest, workspace: Path[str], key: str, number: int) -> Status[None]:
    """What it delivered before stays."""
    who = caller(request, workspace)
    found = _write_key(_source(who, key), number)
    actions.revoke_key(found, by=who.member, now=who.clock)
    return Status(204, None)


@router.get("/{key}/refusals", summary="List what was refused", response=list[answers.Refusal])
def refusals(request: HttpRequest, workspace: Path[str], key: str) -> QuerySet[Refusal]:
    """The newest of what SDKs sent that is no event; for those who may see people."""
    who = caller(request, workspace)
    gate.require(who.member, "see people")
    return _source(who, key).refusals.all()


def _source(who: Caller, key: str) -> Row:
    found: Row = one(who.workspace.sources.all(), key, "source")
    return found


def _write_key(source: Row, number: int) -> WriteKey:
    found = source.write_keys.filter(pk=number).first()
    if found is None:
        raise NotFound(f"The source `{source.key}` has no write key {number}.")
    return found


def _shown(item: Kept, row: Row) -> Shown:
    names = (
        "problem",
        "probed_at",
        "gap_days",
        "rows",
        "rejected",
        "first_event_at",
        "last_event_at",
    )
    return shown(item, fetch=_fetch(row), **{name: getattr(row, name) for name in names})


def _fetch(row: Row) -> dict[str, Any] | None:
    fetcher = row.sort.fetcher
    if fetcher is None:
        return None
    found = row.last_fetch or Fetch()
    names = ("tried_at", "done_at", "due_at", "added", "last_added", "refused", "failures")
    state = {name: getattr(found, name) for name in (*names, "problem", "note")}
    return {"reached": fetcher.words(found.cursor), **state}


def _refuse_large(file: UploadedFile) -> None:
    if (file.size or 0) > settings.UPLOAD_MEGABYTES * MEGABYTE:
        raise InputError(
            f"The file is larger than {settings.UPLOAD_MEGABYTES} MB.",
            where="file",
            fix="Import it at the command line: headway import events FILE",
        )


def _mapping(columns: forms.Columns) -> Mapping:
    given = columns.dict()
    texts = {name: given.pop(name) for name in ("name", "time_format", "timezone")}
    named: dict[str, Any] = {field: column or None for field, column in given.items()}
    return Mapping(**named, **texts)
