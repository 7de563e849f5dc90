"""Reviews: closing a team's cycle step by step, what was reached, and how well teams aim."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Path, Router, Schema

from headway.accounts import gate
from headway.api.context import Caller, caller, one
from headway.engine.errors import NotFound
from headway.goals.close import calibration as calibrated
from headway.goals.close import closing, succession
from headway.goals.models import Close, Cycle
from headway.goals.review import printing
from headway.goals.review.markdown import markdown
from headway.goals.review.review import Review as Found
from headway.goals.review.review import of_workspace, review

router = Router()


class Listed(Schema):
    """A close; without `closed_at` it is a draft."""

    cycle: str
    team: str
    closed_at: datetime | None
    score: float | None


class ReviewedKeyResult(Schema):
    """`value_now` is what is measured since the close; `why` what moved it."""

    key: str
    title: str
    unit: str
    baseline: float | None
    aim: float | None
    value: float | None
    value_through: date | None
    progress: float | None
    status: str
    score: float | None
    score_given: float | None
    score_reason: str
    definition_version: int | None
    as_of: datetime | None
    provisional_until: date | None
    value_now: float | None
    progress_now: float | None
    restated_at: datetime | None
    choice: str
    reason: str
    target: float | None
    at_least: float | None
    at_most: float | None
    why: list[str]


class ReviewedObjective(Schema):
    key: str
    title: str
    aspirational: bool
    status: str
    score: float | None
    score_given: float | None
    score_reason: str
    unknown_count: int
    learnt: str
    key_results: list[ReviewedKeyResult]


class Review(Schema):
    """Before it is closed the numbers are those of the last pass."""

    team: str
    cycle: str
    closed_at: datetime | None
    provisional_until: date | None
    score: float | None
    learnt: str
    objectives: list[ReviewedObjective]
    launches: list[dict[str, Any]]


class Calibration(Schema):
    """Of a team, over closed cycles. `mean` is empty and nothing is said under 3 `goals`."""

    team: str
    mean: float | None
    goals: int
    cycles: int
    words: str
    advice: str
    committed: int
    kept: int


class KeyResultAnswers(Schema):
    """`choice`: carry_over, raise (to `target`), hand_back, or drop (with a reason)."""

    choice: str = ""
    reason: str = ""
    target: float | None = None
    at_least: float | None = None
    at_most: float | None = None
    score: float | None = None
    score_reason: str = ""


class Answers(Schema):
    """What is left out stays as it was answered before."""

    learnt: str = ""
    score: float | None = None
    score_reason: str = ""
    key_results: dict[str, KeyResultAnswers] = {}


class Missing(Schema):
    objective: str
    key_result: str
    field: str
    text: str


class Closing(Schema):
    learnt: str = ""


class Reopening(Schema):
    reason: str


class Edit(Schema):
    """Of a drafted key result; with `keep` false it is left out."""

    title: str = ""
    target: float | None = None
    keep: bool = True


class Next(Schema):
    """`edits` by `objective/key-result`."""

    cycle: str
    edits: dict[str, Edit] = {}


class Made(Schema):
    objective: str
    key: str
    cycle: str


@router.get("", summary="List closes", response=list[Listed])
def index(request: HttpRequest, workspace: Path[str]) -> list[dict[str, Any]]:
    return [_listed(close) for close in of_workspace(caller(request, workspace).workspace)]


@router.get("/calibration", summary="How well teams aim", response=list[Calibration])
def calibration(request: HttpRequest, workspace: Path[str]) -> list[dict[str, Any]]:
    found = calibrated.calibration(caller(request, workspace).workspace)
    return [team.to_dict() for team in found]


@router.get("/{cycle}/{team}", summary="Read a review", response=Review)
def show(request: HttpRequest, workspace: Path[str], cycle: str, team: str) -> dict[str, Any]:
    return _review(caller(request, workspace), cycle, team).to_dict()


@router.get("/{cycle}/{team}/markdown", summary="A review as Markdown", response=None)
def as_markdown(request: HttpRequest, workspace: Path[str], cycle: str, team: str) -> HttpResponse:
    text = markdown(_review(caller(request, workspace), cycle, team))
    return HttpResponse(text, content_type="text/markdown; charset=utf-8")


@router.get("/{cycle}/{team}/pdf", summary="A review as PDF", response=None)
def as_pdf(request: HttpRequest, workspace: Path[str], cycle: str, team: str) -> HttpResponse:
    made = printing.pdf(_review(caller(request, workspace), cycle, team))
    return HttpResponse(made, content_type="application/pdf")


@router.put(
    "/{cycle}/{team}/objectives/{objective}",
    summary="Answer for an objective",
    response=list[Missing],
)
def answer(
    request: HttpRequest,
    workspace: Path[str],
    cycle: str,
    team: str,
    objective: str,
    body: Answers,
) -> list[dict[str, str]]:
    """Begins the close if need be, and says what it still waits for in this objective."""
    who = caller(request, workspace)
    row = one(who.workspace.teams.all(), team, "team")
    close = closing.start(row, _cycle(who, cycle), by=who.member, now=who.clock)
    given: Any = body.dict(exclude_unset=True)
    left = closing.answer(close, objective, given, by=who.member, now=who.clock)
    return [
        {"objective": m.objective, "key_result": m.key_result, "field": m.field, "text": m.text}
        for m in left
    ]


@router.post("/{cycle}/{team}/close", summary="Close a cycle", response=Review)
def close(
    request: HttpRequest, workspace: Path[str], cycle: str, team: str, body: Closing
) -> dict[str, Any]:
    """Freezes its numbers and hands back what is to be watched as a KPI."""
    who = caller(request, workspace)
    found = _close(who, cycle, team)
    closing.close(found, learnt=body.learnt, by=who.member, now=who.clock)
    return _review(who, cycle, team).to_dict()


@router.post("/{cycle}/{team}/reopen", summary="Reopen a closed cycle", response=Review)
def reopen(
    request: HttpRequest, workspace: Path[str], cycle: str, team: str, body: Reopening
) -> dict[str, Any]:
    who = caller(request, workspace)
    closing.reopen(_close(who, cycle, team), body.reason, by=who.member, now=who.clock)
    return _review(who, cycle, team).to_dict()


@router.post("/{cycle}/{team}/next", summary="Make the drafted next cycle", response=list[Made])
def make_next(
    request: HttpRequest, workspace: Path[str], cycle: str, team: str, body: Next
) -> list[dict[str, str]]:
    """The key results that were made; doing it again makes none twice."""
    who = caller(request, workspace)
    edits: Any = {key: edit.dict(exclude_unset=True) for key, edit in body.edits.items()}
    found, into = _close(who, cycle, team), _cycle(who, body.cycle)
    made = succession.save_next(found, into, edits, by=who.member, now=who.clock)
    return [{"objective": k.objective.key, "key": k.key, "cycle": k.cycle.key} for k in made]


def _review(who: Caller, cycle: str, team: str) -> Found:
    row = one(who.workspace.teams.all(), team, "team")
    return review(row, _cycle(who, cycle), now=who.clock)


def _cycle(who: Caller, key: str) -> Cycle:
    found: Cycle = one(who.workspace.cycles.all(), key, "cycle")
    return found


def _close(who: Caller, cycle: str, team: str) -> Close:
    gate.require(who.member, "write")
    row = one(who.workspace.teams.all(), team, "team")
    found = Close.objects.filter(team=row, cycle=_cycle(who, cycle)).first()
    if found is None:
        raise NotFound(
            f"The close of `{cycle}` for `{team}` was not begun.",
            fix="Answer for its objectives first.",
        )
    return found


def _listed(close: Close) -> dict[str, Any]:
    closed = close.closed_at is not None
    known = [score for row in close.objectives.all() if (score := row.counts) is not None]
    return {
        "cycle": close.cycle.key,
        "team": close.team.key,
        "closed_at": close.closed_at,
        "score": sum(known) / len(known) if closed and known else None,
    }
