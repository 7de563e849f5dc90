"""How well teams judge what they can reach, over closed cycles. Of teams, never of people."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any

from headway.accounts.models import Team, Workspace
from headway.goals.models import ClosedObjective

FEWEST = 3
"""Under this many goals nothing is said."""

ALWAYS, SAFE, WELL, FULL = 0.95, 0.7, 0.5, 1.0


@dataclass(frozen=True, slots=True)
class Calibration:
    """Of one team: scores of its aspirational goals, and how many committed ones were reached.

    `goals` are the aspirational ones, on which the words rest.
    """

    team: Team
    mean: float | None
    goals: int
    cycles: int
    words: str
    advice: str
    committed: int
    kept: int

    def to_dict(self) -> dict[str, Any]:
        return {
            "team": self.team.key,
            "mean": self.mean,
            "goals": self.goals,
            "cycles": self.cycles,
            "words": self.words,
            "advice": self.advice,
            "committed": self.committed,
            "kept": self.kept,
        }


@dataclass(frozen=True, slots=True)
class Judged:
    words: str
    advice: str


BOLDER = Judged("always reached", "Set bolder goals: whatever was aimed at was reached.")
TOO_MUCH = Judged("too ambitious, or under-resourced", "Aim at less, or give it more people.")
WELL_JUDGED = Judged("well judged", "Go on like this.")
TOO_SAFE = Judged("safe", "Aim a little higher.")


def judged(scores: Sequence[float], well: float = WELL) -> Judged | None:
    """Of aspirational goals, well judged from a mean of `well`; None while there are too few."""
    if len(scores) < FEWEST:
        return None
    if all(score >= ALWAYS for score in scores):
        return BOLDER
    mean = round(fmean(scores), 9)
    if mean < well:
        return TOO_MUCH
    return WELL_JUDGED if mean <= SAFE else TOO_SAFE


def calibration(workspace: Workspace) -> list[Calibration]:
    """Of each team that has closed a cycle, by name; goals without a score are left out."""
    rows = ClosedObjective.objects.filter(
        close__closed_at__isnull=False, close__team__workspace=workspace
    ).select_related("close__team__workspace")
    by_team: dict[Team, list[ClosedObjective]] = defaultdict(list)
    for row in rows.order_by("close__team__name"):
        by_team[row.close.team].append(row)
    return [of_team(team, found) for team, found in by_team.items()]


def of_team(team: Team, rows: Iterable[ClosedObjective]) -> Calibration:
    known = [(row, row.counts) for row in rows if row.counts is not None]
    bold = [score for row, score in known if row.aspirational]
    firm = [score for row, score in known if not row.aspirational]
    found = judged(bold, team.workspace.well_judged_from)
    return Calibration(
        team,
        fmean(bold) if bold and found else None,
        len(bold),
        len({row.close_id for row, _ in known}),
        found.words if found else "",
        found.advice if found else "",
        len(firm),
        sum(score >= FULL for score in firm),
    )
