"""Why a metric stands where it does: turns of its level, launches, and what moves before it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from headway.engine.definition import Definition
from headway.goals.launch.launches import Move, moves_on
from headway.metrics.models import Annotation, Metric
from headway.outlook.links import Tie
from headway.outlook.turns import Levels, Seen, seen
from headway.stats.history import CannotTell
from headway.web.context import Here


@dataclass(frozen=True)
class Changes:
    """`quiet` says why there is no turn. `drives` and `driven` are links that somebody named."""

    metric: Metric
    turns: Sequence[Seen]
    quiet: str
    moves: Sequence[Move]
    drives: Sequence[Tie]
    driven: Sequence[Tie]
    splits: bool


def changes(
    here: Here, metric: Metric, definition: Definition, found: Levels | CannotTell,
    rows: Iterable[Annotation], days: tuple[date, date], ties: Sequence[Tie] = (),
) -> Changes:  # fmt: skip
    """Of the days from the first to the last; `rows` are the annotations that cover the metric."""
    first, last = days
    turns = seen(metric, found, rows, first, last, here.workspace.currency)
    return Changes(
        metric,
        turns,
        found.reason if isinstance(found, CannotTell) else QUIET,
        moves_on(metric, first, last),
        [tie for tie in ties if tie.cause == metric],
        [tie for tie in ties if tie.result == metric],
        bool(definition.made_of() or definition.segments),
    )


QUIET = "Its level held: no change stands out from its noise in these days."
