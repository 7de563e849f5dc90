"""What needs me today?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Case, F, Q, QuerySet, When
from django.db.models.functions import Coalesce
from django.http import HttpResponse
from django.utils import timezone

from headway.charts import formats
from headway.goals.models import KeyResult
from headway.goals.resting import NOTHING, Resting, resting
from headway.goals.rhythm import WORST_FIRST
from headway.ingest.models import Report
from headway.ingest.plan.oddities import SILENT
from headway.web.context import Here, inside
from headway.web.history import happenings
from headway.web.readings import SHOWN, Reading, glances
from headway.web.standing import Standing, living, standings, worst_first

A_VISIT = timedelta(minutes=30)
"""Pages opened within this time belong to one visit."""

RECENT = 8
MOST = 6
"""So many key results and KPIs are listed; how many more there are is said."""


@dataclass(frozen=True)
class Next:
    """The one thing to do first."""

    title: str
    why: str
    url: str
    button: str


@inside
def page(here: Here) -> HttpResponse:
    mine = _mine(here)
    due = [row for row in mine if row.due]
    off_pace = worst_first(mine) if mine else _furthest_behind(here)
    kpis = _to_look_at(here)
    since = _last_visit(here)
    return here.show(
        "home.html",
        title="Home",
        due=due,
        off_pace=off_pace,
        owns_any=bool(mine),
        kpis=kpis,
        most=MOST,
        since=since,
        happenings=happenings(here, Q(at__gt=since) if since else Q(), RECENT),
        next=_next(here, due, off_pace, kpis),
        silent=_silent(here),
        any_metric=here.workspace.metrics.exists(),
        any_objective=bool(mine) or here.workspace.objectives.filter(archived_at=None).exists(),
    )


def _mine(here: Here) -> list[Standing]:
    """Those the member owns or stands in for, whose cycle runs today, the soonest due first."""
    return standings(here, _open(here).filter(Q(owner=here.member) | Q(delegate=here.member)))


def _furthest_behind(here: Here) -> list[Standing]:
    """Everybody's, for those who own none: as many as are listed."""
    rank = Case(*(When(status=s, then=i) for i, s in enumerate(WORST_FIRST)))
    gap = Coalesce(F("expected") - F("progress"), 0.0)
    off = _open(here).filter(status__in=WORST_FIRST)
    return standings(here, off.order_by(rank, -gap, "due", "pk")[:MOST])


def _open(here: Here) -> QuerySet[KeyResult]:
    today = here.today
    found = living(here).filter(cycle__starts__lte=today, cycle__ends__gte=today)
    return found.filter(objective__archived_at=None).order_by("due", "pk")


def _to_look_at(here: Here) -> list[Reading]:
    """The KPIs out of their healthy range, then those of which nothing is known."""
    kpis = here.workspace.metrics.filter(level="kpi", archived_at=None, profile__has_key="healthy")
    found = glances(here, kpis.only(*SHOWN).order_by("name"))
    return [r for health in ("out of range", "unknown") for r in found if r.health == health]


def _silent(here: Here) -> list[tuple[Report, Resting]]:
    """Events that used to come and do not any more, with what rests on them."""
    reports = list(here.workspace.reports.filter(code=SILENT, settled_at=None)[:MOST])
    rests = resting(here.workspace, [r.event for r in reports]) if reports else {}
    return [(report, rests.get(report.event, NOTHING)) for report in reports]


def _last_visit(here: Here) -> datetime | None:
    """When the visit before this one ended; the session keeps it while this one lasts."""
    now, member, session = timezone.now(), here.member, here.request.session
    at = f"visit:{member.pk}"
    if member.last_visit_at is None or now - member.last_visit_at > A_VISIT:
        session[at] = member.last_visit_at.isoformat() if member.last_visit_at else ""
    type(member).objects.filter(pk=member.pk).update(last_visit_at=now)
    kept = session.get(at)
    return datetime.fromisoformat(kept) if kept else None


def _next(
    here: Here, due: Sequence[Standing], off_pace: Sequence[Standing], kpis: Sequence[Reading]
) -> Next | None:
    if due and here.may_write:
        many = f"{len(due)} key results wait" if len(due) > 1 else f"“{due[0]}” waits"
        why = "The values are already there; add how sure you are, and a note."
        return Next(f"{many} for your check-in", why, here.url("check_in"), "Check in")
    if off_pace:
        worst = off_pace[0].key_result
        url = here.url("key_result", worst.objective.key, worst.key)
        return Next(f"Look at “{worst}”", worst.reason, url, "Open it")
    return _next_kpi(here, kpis[0]) if kpis else None


def _next_kpi(here: Here, reading: Reading) -> Next:
    metric, latest = reading.metric, reading.latest
    url = here.url("kpi", metric.key)
    if latest is None or latest.value is None:
        return Next(f"{metric} is unknown", reading.reason, url, "Open it")
    value = formats.value(latest.value, metric.unit, here.workspace.currency)
    when = formats.period(latest.start, reading.grain, latest.end)
    why = f"{value} ({when}); healthy is {reading.range_words}."
    return Next(f"{metric} is out of its healthy range", why, url, "Open it")
