"""Sources and imports of files."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from django.http import HttpRequest
from ninja import File, Router, UploadedFile

from headway.accounts import gate
from headway.api.context import caller, one
from headway.api.shapes import SourceBody
from headway.api.written import save
from headway.ingest.actions import import_events
from headway.ingest.models import Import, Source

router = Router()


@router.get("")
def index(request: HttpRequest, workspace: str) -> list[dict[str, Any]]:
    return [_shown(s) for s in caller(request, workspace).workspace.sources.order_by("key")]


@router.get("/{key}")
def show(request: HttpRequest, workspace: str, key: str) -> dict[str, Any]:
    return _shown(one(caller(request, workspace).workspace.sources.all(), key, "source"))


@router.put("/{key}")
def put(request: HttpRequest, workspace: str, key: str, body: SourceBody) -> dict[str, Any]:
    """Makes the source, or changes it to be like this."""
    who = caller(request, workspace)
    save(who, "source", key, body)
    return _shown(one(who.workspace.sources.all(), key, "source"))


@router.get("/{key}/imports")
def imports(request: HttpRequest, workspace: str, key: str) -> list[dict[str, Any]]:
    source = one(caller(request, workspace).workspace.sources.all(), key, "source")
    return [_import(i) for i in source.imports.order_by("-finished_at")]


@router.post("/{key}/imports", response={201: dict[str, Any]})
def upload(
    request: HttpRequest, workspace: str, key: str, file: UploadedFile = File(...)
) -> tuple[int, dict[str, Any]]:
    """Imports a CSV, Parquet or NDJSON file of events; sending it again adds nothing."""
    who = caller(request, workspace)
    gate.require(who.member, "write")
    source = one(who.workspace.sources.all(), key, "source")
    with tempfile.TemporaryDirectory(prefix="headway-upload-") as folder:
        path = Path(folder) / Path(file.name or "events.csv").name
        with path.open("wb") as target:
            target.writelines(file.chunks())
        done = import_events(source, path, by=who.member, now=who.clock)
    return 201, _import(done)


def _shown(source: Source) -> dict[str, Any]:
    names = (
        "key", "name", "kind", "usual_gap_days", "learnt_gap_days", "rows", "rejected",
        "first_event_at", "last_event_at",
    )  # fmt: skip
    return {n: getattr(source, n) for n in names}


def _import(row: Import) -> dict[str, Any]:
    names = ("filename", "read", "added", "known", "rejected", "reject_sample", "finished_at")
    return {n: getattr(row, n) for n in names}
