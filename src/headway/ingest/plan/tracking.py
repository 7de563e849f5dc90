"""The tracking plan: what comes in beside what was declared, and what is odd about it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Count, Max, Sum

from headway.accounts.models import Workspace
from headway.engine.event import MARKERS
from headway.ingest.changes import utc_day
from headway.ingest.models import PlannedEvent, Report, Seen
from headway.ingest.plan.oddities import SILENT, TYPE, Came, Look, Oddity, Planned
from headway.ingest.seen import catch_up

OVER = "over"
COMES_AGAIN = (SILENT, TYPE)
"""What was settled once may happen another time."""

_looked: dict[int, tuple[Any, ...]] = {}
"""By workspace, what there was when this process looked last."""


@dataclass(frozen=True)
class Row:
    """An event as the plan and the pages show it: seen, declared, or both."""

    name: str
    seen: Came | None
    planned: PlannedEvent | None
    read_as: str = ""

    @property
    def state(self) -> str:
        if self.read_as:
            return f"read as {self.read_as}"
        if self.planned is None:
            return "seen only"
        return "declared" if self.seen else "declared, not seen yet"

    @property
    def properties(self) -> list[dict[str, Any]]:
        """By name: seen and declared types, and how many of the events have it."""
        seen = self.seen.properties if self.seen else {}
        asked = self.planned.properties if self.planned else {}
        return [
            {
                "name": name,
                "seen": seen.get(name, {}).get("type", ""),
                "rows": seen.get(name, {}).get("rows", 0),
                "declared": asked.get(name, {}).get("type", ""),
                "required": bool(asked.get(name, {}).get("required")),
            }
            for name in sorted({*seen, *asked})
        ]


def rows(workspace: Workspace) -> list[Row]:
    """The most frequent first; what only says who somebody is comes last."""
    came = {one.name: one for one in _came(workspace)}
    planned = {event.key: event for event in workspace.events.all()}
    read_as = {other: key for key, event in planned.items() for other in event.also}
    found = [
        Row(name, came.get(name), planned.get(name), read_as.get(name, ""))
        for name in {*came, *planned}
    ]
    return sorted(found, key=_rank)


def _rank(row: Row) -> tuple[bool, int, str]:
    return row.name in MARKERS, -(row.seen.rows if row.seen else 0), row.name


def open_reports(workspace: Workspace) -> list[Report]:
    return list(workspace.reports.filter(settled_at=None))


def watch(workspace: Workspace, *, now: datetime) -> None:
    """Raises what is odd, once, and closes what is so no more. Cheap while nothing came."""
    catch_up(workspace, now=now)
    there = _there(workspace, now)
    if _looked.get(workspace.pk) == there:
        return
    found = {(o.code, o.event, o.property): o for o in look(workspace).oddities()}
    with transaction.atomic():
        for report in workspace.reports.all():
            _keep(report, found.pop((report.code, report.event, report.property), None), now)
        Report.objects.bulk_create(
            [_row(workspace, oddity, now) for oddity in found.values()], ignore_conflicts=True
        )
    _looked[workspace.pk] = there


def look(workspace: Workspace) -> Look:
    events = list(workspace.events.all())
    plan = {e.key: Planned(e.key, e.declared_at, e.properties) for e in events}
    also = {other for event in events for other in event.also}
    return Look(_came(workspace), plan, also, set(workspace.personal))


def _came(workspace: Workspace) -> list[Came]:
    """Of all sources together; the same name from two of them is one event."""
    named: dict[str, list[Seen]] = defaultdict(list)
    for row in Seen.objects.filter(source__workspace=workspace).select_related("source"):
        named[row.name].append(row)
    return [_together(name, found) for name, found in sorted(named.items())]


def _together(name: str, found: list[Seen]) -> Came:
    days: dict[str, int] = defaultdict(int)
    for row in found:
        for day, count in row.days.items():
            days[day] += count
    return Came(
        name,
        sum(row.rows for row in found),
        min(row.first_at for row in found),
        max(row.last_at for row in found),
        dict(sorted(days.items())),
        _merged(row.properties for row in found),
        _alive(found),
    )


def _alive(found: list[Seen]) -> date | None:
    lasts = [row.source.last_event_at for row in found if row.source.last_event_at]
    return utc_day(max(lasts)) if lasts else None


def _merged(properties: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Of several sources, the one that sent a property last says what it is."""
    found: dict[str, dict[str, Any]] = {}
    for kept in properties:
        for name, one in kept.items():
            other = found.get(name)
            if other is None:
                found[name] = dict(one)
                continue
            newest = max(one, other, key=lambda p: p.get("last", ""))
            sums = {k: one.get(k, 0) + other.get(k, 0) for k in ("rows", "lacking")}
            lacked = max(one.get("lacked", ""), other.get("lacked", ""))
            found[name] = {**newest, **sums, **({"lacked": lacked} if lacked else {})}
    return found


def _there(workspace: Workspace, now: datetime) -> tuple[Any, ...]:
    seen = Seen.objects.filter(source__workspace=workspace)
    plan = PlannedEvent.objects.filter(workspace=workspace)
    sums = seen.aggregate(rows=Sum("rows"), names=Count("pk"), last=Max("last_at"))
    planned = plan.aggregate(names=Count("pk"), last=Max("declared_at"))
    reports = workspace.reports.aggregate(n=Count("pk"), settled=Max("settled_at"))
    kept = str(sorted(workspace.personal.items()))
    return (*sums.values(), *planned.values(), *reports.values(), kept, workspace.at(now).date())


def _keep(report: Report, oddity: Oddity | None, now: datetime) -> None:
    if oddity is None:
        if report.settled_at is None:
            _settle(report, OVER, now)
        return
    again = report.settled_at and oddity.code in COMES_AGAIN and oddity.since > report.since
    if report.settled_as == OVER or again:
        report.raised_at, report.settled_at, report.settled_as = now, None, ""
    elif report.settled_at:
        return
    fresh = _row(report.workspace, oddity, now)
    for name in ("words", "suggestion", "other", "since"):
        setattr(report, name, getattr(fresh, name))
    report.save()


def _settle(report: Report, how: str, now: datetime) -> None:
    report.settled_at, report.settled_as = now, how
    report.save(update_fields=["settled_at", "settled_as"])


def _row(workspace: Workspace, oddity: Oddity, now: datetime) -> Report:
    return Report(
        workspace=workspace,
        code=oddity.code,
        event=oddity.event,
        property=oddity.property,
        words=oddity.words,
        suggestion=oddity.suggestion,
        other=oddity.other,
        since=oddity.since,
        raised_at=now,
    )


def as_declared(came: Came | None) -> dict[str, dict[str, Any]]:
    """The properties of an event as they came, ready to be declared."""
    kept = came.properties if came else {}
    types = {name: one["type"] for name, one in kept.items()}
    return {name: {"type": "text" if " " in type_ else type_} for name, type_ in types.items()}


def came_as(workspace: Workspace, name: str) -> Came | None:
    found = list(
        Seen.objects.filter(source__workspace=workspace, name=name).select_related("source")
    )
    return _together(name, found) if found else None
