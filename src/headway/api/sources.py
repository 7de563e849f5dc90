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
from headway.api.context import caller, one
from headway.api.shapes import Source
from headway.api.written import Shown, keyed, live, one_live, save, shown
from headway.engine.errors import InputError
from headway.files.state import Kept
from headway.ingest.actions import import_events
from headway.ingest.models import Import
from headway.ingest.models import Source as Row
from headway.ingest.upload import on_disk
from headway.stores.mapping import Mapping

router = Router()
MEGABYTE = 1_000_000


@router.get("", summary="List sources", response=list[Source])
def index(request: HttpRequest, workspace: Path[str]) -> list[Shown]:
    who = caller(request, workspace)
    rows = {row.key: row for row in who.workspace.sources.all()}
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
    return shown(item, **{name: getattr(row, name) for name in names})


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
