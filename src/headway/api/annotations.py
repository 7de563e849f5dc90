"""What happened: launches, incidents, campaigns, holidays and notes."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal

from django.db.models import QuerySet
from django.http import HttpRequest
from ninja import Path, Router
from ninja.responses import Status

from headway.api.context import Caller, caller, one
from headway.api.shapes import Annotation
from headway.api.written import Shown, keyed, save
from headway.files.annotations import written
from headway.metrics.happened.annotations import (
    OUTPUT,
    archive_annotation,
    restore_annotation,
    usual_key,
)
from headway.metrics.happened.happenings import listed
from headway.metrics.models import Annotation as Row

router = Router()
Kind = Literal["launch", "incident", "campaign", "holiday", "note"]


@router.get("", summary="List annotations", response=list[Annotation])
def index(
    request: HttpRequest,
    workspace: Path[str],
    kind: Kind | None = None,
    metric: str = "",
) -> list[Shown]:
    """The newest first, with the launches of outputs. With a metric, those that cover it."""
    who = caller(request, workspace)
    metrics = who.workspace.metrics.filter(archived_at=None)
    covered = one(metrics, metric, "metric") if metric else None
    return [_shown(row) for row in listed(who.workspace, kind=kind or "", metric=covered)]


@router.post("", summary="Make an annotation", response={201: Annotation})
def make(request: HttpRequest, workspace: Path[str], body: Annotation) -> Status[Shown]:
    """Without a key it gets one from its title and day, so that sending it twice makes one."""
    who = caller(request, workspace)
    key = str(body.fields.get("key") or _key(body.fields))
    save(who, "annotations", {**body.fields, "key": key})
    return Status(201, _shown(one(_rows(who), key, "annotation")))


@router.get("/{key}", summary="Read an annotation", response=Annotation)
def show(request: HttpRequest, workspace: Path[str], key: str) -> Shown:
    rows = caller(request, workspace).workspace.annotations.filter(archived_at=None)
    return _shown(one(rows.order_by("origin"), key, "annotation"))


@router.put("/{key}", summary="Make or change an annotation", response=Annotation)
def put(request: HttpRequest, workspace: Path[str], key: str, body: Annotation) -> Shown:
    """What is left out gets its default."""
    save(caller(request, workspace), "annotations", keyed(body, key))
    return show(request, workspace, key)


@router.delete("/{key}", summary="Archive an annotation", response={204: None})
def archive(request: HttpRequest, workspace: Path[str], key: str) -> Status[None]:
    """No chart and no model knows of it any more. `restore` brings it back."""
    who = caller(request, workspace)
    row = one(_rows(who).filter(archived_at=None), key, "annotation")
    archive_annotation(row, by=who.member, now=who.clock)
    return Status(204, None)


@router.post("/{key}/restore", summary="Restore an annotation", response=Annotation)
def restore(request: HttpRequest, workspace: Path[str], key: str) -> Shown:
    who = caller(request, workspace)
    row = one(_rows(who), key, "annotation")
    restore_annotation(row, by=who.member, now=who.clock)
    return _shown(row)


def _rows(who: Caller) -> QuerySet[Row]:
    """Those that people write."""
    return who.workspace.annotations.filter(origin="")


def _key(fields: dict[str, Any]) -> str:
    """Wrong fields are told when it is saved."""
    try:
        return usual_key(str(fields.get("title")), date.fromisoformat(str(fields.get("starts"))))
    except ValueError:
        return "annotation"


def _shown(row: Row) -> Shown:
    state = {
        "managed_in_code": row.managed_in_code,
        "covers": row.covers,
        "output": row.key if row.origin == OUTPUT else "",
        "by": row.by.email if row.by else "",
    }
    return {**written(row), "state": state}
