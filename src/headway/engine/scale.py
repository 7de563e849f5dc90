"""Answers on a scale: which of them are valid, and what each is worth."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Annotated

from msgspec import Meta

from headway.engine.ask import Ask, Tallies
from headway.engine.definition import Definition
from headway.engine.errors import DefinitionError
from headway.engine.selection import Match
from headway.engine.statistics import Counts
from headway.engine.tally import Tally

Valid = Annotated[
    list[float],
    Meta(
        min_length=2,
        max_length=2,
        description="the least and the greatest score that counts, such as `[0, 10]`",
    ),
]


def check_valid(valid: Sequence[float]) -> None:
    if valid and valid[0] >= valid[1]:
        raise DefinitionError(
            f"`valid` goes from {valid[0]:g} to {valid[1]:g}.",
            where="valid",
            fix="Give the least score first, such as `[1, 5]`.",
        )


def graded(
    ask: Ask,
    definition: Definition,
    counts: tuple[Match, str],
    valid: Sequence[float],
    grade: Callable[[float], float],
) -> Tallies:
    """Sums of the grades and of their squares over valid answers; the others are faults.

    `counts` are the events and their property. Without `valid` every number is.
    """
    statistic = Counts(ask.scope.span(definition), *counts, ask.scope.segment)
    rows = ask.rows(ask.run(statistic), "v", "n")
    return {at: _tally(found, valid, grade) for at, found in rows.items()}


def _tally(
    rows: Iterable[tuple[float | None, int]],
    valid: Sequence[float],
    grade: Callable[[float], float],
) -> Tally:
    answers = [(v, n) for v, n in rows if _is_valid(v, valid)]
    graded = [(grade(v), n) for v, n in answers if v is not None]
    n = sum(n for _, n in answers)
    return Tally(
        n,
        float(sum(g * n for g, n in graded)),
        float(n),
        float(sum(g * g * n for g, n in graded)),
        faults=sum(n for _, n in rows) - n,
    )


def _is_valid(score: float | None, valid: Sequence[float]) -> bool:
    return score is not None and (not valid or valid[0] <= score <= valid[1])
