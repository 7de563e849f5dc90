"""What is wrong with what is watched, and what somebody does about it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal

from django.http import HttpRequest
from ninja import Path, Router, Schema

from headway.accounts import gate
from headway.alerting import actions, reading
from headway.alerting.models import Alert as Row
from headway.alerting.models import Sign as SignRow
from headway.alerting.reading import Story
from headway.alerting.words import sentence
from headway.api.context import Caller, Number, caller, one
from headway.api.forms import Form
from headway.engine.watching import AlertKind, Sensitivity
from headway.metrics.models import Metric

router = Router()
of_metric = Router()

MOST_FOUND = 100

State = Literal["open", "acknowledged", "snoozed", "resolved"]


class Sign(Schema):
    """`since` and `last` are the first and last period in which it held, by their first days.

    `low` and `high` bound what was expected, `against` is what the value is worse than.
    """

    metric: str
    kind: AlertKind
    grain: str
    segment_by: str
    segment: str
    since: date
    last: date
    value: float | None
    low: float | None
    high: float | None
    against: float | None
    words: str
    over: bool


class Alert(Schema):
    """`cause` is `source:KEY`, `event:NAME` or `metric:KEY`; `key_results` depend on it.

    `common` is what metrics share that went off at once: `source:KEY`, `event:NAME`, or
    `happening:KEY`, an annotation.
    """

    id: int
    state: State
    title: str
    words: str
    cause: str
    common: str
    since: date
    raised_at: datetime
    resolved_at: datetime | None
    acknowledged_at: datetime | None
    acknowledged_by: str | None
    snoozed_until: date | None
    note: str
    metrics: list[str]
    key_results: list[str]
    signs: list[Sign]


class Noted(Form):
    note: str = ""


class Snoozed(Form):
    """Until a day, or for a number of days."""

    until: date | None = None
    days: int | None = None
    note: str = ""


class Watched(Form):
    """What is left out gets its default."""

    sensitivity: Sensitivity = "usual"
    mute: list[str] = []
    target: float | None = None


@router.get("", summary="List alerts", response=list[Alert])
def index(
    request: HttpRequest, workspace: Path[str], state: State = "open", find: str = ""
) -> list[Any]:
    """Those on which most key results depend first; the resolved ones the latest first.

    With `find`, those of any state whose title, note, cause or metric has the text: the open ones
    first, 100 at most.
    """
    who = caller(request, workspace)
    if find.strip():
        found = reading.matching(who.workspace, _today(who), find.strip(), MOST_FOUND)
    else:
        found = reading.stories(who.workspace, _today(who), state)
    return [_shown(s) for s in found]


@router.get("/{number}", summary="Read an alert", response=Alert)
def show(request: HttpRequest, workspace: Path[str], number: Number) -> dict[str, Any]:
    who = caller(request, workspace)
    return _shown(reading.story(who.workspace, number, _today(who)))


@router.post("/{number}/acknowledge", summary="Acknowledge an alert", response=Alert)
def acknowledge(
    request: HttpRequest, workspace: Path[str], number: Number, body: Noted
) -> dict[str, Any]:
    """Somebody looks after it: no mail tells of it any more."""
    who, row = _found(request, workspace, number)
    actions.acknowledge(row, by=who.member, now=who.clock, note=body.note)
    return show(request, workspace, number)


@router.post("/{number}/snooze", summary="Snooze an alert", response=Alert)
def snooze(
    request: HttpRequest, workspace: Path[str], number: Number, body: Snoozed
) -> dict[str, Any]:
    """It is told again on that day, unless it is over by then."""
    who, row = _found(request, workspace, number)
    actions.snooze(
        row, until=body.until, days=body.days, note=body.note, by=who.member, now=who.clock
    )
    return show(request, workspace, number)


@router.post("/{number}/put-back", summary="Put an alert back", response=Alert)
def put_back(request: HttpRequest, workspace: Path[str], number: Number) -> dict[str, Any]:
    """As if nobody had acknowledged or snoozed it."""
    who, row = _found(request, workspace, number)
    actions.put_back(row, by=who.member, now=who.clock)
    return show(request, workspace, number)


@router.put("/{number}/note", summary="Write an alert's note", response=Alert)
def note(request: HttpRequest, workspace: Path[str], number: Number, body: Noted) -> dict[str, Any]:
    who, row = _found(request, workspace, number)
    actions.write_note(row, body.note, by=who.member, now=who.clock)
    return show(request, workspace, number)


@of_metric.get("", summary="List a metric's alerts", response=list[Alert])
def in_metric(request: HttpRequest, workspace: Path[str], key: Path[str]) -> list[Any]:
    """Those in which it has a sign, the open ones first."""
    who = caller(request, workspace)
    return [_shown(s) for s in reading.of_metric(_metric(who, key), _today(who))]


@of_metric.put("", summary="Say how a metric is watched", response=Watched)
def watch(
    request: HttpRequest, workspace: Path[str], key: Path[str], body: Watched
) -> dict[str, Any]:
    """The `alerts` of its definition: how readily they are raised, and which kinds are not."""
    who = caller(request, workspace)
    saved = actions.watch(_metric(who, key), by=who.member, now=who.clock, **body.dict())
    usual: dict[str, Any] = {"sensitivity": "usual", "mute": [], "target": None}
    return usual | (saved.profile.get("alerts") or {})


def _metric(who: Caller, key: str) -> Metric:
    found: Metric = one(who.workspace.metrics.filter(archived_at=None), key, "metric")
    return found


def _found(request: HttpRequest, workspace: str, number: Number) -> tuple[Caller, Row]:
    who = caller(request, workspace)
    gate.require(who.member, "write")
    return who, reading.story(who.workspace, number, _today(who)).alert


def _today(who: Caller) -> date:
    return who.workspace.calendar.day_of(who.now)


def _shown(found: Story) -> dict[str, Any]:
    row = found.alert
    return {
        "id": row.pk,
        "state": found.state,
        "title": found.title,
        "words": found.sentence,
        "cause": row.cause,
        "common": row.common,
        "since": found.since,
        "raised_at": row.raised_at,
        "resolved_at": row.resolved_at,
        "acknowledged_at": row.acknowledged_at,
        "acknowledged_by": row.acknowledged_by.email if row.acknowledged_by else None,
        "snoozed_until": row.snoozed_until,
        "note": row.note,
        "metrics": [metric.key for metric in found.metrics],
        "key_results": [f"{k.objective.key}/{k.key}" for k in found.key_results],
        "signs": [_sign(sign) for sign in found.signs],
    }


def _sign(sign: SignRow) -> dict[str, Any]:
    names = ("kind", "grain", "segment_by", "segment", "since", "last")
    numbers = ("value", "low", "high", "against")
    return {
        "metric": sign.metric.key,
        "words": sentence(sign),
        "over": sign.ended_at is not None,
        **{name: getattr(sign, name) for name in (*names, *numbers)},
    }
