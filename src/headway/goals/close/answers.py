"""What a team answers when it closes a cycle: of each objective, and of each key result."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TypedDict

from headway.engine.errors import DefinitionError, NotFound, nearest
from headway.goals import checks
from headway.goals.models import Choice, ClosedKeyResult, ClosedObjective, Shape

LONGEST = 300


class KeyResultAnswers(TypedDict, total=False):
    """What is left out keeps its value. `target` raises; the bounds are those of the KPI."""

    choice: str
    reason: str
    target: float | None
    at_least: float | None
    at_most: float | None
    score: float | None
    score_reason: str


class ObjectiveAnswers(TypedDict, total=False):
    learnt: str
    score: float | None
    score_reason: str
    key_results: Mapping[str, KeyResultAnswers]


@dataclass(frozen=True, slots=True)
class Missing:
    """What a close still waits for: of which objective, perhaps which key result, which field."""

    objective: str
    key_result: str
    field: str
    text: str

    def __str__(self) -> str:
        where = "/".join(filter(None, (self.objective, self.key_result)))
        return f"{where}: {self.text}"


def put_objective(row: ClosedObjective, given: ObjectiveAnswers) -> None:
    """Checks and assigns; not saved."""
    if "learnt" in given:
        row.learnt = given["learnt"].strip()
    _put_score(row, given)


def put_key_result(row: ClosedKeyResult, given: KeyResultAnswers) -> None:
    choice = given.get("choice", row.choice)
    if choice and choice not in Choice.values:
        raise DefinitionError(
            f"`{choice}` is no choice for what becomes of a key result.",
            where="choice",
            fix=nearest(choice, Choice.values) or f"Use one of {', '.join(Choice.values)}.",
        )
    row.choice = choice
    row.reason = _sentence("reason", given.get("reason", row.reason))
    for name in ("target", "at_least", "at_most"):
        value = given.get(name, getattr(row, name))
        checks.finite(name, value)  # type: ignore[arg-type]  # a number by its name
        setattr(row, name, value)
    _put_score(row, given)


def rows_by_key(
    rows: Mapping[str, ClosedKeyResult], given: Mapping[str, KeyResultAnswers]
) -> Iterator[tuple[ClosedKeyResult, KeyResultAnswers]]:
    for key, answers in given.items():
        if key not in rows:
            raise NotFound(
                f"The close has no key result `{key}`.", where="key_results", fix=nearest(key, rows)
            )
        yield rows[key], answers


def missing(row: ClosedObjective, parts: list[ClosedKeyResult]) -> Iterator[Missing]:
    """What has to be said before the cycle can be closed."""
    key = row.objective.key
    if not row.learnt:
        yield Missing(key, "", "learnt", "Say in a sentence what was learnt.")
    if row.score_given is not None and not row.score_reason:
        yield Missing(key, "", "score_reason", "Another score needs a reason.")
    for part in parts:
        for field, text in _missing(part):
            yield Missing(key, part.key_result.key, field, text)


def _missing(row: ClosedKeyResult) -> Iterator[tuple[str, str]]:
    if not row.choice:
        yield "choice", "Choose what becomes of it."
    if row.choice == Choice.drop and not row.reason:
        yield "reason", "Say why it is dropped."
    if row.choice == Choice.higher:
        yield from _raised(row)
    if row.choice == Choice.hand_back and row.key_result.metric is None:
        yield "choice", "Nothing measures it, so there is no KPI to hand it back to."
    if row.score_given is not None and not row.score_reason:
        yield "score_reason", "Another score needs a reason."


def _raised(row: ClosedKeyResult) -> Iterator[tuple[str, str]]:
    found = row.key_result
    if found.shape == Shape.milestones:
        yield "choice", "A list of milestones has no target to raise: carry over what is open."
    elif row.target is None:
        yield "target", "Give the new target."
    elif found.shape != Shape.keep and row.target == found.aim:
        yield "target", "That is the target it had: choose “carry over”, or give another one."


def _put_score(
    row: ClosedObjective | ClosedKeyResult, given: ObjectiveAnswers | KeyResultAnswers
) -> None:
    if "score" in given:
        score = given["score"]
        checks.finite("score", score)
        if score is not None and not 0 <= score <= 1:
            raise DefinitionError(
                f"A score of {score:g} does not exist.", where="score", fix="Give 0 to 1."
            )
        row.score_given = score
    row.score_reason = _sentence("score_reason", given.get("score_reason", row.score_reason))
    if row.score_given is None:
        row.score_reason = ""


def _sentence(where: str, text: str) -> str:
    said = text.strip()
    if len(said) > LONGEST:
        raise DefinitionError(
            f"The reason has {len(said)} characters.", where=where, fix=f"Up to {LONGEST} fit."
        )
    return said
