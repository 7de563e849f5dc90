"""The share of events or subjects that also meet a condition."""

from __future__ import annotations

from typing import ClassVar, Literal

from headway.engine.ask import Ask
from headway.engine.definition import Definition, EventNames, Selector
from headway.engine.each import Each, alone
from headway.engine.errors import DefinitionError
from headway.engine.phrases import events, filters, subjects
from headway.engine.selection import Added, Match, tests_of
from headway.engine.series import Answer
from headway.engine.statistics import Overlaps, Pairs
from headway.engine.tally import Estimate, Tally, share_interval, wilson


class Share(Definition, frozen=True, kw_only=True, tag="share"):
    limits: ClassVar[tuple[float, float] | None] = (0.0, 1.0)
    summary: ClassVar[str] = (
        "The part of the events, or of the subjects, of one selection that is in a narrower one."
    )

    event: EventNames
    of: Selector | None = None
    count: Literal["events", "subjects"] = "events"

    @property
    def whole(self) -> Match:
        return Match.of(self.of or Selector(event=self.event))

    @property
    def narrow(self) -> Match:
        """What is counted above the line: always also what is counted below it."""
        own = Match.of(Selector(event=self.event), self.where)
        return own.and_tests(self.whole.tests)

    def selections(self) -> dict[str, Match]:
        return {"numerator": self.narrow, "denominator": self.whole}

    def check(self) -> None:
        names, of = set(Selector(event=self.event).names), set(self.whole.events)
        if of and not (names and names <= of) and self.count == "events":
            raise DefinitionError(
                f"`event` ({', '.join(sorted(names)) or 'any'}) is not part of `of.event` "
                f"({', '.join(sorted(of))}), so this is no share.",
                where="of",
                fix="Let `of` include every event named above it, or use kind `ratio`.",
            )
        if self.of is None and not tests_of(self.where):
            raise DefinitionError(
                "Everything is counted above the line and below it.",
                where="where",
                fix="Say with `where` what is counted, or with `of` out of what.",
            )

    def answer(self, ask: Ask) -> Answer:
        tallies = self._events(ask) if self.count == "events" else self._subjects(ask)
        return self.reply(ask.points(self, tallies))

    def each(self, ask: Ask) -> Each:
        by = alone(self)
        if self.count == "events":
            return Each("ratio", Added(self.narrow), Added(self.whole), source=self.source)
        x, y = Added(self.narrow, at_least=1), Added(self.whole, at_least=1)
        return Each("rate", x, y, by, self.source)

    def _events(self, ask: Ask) -> dict[tuple[str, int], Tally]:
        scope = ask.scope
        table = ask.run(
            Pairs(
                scope.span(self), scope.grain, self.by, self.narrow, None, self.whole, None,
                scope.segment,
            )
        )  # fmt: skip
        return ask.gather(table, Tally, "n", "x", "y", "xx", "yy", "xy")

    def _subjects(self, ask: Ask) -> dict[tuple[str, int], Tally]:
        scope = ask.scope
        table = ask.run(
            Overlaps(scope.span(self), scope.grain, self.by, self.narrow, self.whole, scope.segment)
        )
        return ask.gather(table, lambda x, y: Tally(y, float(x), float(y)), "part", "whole")

    def estimate(self, tally: Tally) -> Estimate:
        if not tally.y:
            what = "events" if self.count == "events" else "subjects"
            return Estimate(
                None, numerator=tally.x, denominator=0, reason=f"No {what} to take a share of."
            )
        low, high = self._interval(tally)
        return Estimate(tally.x / tally.y, low, high, tally.x, tally.y, tally.n)

    def _interval(self, tally: Tally) -> tuple[float | None, float | None]:
        if self.count == "subjects":
            return wilson(tally.x, tally.y)
        return share_interval(tally)

    def words(self) -> str:
        of = self.of or Selector(event=self.event)
        whole = f"{events(of.event)}{filters(of.where)}"
        narrow = f"{events(self.event)}{filters(self.where)}"
        if self.count == "events":
            return f"Share of {whole} that are {narrow}."
        return f"Share of {subjects(self.by)} with {whole} who also had {narrow}."
