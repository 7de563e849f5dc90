"""Uptime checks: what is looked at from here, and how it is."""

from __future__ import annotations

from django.db.models import QuerySet
from django.http import HttpRequest
from ninja import Path, Router
from ninja.responses import Status

from headway.api import answers
from headway.api.context import Caller, caller, one
from headway.api.shapes import Check
from headway.api.written import Shown, keyed, live, one_live, save, shown
from headway.files.state import Kept
from headway.uptime import actions
from headway.uptime.health import Health, health
from headway.uptime.models import Check as Row
from headway.uptime.models import Outage

router = Router()


@router.get("", summary="List uptime checks", response=list[Check])
def index(request: HttpRequest, workspace: Path[str]) -> list[Shown]:
    who = caller(request, workspace)
    found = {one.check.key: one for one in health(_rows(who), who.clock)}
    return [_shown(item, found[key]) for key, item in live(who, "check").items()]


@router.get("/{key}", summary="Read an uptime check", response=Check)
def show(request: HttpRequest, workspace: Path[str], key: str) -> Shown:
    who = caller(request, workspace)
    item = one_live(who, "check", key)
    return _shown(item, health([one(_rows(who), key, "check")], who.clock)[0])


@router.put("/{key}", summary="Make or change an uptime check", response=Check)
def put(request: HttpRequest, workspace: Path[str], key: str, body: Check) -> Shown:
    """For admins. What is left out gets its default."""
    save(caller(request, workspace), "checks", keyed(body, key))
    return show(request, workspace, key)


@router.delete("/{key}", summary="Archive an uptime check", response={204: None})
def archive(request: HttpRequest, workspace: Path[str], key: str) -> Status[None]:
    """Nobody looks any more; what was found stays. `restore` brings it back."""
    who = caller(request, workspace)
    row = one(_rows(who).filter(archived_at=None), key, "check")
    actions.archive_check(row, by=who.member, now=who.clock)
    return Status(204, None)


@router.post("/{key}/restore", summary="Restore an uptime check", response=Check)
def restore(request: HttpRequest, workspace: Path[str], key: str) -> Shown:
    who = caller(request, workspace)
    actions.restore_check(one(_rows(who), key, "check"), by=who.member, now=who.clock)
    return show(request, workspace, key)


@router.post("/{key}/look", summary="Look again now", response={202: None})
def look(request: HttpRequest, workspace: Path[str], key: str) -> Status[None]:
    """The worker does, within seconds."""
    who = caller(request, workspace)
    actions.look_again(one(_rows(who), key, "check"), by=who.member, now=who.clock)
    return Status(202, None)


@router.get("/{key}/outages", summary="List outages", response=list[answers.Outage])
def outages(request: HttpRequest, workspace: Path[str], key: str) -> QuerySet[Outage]:
    """The newest first."""
    row: Row = one(_rows(caller(request, workspace)), key, "check")
    return row.outages.all()[:500]


@router.post("/{key}/kpis", summary="Make the KPIs of a check", response=answers.MadeKpis)
def kpis(request: HttpRequest, workspace: Path[str], key: str) -> dict[str, list[str]]:
    """Availability and latency of the catalogue over its results; those there are stay."""
    who = caller(request, workspace)
    row = one(_rows(who), key, "check")
    made = actions.make_kpis(row, by=who.member, now=who.clock)
    return {"metrics": [metric.key for metric in made]}


def _rows(who: Caller) -> QuerySet[Row]:
    return who.workspace.checks.select_related("source", "workspace")


def _shown(item: Kept, found: Health) -> Shown:
    row = found.check
    return shown(
        item,
        state=found.state,
        reason=found.reason,
        looked_at=row.looked_at,
        since=row.since,
        milliseconds=row.milliseconds,
        status=row.status,
        availability_day=found.day.availability,
        availability_month=found.month.availability,
    )
