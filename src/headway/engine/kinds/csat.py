"""The share of satisfied answers."""

from __future__ import annotations

from typing import Annotated, ClassVar

from msgspec import Meta

from headway.engine.ask import Ask
from headway.engine.definition import Definition, EventNames, Selector
from headway.engine.each import Each, alone
from headway.engine.errors import DefinitionError
from headway.engine.phrases import events, filters
from headway.engine.scale import Valid, check_valid, graded
from headway.engine.selection import Added, Match, Test
from headway.engine.series import Answer
from headway.engine.tally import Estimate, Tally, wilson


class Csat(Definition, frozen=True, kw_only=True, tag="csat"):
    personal: ClassVar[bool] = False
    limits: ClassVar[tuple[float, float] | None] = (0.0, 1.0)
    summary: ClassVar[str] = (
        "The share of the answers whose score is one of the top scores. "
        "Scores outside the valid range are counted as faults and nothing else."
    )

    event: EventNames
    property: str
    top: Annotated[list[float], Meta(min_length=1)]
    valid: Valid | None = None

    def check(self) -> None:
        check_valid(self.valid or [])
        outside = [s for s in self.top if self.valid and not self.valid[0] <= s <= self.valid[1]]
        if outside:
            raise DefinitionError(
                f"The top score {outside[0]:g} is outside the valid range.",
                where="top",
                fix="Widen `valid`, or take the score out of `top`.",
            )

    def selections(self) -> dict[str, Match]:
        return {"answers": Match.of(Selector(event=self.event), self.where)}

    def answer(self, ask: Ask) -> Answer:
        top = frozenset(self.top)
        counts = self.selections()["answers"], self.property
        tallies = graded(ask, self, counts, self.valid or (), lambda score: float(score in top))
        return self.reply(ask.points(self, tallies))

    def each(self, ask: Ask) -> Each:
        alone(self)
        answers, name = self.selections()["answers"], self.property
        low, high = self.valid or (None, None)
        range_: list[Test] = []
        if low is not None and high is not None:
            range_ = [(name, "gte", low), (name, "lte", high)]
        valid = answers.and_tests(range_)
        top = valid.and_tests([(name, "in", tuple(self.top))])
        return Each("ratio", Added(top), Added(valid, name, counted=True), source=self.source)

    def estimate(self, tally: Tally) -> Estimate:
        if not tally.n:
            return Estimate(None, reason="Nobody gave a valid score in this period.")
        low, high = wilson(tally.x, tally.n)
        return Estimate(tally.x / tally.n, low, high, tally.x, tally.y, tally.n)

    def words(self) -> str:
        top = " or ".join(f"{score:g}" for score in sorted(self.top))
        valid = "" if self.valid is None else " from {:g} to {:g}".format(*self.valid)
        answers = f"{events(self.event)}{filters(self.where)} with a score{valid}"
        return f"Share of {answers} whose `{self.property}` is {top}."
