"""Are we on course? The objectives of a cycle and team, by team or by what they support."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpResponse

from headway.accounts.models import Team
from headway.goals.models import KeyResult, Objective
from headway.goals.progress import Status
from headway.goals.scoring import clamp
from headway.web import exports
from headway.web.context import Here, inside
from headway.web.paging import paged
from headway.web.standing import Standing, grouped, slim, standings

GROUPINGS = {"team": "Team", "supports": "What they support"}
MOST = 30
"""So many objectives stand on a page."""

Below = dict[int, list[int]]
"""Objectives, by their primary keys, under each team or each objective that they support."""


@dataclass(frozen=True)
class Line:
    """An objective as the list shows it."""

    objective: Objective
    rows: Sequence[Standing]

    @property
    def expected(self) -> float | None:
        """Where its progress should be: weighted as the progress is, over the same key results."""
        known = [
            (r.key_result.weight, clamp(r.key_result.expected))
            for r in self.rows
            if r.key_result.progress is not None and r.key_result.expected is not None
        ]
        weights = sum(weight for weight, _ in known)
        return sum(weight * share for weight, share in known) / weights if weights else None

    @property
    def confidence(self) -> float | None:
        """The mean of the latest ones of its key results, 0 to 10."""
        found = [r.confidence for r in self.rows if r.confidence is not None]
        return sum(found) / len(found) if found else None

    @property
    def chance(self) -> float | None:
        """Of its least likely key result, as its status is that of the worst."""
        found = [r.key_result.chance for r in self.rows if r.key_result.chance is not None]
        return min(found, default=None)

    @property
    def apart(self) -> int:
        """Of how many key results the owner and the forecast are far apart."""
        return sum(bool(r.apart) for r in self.rows)

    @property
    def last_day(self) -> date | None:
        return max((r.last.day for r in self.rows if r.last), default=None)

    @property
    def stale_count(self) -> int:
        return sum(r.stale for r in self.rows)

    @property
    def stale(self) -> bool:
        return self.stale_count > 0

    def to_dict(self) -> dict[str, Any]:
        objective = self.objective
        return {
            "key": objective.key,
            "title": objective.title,
            "team": objective.team.key,
            "cycle": objective.cycle.key,
            "ambition": objective.ambition,
            "owner": objective.owner.person.email if objective.owner else "",
            "status": objective.status,
            "reason": objective.reason,
            "progress": objective.progress,
            "expected": self.expected,
            "chance": self.chance,
            "confidence": self.confidence,
            "last_check_in": self.last_day.isoformat() if self.last_day else None,
            "stale": self.stale,
            "key_results": len(self.rows),
            "unknown": objective.unknown_count,
            "supports": [o.key for o in objective.supports.all()],
        }


@dataclass(frozen=True)
class Group:
    title: str
    lines: Sequence[Line]
    objective: Objective | None = None


@dataclass(frozen=True, slots=True)
class Heading:
    """What stands above a group of objectives."""

    title: str
    objective: Objective | None = None


Placed = tuple[Heading, int]
"""An objective, by its primary key, under its heading."""


@inside
def page(here: Here) -> HttpResponse:
    found = chosen(here)
    grouping = here.request.GET.get("group", "team")
    placed = list((_by_support if grouping == "supports" else _by_team)(here, found))
    lines = paged(here.request, placed, MOST)
    return exports.data(here.request, "objectives", _rows(here, found)) or here.show(
        "objectives.html",
        title=_title(here),
        groups=_groups(here, lines.rows),
        list=lines,
        summary=_summary(list(found.values_list("status", flat=True))),
        grouping=grouping if grouping in GROUPINGS else "team",
        groupings=GROUPINGS,
        any_objective=bool(placed) or here.workspace.objectives.exists(),
    )


def chosen(here: Here) -> QuerySet[Objective]:
    """The objectives of the cycle and team that the header names; shared key results count."""
    found = here.workspace.objectives.filter(archived_at=None)
    if here.cycle:
        found = found.filter(cycle=here.cycle)
    if here.team:
        shared = KeyResult.objects.filter(teams__in=here.team_ids, archived_at=None)
        own = Q(team__in=here.team_ids)
        found = found.filter(own | Q(pk__in=shared.values("objective")))
    return found.order_by("created_at", "pk")


def _rows(here: Here, found: QuerySet[Objective]) -> Iterator[dict[str, Any]]:
    yield from (line.to_dict() for line in _lines(here, found.prefetch_related("supports")))


def _lines(here: Here, found: QuerySet[Objective]) -> list[Line]:
    objectives = list(found.select_related("team", "cycle", "owner__person"))
    rows = grouped(standings(here, slim(here).filter(objective__in=objectives)))
    return [Line(o, rows.get(o.pk, ())) for o in objectives]


def _groups(here: Here, placed: Sequence[Placed]) -> list[Group]:
    wanted = here.workspace.objectives.filter(pk__in={pk for _, pk in placed})
    lines = {line.objective.pk: line for line in _lines(here, wanted)}
    return [
        Group(heading.title, [lines[pk] for _, pk in below], heading.objective)
        for heading, below in groupby(placed, key=lambda one: one[0])
    ]


def _by_team(here: Here, found: QuerySet[Objective]) -> Iterator[Placed]:
    """In the order of the tree, each team under the one it belongs to."""
    below: Below = {}
    for pk, team_id in found.values_list("pk", "team"):
        below.setdefault(team_id, []).append(pk)
    for team, path in _walk(here.teams, None, ()):
        heading = Heading(" › ".join(path))
        yield from ((heading, pk) for pk in below.get(team.pk, ()))


def _walk(
    teams: Sequence[Team], parent: int | None, above: tuple[str, ...]
) -> Iterator[tuple[Team, tuple[str, ...]]]:
    for team in (t for t in teams if t.parent_id == parent):
        path = (*above, team.name)
        yield team, path
        yield from _walk(teams, team.pk, path)


def _by_support(here: Here, found: QuerySet[Objective]) -> Iterator[Placed]:
    """An objective that supports several stands under each of them."""
    below: Below = {}
    alone: list[int] = []
    for pk, parent in found.values_list("pk", "supports").order_by("created_at", "pk", "supports"):
        (alone if parent is None else below.setdefault(parent, [])).append(pk)
    parents = {o.pk: o for o in here.workspace.objectives.filter(pk__in=below)}
    for parent, under in below.items():
        heading = Heading(parents[parent].title, parents[parent])
        yield from ((heading, pk) for pk in under)
    yield from ((Heading("Supports nothing above"), pk) for pk in alone)


def _summary(statuses: Sequence[str]) -> str:
    """`5 objectives: 3 at risk, 1 behind, 1 on track`, the worst first."""
    found = Counter(statuses)
    parts = [f"{found[s]} {s.words}" for s in Status if found[s]]
    many = f"{len(statuses)} objective{'s' if len(statuses) != 1 else ''}"
    return f"{many}: {', '.join(parts)}" if parts else many


def _title(here: Here) -> str:
    words = ["Objectives"]
    if here.team:
        words.append(f"of {here.team}")
    if here.cycle:
        words.append(f"in {here.cycle}")
    return " ".join(words)
