"""How many events."""

from __future__ import annotations

from typing import ClassVar

from headway.engine.ask import Ask
from headway.engine.definition import Definition, EventNames, Selector
from headway.engine.each import Each, alone
from headway.engine.phrases import events, filters
from headway.engine.selection import Added, Match
from headway.engine.series import Answer
from headway.engine.statistics import Cells
from headway.engine.tally import Estimate, Tally


class Count(Definition, frozen=True, kw_only=True, tag="count"):
    additive: ClassVar[bool] = True
    personal: ClassVar[bool] = False
    summary: ClassVar[str] = "How many events, or the sum of a weight that each event carries."

    event: EventNames
    weight: str | None = None

    @property
    def match(self) -> Match:
        return Match.of(Selector(event=self.event), self.where)

    @property
    def value(self) -> str | None:
        return self.weight

    def selections(self) -> dict[str, Match]:
        return {"events": self.match}

    def answer(self, ask: Ask) -> Answer:
        span = ask.scope.span(self)
        table = ask.run(Cells(span, self.match, self.weight, ask.scope.segment))
        total = "n" if self.weight is None else "total"
        tallies = ask.gather(
            table, lambda events, n, x: Tally(n, float(x), faults=events - n), "events", "n", total
        )
        return self.reply(ask.points(self, tallies))

    def each(self, ask: Ask) -> Each:
        alone(self)
        return Each("mean", Added(self.match, self.weight), source=self.source)

    def estimate(self, tally: Tally) -> Estimate:
        return Estimate(tally.x, numerator=tally.x, n=tally.n)

    def words(self) -> str:
        what = f"Sum of `{self.weight}` over" if self.weight else "Number of"
        return f"{what} {events(self.event)}{filters(self.where)}."
