"""What the coach says, as pages show it: by team, with a way to the goal and to waive it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.contrib import messages
from django.utils import timezone

from headway.coach.finding import Finding
from headway.coach.review import Review
from headway.coach.rules import BY_CODE
from headway.engine.definition import Definition
from headway.engine.errors import HeadwayError
from headway.goals.advice.coaching import (
    Room,
    coached_draft,
    coached_kpi,
    coached_metric,
    looked_at,
)
from headway.goals.models import KeyResult, Objective, Waiver
from headway.goals.refresh import subject_of
from headway.metrics.models import Metric
from headway.web.context import Here

KPIS = "KPIs"


@dataclass(frozen=True, slots=True)
class Waived:
    """Of a KPI, whose definition has the reasons; its history says who gave them, and when."""

    reason: str


@dataclass(frozen=True, slots=True)
class Remark:
    """A finding beside the goal that it is about. `waivable`: this one may be waived."""

    finding: Finding
    title: str
    url: str
    group: str = ""
    waivable: bool = False
    waiver: Waiver | Waived | None = None

    @property
    def rule(self) -> str:
        return BY_CODE[self.finding.code].title


@dataclass(frozen=True, slots=True)
class Said:
    """Of one goal or KPI."""

    remarks: list[Remark] = field(default_factory=list)
    waived: list[Remark] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Group:
    name: str
    remarks: list[Remark]


def by_team(here: Here) -> list[Group]:
    """Everything said in the workspace, KPIs last; of the chosen cycle and team."""
    room = Room(here.workspace, here.today)
    rows = [r for r in room.rows if _is_chosen(here, r)]
    said = looked_at(room).findings
    found = list(_remarks(here, said, rows))
    found += list(_others(here, room, said)) if not here.request.GET.get("cycle") else []
    names = [*sorted({r.group for r in found} - {KPIS}), KPIS]
    groups = [Group(name, [r for r in found if r.group == name]) for name in names]
    return [group for group in groups if group.remarks]


def of_objective(here: Here, objective: Objective) -> Said:
    """What is said of it and its key results, and what was waived."""
    if objective.archived_at:
        return Said()
    room = Room(here.workspace, here.today, objective)
    review = looked_at(room)
    said = _remarks(here, review.findings, room.rows)
    return Said(list(said), list(_waived(here, review, objective)))


def of_key_result(here: Here, found: KeyResult) -> Said:
    """The same of one key result."""
    if found.archived_at or found.handed_back_at:
        return Said()
    where, whole = subject_of(found), of_objective(here, found.objective)
    return Said(
        [r for r in whole.remarks if r.finding.where == where],
        [r for r in whole.waived if r.finding.where == where],
    )


def of_metric(here: Here, metric: Metric, definition: Definition) -> Said:
    """The same of a KPI."""
    if metric.archived_at:
        return Said()
    review = coached_metric(metric, definition, now=timezone.now())
    may, name, reasons = here.may_write, metric.name, definition.waived
    return Said(
        [Remark(f, name, "", waivable=may) for f in review.findings],
        [Remark(f, name, "", waivable=may, waiver=Waived(reasons[f.code])) for f in review.waived],
    )


def of_kpi(here: Here, document: Mapping[str, Any]) -> tuple[Finding, ...]:
    """Of a metric's form as it stands; nothing while it cannot be read."""
    try:
        return coached_kpi(here.workspace, document).findings
    except HeadwayError:
        return ()


def tell(here: Here, saved: Objective | KeyResult) -> None:
    """To those without scripts, who saw nothing while they typed: after saving."""
    if "no_script" not in here.request.POST:
        return
    for finding in coached_draft(saved, now=timezone.now()).findings:
        messages.warning(here.request, f"{finding.saw} {finding.why} {finding.fix}")


def _is_chosen(here: Here, row: Objective) -> bool:
    team = not here.team_ids or row.team_id in here.team_ids
    asked = here.request.GET.get("cycle")
    return team and (not asked or here.cycle is None or row.cycle_id == here.cycle.pk)


def _remarks(here: Here, findings: Iterable[Finding], rows: list[Objective]) -> Iterator[Remark]:
    places: dict[str, tuple[str, str, str]] = {}
    for row in rows:
        team = row.team.name
        places[subject_of(row)] = (row.title, here.url("objective", row.key), team)
        places[f"team:{row.team.key}/{row.cycle.key}"] = (
            f"{team}, {row.cycle}",
            here.url("objectives", team=row.team.key, cycle=row.cycle.key),
            team,
        )
        for found in row.key_results.all():
            url = here.url("key_result", row.key, found.key)
            places[subject_of(found)] = (str(found), url, team)
    for finding in findings:
        if finding.where in places:
            title, url, group = places[finding.where]
            waivable = here.may_write and finding.where.startswith(("objective:", "key_result:"))
            yield Remark(finding, title, url, group, waivable)


def _others(here: Here, room: Room, said: Iterable[Finding]) -> Iterator[Remark]:
    """Of KPIs and of the boards of teams."""
    chosen = [t for t in here.teams if not here.team_ids or t.pk in here.team_ids]
    teams = {f"team:{t.key}": t for t in chosen}
    for finding in said:
        noun, _, key = finding.where.partition(":")
        if noun == "metric" and not here.team_ids:
            url = here.url("kpi", key)
            yield Remark(finding, room.known(key).name, url, KPIS, here.may_write)
        elif team := teams.get(finding.where):
            url = here.url("kpis", team=team.key)
            yield Remark(finding, f"KPIs of {team}", url, team.name)


def _waived(here: Here, review: Review, objective: Objective) -> Iterator[Remark]:
    if not review.waived:
        return
    rows = Waiver.objects.filter(objective=objective).select_related(
        "by", "objective", "key_result__objective", "key_result__metric"
    )
    said = {(f.code, f.where): f for f in review.waived}
    for waiver in rows:
        goal: Any = waiver.key_result or waiver.objective
        if finding := said.get((waiver.code, subject_of(goal))):
            yield Remark(finding, str(goal), "", waivable=here.may_write, waiver=waiver)
