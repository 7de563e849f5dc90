"""What needs me today?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Case, F, Q, QuerySet, When
from django.db.models.functions import Coalesce
from django.http import HttpResponse
from django.utils import timezone

from headway.goals.models import KeyResult
from headway.goals.rhythm import WORST_FIRST
from headway.web.context import Here, inside
from headway.web.history import happenings
from headway.web.readings import SHOWN, glances
from headway.web.standing import Standing, living, standings, worst_first
from headway.web.warned import Warned, open_ones

A_VISIT = timedelta(minutes=30)
"""Pages opened within this time belong to one visit."""

RECENT = 8
MOST = 6
"""So many key results and alerts are listed; how many more there are is said."""


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
    alerts = open_ones(here)
    since = _last_visit(here)
    return here.show(
        "home.html",
        title="Home",
        due=due,
        off_pace=off_pace,
        owns_any=bool(mine),
        alerts=alerts,
        unknown=_unknown(here, alerts),
        most=MOST,
        since=since,
        happenings=happenings(here, _news(since), RECENT),
        next=_next(here, due, off_pace),
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


def _news(since: datetime | None) -> Q:
    """What is wrong is said beside it."""
    raised = Q(subject__startswith="alert:", what="raised")
    return (Q(at__gt=since) if since else Q()) & ~raised


def _unknown(here: Here, alerts: Sequence[Warned]) -> int:
    """How many KPIs with a healthy range have no value, beside those that an alert names."""
    named = {metric.pk for one in alerts for metric in one.story.metrics}
    kpis = here.workspace.metrics.filter(level="kpi", archived_at=None, profile__has_key="healthy")
    found = glances(here, kpis.only(*SHOWN))
    return sum(r.health == "unknown" and r.metric.pk not in named for r in found)


def _last_visit(here: Here) -> datetime | None:
    """When the visit before this one ended; the session keeps it while this one lasts."""
    now, member, session = timezone.now(), here.member, here.request.session
    at = f"visit:{member.pk}"
    if member.last_visit_at is None or now - member.last_visit_at > A_VISIT:
        session[at] = member.last_visit_at.isoformat() if member.last_visit_at else ""
    type(member).objects.filter(pk=member.pk).update(last_visit_at=now)
    kept = session.get(at)
    return datetime.fromisoformat(kept) if kept else None


def _next(here: Here, due: Sequence[Standing], off_pace: Sequence[Standing]) -> Next | None:
    if due and here.may_write:
        many = f"{len(due)} key results wait" if len(due) > 1 else f"“{due[0]}” waits"
        why = "The values are already there; add how sure you are, and a note."
        return Next(f"{many} for your check-in", why, here.url("check_in"), "Check in")
    if off_pace:
        worst = off_pace[0].key_result
        url = here.url("key_result", worst.objective.key, worst.key)
        return Next(f"Look at “{worst}”", worst.reason, url, "Open it")
    return None
