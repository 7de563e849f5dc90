"""A key result as a picture: its line, where it started, where it should be, and its target."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from headway.accounts.models import Workspace
from headway.charts import formats
from headway.charts.picture import Dot, Level, Picture, Slope
from headway.goals.lines import Mark, lines, shown
from headway.goals.models import Ambition, KeyResult, Shape
from headway.metrics.picture import SCALES, axis, gaps


def picture(key_result: KeyResult, marks: Sequence[Mark], currency: str, success: float) -> Picture:
    """`success` is the progress at which the goal has succeeded: 1.0, or less for aspirations."""
    unit = unit_of(key_result)
    return Picture(
        title=f"{key_result}: {_finding(key_result)}",
        unit=axis(unit, currency),
        dots=tuple(_dot(m, unit, currency) for m in marks),
        scale=SCALES.get(unit, "number"),
        currency=currency,
        levels=tuple(_levels(key_result, unit, currency)),
        slopes=tuple(_expected(key_result, success)),
        note=_note(marks),
    )


def usual_pictures(workspace: Workspace) -> Iterator[Picture]:
    """What the pages of all key results show, to be drawn before anybody asks."""
    living = KeyResult.objects.filter(
        objective__workspace=workspace, archived_at=None, objective__archived_at=None
    )
    rows = list(living.select_related("objective__workspace", "cycle", "metric"))
    marks = lines(workspace, rows)
    for row in rows:
        yield picture(row, shown(row, marks[row.pk]), workspace.currency, success_of(row))


def unit_of(key_result: KeyResult) -> str:
    return key_result.metric.unit if key_result.metric else key_result.unit


def success_of(key_result: KeyResult) -> float:
    aspirational = key_result.objective.ambition == Ambition.aspirational
    return key_result.objective.workspace.aspirational_success if aspirational else 1.0


def _finding(key_result: KeyResult) -> str:
    reason = key_result.reason.rstrip(".")
    return f"{reason[:1].lower()}{reason[1:]}" or "not judged yet"


def _dot(mark: Mark, unit: str, currency: str) -> Dot:
    """Stands at the last day that the reading covers, which is the day it is judged by."""
    label = f"{formats.days(mark.start, mark.through)}: {formats.value(mark.value, unit, currency)}"
    return Dot(
        mark.through, mark.value, label if mark.complete else f"{label}, incomplete", mark.complete
    )


def _levels(key_result: KeyResult, unit: str, currency: str) -> Iterator[Level]:
    def said(value: float) -> str:
        return formats.value(value, unit, currency)

    if key_result.shape == Shape.keep:
        for word, bound in (("at least", key_result.at_least), ("at most", key_result.at_most)):
            if bound is not None:
                yield Level(bound, f"{word} {said(bound)}", "edge")
        return
    if key_result.aim is not None:
        yield Level(key_result.aim, f"target {said(key_result.aim)}", "target")
    if key_result.baseline is not None:
        yield Level(key_result.baseline, f"baseline {said(key_result.baseline)}", "baseline")


def _expected(key_result: KeyResult, success: float) -> Iterator[Slope]:
    baseline, aim = key_result.baseline, key_result.aim
    if key_result.shape == Shape.keep or baseline is None or aim is None:
        return
    yield Slope(
        key_result.cycle.starts, baseline, key_result.due, baseline + success * (aim - baseline)
    )


def _note(marks: Sequence[Mark]) -> str:
    parts = ["The long dashes are where it should be."]
    open_ = [m for m in marks if not m.complete and m.value is not None]
    if open_:
        parts.append(f"Dotted from {formats.day(open_[0].start)}: not complete yet.")
    parts.append(gaps([(formats.day(m.start), m.reason) for m in marks if m.reason]))
    return " ".join(filter(None, parts))
