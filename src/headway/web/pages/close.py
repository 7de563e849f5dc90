"""Closing a cycle, guided: a step for each objective, then everything at a glance."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_POST

from headway.accounts import gate
from headway.engine.errors import Conflict, DefinitionError, HeadwayError, NotAllowed
from headway.goals.close import closing
from headway.goals.close.answers import Missing
from headway.goals.close.succession import ambition, following, suggested
from headway.goals.models import Close, ClosedKeyResult, ClosedObjective, KeyResult, Shape
from headway.web.context import Here, inside
from headway.web.forms.closing import KeyResultForm, ObjectiveForm
from headway.web.forms.fields import refuse
from headway.web.pages.review import both, close_of
from headway.web.standing import standings


@inside
def page(here: Here, cycle: str, team: str) -> HttpResponse:
    """Before it is begun: what it takes. Then: every step, what is missing, and the end of it."""
    gate.require(here.member, "write")
    whose, which = both(here, cycle, team)
    found = close_of(here, cycle, team)
    if here.request.method == "POST":
        return _begun(here, cycle, team)
    if found is not None and found.closed_at is not None:
        return here.go("review", cycle, team)
    return here.show(
        "close.html",
        title=f"Close {which} for {whose}",
        close=found,
        team=whose,
        cycle=which,
        steps=(steps := _steps(found) if found else []),
        open=next((one["row"] for one in steps if one["left"]), None),
        ready=here.today > which.ends,
    )


@inside
def step(here: Here, cycle: str, team: str, objective: str) -> HttpResponse:
    gate.require(here.member, "write")
    found = _draft(here, cycle, team)
    row, parts = closing.one_of(found, objective)
    posted = here.request.POST or None
    form = ObjectiveForm(row, posted)
    asked = [_asked(here, found, part, posted) for part in parts]
    if posted and _kept(here, found, row, form, [one for one, _ in asked]):
        return _onward(here, found, row)
    rows = {s.key_result.pk: s for s in standings(here, [part.key_result for part in parts])}
    steps = _steps(found)
    place = [one["row"].pk for one in steps].index(row.pk)
    return here.show(
        "close_step.html",
        title=f"Close: {row}",
        close=found,
        row=row,
        form=form,
        asked=[(rows[one.row.key_result.pk], one, levels) for one, levels in asked],
        steps=steps,
        number=place + 1,
        before=steps[place - 1]["row"] if place else None,
        may_score=closing.owns(row.objective, here.member),
    )


@require_POST
@inside
def finish(here: Here, cycle: str, team: str) -> HttpResponse:
    """Closes it. What is said of the whole is kept even when something is missing."""
    found = _draft(here, cycle, team)
    gate.require(here.member, "write")
    found.learnt = here.request.POST.get("learnt", "").strip()
    found.save(update_fields=["learnt"])
    try:
        closing.close(found, learnt=found.learnt, by=here.member, now=timezone.now())
    except NotAllowed:
        raise
    except HeadwayError as error:
        messages.error(here.request, f"{error.message} {error.fix}".strip())
        return here.go("close", cycle, team)
    going_on = any(p.choice in ("carry_over", "raise") for p in found.key_results.all())
    messages.success(here.request, f"{found} is closed. Its numbers stay as they are.")
    return here.go("next_cycle" if going_on else "review", cycle, team)


@require_POST
@inside
def reopen(here: Here, cycle: str, team: str) -> HttpResponse:
    found = close_of(here, cycle, team)
    if found is None:
        raise Conflict("This cycle is not closed.")
    reason = here.request.POST.get("reason", "")
    try:
        closing.reopen(found, reason, by=here.member, now=timezone.now())
    except DefinitionError as error:
        messages.error(here.request, f"{error.message} {error.fix}")
        return here.go("review", cycle, team)
    return here.go("close", cycle, team)


def _begun(here: Here, cycle: str, team: str) -> HttpResponse:
    """At the first step that is not answered yet."""
    whose, which = both(here, cycle, team)
    found = closing.start(whose, which, by=here.member, now=timezone.now())
    return _next_open(here, found)


def _draft(here: Here, cycle: str, team: str) -> Close:
    found = close_of(here, cycle, team)
    if found is None or found.closed_at is not None:
        raise Conflict(
            "This close is not open." if found else "This close was not begun.",
            fix="Open the team's cycle under Reviews.",
        )
    return found


def _asked(
    here: Here, close: Close, part: ClosedKeyResult, posted: Any
) -> tuple[KeyResultForm, Any]:
    """The form of a key result, with levels for a target that is raised."""
    levels = _levels(here, close, part.key_result)
    return KeyResultForm(part, levels.value if levels else None, posted), levels


def _levels(here: Here, close: Close, found: KeyResult) -> Any:
    if found.metric is None or found.shape == Shape.keep:
        return None
    next_cycle = following(close.cycle) or suggested(close.cycle)
    next_cycle.workspace = found.metric.workspace = here.workspace
    return ambition(found, next_cycle, now=here.now)


def _kept(
    here: Here,
    close: Close,
    row: ClosedObjective,
    form: ObjectiveForm,
    parts: list[KeyResultForm],
) -> bool:
    """Saves what can be read. To go on, nothing may be missing; to leave, anything may."""
    if not all([form.is_valid(), *(one.is_valid() for one in parts)]):
        return False
    given = form.answers | {"key_results": {p.row.key_result.key: p.answers for p in parts}}
    try:
        left = closing.answer(close, row.objective.key, given, by=here.member, now=timezone.now())
    except HeadwayError as error:
        refuse(form, error)
        return False
    if "later" in here.request.POST:
        return True
    _mark(form, parts, left)
    return not left


def _mark(form: ObjectiveForm, parts: list[KeyResultForm], left: list[Missing]) -> None:
    by_key = {part.row.key_result.key: part for part in parts}
    for one in left:
        (by_key[one.key_result] if one.key_result else form).add_error(one.field, one.text)


def _onward(here: Here, close: Close, row: ClosedObjective) -> HttpResponse:
    if "later" in here.request.POST:
        messages.success(here.request, "What you have said so far is kept.")
        return here.go("reviews")
    return _next_open(here, close, after=row)


def _next_open(here: Here, close: Close, after: ClosedObjective | None = None) -> HttpResponse:
    """The next step without an answer, from the top again if need be; then the end."""
    rows = list(closing.objectives_of(close))
    start = [r.pk for r in rows].index(after.pk) + 1 if after else 0
    waiting = [r for r in rows[start:] + rows[:start] if r.answered_at is None]
    if waiting:
        return here.go("close_step", close.cycle.key, close.team.key, waiting[0].objective.key)
    return here.go("close", close.cycle.key, close.team.key)


def _steps(close: Close) -> list[dict[str, Any]]:
    rows = list(closing.objectives_of(close))
    left: dict[str, list[Missing]] = {}
    for one in closing.left_of(rows):
        left.setdefault(one.objective, []).append(one)
    return [_as_step(r, left.get(r.objective.key, [])) for r in rows]


def _as_step(row: ClosedObjective, left: list[Missing]) -> dict[str, Any]:
    parts = list(closing.parts_of(row))
    names = {part.key_result.key: str(part.key_result) for part in parts}
    return {"row": row, "parts": parts, "left": list(_left(left, names))}


def _left(left: list[Missing], names: Mapping[str, str]) -> Iterator[str]:
    """Each sentence once, with the key results that it is about."""
    about: dict[str, list[str]] = {}
    for one in left:
        about.setdefault(one.text, []).extend(filter(None, [names.get(one.key_result)]))
    for text, whose in about.items():
        yield f"{text.rstrip('.')}: {', '.join(whose)}." if whose else text
