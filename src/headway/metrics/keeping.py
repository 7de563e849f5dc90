"""Raw events are kept for as long as a workspace says; what later numbers rest on stays."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta

from django.db import transaction

from headway.accounts.models import Workspace
from headway.engine.event import PROPERTY
from headway.engine.money import CURRENCY
from headway.engine.period import first_kept
from headway.engine.remnant import Remains, remains
from headway.feed.record import record
from headway.ingest.manifest.removal import old, remove
from headway.ingest.models import Keeping, Part
from headway.metrics.interest import Interest
from headway.metrics.present import Present

THINK_TWICE = timedelta(days=1)
"""For so long a new setting removes nothing: what is removed cannot be had back."""


def keep(
    workspace: Workspace, *, now: datetime, stopped: Callable[[], bool] = lambda: False
) -> int:
    """A step of the worker, after the refresh: how many events went. Once a day it has work.

    Killed at any moment, the next pass goes on; a second pass does nothing.
    """
    row = _asked(workspace, now)
    if row is None or now < row.asked_at + THINK_TWICE:
        return 0
    day = first_kept(workspace.keep_events, workspace.calendar.day_of(workspace.at(now)))
    assert day
    if row.kept_from and day <= row.kept_from and not row.removing:
        return 0
    present = Present.of(workspace, now)
    if not row.removing and not _begin(row, present, day):
        return 0
    return _go_on(row, Present.of(workspace, now), now, stopped)


def _asked(workspace: Workspace, now: datetime) -> Keeping | None:
    """None where nothing is to be removed. Another setting begins another day to think."""
    row = Keeping.objects.filter(workspace=workspace).first()
    if row is None and workspace.keep_events:
        row = Keeping(workspace=workspace)
    if row and row.asked != workspace.keep_events:
        row.asked, row.asked_at = workspace.keep_events, now
        row.save()
    return row if workspace.keep_events else None


def _begin(row: Keeping, present: Present, day: date) -> bool:
    """Not before all points are those of all events; from here on older periods are frozen."""
    until = present.calendar.instant(day)
    parts = Part.objects.filter(source__workspace=row.workspace, first_at__lt=until)
    if not parts.exists() or not _settled(present):
        return False
    known = {one.mark: row.rests.get(one.mark) for one in _rests(present, day)}
    since = str(row.kept_from or "")
    row.rests = {mark: since if was is None else was for mark, was in known.items()}
    row.kept_from, row.removing = day, True
    row.save()
    return True


def _settled(present: Present) -> bool:
    """A metric that cannot be computed does not hold up the rest for ever."""
    if present.changed or present.unreadable:
        return False
    return not any(
        present.everything(key) and not present.metrics[key].problem for key in present.definitions
    )


def _rests(present: Present, day: date) -> Iterator[Remains]:
    scope = present.whole(day)
    for definition in present.definitions.values():
        if definition.measured and present.kept.concerns(definition):
            yield from remains(definition, scope)


def _told_by(present: Present) -> frozenset[str]:
    """The properties that some metric reads."""
    found: set[str] = {CURRENCY}
    for one in present.definitions.values():
        columns = Interest.of(one, within=True).columns or frozenset()
        found |= {name.removeprefix(PROPERTY) for name in columns}
        found |= {one.by, getattr(one, "customer", ""), *one.segments}
    return frozenset(found)


def _go_on(row: Keeping, present: Present, now: datetime, stopped: Callable[[], bool]) -> int:
    day, before = row.kept_from, row.removed
    assert day
    rests = list(_rests(present, day))
    gone = old(row.workspace, present.calendar.instant(day), rests, _told_by(present))
    if remove(row, gone, now=now, stopped=stopped):
        with transaction.atomic():
            row.refresh_from_db()
            if count := row.removed - before:
                _say(row, f"{count} of before {day}, and {row.stayed} of them stay", now)
    return row.removed - before


def _say(row: Keeping, after: str, now: datetime) -> None:
    record(
        row.workspace, subject="events", title="Raw events", what="removed", after=after, now=now
    )
