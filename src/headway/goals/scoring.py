"""From key results to their objective: progress, status and score."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from headway.goals.progress import Status

WORST_FIRST = (
    Status.missed,
    Status.at_risk,
    Status.behind,
    Status.on_track,
    Status.achieved_aspirational,
    Status.achieved,
)
COUNTS_AS = {Status.unknown: Status.behind, Status.not_started: Status.on_track}
"""Beside others, a dead tracker is never better than behind, and nothing is achieved too early."""


@dataclass(frozen=True, slots=True)
class Part:
    """A key result as its objective sees it."""

    status: Status
    p: float | None
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Whole:
    """`progress` is None when nothing is known; `unknown` counts the parts left out of it."""

    status: Status
    progress: float | None
    unknown: int


def clamp(p: float) -> float:
    return min(max(p, 0.0), 1.0)


def score(p: float | None) -> float | None:
    """A key result's score at close; an objective's is its progress."""
    return None if p is None else clamp(p)


def roll_up(parts: Sequence[Part]) -> Whole:
    unknown = sum(part.status is Status.unknown for part in parts)
    return Whole(worst([part.status for part in parts]), mean_progress(parts), unknown)


def mean_progress(parts: Sequence[Part]) -> float | None:
    """Σ w·clamp(p) / Σ w over the parts that are known."""
    known = [(part.weight, clamp(part.p)) for part in parts if part.p is not None]
    weights = sum(weight for weight, _ in known)
    return sum(weight * p for weight, p in known) / weights if weights else None


def worst(statuses: Sequence[Status]) -> Status:
    silent = [s for s in statuses if s in COUNTS_AS]
    if len(silent) == len(statuses):
        started = Status.unknown in statuses or not statuses
        return Status.unknown if started else Status.not_started
    return min((COUNTS_AS.get(s, s) for s in statuses), key=WORST_FIRST.index)
