"""A quantile of a property, over events or over subjects' sums."""

from __future__ import annotations

import builtins
from typing import Annotated, ClassVar, Literal

from msgspec import Meta

from headway.engine.ask import Ask
from headway.engine.definition import Definition, EventNames, Selector
from headway.engine.phrases import events, filters, ordinal, subjects
from headway.engine.selection import Match
from headway.engine.series import Answer
from headway.engine.statistics import Quantiles
from headway.engine.tally import Estimate, Tally


class Quantile(Definition, frozen=True, kw_only=True, tag="quantile"):
    instead: ClassVar[str] = "Use a `mean` of the same property."
    summary: ClassVar[str] = (
        "The value below which a share q of the values lies, interpolated between neighbours. "
        "Longer periods are computed anew: percentiles are never averaged."
    )

    event: EventNames
    property: str
    q: Annotated[float, Meta(ge=0, le=1)] = 0.5
    per: Literal["event", "subject"] = "event"

    @builtins.property
    def match(self) -> Match:
        return Match.of(Selector(event=self.event), self.where)

    def selections(self) -> dict[str, Match]:
        return {"events": self.match}

    def answer(self, ask: Ask) -> Answer:
        scope = ask.scope
        by = self.by if self.per == "subject" else None
        value = scope.number(self.unit, self.property)
        statistic = Quantiles(
            scope.span(self), scope.grain, self.match, value, self.q, by, scope.segment
        )
        table = ask.run(statistic)
        return self.reply(ask.points(self, ask.gather(table, _tally, "n", "value")))

    def estimate(self, tally: Tally) -> Estimate:
        if not tally.n:
            return Estimate(None, reason=f"No values of {self.property} in this period.")
        return Estimate(tally.x, n=tally.n)

    def words(self) -> str:
        of = f"`{self.property}` over {events(self.event)}{filters(self.where)}"
        each = "" if self.per == "event" else f", added up for each {subjects(self.by, 1)} first"
        return f"{ordinal(self.q * 100)} percentile of {of}{each}."


def _tally(n: int, value: float) -> Tally:
    return Tally(n, float(value))
