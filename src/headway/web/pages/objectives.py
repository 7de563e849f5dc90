"""Are we on course? The objectives of a cycle and team, by team or by what they support."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import HttpResponse

from headway.accounts.models import Team
from headway.goals.models import Objective
from headway.goals.progress import Status
from headway.goals.scoring import clamp
from headway.web import exports
from headway.web.context import Here, inside
from headway.web.standing import Standing, grouped, living, standings

GROUPINGS = {"team": "Team", "supports": "What they support"}


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
            "progress": objective.progress,
            "expected": self.expected,
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


@inside
def page(here: Here) -> HttpResponse:
    lines = _lines(here)
    grouping = here.request.GET.get("group", "team")
    groups = list(_by_support(lines) if grouping == "supports" else _by_team(here.teams, lines))
    return exports.data(here.request, "objectives", [x.to_dict() for x in lines]) or here.show(
        "objectives.html",
        title=_title(here),
        groups=groups,
        summary=_summary(lines),
        grouping=grouping if grouping in GROUPINGS else "team",
        groupings=GROUPINGS,
        any_objective=bool(lines) or here.workspace.objectives.exists(),
    )


def chosen(here: Here) -> list[Objective]:
    """The objectives of the cycle and team that the header names."""
    found = here.workspace.objectives.filter(archived_at=None)
    if here.cycle:
        found = found.filter(cycle=here.cycle)
    if here.team:
        found = found.filter(team__in=here.team_ids)
    related = found.select_related("team", "cycle", "owner__person").prefetch_related("supports")
    return list(related.order_by("created_at", "pk"))


def _lines(here: Here) -> list[Line]:
    objectives = chosen(here)
    rows = grouped(standings(here, living(here).filter(objective__in=objectives)))
    return [Line(o, rows.get(o.pk, ())) for o in objectives]


def _by_team(teams: Sequence[Team], lines: Sequence[Line]) -> Iterator[Group]:
    """In the order of the tree, each team under the one it belongs to."""
    for team, path in _walk(teams, None, ()):
        mine = [x for x in lines if x.objective.team_id == team.pk]
        if mine:
            yield Group(" › ".join(path), mine)


def _walk(
    teams: Sequence[Team], parent: int | None, above: tuple[str, ...]
) -> Iterator[tuple[Team, tuple[str, ...]]]:
    for team in (t for t in teams if t.parent_id == parent):
        path = (*above, team.name)
        yield team, path
        yield from _walk(teams, team.pk, path)


def _by_support(lines: Iterable[Line]) -> Iterator[Group]:
    """An objective that supports several stands under each of them."""
    parents: dict[int, Objective] = {}
    under: dict[int, list[Line]] = {}
    alone: list[Line] = []
    for line in lines:
        above = list(line.objective.supports.all())
        for parent in above:
            parents[parent.pk] = parent
            under.setdefault(parent.pk, []).append(line)
        if not above:
            alone.append(line)
    for key, parent in parents.items():
        yield Group(parent.title, under[key], parent)
    if alone:
        yield Group("Supports nothing above", alone)


def _summary(lines: Sequence[Line]) -> str:
    """`5 objectives: 3 at risk, 1 behind, 1 on track`, the worst first."""
    found = Counter(line.objective.status for line in lines)
    parts = [f"{found[s]} {s.words}" for s in Status if found[s]]
    many = f"{len(lines)} objective{'s' if len(lines) != 1 else ''}"
    return f"{many}: {', '.join(parts)}" if parts else many


def _title(here: Here) -> str:
    words = ["Objectives"]
    if here.team:
        words.append(f"of {here.team}")
    if here.cycle:
        words.append(f"in {here.cycle}")
    return " ".join(words)
