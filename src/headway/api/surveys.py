"""Surveys in the product, and what they found."""

from __future__ import annotations

from typing import Annotated, Any

from django.db.models import QuerySet
from django.http import HttpRequest
from ninja import Path, Query, Router
from ninja.responses import Status

from headway.accounts import gate
from headway.api import answers
from headway.api.context import Caller, caller, one
from headway.api.shapes import Survey
from headway.api.written import Shown, keyed, live, one_live, save, shown
from headway.files.state import Kept
from headway.surveys import actions
from headway.surveys.models import Survey as Row
from headway.surveys.results import Results
from headway.surveys.results import results as found_in

router = Router()
DAYS = 30
Days = Annotated[int, Query(ge=1, le=3650)]


@router.get("", summary="List surveys", response=list[Survey])
def index(request: HttpRequest, workspace: Path[str]) -> list[Shown]:
    who = caller(request, workspace)
    rows = {row.key: row for row in _rows(who)}
    return [
        _shown(item, _results(rows[key], DAYS, who)) for key, item in live(who, "survey").items()
    ]


@router.get("/{key}", summary="Read a survey", response=Survey)
def show(request: HttpRequest, workspace: Path[str], key: str) -> Shown:
    who = caller(request, workspace)
    item = one_live(who, "survey", key)
    return _shown(item, _results(one(_rows(who), key, "survey"), DAYS, who))


@router.put("/{key}", summary="Make or change a survey", response=Survey)
def put(request: HttpRequest, workspace: Path[str], key: str, body: Survey) -> Shown:
    """What is left out gets its default."""
    save(caller(request, workspace), "surveys", keyed(body, key))
    return show(request, workspace, key)


@router.delete("/{key}", summary="Archive a survey", response={204: None})
def archive(request: HttpRequest, workspace: Path[str], key: str) -> Status[None]:
    """Nobody is asked any more; what was answered stays. `restore` brings it back."""
    who = caller(request, workspace)
    row = one(_rows(who).filter(archived_at=None), key, "survey")
    actions.archive_survey(row, by=who.member, now=who.clock)
    return Status(204, None)


@router.post("/{key}/restore", summary="Restore a survey", response=Survey)
def restore(request: HttpRequest, workspace: Path[str], key: str) -> Shown:
    who = caller(request, workspace)
    actions.restore_survey(one(_rows(who), key, "survey"), by=who.member, now=who.clock)
    return show(request, workspace, key)


@router.get("/{key}/results", summary="Read what a survey found", response=answers.SurveyResults)
def results(
    request: HttpRequest, workspace: Path[str], key: str, days: Days = DAYS
) -> dict[str, Any]:
    """Of the last days; who wrote a comment only for those who may see people."""
    who = caller(request, workspace)
    found = _results(one(_rows(who), key, "survey"), days, who)
    return found.to_dict(people=gate.allows(who.member, "see people"))


@router.post("/{key}/kpi", summary="Make the KPI of a survey", response=answers.MadeKpis)
def kpi(request: HttpRequest, workspace: Path[str], key: str) -> dict[str, list[str]]:
    """The one of the catalogue over its answers; one that is there stays."""
    who = caller(request, workspace)
    row = one(_rows(who), key, "survey")
    return {"metrics": [actions.make_kpi(row, by=who.member, now=who.clock).key]}


def _rows(who: Caller) -> QuerySet[Row]:
    return who.workspace.surveys.select_related("source", "workspace")


def _results(row: Row, days: int, who: Caller) -> Results:
    return found_in(row, days=days, now=who.now)


def _shown(item: Kept, found: Results) -> Shown:
    told = found.to_dict(people=False)
    names = ("shown", "answered", "response_rate", "score", "low", "high")
    return shown(item, **{name: told[name] for name in names})
