"""What can be done with the tracking plan: declaring events, and settling what was reported."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from headway.accounts import gate
from headway.accounts.keeping import refuse_managed
from headway.accounts.models import Member, Workspace
from headway.engine.errors import DefinitionError, nearest
from headway.engine.event import MARKERS
from headway.feed.record import record
from headway.ingest.models import PlannedEvent, Report
from headway.ingest.people.rewriting import ask_rename
from headway.ingest.plan.oddities import MISSING, MISSPELT, SILENT, TYPE, UNKNOWN
from headway.ingest.plan.tracking import as_declared, came_as, rows
from headway.stores.census import TYPES

ACCEPTED, RENAMED, IGNORED = "accepted", "renamed", "ignored"
LONGEST = 150
WAYS = (ACCEPTED, RENAMED, IGNORED)
Properties = Mapping[str, Mapping[str, Any]]


def declare(
    workspace: Workspace,
    key: str,
    *,
    description: str = "",
    also: Sequence[str] = (),
    properties: Properties | None = None,
    by: Member | None,
    now: datetime,
    managed: bool = False,
) -> PlannedEvent:
    """Puts the event into the plan, or changes it there to be like this.

    Raises DefinitionError with the field as `where`.
    """
    gate.require(by, "write", workspace)
    given: dict[str, Any] = {
        "description": description.strip(),
        "also": sorted({other.strip() for other in also} - {""}),
        "properties": {name: _property(name, one) for name, one in (properties or {}).items()},
    }
    key = _named(key)
    with transaction.atomic():
        _refuse_twice(workspace, key, given["also"])
        event = workspace.events.select_for_update().filter(key=key).first()
        if event is None:
            event = PlannedEvent(workspace=workspace, key=key, declared_at=now)
            _say(event, "created", by=by, now=now)
        else:
            refuse_managed(
                f"The event `{event.key}`", event.managed_in_code, event.workspace, managed
            )
            for name, value in given.items():
                if getattr(event, name) != value:
                    before = getattr(event, name)
                    _say(event, name, before=_said(before), after=_said(value), by=by, now=now)
                    event.declared_at = now
        for name, value in given.items():
            setattr(event, name, value)
        event.managed_in_code = event.managed_in_code or managed
        event.save()
    return event


def declare_seen(workspace: Workspace, *, by: Member | None, now: datetime) -> int:
    """Everything that came in so far becomes the plan; how many events that is."""
    gate.require(by, "write", workspace)
    new = [
        row
        for row in rows(workspace)
        if row.planned is None and not row.read_as and row.name not in MARKERS
    ]
    with transaction.atomic():
        for row in new:
            declare(workspace, row.name, properties=as_declared(row.seen), by=by, now=now)
    return len(new)


def undeclare(event: PlannedEvent, *, by: Member | None, now: datetime) -> None:
    """It leaves the plan; what came in stays as it was read in."""
    gate.require(by, "write", event.workspace)
    _refuse_managed(event, False)
    with transaction.atomic():
        _say(event, "archived", by=by, now=now)
        event.delete()


def settle(
    report: Report,
    way: str,
    *,
    to: str = "",
    past: bool = False,
    by: Member | None,
    now: datetime,
) -> Report:
    """Accepts what was reported, reads the event as `to` from now on, or lets it be.

    `past`: what came before is written again under the new name too.
    """
    workspace = report.workspace
    gate.require(by, "write", workspace)
    if way not in WAYS:
        fix = nearest(way, WAYS) or f"Use one of {', '.join(WAYS)}."
        raise DefinitionError(f"`{way}` settles no report.", where="way", fix=fix)
    with transaction.atomic():
        if way == RENAMED:
            rename(workspace, report.event, to or report.other, past=past, by=by, now=now)
        elif way == ACCEPTED:
            _accept(report, by, now)
        report.settled_at, report.settled_as = now, way
        report.save(update_fields=["settled_at", "settled_as"])
    return report


def rename(
    workspace: Workspace, name: str, to: str, *, past: bool, by: Member | None, now: datetime
) -> PlannedEvent:
    """Events of this name are read as those of the other from now on."""
    to = _named(to, where="to")
    if to == name:
        raise DefinitionError(f"`{name}` is already called so.", where="to")
    known = workspace.events.filter(key=to).first()
    kept = _as_it_is(known) if known else _as_it_came(workspace, to)
    also = [*kept.pop("also", []), name]
    if past:
        gate.require(by, "administer", workspace)
        ask_rename(workspace, name, to, by=by, now=now)
    return declare(workspace, to, also=also, by=by, now=now, **kept)


def _accept(report: Report, by: Member | None, now: datetime) -> None:
    """What is so from now on goes into the plan, where there is one to change."""
    workspace, known = report.workspace, report.workspace.events.filter(key=report.event).first()
    if report.code in (UNKNOWN, MISSPELT):
        declare(workspace, report.event, by=by, now=now, **_as_it_came(workspace, report.event))
    elif known and report.code in (TYPE, MISSING):
        kept = _as_it_is(known)
        came = as_declared(came_as(workspace, report.event)).get(report.property, {})
        asked = {**kept["properties"].get(report.property, {})}
        asked = {**asked, **came} if report.code == TYPE else {**asked, "required": False}
        kept["properties"] = {**kept["properties"], report.property: asked}
        declare(workspace, report.event, by=by, now=now, **kept)
    assert report.code in (UNKNOWN, MISSPELT, TYPE, MISSING, SILENT)


def _as_it_is(event: PlannedEvent) -> dict[str, Any]:
    names = ("description", "also", "properties")
    return {name: getattr(event, name) for name in names}


def _as_it_came(workspace: Workspace, name: str) -> dict[str, Any]:
    return {"properties": as_declared(came_as(workspace, name))}


def _named(key: str, where: str = "event") -> str:
    key = key.strip()
    if not key or len(key) > LONGEST or key in MARKERS:
        raise DefinitionError(
            f"`{key[:50]}` is no name of an event.", where=where, fix="For example `order_placed`."
        )
    return key


def _property(name: str, given: Mapping[str, Any]) -> dict[str, Any]:
    type_ = given.get("type") or ""
    if type_ and type_ not in TYPES:
        fix = nearest(str(type_), TYPES) or f"Use one of {', '.join(TYPES)}."
        raise DefinitionError(f"`{type_}` is no type.", where=f"properties.{name}", fix=fix)
    kept = {"type": type_} if type_ else {}
    return {**kept, "required": True} if given.get("required") else kept


def _refuse_twice(workspace: Workspace, key: str, also: Sequence[str]) -> None:
    """A name is read as one event only, and an event of the plan as none but itself."""
    for other in workspace.events.exclude(key=key):
        if both := {*other.also} & {*also, key}:
            raise DefinitionError(
                f"`{min(both)}` is already read as `{other.key}`.",
                where="also",
                fix="Take it away there first.",
            )
        if other.key in also:
            raise DefinitionError(
                f"`{other.key}` is an event of the plan itself.",
                where="also",
                fix="Take it out of the plan first.",
            )


def _refuse_managed(event: PlannedEvent, managed: bool) -> None:
    refuse_managed(f"The event `{event.key}`", event.managed_in_code, event.workspace, managed)


def _said(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(" ".join([n, str(v.get("type", ""))]).strip() for n, v in value.items())
    return ", ".join(value) if isinstance(value, list) else str(value)


def _say(
    event: PlannedEvent,
    what: str,
    *,
    before: object = "",
    after: object = "",
    by: Member | None,
    now: datetime,
) -> None:
    record(
        event.workspace,
        subject=f"event:{event.key}",
        title=event.key,
        what=what,
        before=before,
        after=after,
        by=by,
        now=now,
    )
