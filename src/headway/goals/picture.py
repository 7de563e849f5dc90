"""A key result as a picture: its line, where it started, where it should be, and its target."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from itertools import pairwise

from headway.accounts.models import Workspace
from headway.charts import formats
from headway.charts.picture import Dot, Expected, Level, Picture, Slope
from headway.goals.ahead.chance import Likelihood
from headway.goals.ahead.prospects import prospect_of
from headway.goals.aims import success_of, unit_of
from headway.goals.lines import Mark, lines, shown
from headway.goals.models import KeyResult, Shape
from headway.goals.pace import Curve
from headway.goals.progress import GRADES, inclusive
from headway.goals.refresh import curve_of, shape_of
from headway.goals.shapes import Keep
from headway.metrics.happened.happenings import annotations_by
from headway.metrics.happened.marks import marked
from headway.metrics.models import Annotation
from headway.metrics.picture import SCALES, axis, gaps
from headway.metrics.reading import grain_of
from headway.outlook.ahead import Step
from headway.outlook.picture import CONE
from headway.outlook.turns import TURNS, turned_in


def picture(
    key_result: KeyResult,
    marks: Sequence[Mark],
    currency: str,
    success: float,
    ahead: Sequence[Step] = (),
) -> Picture:
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
        ahead=tuple(Expected(s.through, s.middle, s.low, s.high) for s in ahead),
        note=_note(marks, key_result.pace_reason, CONE if ahead else ""),
    )


def usual_pictures(workspace: Workspace) -> Iterator[Picture]:
    """What the pages of all key results show, to be drawn before anybody asks."""
    living = KeyResult.objects.filter(
        objective__workspace=workspace, archived_at=None, objective__archived_at=None
    )
    rows = list(living.select_related("objective__workspace", "cycle", "metric", "prospect"))
    marks = lines(workspace, rows)
    happened = annotations_by({row.metric for row in rows if row.metric})
    for row in rows:
        yield full_picture(row, shown(row, marks[row.pk]), happened.get(row.metric_id or 0, ()))


def full_picture(
    key_result: KeyResult, marks: Sequence[Mark], happened: Iterable[Annotation]
) -> Picture:
    """With what happened and what is to come, as its own page shows it."""
    currency, found = key_result.objective.workspace.currency, prospect_of(key_result)
    ahead = found.steps if isinstance(found, Likelihood) else ()
    drawn = picture(key_result, marks, currency, success_of(key_result), ahead)
    drawn = marked(drawn, happened, key_result.due + timedelta(days=1))
    metric = key_result.metric
    if metric is None:
        return drawn
    metric.workspace = key_result.objective.workspace
    return turned_in(drawn, metric, TURNS.read(metric, grain_of(metric)), currency)


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
    if key_result.shape == Shape.graded:
        for word, grade in (("commit", key_result.commit), ("stretch", key_result.stretch)):
            if grade is not None:
                yield Level(grade, f"{word} {said(grade)}", "edge")
    if key_result.aim is not None:
        yield Level(key_result.aim, f"target {said(key_result.aim)}", "target")
    if key_result.baseline is not None:
        yield Level(key_result.baseline, f"baseline {said(key_result.baseline)}", "baseline")


def _expected(key_result: KeyResult, success: float) -> Iterator[Slope]:
    for (start, before), (end, after) in pairwise(expected_values(key_result, success)):
        yield Slope(start, before, end, after)


def expected_values(key_result: KeyResult, success: float) -> list[tuple[date, float]]:
    """Where it should be by which day, straight in between; empty while that is not known."""
    baseline = key_result.baseline
    shape = shape_of(key_result)
    if isinstance(shape, Keep) or baseline is None or key_result.aim is None:
        return []
    span = inclusive(key_result.cycle.starts, key_result.due)
    curve = curve_of(key_result) or Curve((span.start, span.last), (0.0, 1.0))
    days = {span.start, span.last, *_kinks(key_result, curve, success)}
    within = sorted(day for day in {*days, *curve.days} if span.start <= day <= span.last)
    return [(day, shape.value(success * curve.at(day), baseline)) for day in within]


def _kinks(key_result: KeyResult, curve: Curve, success: float) -> Iterator[date]:
    """A graded goal is expected at its commit value on a day of its own."""
    if key_result.shape != Shape.graded or key_result.curve:
        return
    first, last = curve.days
    yield first + (last - first) * min(GRADES[1] / success, 1.0)


def _note(marks: Sequence[Mark], pace_reason: str, cone: str) -> str:
    parts = ["The long dashes are where it should be.", pace_reason, cone]
    open_ = [m for m in marks if not m.complete and m.value is not None]
    if open_:
        parts.append(f"Dotted from {formats.day(open_[0].start)}: not complete yet.")
    parts.append(gaps([(formats.day(m.start), m.reason) for m in marks if m.reason]))
    return " ".join(filter(None, parts))
