"""What was shipped lately, and what each launch did to the metrics that it should move."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Any, Literal

from django.db.models import QuerySet

from headway.accounts.models import Workspace
from headway.goals.launch.told import Told, read
from headway.goals.launch.words import Words
from headway.goals.models import Effect, Output, OutputStatus
from headway.metrics.models import Metric

RECENT = timedelta(days=92)
SOON = timedelta(days=31)

Verdict = Literal[
    "moved", "wrong way", "no clear effect", "too early", "cannot tell", "not judged yet"
]
WAITING = Told("cannot tell", reason="The next pass of the worker judges it.")


@dataclass(frozen=True)
class Move:
    """A metric that a launch should move, and what the worker found; None before it has looked."""

    metric: Metric
    launched: date | None
    found: Told | None = None
    currency: str = ""
    output: Output | None = None

    @property
    def told(self) -> Told:
        return self.found or WAITING

    @property
    def verdict(self) -> Verdict:
        told, direction = self.told, self.metric.direction
        if self.found is None:
            return "not judged yet"
        if told.verdict == "cannot tell":
            return "too early" if told.again else "cannot tell"
        if told.verdict == "no clear effect":
            return "no clear effect"
        right_way = direction == "none" or told.verdict == direction
        return "moved" if right_way else "wrong way"

    @cached_property
    def words(self) -> Words:
        return Words(self.told, self.metric, self.launched or date.max, self.currency)

    @property
    def sentence(self) -> str:
        """`Onboarding completed: 8.1 points higher than it would have been without the launch.`"""
        return " ".join(filter(None, (f"{self.metric}: {self.words.finding}", self.words.when)))


@dataclass(frozen=True)
class Launch:
    output: Output
    moves: tuple[Move, ...]

    def overdue(self, today: date) -> bool:
        waiting = self.output.status in (OutputStatus.planned, OutputStatus.building)
        return waiting and self.output.planned is not None and self.output.planned < today

    def to_dict(self) -> dict[str, Any]:
        output = self.output
        return {
            "key": output.key,
            "name": output.name,
            "status": output.status,
            "launched": output.launched.isoformat() if output.launched else None,
            "success": output.description,
            "moves": [_row(move) for move in self.moves],
        }


def recent(workspace: Workspace, today: date, since: date | None = None) -> list[Launch]:
    """Launched within RECENT days, or since a day, the newest first."""
    first = since or today - RECENT
    return launches(living(workspace).filter(launched__gte=first, launched__lte=today))


def upcoming(workspace: Workspace, today: date) -> list[Output]:
    """Planned for the next weeks or overdue, the soonest first."""
    waiting = (OutputStatus.planned, OutputStatus.building)
    found = living(workspace).filter(status__in=waiting, planned__lte=today + SOON)
    return list(found.order_by("planned", "name"))


def living(workspace: Workspace) -> QuerySet[Output]:
    rows = workspace.outputs.filter(archived_at=None)
    return rows.select_related("team", "owner__person").prefetch_related("moves")


def launches(outputs: Iterable[Output]) -> list[Launch]:
    """With what each did to its metrics: one query however many there are."""
    found = list(outputs)
    effects = {
        (row.output_id, row.metric_id): read(row.found)
        for row in Effect.objects.filter(output__in=[o.pk for o in found if o.launched])
    }
    return [Launch(output, tuple(_moves(output, effects))) for output in found]


def moves_on(metric: Metric, first: date, last: date) -> list[Move]:
    """What launches of these days did to a metric, the newest first, in one query."""
    rows = Effect.objects.filter(
        metric=metric, output__archived_at=None, output__launched__range=(first, last)
    ).select_related("output")
    currency = metric.workspace.currency
    return [
        Move(metric, row.output.launched, read(row.found), currency, row.output)
        for row in rows.order_by("-output__launched")
    ]


def _moves(output: Output, effects: dict[tuple[int, int], Told]) -> Iterator[Move]:
    """Of metrics that are not archived, by name; they know their workspace without asking."""
    living = [metric for metric in output.moves.all() if metric.archived_at is None]
    for metric in sorted(living, key=lambda metric: metric.name.lower()):
        metric.workspace = output.workspace
        told = effects.get((output.pk, metric.pk))
        yield Move(metric, output.launched, told, output.workspace.currency, output)


def _row(move: Move) -> dict[str, Any]:
    told = move.told
    names = ("effect", "low", "high", "relative", "relative_low", "relative_high", "expected")
    return {
        "metric": move.metric.key,
        "verdict": move.verdict,
        "words": move.sentence,
        "reason": told.reason,
        "can_be_told_from": _text(told.again),
        "value": told.value,
        **{name: getattr(told, name) for name in names},
        "first": _text(told.first),
        "last": _text(told.through),
        "shown_since": _text(told.shown),
        "held_against": told.way if told.known else "",
        "controls": told.beside,
        "placebos": len(told.tries),
        "placebos_with_effect": sum(one.seen for one in told.tries),
        "rests_on": told.rests_on,
    }


def _text(day: date | None) -> str | None:
    return day.isoformat() if day else None
