"""A number that somebody types."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from headway.engine.ask import Ask
from headway.engine.definition import Definition
from headway.engine.period import Period
from headway.engine.series import WHOLE, Answer, Series
from headway.engine.tally import Estimate, Tally

Entries = tuple[tuple[date, float], ...]


class Manual(Definition, frozen=True, kw_only=True, tag="manual"):
    measured: ClassVar[bool] = False
    without: ClassVar[tuple[str, ...]] = ("where", "who", "by", "segments", "fill")
    instead: ClassVar[str] = "Numbers that are typed belong to nobody: use a metric of events."
    summary: ClassVar[str] = (
        "A number typed by hand or imported: the last one in a period is the period's value."
    )

    def answer(self, ask: Ask) -> Answer:
        entries = ask.scope.entries.get(self.key, ())
        points = [
            ask.point(self, WHOLE, i, _last(entries, period))
            for i, period in enumerate(ask.scope.periods)
            if ask.scope.segment is None
        ]
        return self.reply(Series(self.key, ask.scope.grain, tuple(points), ask.scope.segment))

    def estimate(self, tally: Tally) -> Estimate:
        return Estimate(None, reason="Values typed by hand have no segments.")

    def words(self) -> str:
        return "Typed by hand: the last value typed in a period."


def _last(entries: Entries, period: Period) -> Estimate:
    values = [value for day, value in entries if period.start <= day < period.end]
    if not values:
        return Estimate(None, reason="No value was typed for this period.")
    return Estimate(values[-1], n=len(values))
