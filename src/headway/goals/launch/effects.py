"""Did it work? What each launch did to the metrics that it should move, judged by the worker."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from headway.accounts.models import Workspace
from headway.feed.record import record
from headway.goals.launch.answer import judged
from headway.goals.launch.launches import Move
from headway.goals.launch.question import Question, Room
from headway.goals.launch.told import Told, stored
from headway.goals.models import Effect, Output
from headway.metrics.definitions import definitions_of
from headway.metrics.happened.happenings import known_by
from headway.metrics.models import Metric

log = logging.getLogger(__name__)

VERSION = 1
"""Another one judges every launch anew."""
KEPT = ("verdict", "found", "seen", "fingerprint", "computed_at")
Pair = tuple[Output, Metric]


@dataclass(frozen=True, slots=True)
class Reckoned:
    """How many launches and metrics are kept, and how many of them were judged."""

    effects: int = 0
    computed: int = 0


def reckon(
    workspace: Workspace, *, now: datetime, stopped: Callable[[], bool] = lambda: False
) -> Reckoned:
    """Running it again judges nothing: only what rests on other series is judged anew."""
    today = workspace.calendar.day_of(workspace.at(now))
    pairs = list(_pairs(workspace, today))
    rows = {(row.output_id, row.metric_id): row for row in _rows(workspace)}
    gone = rows.keys() - {(output.pk, metric.pk) for output, metric in pairs}
    Effect.objects.filter(pk__in=[rows[at].pk for at in gone]).delete()
    if not pairs:
        return Reckoned()
    metrics = _metrics(workspace)
    seen = dict(zip(pairs, _stamps(pairs, metrics, today), strict=True))
    news = [p for p in pairs if (at := rows.get(_at(p))) is None or at.seen != seen[p]]
    if not news:
        return Reckoned(len(pairs))
    room = Room(workspace, metrics, definitions_of(workspace))
    computed = 0
    for pair in news:
        if stopped():
            break
        computed += _look(pair, room, rows.get(_at(pair)), seen[pair], now)
    return Reckoned(len(pairs), computed)


def _pairs(workspace: Workspace, today: date) -> Iterator[Pair]:
    outputs = workspace.outputs.filter(archived_at=None, launched__lte=today)
    for output in outputs.prefetch_related("moves", "controls").order_by("launched", "pk"):
        output.workspace = workspace
        for metric in output.moves.all():
            if metric.archived_at is None:
                metric.workspace = workspace
                yield output, metric


def _rows(workspace: Workspace) -> Sequence[Effect]:
    return list(Effect.objects.filter(output__workspace=workspace).defer("found"))


def _metrics(workspace: Workspace) -> list[Metric]:
    found = list(workspace.metrics.filter(archived_at=None).order_by("key"))
    for metric in found:
        metric.workspace = workspace
    return found


def _at(pair: Pair) -> tuple[int, int]:
    return pair[0].pk, pair[1].pk


def _stamps(pairs: Sequence[Pair], metrics: Sequence[Metric], today: date) -> Iterator[str]:
    """Complete periods change when a day passes, or when something of the past comes in.

    What comes in all day long is looked at once an hour.
    """
    links = [(m.key, m.version, m.profile.get("drives"), m.profile.get("tree")) for m in metrics]
    known = known_by([metric for _, metric in pairs])
    for output, metric in pairs:
        at = metric.refreshed_at
        settled = metric.version, metric.problem, at and f"{at:%F %H}"
        chosen = sorted(one.key for one in output.controls.all())
        asked = output.launched, output.audience, chosen, known[metric.pk]
        yield _digest([VERSION, today, links, settled, asked])


def _digest(parts: object) -> str:
    return hashlib.sha256(repr(parts).encode()).hexdigest()


def _look(pair: Pair, room: Room, row: Effect | None, seen: str, now: datetime) -> bool:
    """Whether it had to be judged."""
    output, metric = pair
    question = room.ask(output, metric)
    mark = _digest([VERSION, question.parts if question else metric.problem])
    if row is not None and row.fingerprint == mark:
        row.seen = seen
        row.save(update_fields=["seen"])
        return False
    told = _told(question, metric)
    _keep(pair, told, row, (seen, mark), now)
    return True


@transaction.atomic
def _keep(
    pair: Pair, told: Told, row: Effect | None, marks: tuple[str, str], now: datetime
) -> None:
    output, metric = pair
    before = row.verdict if row else ""
    made = row or Effect(output=output, metric=metric)
    made.verdict, made.found, made.computed_at = told.verdict, stored(told), now
    made.seen, made.fingerprint = marks
    made.save(update_fields=KEPT if row else None)
    if told.verdict != (before or "cannot tell"):
        move = Move(metric, output.launched, told, output.workspace.currency)
        record(
            output.workspace, subject=f"output:{output.key}", title=output.name, what="effect",
            after=f"{metric}, {move.verdict}", why=move.words.finding, by=None, now=now,
        )  # fmt: skip


def _told(question: Question | None, metric: Metric) -> Told:
    if question is None:
        reason = metric.problem or f"{metric} has no complete period yet."
        return Told("cannot tell", reason=reason)
    try:
        return judged(question)
    except Exception as error:  # one series that a model cannot take does not hold others up
        log.exception("The effect on %s could not be judged", metric.key)
        return Told("cannot tell", reason=f"It could not be reckoned: {error}.")
