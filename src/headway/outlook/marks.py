"""Marks by which it is known whether an answer still rests on the same past."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import date

from headway.metrics.models import Metric
from headway.stats.history import CannotTell, History


def digest(parts: object) -> str:
    """Of what has a telling `repr`."""
    return hashlib.sha256(repr(parts).encode()).hexdigest()


def told(history: History | CannotTell) -> object:
    """Everything of it that an answer may rest on."""
    if isinstance(history, CannotTell):
        return history.reason
    return (
        *(list(history.starts), list(history.values), history.grain, history.bound),
        *(history.counts, tuple(history.known), history.partial, history.calendar),
    )


def stamp(metric: Metric, today: date, known: Mapping[int, object]) -> object:
    """Stands for the metric's past without reading it; `known` is that of its workspace.

    What is in of the period under way counts as it is when the day is first looked at.
    """
    settled = metric.settled_at, metric.version, metric.problem
    return settled, metric.workspace.timezone, metric.workspace.week_starts, today, known[metric.pk]
