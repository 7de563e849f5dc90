"""What the coach says of goals, and what it is asked to be silent about."""

from __future__ import annotations

from django.http import HttpRequest
from ninja import Path, Router, Schema
from ninja.params.functions import Query
from ninja.responses import Status

from headway.accounts import gate
from headway.api.answers import By
from headway.api.context import Caller, caller, key_result_of, objective_of, one
from headway.api.forms import Form
from headway.api.shapes import Objective as ObjectiveShape
from headway.coach import finding as coach
from headway.coach.review import Review
from headway.coach.rules import FAMILIES
from headway.engine.errors import DefinitionError
from headway.files.coaching import drafted
from headway.goals.advice.coaching import coached, coached_objective
from headway.goals.advice.waivers import Goal, take_up, take_up_kpi, waive, waive_kpi
from headway.goals.models import Waiver
from headway.metrics.models import Metric

router = Router()


class Finding(Schema):
    """`where` is for example `key_result:fast-start/ttv`, `field` the field that it is about."""

    code: str
    severity: coach.Severity
    saw: str
    why: str
    fix: str
    where: str
    field: str


class Findings(Schema):
    """The gravest first. `waived` would be said if nobody had waived them."""

    findings: list[Finding]
    waived: list[Finding]


class Rule(Schema):
    """`on`: not switched off in this workspace, which its setting `coach_off` does."""

    code: str
    family: str
    severity: coach.Severity
    title: str
    why: str
    fix: str
    on: bool


class Reason(Form):
    reason: str = ""


class OfKpi(Schema):
    code: str
    reason: str


class Waived(By):
    code: str
    reason: str
    at: str

    @staticmethod
    def resolve_at(row: Waiver) -> str:
        return row.at.isoformat()


@router.get("", summary="What the coach says of the workspace", response=Findings)
def index(request: HttpRequest, workspace: Path[str]) -> Review:
    """Of the goals of present and coming cycles, and of KPIs."""
    who = caller(request, workspace)
    return coached(who.workspace, now=who.clock)


@router.get("/rules", summary="List the rules", response=list[Rule])
def rules(request: HttpRequest, workspace: Path[str]) -> list[Rule]:
    off = caller(request, workspace).workspace.coach_off
    return [
        Rule(
            code=rule.code,
            family=family,
            severity=rule.severity,
            title=rule.title,
            why=rule.why,
            fix=rule.fix,
            on=rule.code not in off,
        )
        for family, found in FAMILIES.items()
        for rule in found
    ]


@router.post("/draft", summary="What the coach says of a draft", response=Findings)
def draft(
    request: HttpRequest,
    workspace: Path[str],
    body: ObjectiveShape,
    cycle: str = Query("", description="Key of a cycle; empty: the body's, or the present one."),
) -> Review:
    """Nothing is saved, and every field may be left out, also of key results."""
    who = caller(request, workspace)
    gate.require(who.member, "write")
    written = {k: v for k, v in body.fields.items() if k != "cycle"}
    asked = cycle or str(body.fields.get("cycle") or _present_cycle(who))
    return drafted(who.workspace, written, asked, now=who.now)


@router.get("/objectives/{objective}", summary="What the coach says of one", response=Findings)
def show(request: HttpRequest, workspace: Path[str], objective: str) -> Review:
    """Of the objective and its key results."""
    who = caller(request, workspace)
    return coached_objective(objective_of(who, objective), now=who.clock)


@router.put("/objectives/{objective}/waivers/{code}", summary="Waive a finding", response=Waived)
def waive_objective(
    request: HttpRequest, workspace: Path[str], objective: str, code: str, body: Reason
) -> Waiver:
    who = caller(request, workspace)
    return _waive(who, objective_of(who, objective), code, body)


@router.delete(
    "/objectives/{objective}/waivers/{code}", summary="Take a finding up", response={204: None}
)
def take_up_objective(
    request: HttpRequest, workspace: Path[str], objective: str, code: str
) -> Status[None]:
    who = caller(request, workspace)
    return _take_up(who, objective_of(who, objective), code)


@router.put(
    "/objectives/{objective}/key-results/{key}/waivers/{code}",
    summary="Waive a finding of a key result",
    response=Waived,
)
def waive_key_result(
    request: HttpRequest, workspace: Path[str], objective: str, key: str, code: str, body: Reason
) -> Waiver:
    who = caller(request, workspace)
    return _waive(who, key_result_of(who, objective, key), code, body)


@router.delete(
    "/objectives/{objective}/key-results/{key}/waivers/{code}",
    summary="Take a finding of a key result up",
    response={204: None},
)
def take_up_key_result(
    request: HttpRequest, workspace: Path[str], objective: str, key: str, code: str
) -> Status[None]:
    who = caller(request, workspace)
    return _take_up(who, key_result_of(who, objective, key), code)


@router.put("/kpis/{key}/waivers/{code}", summary="Waive a finding of a KPI", response=OfKpi)
def waive_of_kpi(
    request: HttpRequest, workspace: Path[str], key: str, code: str, body: Reason
) -> OfKpi:
    """Its definition keeps the reason, as `waived`."""
    who = caller(request, workspace)
    found = waive_kpi(_kpi(who, key), code, body.reason, by=who.member, now=who.clock)
    return OfKpi(code=code, reason=found.profile["waived"][code])


@router.delete(
    "/kpis/{key}/waivers/{code}", summary="Take a finding of a KPI up", response={204: None}
)
def take_up_of_kpi(request: HttpRequest, workspace: Path[str], key: str, code: str) -> Status[None]:
    who = caller(request, workspace)
    take_up_kpi(_kpi(who, key), code, by=who.member, now=who.clock)
    return Status(204, None)


def _kpi(who: Caller, key: str) -> Metric:
    found: Metric = one(who.workspace.metrics.filter(archived_at=None), key, "metric")
    return found


def _waive(who: Caller, goal: Goal, code: str, body: Reason) -> Waiver:
    return waive(goal, code, body.reason, by=who.member, now=who.clock)


def _take_up(who: Caller, goal: Goal, code: str) -> Status[None]:
    take_up(goal, code, by=who.member, now=who.clock)
    return Status(204, None)


def _present_cycle(who: Caller) -> str:
    today = who.workspace.calendar.day_of(who.now)
    found = who.workspace.cycles.filter(starts__lte=today, ends__gte=today).order_by("-starts")
    cycle = found.first()
    if cycle is None:
        raise DefinitionError(
            "There is no present cycle.", where="cycle", fix="Name the cycle of the draft."
        )
    return cycle.key
