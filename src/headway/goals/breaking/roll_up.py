"""What a company's number is made of: those of its teams, rolled up natively, never averaged."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import fmean

from headway.charts import formats
from headway.engine.series import PART, WHOLE
from headway.goals.models import KeyResult
from headway.goals.refresh import grain_of
from headway.metrics.models import Point

UNITS_OF_WORK = ("team", "unit", "department", "division", "squad", "office", "region", "country")
"""Segments that are parts of a company, the most telling first."""

FEWEST_PARTS = 2
"""A single part is the whole."""


@dataclass(frozen=True, slots=True)
class RollUp:
    """The parts of one period and the whole, as the engine measured each of them."""

    by: str
    whole: Point
    parts: tuple[Point, ...]
    unit: str = ""

    @property
    def words(self) -> str:
        if self._shares:
            return self._of_shares()
        if self._overlap:
            return (
                f"Each is counted once: {formats.number(self.whole.value or 0)} in all, though the"
                f" parts sum to {formats.number(self._sum)}, as some are in several."
            )
        return "The parts make up the whole; nothing is averaged."

    def _of_shares(self) -> str:
        top, below = self.whole.numerator or 0.0, self.whole.denominator or 0.0
        mean = fmean(p.value for p in self.parts if p.value is not None)
        sums = f"{formats.number(top)} of {formats.number(below)}"
        averaged = formats.value(mean, self.unit)
        return (
            f"Rolled up from what was counted: {sums} in all. The mean of the parts' own values"
            f" would be {averaged}, and is not used."
        )

    @property
    def _shares(self) -> bool:
        points = [self.whole, *self.parts]
        return all(p.numerator is not None and p.denominator for p in points)

    @property
    def _sum(self) -> float:
        return sum(p.value or 0.0 for p in self.parts)

    @property
    def _overlap(self) -> bool:
        return self.whole.value is not None and self._sum > self.whole.value * (1 + 1e-9)


def roll_up(key_result: KeyResult) -> RollUp | None:
    """Of the last period that the key result reads; None where nothing splits its metric."""
    metric, through = key_result.metric, key_result.value_through
    if metric is None or through is None:
        return None
    workspace = key_result.objective.workspace
    grain = grain_of(key_result, workspace)
    start = workspace.calendar.start_of(through, grain)
    found = list(metric.points.filter(grain=grain, start=start).order_by("segment_by", "segment"))
    names = [p.segment_by for p in found if p.segment_by not in (WHOLE, PART)]
    by = next((u for u in UNITS_OF_WORK if u in names), names[0] if names else "")
    whole = next((p for p in found if p.segment_by == WHOLE), None)
    parts = tuple(p for p in found if p.segment_by == by)
    if not by or whole is None or len(parts) < FEWEST_PARTS:
        return None
    return RollUp(by, whole, parts, metric.unit)
