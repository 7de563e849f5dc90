"""What a target asks for, in words, while it is being typed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from headway.charts import formats
from headway.engine.errors import DefinitionError
from headway.files.amounts import parse_change
from headway.goals.models import Cycle, Over, Shape
from headway.goals.shapes import Relative
from headway.metrics.models import Metric
from headway.web.forms.fields import plain, read_amount


def words(metric: Metric, cycle: Cycle, baseline: float | None, asked: Mapping[str, Any]) -> str:
    """`From 878 to 991: +12.9 % in 13 weeks.` Empty while the form does not say enough."""
    currency = cycle.workspace.currency
    typed = _amount(asked, "baseline_typed", metric.unit, currency)
    start = typed if typed is not None else baseline
    if asked.get("over") == Over.cycle_to_date and typed is None:
        start = 0.0
    aim = _aim(asked, start, metric.unit, currency)
    if start is None or aim is None or asked.get("shape") == Shape.keep:
        return ""
    return _sentence(metric, start, aim, currency, _span(cycle))


def _sentence(metric: Metric, start: float, aim: float, currency: str, span: str) -> str:
    ends = (formats.value(v, metric.unit, currency) for v in (start, aim))
    change = formats.change(aim, start, metric.unit, metric.direction, currency)
    if change is None or change.up is None:
        return "That is where it stands already."
    warning = " That is the worse direction for it." if change.word == "worse" else ""
    return f"From {' to '.join(ends)}: {change.text} in {span}.{warning}"


def _span(cycle: Cycle) -> str:
    days = (cycle.ends - cycle.starts).days + 1
    weeks = round(days / 7)
    return f"{weeks} weeks" if weeks > 1 else f"{days} days"


def read_change(text: str, meaning: str, way: str, unit: str) -> tuple[float, str]:
    """`25 %`, or `5` that means points, as a key result keeps it: a factor or an amount.

    A point of a percentage is a hundredth. Raises DefinitionError for what can be read in two ways.
    """
    share = unit == "percent"
    if meaning == "" and share and text.endswith("%"):
        raise DefinitionError(
            f"{text} of a percentage can be read in two ways.",
            where="change_in",
            fix="Say whether you mean % of the baseline or points.",
        )
    number = text.removesuffix("%").removesuffix("points").strip()
    written = {"percent": f"{number} %", "points": f"{number} points"}.get(meaning, text)
    size, change_in = parse_change(written)
    size = -abs(size) if way == "reduce" else size
    return (size / 100 if share and change_in == "points" else size), change_in


def _aim(asked: Mapping[str, Any], start: float | None, unit: str, currency: str) -> float | None:
    if asked.get("shape") != Shape.relative:
        return _amount(asked, "target", unit, currency)
    text = plain(str(asked.get("change") or ""))
    if start is None or not text:
        return None
    try:
        meaning, way = (str(asked.get(name) or "") for name in ("change_in", "way"))
        size, change_in = read_change(text, meaning, way, unit)
    except DefinitionError:
        return None
    return Relative(size, change_in == "points").aim(start)


def _amount(asked: Mapping[str, Any], name: str, unit: str, currency: str) -> float | None:
    text = plain(str(asked.get(name) or ""))
    try:
        return read_amount(text, unit, currency) if text else None
    except DefinitionError:
        return None
