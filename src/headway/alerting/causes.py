"""What lies behind several signs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from headway.engine.period import Grain
from headway.metrics.reading import LONGEST

APART = 2
"""Signs of a driver and of what it drives that begin so many periods apart are of one cause."""


@dataclass(frozen=True, slots=True)
class Symptom:
    """Something odd about a metric; `origin` is the silent source or event behind it, if any."""

    metric: str
    grain: Grain
    since: date
    origin: str = ""


def causes(symptoms: Sequence[Symptom], drivers: Mapping[str, Iterable[str]]) -> dict[str, str]:
    """The cause of what is odd about each metric, by its key.

    A silent source goes before all, then a silent event; then comes the driver that is odd since
    about the same time, or what lies behind that one in turn.
    """
    by_metric: dict[str, list[Symptom]] = {}
    for symptom in symptoms:
        by_metric.setdefault(symptom.metric, []).append(symptom)
    return {metric: _cause(metric, by_metric, drivers, frozenset()) for metric in by_metric}


def _cause(
    metric: str,
    found: Mapping[str, Sequence[Symptom]],
    drivers: Mapping[str, Iterable[str]],
    seen: frozenset[str],
) -> str:
    own = found[metric]
    if silent := sorted(s.origin for s in own if s.origin):
        return silent[-1]
    odd = [d for d in drivers.get(metric, ()) if d in found and d not in seen | {metric}]
    near = [d for d in odd if any(_together(a, b) for a in own for b in found[d])]
    if not near:
        return f"metric:{metric}"
    first = min(near, key=lambda d: (min(s.since for s in found[d]), d))
    return _cause(first, found, drivers, seen | {metric})


def _together(one: Symptom, other: Symptom) -> bool:
    longest = max(LONGEST[one.grain], LONGEST[other.grain])
    return abs((one.since - other.since).days) <= APART * longest
