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

OFF_PACE = (Status.missed, Status.at_risk, Status.behind)
MOST_NAMED = 3


@dataclass(frozen=True, slots=True)
class Part:
    """A key result as its objective sees it."""

    status: Status
    p: float | None
    weight: float = 1.0
    name: str = ""


@dataclass(frozen=True, slots=True)
class Whole:
    """`progress` is None when nothing is known; `unknown` counts the parts left out of it.

    `reason` says which key results give the status, as its progress alone does not tell.
    """

    status: Status
    progress: float | None
    unknown: int
    reason: str = ""


def clamp(p: float) -> float:
    return min(max(p, 0.0), 1.0)


def score(p: float | None) -> float | None:
    """A key result's score at close; an objective's is its progress."""
    return None if p is None else clamp(p)


def roll_up(parts: Sequence[Part]) -> Whole:
    unknown = sum(part.status is Status.unknown for part in parts)
    status = worst([part.status for part in parts])
    return Whole(status, mean_progress(parts), unknown, because(status, parts))


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


def because(status: Status, parts: Sequence[Part]) -> str:
    """Which key results give an objective its status, in words; "" where nothing is wrong."""
    if not parts:
        return "It has no key result."
    if status not in (*OFF_PACE, Status.unknown):
        return ""
    clauses = [_clause(s, parts) for s in dict.fromkeys((status, Status.unknown))]
    if not clauses[0]:
        return f"{clauses[1]}, which counts as {status.words}."
    return f"{'; '.join(filter(None, clauses))}."


def _clause(status: Status, parts: Sequence[Part]) -> str:
    """`Churn and Visits are behind`; of more than three the first two are named."""
    names = [part.name for part in parts if part.status is status]
    if not names:
        return ""
    verb = "is" if len(names) == 1 else "are"
    if len(names) > MOST_NAMED:
        names = [*names[:2], f"{len(names) - 2} more"]
    first = ", ".join(names[:-1])
    return f"{first}{' and ' if first else ''}{names[-1]} {verb} {status.words}"
