"""One pass over what methods look at: only what rests on another past is computed again."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from headway.accounts.models import Workspace
from headway.engine.period import Grain
from headway.metrics.happened.happenings import known_by
from headway.metrics.models import Metric
from headway.metrics.past import histories
from headway.outlook.marks import digest, stamp, told
from headway.outlook.method import Matter, Method
from headway.outlook.methods import METHODS
from headway.outlook.models import Study
from headway.stats.history import CannotTell, History

log = logging.getLogger(__name__)

AT_ONCE = 50
"""So many are read, computed and written together; a pass that is stopped keeps the others."""

WRITTEN = ("seen", "fingerprint", "answer", "reason", "computed_at")
Key = tuple[str, int, str, int | None]


@dataclass(frozen=True, slots=True)
class Refreshed:
    """How many studies are kept, and how many of them were computed."""

    studies: int = 0
    computed: int = 0


def refresh(
    workspace: Workspace, *, now: datetime, stopped: Callable[[], bool] = lambda: False
) -> Refreshed:
    """Running it again computes nothing."""
    asked = list(_asked(workspace, now))
    stored = {_key(row): row for row in _rows(workspace)}
    gone = stored.keys() - {question.key for question in asked}
    Study.objects.filter(pk__in=[stored[key].pk for key in gone]).delete()
    news = [q for q in asked if q.key not in stored or stored[q.key].seen != q.seen]
    computed = 0
    for at in range(0, len(news), AT_ONCE):
        if stopped():
            break
        computed += _study(news[at : at + AT_ONCE], stored, now)
    return Refreshed(len(asked), computed)


@dataclass(frozen=True)
class Question:
    """`seen` stands for all that the answer may rest on, without reading it."""

    method: Method[Any]
    matter: Matter
    seen: str

    @property
    def key(self) -> Key:
        matter = self.matter
        beside = matter.beside.pk if matter.beside else None
        return self.method.name, matter.metric.pk, matter.grain, beside

    @property
    def places(self) -> list[tuple[Metric, Grain]]:
        return [(metric, self.matter.grain) for metric in self.matter.metrics]


def fingerprint(method: Method[Any], found: Sequence[History | CannotTell]) -> str:
    return digest([method.name, method.version, *map(told, found)])


def _asked(workspace: Workspace, now: datetime) -> Iterator[Question]:
    metrics = list(workspace.metrics.filter(archived_at=None).order_by("key"))
    for metric in metrics:
        metric.workspace = workspace
    today = workspace.calendar.day_of(workspace.at(now))
    found = [(method, m) for method in METHODS.values() for m in method.matters(metrics)]
    known = {grain: known_by(metrics, grain) for grain in {matter.grain for _, matter in found}}
    for method, matter in found:
        parts = [stamp(metric, today, known[matter.grain]) for metric in matter.metrics]
        yield Question(method, matter, digest([method.version, parts]))


def _rows(workspace: Workspace) -> Iterable[Study]:
    return Study.objects.filter(metric__workspace=workspace).defer("answer", "reason")


def _key(row: Study) -> Key:
    return row.name, row.metric_id, row.grain, row.beside_id


def _study(questions: Sequence[Question], stored: Mapping[Key, Study], now: datetime) -> int:
    """How many were computed; of the others only what was seen is noted."""
    past = histories(dict.fromkeys(place for q in questions for place in q.places))
    made, seen = [], []
    for question in questions:
        row = stored.get(question.key)
        found = [past[metric.pk, grain] for metric, grain in question.places]
        mark = fingerprint(question.method, found)
        if row is not None and row.fingerprint == mark:
            row.seen = question.seen
            seen.append(row)
        else:
            made.append(_made(question, found, mark, row, now))
    with transaction.atomic():
        Study.objects.bulk_create([row for row in made if row.pk is None])
        Study.objects.bulk_update([row for row in made if row.pk is not None], WRITTEN)
        Study.objects.bulk_update(seen, ["seen"])
    return len(made)


def _made(
    question: Question,
    found: Sequence[History | CannotTell],
    mark: str,
    before: Study | None,
    now: datetime,
) -> Study:
    matter, method = question.matter, question.method
    answer, reason = _answer(method, found)
    return Study(
        pk=before.pk if before else None,
        metric=matter.metric, beside=matter.beside, grain=matter.grain, name=method.name,
        seen=question.seen, fingerprint=mark, answer=answer, reason=reason,
        computed_at=now,
    )  # fmt: skip


def _answer(
    method: Method[Any], found: Sequence[History | CannotTell]
) -> tuple[dict[str, Any], str]:
    """The answer as it is stored, or why there is none."""
    known = [one for one in found if isinstance(one, History)]
    if len(known) < len(found):
        return {}, next(one.reason for one in found if isinstance(one, CannotTell))
    try:
        answer = method.study(known)
    except Exception as error:  # one series that a model cannot take does not hold the others up
        log.exception("%s could not be computed", method.name)
        return {}, f"It could not be computed: {error}."
    if isinstance(answer, CannotTell):
        return {}, answer.reason
    return method.stored(answer), ""
