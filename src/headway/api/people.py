"""People's rights: what is stored of somebody, and its deletion; for admins."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, StreamingHttpResponse
from ninja import Path, Router, Schema
from ninja.responses import Status

from headway.accounts import gate
from headway.api.context import Caller, caller
from headway.api.forms import Form
from headway.engine.errors import NotFound
from headway.ingest.models import Rewrite
from headway.ingest.people import blocking, person, rewriting

router = Router()


class Receipt(Schema):
    """`kind`: person, personal (properties of the past) or name; `state`: waiting, writing,
    clearing, done. `account` has the events, the files and what was set aside or refused.
    """

    id: int
    kind: str
    state: str
    digest: str
    blocks: bool
    asked_by: str
    asked_at: datetime
    finished_at: datetime | None
    account: dict[str, Any]
    problem: str


class Somebody(Form):
    """By any id of theirs."""

    id: str


class Deletion(Form):
    """`id` is any id of theirs; `block`: what still comes of them is left out."""

    id: str
    block: bool = False


@router.get("/events", summary="Export one person's events")
def events(request: HttpRequest, workspace: Path[str], id: str) -> StreamingHttpResponse:
    """As JSON lines, by any of their ids."""
    who = caller(request, workspace)
    rows = person.exported(who.workspace, id, by=who.member)
    return StreamingHttpResponse(_lines(rows), content_type="application/x-ndjson")


@router.get("/receipts", summary="List receipts", response=list[Receipt])
def receipts(request: HttpRequest, workspace: Path[str]) -> QuerySet[Rewrite]:
    """Of deletions, and of what else was written again; the newest first."""
    return _admin(request, workspace).workspace.rewrites.all()


@router.get("/receipts/{number}", summary="Read a receipt", response=Receipt)
def receipt(request: HttpRequest, workspace: Path[str], number: int) -> Rewrite:
    found = _admin(request, workspace).workspace.rewrites.filter(pk=number).first()
    if found is None:
        raise NotFound(f"There is no receipt {number}.")
    return found


@router.post("/deletions", summary="Delete one person's events", response={202: Receipt})
def delete(request: HttpRequest, workspace: Path[str], body: Deletion) -> Status[Rewrite]:
    """The worker does it; the receipt says how far it is."""
    who = _admin(request, workspace)
    job = rewriting.ask_person(
        who.workspace, body.id, blocks=body.block, by=who.member, now=who.clock
    )
    return Status(202, job)


@router.post("/unblocking", summary="Take a deleted person's events again", response={204: None})
def unblock(request: HttpRequest, workspace: Path[str], body: Somebody) -> Status[None]:
    """Of those who were deleted with `block`, by any id of theirs."""
    who = _admin(request, workspace)
    blocking.unblock(who.workspace, body.id, by=who.member, now=who.clock)
    return Status(204, None)


@router.post("/cleaning", summary="Clean personal properties of the past", response={202: Receipt})
def clean(request: HttpRequest, workspace: Path[str]) -> Status[Rewrite]:
    """Hashes or drops them in what was written before they were marked."""
    who = _admin(request, workspace)
    return Status(202, rewriting.ask_personal(who.workspace, by=who.member, now=who.clock))


def _admin(request: HttpRequest, workspace: str) -> Caller:
    who = caller(request, workspace)
    gate.require(who.member, "administer")
    return who


def _lines(rows: Iterator[dict[str, Any]]) -> Iterator[str]:
    return (json.dumps(row, default=str, ensure_ascii=False) + "\n" for row in rows)
