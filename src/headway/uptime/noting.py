"""What a look found is kept: as a delivery in the inbox, and in the account of its check."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F

from headway.feed.record import record
from headway.ingest.dialects.uptime import UPTIME, Found, body
from headway.ingest.models import Delivered
from headway.ingest.packing import packed
from headway.uptime.actions import subject
from headway.uptime.looking import Seen
from headway.uptime.models import Check, Hour

HOUR = timedelta(hours=1)
KEPT = timedelta(days=400)
"""For so long the hours of a check are kept; its events stay."""


def slot(at: datetime, seconds: int) -> datetime:
    """The stretch of time for which a look at this instant stands begins here."""
    whole = int(at.timestamp()) // seconds * seconds
    return datetime.fromtimestamp(whole, at.tzinfo)


def next_slot(at: datetime, seconds: int) -> datetime:
    return slot(at, seconds) + timedelta(seconds=seconds)


@transaction.atomic
def note(check: Check, seen: Seen, *, at: datetime, now: datetime) -> None:
    """`at` is when its turn came. Everything is written together, or nothing is.

    Where nobody can say whether it is up, there is no event: that time stays unknown.
    """
    rows = Check.objects.select_for_update(of=("self",)).select_related("source", "workspace")
    locked = rows.get(pk=check.pk)
    if seen.ok is not None:
        _deliver(locked, seen, at, now)
    _account(locked, seen, at, now)


def _deliver(check: Check, seen: Seen, at: datetime, now: datetime) -> None:
    seconds = check.definition.seconds
    began = slot(at, seconds)
    found = Found(
        check=check.key,
        id=f"uptime:{check.workspace_id}:{check.pk}:{began.isoformat()}",
        at=began,
        seconds=seconds,
        ok=bool(seen.ok),
        milliseconds=seen.milliseconds,
        status=seen.status,
        reason=seen.reason[:500],
    )
    content = body(found)
    Delivered.objects.create(
        source=check.source,
        dialect=UPTIME.name,
        path="",
        query="{}",
        headers="{}",
        body=packed(content),
        bytes=len(content),
        received_at=now,
    )


def _account(check: Check, seen: Seen, at: datetime, now: datetime) -> None:
    turned = check.looked_at is None or check.up != seen.ok
    if seen.ok is not None and not _known(check, at):
        _count(check, seen, at)
        _follow(check, seen, at)
    if turned:
        _tell(check, seen, now)
        check.since = at
    check.up, check.reason, check.looked_at = seen.ok, seen.reason, at
    check.status, check.milliseconds = seen.status, seen.milliseconds
    check.save(update_fields=["up", "reason", "looked_at", "status", "milliseconds", "since"])


def _known(check: Check, at: datetime) -> bool:
    """A second look in the same stretch tells nothing new of it."""
    if check.looked_at is None or check.up is None:
        return False
    seconds = check.definition.seconds
    return slot(check.looked_at, seconds) == slot(at, seconds)


def _count(check: Check, seen: Seen, at: datetime) -> None:
    seconds = check.definition.seconds
    hour = at.replace(minute=0, second=0, microsecond=0)
    row, made = Hour.objects.get_or_create(check_row=check, at=hour)
    if made:
        Hour.objects.filter(check_row=check, at__lt=at - KEPT).delete()
    answered = bool(seen.status)
    Hour.objects.filter(pk=row.pk).update(
        good=F("good") + (seconds if seen.ok else 0),
        bad=F("bad") + (0 if seen.ok else seconds),
        answered=F("answered") + answered,
        milliseconds=F("milliseconds") + (seen.milliseconds if answered else 0),
    )


def _follow(check: Check, seen: Seen, at: datetime) -> None:
    """The outage that is open goes on, or ends; or one begins."""
    running = check.outages.filter(ended_at=None).first()
    if seen.ok:
        if running:
            running.ended_at = at
            running.save(update_fields=["ended_at"])
    elif running:
        running.last_at, running.reason = at, seen.reason
        running.looks += 1
        running.save(update_fields=["last_at", "reason", "looks"])
    else:
        check.outages.create(began_at=at, last_at=at, reason=seen.reason)


STATES = {True: "up", False: "down", None: "unknown"}


def _tell(check: Check, seen: Seen, now: datetime) -> None:
    """A change in the feed, so that it stands in what happened."""
    before = STATES[check.up] if check.looked_at else ""
    record(
        check.workspace,
        subject=subject(check),
        title=str(check),
        what="status",
        before=before,
        after=STATES[seen.ok],
        why=seen.reason,
        now=now,
    )
