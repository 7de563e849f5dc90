"""One pass over the key results: how likely each is to succeed, from what its metric has done."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import msgspec
from django.db import transaction

from headway.accounts.models import Workspace
from headway.engine.period import Grain, Period
from headway.goals.ahead.chance import OVER, Aim, Likelihood, aim_of, likelihood, typed_history
from headway.goals.models import KeyResult, Objective, Prospect, Shape
from headway.goals.refresh import (
    course_of,
    grain_of,
    is_frozen,
    open_objectives,
    shape_of,
    trouble_of,
    typed,
)
from headway.metrics.happened.happenings import known_by
from headway.metrics.models import Metric
from headway.metrics.past import Place, histories
from headway.outlook.ahead import Step
from headway.outlook.marks import digest, stamp, told
from headway.stats.history import CannotTell, History

log = logging.getLogger(__name__)

VERSION = 2
"""Another one computes every chance anew."""

AT_ONCE = 50
MILESTONES = "Milestones are not forecast: each is done, or it is not."
UNSEEN = "It is worked out with the next pass of the worker."
ANSWER = ("seen", "fingerprint", "steps", "rests", "notes", "reason", "computed_at")


@dataclass(frozen=True, slots=True)
class Refreshed:
    """How many key results were asked about, and how many forecasts were made."""

    key_results: int = 0
    computed: int = 0


def refresh(
    workspace: Workspace, *, now: datetime, stopped: Callable[[], bool] = lambda: False
) -> Refreshed:
    """The chance of every key result that is not closed. Running it again computes nothing."""
    asked = list(_asked(workspace, workspace.calendar.day_of(workspace.at(now))))
    rows = Prospect.objects.filter(key_result__in=[q.key_result.pk for q in asked])
    stored = {row.key_result_id: row for row in rows.defer("steps", "season")}
    news = [q for q in asked if q.key_result.pk not in stored or not q.is_seen(stored)]
    computed = 0
    for at in range(0, len(news), AT_ONCE):
        if stopped():
            break
        computed += _answer(news[at : at + AT_ONCE], stored, now)
    return Refreshed(len(asked), computed)


@dataclass(frozen=True)
class Question:
    """`given` is the past of what is typed; measured ones have theirs in the points."""

    key_result: KeyResult
    grain: Grain
    span: Period
    aim: Aim | CannotTell
    given: History | CannotTell | None
    seen: str

    def is_seen(self, stored: Mapping[int, Prospect]) -> bool:
        return stored[self.key_result.pk].seen == self.seen

    def past(self, found: Mapping[Place, History | CannotTell]) -> History | CannotTell:
        if isinstance(self.aim, CannotTell):
            return self.aim
        metric = self.key_result.metric
        if self.given is not None or metric is None:
            return self.given or CannotTell(MILESTONES)
        return found[metric.pk, self.grain]

    def fingerprint(self, past: History | CannotTell) -> str:
        return digest([VERSION, self.aim, self.span, told(past)])

    def answer(self, past: History | CannotTell) -> Likelihood | CannotTell:
        if isinstance(self.aim, CannotTell):
            return self.aim
        if isinstance(past, CannotTell):
            return past
        try:
            return likelihood(past, self.aim, self.span)
        except Exception as error:  # one series does not hold the others up
            log.exception("The chance of %s could not be computed", self.key_result)
            return CannotTell(f"It could not be computed: {error}.")


def prospect_of(key_result: KeyResult) -> Likelihood | CannotTell:
    """What is stored; `key_result` is best read with its prospect."""
    row = getattr(key_result, "prospect", None)
    if row is None or (key_result.chance is None and not row.reason):
        return CannotTell(UNSEEN)
    if row.reason or key_result.chance is None:
        return CannotTell(row.reason)
    steps = msgspec.convert(row.steps, tuple[Step, ...], strict=False)
    return Likelihood(key_result.chance, steps, row.rests, tuple(row.notes))


def forget(key_result: KeyResult) -> None:
    """What was found no longer answers what the key result asks."""
    key_result.chance = None
    KeyResult.objects.filter(pk=key_result.pk).update(chance=None)
    Prospect.objects.filter(key_result=key_result).update(seen="", fingerprint="", reason="")


def _asked(workspace: Workspace, today: date) -> Iterator[Question]:
    found = [
        (key_result, objective)
        for objective in open_objectives(workspace)
        for key_result in objective.key_results.all()
        if not is_frozen(key_result)
    ]
    known = _known(workspace, [key_result for key_result, _ in found])
    for key_result, objective in found:
        yield _question(key_result, objective, today, known)


Known = Mapping[Grain, Mapping[int, object]]


def _known(workspace: Workspace, rows: Sequence[KeyResult]) -> Known:
    metrics: dict[Grain, dict[int, Metric]] = {}
    for row in rows:
        if row.metric is not None:
            row.metric.workspace = workspace
            metrics.setdefault(grain_of(row, workspace), {})[row.metric.pk] = row.metric
    return {grain: known_by(found.values(), grain) for grain, found in metrics.items()}


def _question(key_result: KeyResult, objective: Objective, today: date, known: Known) -> Question:
    course = course_of(key_result, objective, today)
    grain = grain_of(key_result, objective.workspace)
    given = _given(key_result, objective.workspace)
    over, n, baseline = key_result.over, key_result.over_n, key_result.baseline
    why = OVER if course.over else trouble_of(key_result) or _silent(key_result)
    if key_result.shape == Shape.milestones:
        why = why or MILESTONES
    aim = CannotTell(why) if why else aim_of(shape_of(key_result), course, baseline, over, n)
    metric = key_result.metric
    rests = stamp(metric, today, known[grain]) if metric else given and told(given)
    seen = digest([VERSION, aim, course.span, why or rests])
    return Question(key_result, grain, course.span, aim, given, seen)


def _silent(key_result: KeyResult) -> str:
    """A forecast from before the silence would be a reward for a dead tracker."""
    unknown = key_result.value is None and key_result.value_through is not None
    return f"Its value is unknown: {key_result.reason}" if unknown else ""


def _given(key_result: KeyResult, workspace: Workspace) -> History | CannotTell | None:
    if key_result.shape != Shape.manual:
        return None
    return typed_history(typed(key_result.check_ins.all()), key_result.unit, workspace.calendar)


def _answer(questions: Sequence[Question], stored: Mapping[int, Prospect], now: datetime) -> int:
    """How many were computed; of the others only what was seen is noted."""
    asked = [(q.key_result.metric, q.grain) for q in questions if not isinstance(q.aim, CannotTell)]
    found = histories(dict.fromkeys((m, grain) for m, grain in asked if m is not None))
    made, seen = [], []
    for question in questions:
        row = stored.get(question.key_result.pk)
        past = question.past(found)
        mark = question.fingerprint(past)
        if row is not None and row.fingerprint == mark:
            row.seen = question.seen
            seen.append(row)
        else:
            made.append(_put(question, question.answer(past), mark, row, now))
    _write(made, seen)
    return len(made)


def _put(
    question: Question,
    answer: Likelihood | CannotTell,
    mark: str,
    row: Prospect | None,
    now: datetime,
) -> Prospect:
    row = row or Prospect(key_result=question.key_result)
    row.key_result = question.key_result
    row.seen, row.fingerprint, row.computed_at = question.seen, mark, now
    if isinstance(answer, CannotTell):
        row.key_result.chance = None
        row.reason, row.steps, row.rests, row.notes = answer.reason, [], "", []
        return row
    row.key_result.chance = round(answer.chance, 4)
    row.steps = [msgspec.to_builtins(step) for step in answer.steps]
    row.reason, row.rests, row.notes = "", answer.rests, list(answer.notes)
    return row


@transaction.atomic
def _write(made: Sequence[Prospect], seen: Sequence[Prospect]) -> None:
    Prospect.objects.bulk_create([row for row in made if row.pk is None])
    Prospect.objects.bulk_update([row for row in made if row.pk is not None], ANSWER)
    Prospect.objects.bulk_update(seen, ["seen"])
    KeyResult.objects.bulk_update([row.key_result for row in made], ["chance"])
