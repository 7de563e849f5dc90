"""What did we learn? The cycles with their scores, and how well teams judge what they can reach."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q
from django.http import HttpResponse

from headway.accounts.models import Team
from headway.goals.close.calibration import FEWEST, calibration
from headway.goals.models import Close, Cycle, Objective
from headway.goals.review.review import of_workspace
from headway.web import exports
from headway.web.context import Here, inside


@dataclass(frozen=True)
class Line:
    """A team in a cycle: its close, if there is one, and how many objectives it has."""

    cycle: Cycle
    team: Team
    objectives: int
    close: Close | None
    over: bool

    @property
    def closed(self) -> bool:
        return self.close is not None and self.close.closed_at is not None

    @property
    def scores(self) -> list[float]:
        rows = self.close.objectives.all() if self.close and self.closed else ()
        return [score for row in rows if (score := row.counts) is not None]

    @property
    def score(self) -> float | None:
        return sum(self.scores) / len(self.scores) if self.scores else None

    @property
    def answered(self) -> int:
        rows = self.close.objectives.all() if self.close else ()
        return sum(row.answered_at is not None for row in rows)

    def to_dict(self) -> dict[str, Any]:
        return {
            "cycle": self.cycle.key,
            "team": self.team.key,
            "objectives": self.objectives,
            "closed_at": self.close.closed_at if self.close else None,
            "score": self.score,
        }


@inside
def page(here: Here) -> HttpResponse:
    if not here.request.GET.get("cycle"):
        here.cycle = None
    found = list(_lines(here))
    return exports.data(here.request, "reviews", (one.to_dict() for one in found)) or here.show(
        "reviews.html",
        title="What did we learn?",
        cycles=_by_cycle(found),
        calibration=[c for c in calibration(here.workspace) if _shown(here, c.team.pk)],
        fewest=FEWEST,
    )


def _lines(here: Here) -> Iterator[Line]:
    """One for each team that has goals in a cycle that has begun, the latest cycle first."""
    closes = {(c.cycle_id, c.team_id): c for c in of_workspace(here.workspace)}
    teams = {team.pk: team for team in here.teams}
    cycles = {c.pk: c for c in here.cycles if c.starts <= here.today and _asked(here, c)}
    for (cycle, team), count in sorted(
        _counts(here).items(), key=lambda item: str(teams[item[0][1]])
    ):
        if cycle in cycles and _shown(here, team):
            over = cycles[cycle].ends < here.today
            yield Line(cycles[cycle], teams[team], count, closes.get((cycle, team)), over)


def _counts(here: Here) -> dict[tuple[int, int], int]:
    """Objectives by cycle and team; one that spans cycles counts where it has key results."""
    rows = Objective.objects.filter(workspace=here.workspace, archived_at=None)
    living = Q(key_results__archived_at=None)
    found: dict[tuple[int, int], int] = defaultdict(int)
    own = rows.values_list("cycle", "team").annotate(count=Count("pk")).order_by()
    for cycle, team, count in own:
        found[cycle, team] += count
    spanning = rows.filter(living).values_list("pk", "cycle", "team", "key_results__cycle")
    for _, own_cycle, team, cycle in spanning.distinct():
        if cycle is not None and cycle != own_cycle:
            found[cycle, team] += 1
    return found


def _by_cycle(lines: list[Line]) -> list[tuple[Cycle, list[Line]]]:
    found: dict[int, tuple[Cycle, list[Line]]] = {}
    for line in lines:
        found.setdefault(line.cycle.pk, (line.cycle, []))[1].append(line)
    return sorted(found.values(), key=lambda pair: (-pair[0].ends.toordinal(), str(pair[0])))


def _asked(here: Here, cycle: Cycle) -> bool:
    """Every cycle, unless the address names one."""
    asked = here.request.GET.get("cycle", "all")
    return asked in ("all", "", cycle.key)


def _shown(here: Here, team: int) -> bool:
    return not here.team_ids or team in here.team_ids
