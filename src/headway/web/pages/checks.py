"""Is it up? The addresses that the worker looks at, and what it found."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_POST

from headway.engine.errors import NotFound, nearest
from headway.uptime import actions
from headway.uptime.health import Health, health, outages
from headway.uptime.models import Check
from headway.web.context import Here, inside
from headway.web.exports import data


@inside
def index(here: Here) -> HttpResponse:
    rows = here.workspace.checks.filter(archived_at=None).select_related("source", "workspace")
    found = health(rows, timezone.now())
    return data(here.request, "checks", [_row(one) for one in found]) or here.show(
        "checks.html", title="Uptime checks", found=found, tab="checks"
    )


@inside
def page(here: Here, key: str) -> HttpResponse:
    check = find(here, key)
    found = health([check], timezone.now())[0]
    return data(here.request, f"check-{key}", [_row(found)]) or here.show(
        "check.html",
        title=str(check),
        check=check,
        definition=check.definition,
        health=found,
        outages=outages(check),
        kpis=actions.kpis_of(check),
    )


@require_POST
@inside
def change(here: Here, key: str) -> HttpResponse:
    """The buttons of its page."""
    check, now = find(here, key), timezone.now()
    match here.request.POST.get("do"):
        case "look":
            actions.look_again(check, by=here.member, now=now)
            messages.success(here.request, "The worker looks at it now.")
        case "kpis":
            made = actions.make_kpis(check, by=here.member, now=now)
            names = " and ".join(f"“{metric}”" for metric in made)
            messages.success(here.request, f"{names} are KPIs; the worker fills them in.")
        case "archive":
            actions.archive_check(check, by=here.member, now=now)
        case "restore":
            actions.restore_check(check, by=here.member, now=now)
    return here.go("check", key)


def find(here: Here, key: str) -> Check:
    rows = here.workspace.checks.select_related("source", "workspace")
    found: Check | None = rows.filter(key=key).first()
    if found is None:
        known = here.workspace.checks.values_list("key", flat=True)
        fix = nearest(key, known)
        raise NotFound(f"There is no uptime check `{key}` in {here.workspace}.", fix=fix)
    return found


def _row(found: Health) -> dict[str, Any]:
    return {
        "key": found.check.key,
        "url": found.check.body["url"],
        "state": found.state,
        "reason": found.reason,
        "looked_at": found.check.looked_at.isoformat() if found.check.looked_at else None,
        "availability_day": found.day.availability,
        "availability_month": found.month.availability,
        "unknown_seconds_month": found.month.unknown,
        "mean_milliseconds_day": found.day.milliseconds,
    }
