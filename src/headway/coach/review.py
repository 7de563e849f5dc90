"""Looks at goals with every rule."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from headway.coach.finding import Finding
from headway.coach.rules import RULES
from headway.coach.values import Board, KeyResult, Kpi, Objective, TeamCycle

Goal = Objective | KeyResult | TeamCycle | Kpi | Board


@dataclass(frozen=True, slots=True)
class Silence:
    """Codes that are off everywhere, and pairs of code and subject that somebody waived."""

    off: frozenset[str] = frozenset()
    waived: frozenset[tuple[str, str]] = frozenset()

    def lets(self, finding: Finding) -> bool:
        return finding.code not in self.off and (finding.code, finding.where) not in self.waived


@dataclass(frozen=True, slots=True)
class Review:
    """`waived` are those that were waived and would be said otherwise."""

    findings: tuple[Finding, ...] = ()
    waived: tuple[Finding, ...] = field(default=())

    def of(self, *subjects: str) -> tuple[Finding, ...]:
        return tuple(f for f in self.findings if f.where in subjects)


def look(goals: Iterable[Goal], *, drafting: bool = False) -> Iterator[Finding]:
    """`drafting`: while somebody types, what is missing is not said yet."""
    for goal in goals:
        yield from _said_of(goal, drafting)
        if isinstance(goal, Objective):
            yield from look(goal.key_results, drafting=drafting)


@lru_cache(maxsize=2_000)
def _said_of(goal: Goal, drafting: bool) -> tuple[Finding, ...]:
    """Goals are values: the same words and numbers are looked at once."""
    rules = [rule for rule in RULES[type(goal)] if not (drafting and rule.absence)]
    return tuple(finding for rule in rules for finding in rule.findings(goal))


def review(goals: Iterable[Goal], silence: Silence, *, drafting: bool = False) -> Review:
    """The gravest first, otherwise in the order of the goals."""
    found = sorted(look(goals, drafting=drafting), key=lambda f: -f.severity.rank)
    said = [f for f in found if f.code not in silence.off]
    return Review(
        tuple(f for f in said if silence.lets(f)),
        tuple(f for f in said if not silence.lets(f)),
    )
