"""The mean of a property over events."""

from __future__ import annotations

import builtins
from typing import ClassVar

from headway.engine.ask import Ask
from headway.engine.definition import Definition, EventNames, Selector
from headway.engine.each import Each, alone
from headway.engine.phrases import events, filters
from headway.engine.selection import Added, Match
from headway.engine.series import Answer
from headway.engine.statistics import Cells
from headway.engine.tally import Estimate, Tally, mean_of


class Mean(Definition, frozen=True, kw_only=True, tag="mean"):
    personal: ClassVar[bool] = False
    summary: ClassVar[str] = "The mean of a number that events carry. Missing numbers are skipped."

    event: EventNames
    property: str

    @builtins.property
    def match(self) -> Match:
        return Match.of(Selector(event=self.event), self.where)

    def selections(self) -> dict[str, Match]:
        return {"events": self.match}

    def answer(self, ask: Ask) -> Answer:
        scope = ask.scope
        value = scope.number(self.unit, self.property)
        table = ask.run(Cells(scope.span(self), self.match, value, scope.segment))
        tallies = ask.gather(
            table,
            lambda events, n, x, xx: Tally(n, float(x), xx=float(xx), faults=events - n),
            "events",
            "n",
            "total",
            "squares",
        )
        return self.reply(ask.points(self, tallies))

    def each(self, ask: Ask) -> Each:
        alone(self)
        amount = ask.scope.number(self.unit, self.property)
        x, y = Added(self.match, amount), Added(self.match, amount, counted=True)
        return Each("ratio", x, y, source=self.source)

    def estimate(self, tally: Tally) -> Estimate:
        if not tally.n:
            return Estimate(None, reason=f"No values of {self.property} in this period.")
        return mean_of(tally)

    def words(self) -> str:
        return f"Mean of `{self.property}` over {events(self.event)}{filters(self.where)}."
