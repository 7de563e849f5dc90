"""A/B tests: the outputs that are experiments, and what they say."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import HttpRequest
from ninja import Path, Router, Schema

from headway.api.context import Caller, caller
from headway.goals.experiment.listing import listed, one

router = Router()


class Experiment(Schema):
    key: str
    name: str
    metric: str
    starts: date
    ends: date | None
    verdict: str


class Day(Schema):
    """The difference from the control by the end of a day; `low` and `high` hold at every look."""

    day: date
    variant: str
    difference: float | None
    low: float | None
    high: float | None
    p: float | None
    verdict: str


class ReadOut(Schema):
    """What an experiment says by the end of `day`; shares and percentages go from 0 to 1.

    `findings` are sentences, the most important first. `read_out` has the numbers: `variants` with
    the control first, what stands `against` it, `guardrails`, and how people were split. `plan` is
    what could be told before the start. `unseen`: events and properties that have not come in.
    """

    key: str
    name: str
    verdict: str
    findings: list[str]
    plan: dict[str, Any] | None
    plan_words: list[str]
    unseen: list[str]
    problem: str
    day: date | None
    read_out: dict[str, Any] | None
    rests_on: str
    notes: list[str]
    days: list[Day]


@router.get("", summary="List experiments", response=list[Experiment])
def index(request: HttpRequest, workspace: Path[str]) -> list[dict[str, Any]]:
    who = caller(request, workspace)
    return list(listed(who.workspace, _today(who)))


@router.get("/{key}", summary="Read what an experiment says", response=ReadOut)
def show(request: HttpRequest, workspace: Path[str], key: str) -> dict[str, Any]:
    """Experiments are made and changed as outputs: `experiment` is a field of theirs."""
    who = caller(request, workspace)
    return one(who.workspace, key, _today(who)).to_dict()


def _today(who: Caller) -> date:
    return who.workspace.calendar.day_of(who.now)
