"""What a key result asks for: from the words of a document to numbers, and back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

from headway.engine.definition import whole_days
from headway.engine.errors import DefinitionError
from headway.engine.shape import Fault
from headway.files.amounts import format_amount, format_change, parse_amount, parse_change
from headway.files.document import Bounds, KeyResult, Span
from headway.goals.progress import check_order

ShapeName = Literal["reach", "relative", "keep", "graded", "milestones", "manual"]
SHAPES = ("to", "increase_by", "reduce_by", "keep", "grades", "milestones")
BY_HAND = ("to", "milestones")


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Named and meant like the fields of the key result's row."""

    shape: ShapeName = "reach"
    baseline_typed: float | None = None
    target: float | None = None
    change: float | None = None
    change_in: str = "percent"
    at_least: float | None = None
    at_most: float | None = None
    commit: float | None = None
    stretch: float | None = None
    pace: str = "linear"
    phases: dict[str, float] = field(default_factory=dict)
    over: str = "latest"
    over_n: int | None = None


def target_of(item: KeyResult, unit: str = "", currency: str = "") -> Target:
    """Of a key result without faults."""
    change, change_in = _change(item, unit)
    keep = item.keep or Bounds()
    over, over_n = _over(item.over)
    grades = item.grades
    return Target(
        shape=_shape(item),
        baseline_typed=_amount(item.from_, unit, currency),
        target=_amount(grades.target if grades else item.to, unit, currency),
        commit=_amount(grades.commit if grades else None, unit, currency),
        stretch=_amount(grades.stretch if grades else None, unit, currency),
        pace="phased" if item.phases else item.pace,
        phases=_phases(item, unit, currency),
        change=change,
        change_in=change_in,
        at_least=_amount(keep.at_least, unit, currency),
        at_most=_amount(keep.at_most, unit, currency),
        over=over,
        over_n=over_n,
    )


def written(target: Target, unit: str = "") -> dict[str, Any]:
    """The fields of a document that `target_of` reads as this target.

    Numbers that another shape has left behind in a row are not written.
    """
    asked = WRITTEN[target.shape](target, unit)
    fields = {**asked, **_written_pace(target, unit), "over": _written_over(target)}
    return {name: value for name, value in fields.items() if value is not None}


def target_faults(item: KeyResult, unit: str, currency: str) -> Iterator[Fault]:
    """Paths are relative to the key result."""
    amounts = list(_amount_faults(item, unit, currency))
    yield from amounts
    yield from _shape_faults(item)
    if not amounts and _shape(item) in ("reach", "manual", "keep", "graded"):
        yield from _value_faults(target_of(item, unit, currency))


def _shape(item: KeyResult) -> ShapeName:
    if item.milestones:
        return "milestones"
    if item.metric is None:
        return "manual"
    if item.grades is not None:
        return "graded"
    if item.keep is not None:
        return "keep"
    return "reach" if item.to is not None else "relative"


def _change(item: KeyResult, unit: str) -> tuple[float | None, str]:
    """A point of a percentage is a hundredth."""
    text = item.increase_by or item.reduce_by
    if text is None:
        return None, "percent"
    change, change_in = parse_change(text)
    if change_in == "points" and unit == "percent":
        change = parse_amount(f"{text.split()[0]} %", unit)
    return (change if item.increase_by else -change), change_in


def _over(over: str | Span) -> tuple[str, int | None]:
    if isinstance(over, str):
        return over, None
    if over.mean is not None:
        return "mean", over.mean
    return "trailing", whole_days(over.trailing or "")


def _phases(item: KeyResult, unit: str, currency: str) -> dict[str, float]:
    return {d: parse_amount(v, unit, currency) for d, v in sorted(item.phases.items())}


def _amount(value: str | float | None, unit: str, currency: str) -> float | None:
    return None if value is None else parse_amount(value, unit, currency)


def _text(value: float | None, unit: str) -> str | float | None:
    return None if value is None else format_amount(value, unit)


def _written_reach(target: Target, unit: str) -> dict[str, Any]:
    return {"from": _text(target.baseline_typed, unit), "to": _text(target.target, unit)}


def _written_relative(target: Target, unit: str) -> dict[str, Any]:
    baseline = {"from": _text(target.baseline_typed, unit)}
    change = target.change or 0.0
    field = "reduce_by" if change < 0 else "increase_by"
    if target.change_in == "points" and unit == "percent":
        points = str(format_amount(abs(change), unit)).replace("%", "points")
        return {**baseline, field: points}
    return {**baseline, field: format_change(abs(change), target.change_in)}


def _written_keep(target: Target, unit: str) -> dict[str, Any]:
    bounds = {"at_least": target.at_least, "at_most": target.at_most}
    return {"keep": {k: _text(v, unit) for k, v in bounds.items() if v is not None}}


def _written_grades(target: Target, unit: str) -> dict[str, Any]:
    grades = {"commit": target.commit, "target": target.target, "stretch": target.stretch}
    baseline = {"from": _text(target.baseline_typed, unit)}
    return {**baseline, "grades": {k: _text(v, unit) for k, v in grades.items()}}


def _written_list(_target: Target, _unit: str) -> dict[str, Any]:
    """Milestones are written beside the target."""
    return {}


def _written_pace(target: Target, unit: str) -> dict[str, Any]:
    if target.pace == "phased" and target.shape != "milestones":
        return {"phases": {day: _text(v, unit) for day, v in sorted(target.phases.items())}}
    return {"pace": None if target.pace == "linear" else target.pace}


WRITTEN = {
    "graded": _written_grades,
    "milestones": _written_list,
    "reach": _written_reach,
    "relative": _written_relative,
    "keep": _written_keep,
    "manual": _written_reach,
}


def _written_over(target: Target) -> Any:
    if target.over == "mean":
        return {"mean": target.over_n}
    if target.over == "trailing":
        return {"trailing": f"{target.over_n} {'day' if target.over_n == 1 else 'days'}"}
    return None if target.over == "latest" else target.over


def _amount_faults(item: KeyResult, unit: str, currency: str) -> Iterator[Fault]:
    keep = item.keep or Bounds()
    amounts = {
        ("from",): item.from_,
        ("to",): item.to,
        ("keep", "at_least"): keep.at_least,
        ("keep", "at_most"): keep.at_most,
    }
    for path, value in amounts.items():
        yield from _tried(path, lambda v=value: _amount(v, unit, currency))
    for day, value in item.phases.items():
        yield from _tried(("phases", day), lambda v=value: _amount(v, unit, currency))
    for name in ("commit", "target", "stretch") if item.grades else ():
        grade = getattr(item.grades, name)
        yield from _tried(("grades", name), lambda v=grade: _amount(v, unit, currency))
    for name, text in (("increase_by", item.increase_by), ("reduce_by", item.reduce_by)):
        if text is not None:
            yield from _tried((name,), lambda t=text: _positive(t))
    if isinstance(item.over, Span):
        yield from _span_faults(item.over)


def _tried(path: tuple[str, ...], attempt: Any) -> Iterator[Fault]:
    try:
        attempt()
    except DefinitionError as error:
        yield Fault(path, error.message, error.fix)


def _positive(text: str) -> None:
    if parse_change(text)[0] <= 0:
        raise DefinitionError(
            f"`{text}` is no change upwards from zero.",
            fix="Write it without a sign: `increase_by` or `reduce_by` gives the direction.",
        )


def _span_faults(span: Span) -> Iterator[Fault]:
    if (span.mean is None) == (span.trailing is None):
        yield Fault(("over",), "Give either `mean` or `trailing`.", "For example `{mean: 4}`.")
    elif span.trailing is not None:
        yield from _tried(("over", "trailing"), lambda: whole_days(span.trailing or ""))


def _shape_faults(item: KeyResult) -> Iterator[Fault]:
    values = [getattr(item, name) for name in SHAPES]
    given = [n for n, value in zip(SHAPES, values, strict=True) if value not in (None, [])]
    if len(given) != 1:
        found = f"Found {' and '.join(f'`{g}`' for g in given)}" if given else "No target is given"
        yield Fault((), f"{found}.", f"Give exactly one of {', '.join(f'`{s}`' for s in SHAPES)}.")
    elif item.metric is None:
        yield from _manual_faults(item, given[0])
    else:
        yield from _measured_faults(item, given[0])


def _manual_faults(item: KeyResult, given: str) -> Iterator[Fault]:
    if given not in BY_HAND:
        fix = "Name a `metric`, or give `from` and `to`, or `milestones`."
        yield Fault((given,), "Without a metric only `to` can be typed.", fix)
    if not item.title.strip():
        yield Fault((), "`title` is missing.", "Without a metric there is no name to go by.")
    if item.over != "latest":
        yield Fault(("over",), "What is typed is read as it was typed last.", "Leave `over` out.")


def _measured_faults(item: KeyResult, given: str) -> Iterator[Fault]:
    if given == "milestones":
        fix = "Leave `metric` out, or give what the metric is to reach."
        yield Fault(("milestones",), "Milestones are for what no metric measures.", fix)
    if given == "keep" and item.from_ is not None:
        yield Fault(("from",), "`keep` has no baseline.", "Leave `from` out.")
    if given in ("increase_by", "reduce_by") and item.over == "cycle_to_date":
        message = "A sum since the cycle opened starts from 0, which cannot change by a part."
        yield Fault(("over",), message, "Give the sum to reach with `to`.")
    if item.unit:
        fix = "Leave it out: the metric has the unit."
        yield Fault(("unit",), "`unit` is for key results without a metric.", fix)


def _grade_faults(target: Target, baseline: float | None) -> Iterator[Fault]:
    marks = (baseline, target.commit, target.target, target.stretch)
    try:
        check_order([mark for mark in marks if mark is not None])
    except DefinitionError as error:
        yield Fault(("grades",), error.message, error.fix)


def _value_faults(target: Target) -> Iterator[Fault]:
    summed = target.over == "cycle_to_date" and target.baseline_typed is None
    baseline = 0.0 if summed else target.baseline_typed
    if target.shape == "graded":
        yield from _grade_faults(target, baseline)
    elif target.target is not None and target.target == baseline:
        yield Fault(
            ("to",),
            "The target is the same as the baseline, so nothing is to be reached.",
            "Change `from` or `to`; to hold a value, use `keep`.",
        )
    if target.shape == "keep" and target.at_least is None and target.at_most is None:
        yield Fault(("keep",), "`keep` has no bound.", "Give `at_least`, `at_most` or both.")
    if None not in (low := target.at_least, high := target.at_most) and low > high:  # type: ignore[operator]
        fix = "Let `at_least` be the smaller one."
        yield Fault(("keep",), "`at_least` is more than `at_most`.", fix)
