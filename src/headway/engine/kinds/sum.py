"""The sum of a property over events."""

from __future__ import annotations

import builtins
from typing import ClassVar

from headway.engine.ask import Ask, Scope
from headway.engine.definition import Definition, EventNames, Selector
from headway.engine.each import Each, alone
from headway.engine.phrases import events, filters
from headway.engine.selection import Added, Match
from headway.engine.series import Answer
from headway.engine.statistics import Cells
from headway.engine.tally import Estimate, Tally
from headway.engine.worth import Bought, Horizon, bought


class Sum(Definition, frozen=True, kw_only=True, tag="sum"):
    additive: ClassVar[bool] = True
    personal: ClassVar[bool] = False
    summary: ClassVar[str] = "The sum of a number that events carry. Missing numbers are skipped."

    event: EventNames
    property: str
    lifetime: Horizon | None = None

    @builtins.property
    def match(self) -> Match:
        return Match.of(Selector(event=self.event), self.where)

    @builtins.property
    def value(self) -> str | None:
        return self.property

    def selections(self) -> dict[str, Match]:
        return {"events": self.match}

    def answer(self, ask: Ask) -> Answer:
        scope = ask.scope
        table = ask.run(
            Cells(
                scope.span(self), self.match, scope.number(self.unit, self.property), scope.segment
            )
        )
        tallies = ask.gather(table, _tally, "events", "n", "total")
        return self.reply(ask.points(self, tallies))

    def each(self, ask: Ask) -> Each:
        alone(self)
        amount = ask.scope.number(self.unit, self.property)
        return Each("mean", Added(self.match, amount), source=self.source)

    def worth(self, scope: Scope) -> Bought | None:
        if self.lifetime is None:
            return None
        return bought(self, scope, self.match, scope.number(self.unit, self.property))

    def estimate(self, tally: Tally) -> Estimate:
        return Estimate(tally.x, numerator=tally.x, n=tally.n)

    def words(self) -> str:
        return f"Sum of `{self.property}` over {events(self.event)}{filters(self.where)}."


def _tally(events: int, n: int, total: float) -> Tally:
    return Tally(n, float(total), faults=events - n)
