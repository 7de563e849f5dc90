"""How much somebody does to get from one thing to another."""

from __future__ import annotations

from typing import ClassVar

import msgspec

from headway.engine.ask import Ask, Scope
from headway.engine.definition import ANY, PEOPLE, Definition, EventNames, Selector
from headway.engine.period import Period
from headway.engine.phrases import events, filters, subjects
from headway.engine.remnant import Remnant
from headway.engine.selection import Match
from headway.engine.series import Answer
from headway.engine.statistics import Between
from headway.engine.tally import Estimate, Tally, mean_of


class Steps(Definition, frozen=True, kw_only=True, tag="steps"):
    """Pairs are made as by kind `elapsed`, without a limit."""

    instead: ClassVar[str] = "Use a `count` of what happens in between."
    summary: ClassVar[str] = (
        "The mean number of events of the subject between a first event and the next second one, "
        "by the date of the second."
    )

    from_: Selector = msgspec.field(name="from")
    to: Selector
    event: EventNames = ANY

    def selections(self) -> dict[str, Match]:
        counted = Selector(event=self.event)
        named = {"from": self.from_, "to": self.to, "between": counted}
        return {name: Match.of(one, self.where) for name, one in named.items()}

    def days_of(self, selection: str, period: Period, scope: Scope) -> Period:
        """What ends in the period may have begun long before."""
        first = period.start if selection == "to" else min(scope.first_day, period.start)
        return Period(first, period.end)

    def answer(self, ask: Ask) -> Answer:
        scope, found = ask.scope, self.selections()
        statistic = Between(
            scope.span(self, before=None), scope.grain, found["from"], found["to"],
            found["between"], self.by, self.by not in PEOPLE, scope.start, scope.end,
            scope.segment,
        )  # fmt: skip
        tallies = ask.gather(ask.run(statistic), _tally, "n", "total", "squares")
        return self.reply(ask.points(self, tallies))

    def estimate(self, tally: Tally) -> Estimate:
        if not tally.n:
            return Estimate(None, reason="Nothing ended in this period.")
        return mean_of(tally)

    def influence(self) -> tuple[int, int | None]:
        return 0, None

    def remnants(self) -> tuple[Remnant, ...]:
        return tuple(Remnant("all", match, self.by) for match in self.selections().values())

    def words(self) -> str:
        start = f"{events(self.from_.event)}{filters(self.from_.where)}"
        end = f"{events(self.to.event)}{filters(self.to.where)}"
        counted = f"{events(self.event)}{filters(self.where)}"
        return (
            f"Mean number of {counted} of a {subjects(self.by, 1)} between {start} and the next "
            f"{end}."
        )


def _tally(n: int, total: float, squares: float) -> Tally:
    return Tally(n, float(total), xx=float(squares))
