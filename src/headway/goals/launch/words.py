"""What a launch did to a metric, in words; statistics come second."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from headway.charts import formats
from headway.goals.launch.told import Told
from headway.metrics.models import Metric

COARSE = 0.01
WITHOUT = "than it would have been without the launch"


@dataclass(frozen=True)
class Words:
    """`launched` is the day of the launch."""

    told: Told
    metric: Metric
    launched: date
    currency: str

    @property
    def finding(self) -> str:
        """Such as `2.1 points higher than it would have been without the launch`."""
        told = self.told
        if told.effect is None:
            return told.reason
        if told.verdict == "no clear effect":
            return f"No clear effect: it lies between {self.interval}."
        side = "higher" if told.effect > 0 else "lower"
        return f"{self.size} {side} {WITHOUT}."

    @property
    def size(self) -> str:
        """The amount without its sign, and as a share of what was expected where that helps."""
        told, unit = self.told, self.metric.unit
        said = self._each(self._step(abs(told.effect or 0.0)).lstrip("+±"))
        if unit in ("percent", "points") or told.relative is None:
            return said
        return f"{said} ({formats.percent(abs(told.relative))})"

    @property
    def interval(self) -> str:
        """`+1.4 points and +2.8 points`."""
        sides = (self.told.low, self.told.high)
        return self._each(" and ".join(self._step(side) for side in sides))

    @property
    def relative_interval(self) -> str:
        sides = (self.told.relative_low, self.told.relative_high)
        if self.metric.unit in ("percent", "points") or None in sides:
            return ""
        return " and ".join(_signed(side or 0.0) for side in sides)

    @property
    def effect(self) -> str:
        """`+2.1 points`, `+€300 a week`."""
        return self._each(self._step(self.told.effect))

    @property
    def came(self) -> str:
        """`64.7 % came, 56.6 % would have`."""
        values = (self.told.value, self.told.expected)
        said = [formats.value(v, self.metric.unit, self.currency) for v in values]
        return f"{self._each(said[0])} came, {said[1]} would have"

    @property
    def judged(self) -> str:
        """`7 weeks, 28 Sep – 15 Nov 2026`."""
        first, through = self.told.first, self.told.through
        if first is None or through is None:
            return ""
        many = len(self.told.blocks)
        return f"{many} week{'s' * (many != 1)}, {formats.days(first, through)}"

    @property
    def when(self) -> str:
        """How long it took to show, or from when on it may be told."""
        told = self.told
        if told.again is not None:
            return f"It can be told from {formats.day(told.again)} on."
        if told.shown is None:
            return ""
        after = (told.shown - self.launched).days
        return f"It has shown since {formats.day(told.shown)}, {after} days after the launch."

    @property
    def held_against(self) -> str:
        told = self.told
        if told.way == "unexposed":
            return "those who did not get it; before the launch both went side by side"
        return "what its own past lets expect" if told.way == "past" else ""

    @property
    def check(self) -> str:
        """What days without a launch say of the reckoning."""
        tries = self.told.tries
        if not tries:
            return "No earlier day could be tried: there is too little before the launch."
        seen = sum(one.seen for one in tries)
        many = f"{len(tries)} day{'s' * (len(tries) != 1)} without a launch"
        said = "none of them showed an effect" if not seen else f"{seen} of them showed an effect"
        wider = self.told.widened
        more = f", so that the interval was made {wider:.1f} times as wide" if wider > 1.05 else ""
        return f"{many}, reckoned in the same way: {said}{more}."

    @property
    def notes(self) -> tuple[str, ...]:
        return tuple(self._notes())

    def _notes(self) -> Iterator[str]:
        told = self.told
        if told.reached:
            yield f"Of those who got it alone: {told.reached}."
        if told.unsplit:
            yield (
                f"Only some got it: {told.unsplit}. {self.metric} is not split that way, so that "
                "the effect is seen in the whole alone; a segment in its definition would show it."
            )
        if told.mend:
            yield told.mend

    def _each(self, said: str) -> str:
        return f"{said} {self.told.per}" if self.told.per else said

    def _step(self, amount: float | None) -> str:
        """Points with two digits only where one would hide it."""
        size = amount or 0.0
        if self.metric.unit == "percent" and abs(size) >= COARSE:
            size = round(size, 3)
            return f"{'−' if size < 0 else '+'}{formats.points(abs(size) * 100)}"
        return formats.step(size, self.metric.unit, self.currency)


def _signed(share: float) -> str:
    return f"{'−' if share < 0 else '+'}{formats.percent(abs(share))}"
