"""Net promoter score."""

from __future__ import annotations

from math import sqrt
from typing import ClassVar

import msgspec

from headway.engine.ask import Ask
from headway.engine.definition import Definition, EventNames, Selector
from headway.engine.each import Each, alone
from headway.engine.errors import DefinitionError
from headway.engine.phrases import events, filters
from headway.engine.scale import Valid, check_valid, graded
from headway.engine.selection import Added, Match, Net
from headway.engine.series import Answer
from headway.engine.tally import Estimate, Tally, Z

PROMOTER, DETRACTOR = 9, 6


class Nps(Definition, frozen=True, kw_only=True, tag="nps"):
    personal: ClassVar[bool] = False
    limits: ClassVar[tuple[float, float] | None] = (-100.0, 100.0)
    summary: ClassVar[str] = (
        "Net promoter score: 100 · (share of scores 9–10 − share of scores 0–6). "
        "Scores outside the valid range are counted as faults and nothing else."
    )

    event: EventNames
    property: str
    valid: Valid = msgspec.field(default_factory=lambda: [0.0, 10.0])

    def check(self) -> None:
        check_valid(self.valid)
        low, high = self.valid
        if low < 0 or low > DETRACTOR or high < PROMOTER or high > 10:
            raise DefinitionError(
                f"From {low:g} to {high:g} is no range for a net promoter score: promoters give "
                "9 or 10, detractors 0 to 6.",
                where="valid",
                fix="Give `[0, 10]`, or use kind `csat` for another scale.",
            )

    def selections(self) -> dict[str, Match]:
        return {"answers": Match.of(Selector(event=self.event), self.where)}

    def answer(self, ask: Ask) -> Answer:
        counts = self.selections()["answers"], self.property
        return self.reply(ask.points(self, graded(ask, self, counts, self.valid, _grade)))

    def each(self, ask: Ask) -> Each:
        """Of all answers of all subjects: 100 for a promoter, −100 for a detractor."""
        alone(self)
        low, high = self.valid
        answers = self.selections()["answers"]
        valid = answers.and_tests([(self.property, "gte", low), (self.property, "lte", high)])
        net = Net(self.property, PROMOTER, DETRACTOR, 100)
        x, y = Added(valid, net), Added(valid, self.property, counted=True)
        return Each("ratio", x, y, source=self.source)

    def estimate(self, tally: Tally) -> Estimate:
        """SE = 100 · √((p + d − (p − d)²) / n), p and d the shares of promoters and detractors."""
        if not tally.n:
            return Estimate(None, reason="Nobody gave a valid score in this period.")
        net = tally.x / tally.n
        half = Z * sqrt(max(0.0, tally.xx / tally.n - net * net) / tally.n)
        low, high = max(-1.0, net - half), min(1.0, net + half)
        return Estimate(100 * net, 100 * low, 100 * high, tally.x, tally.y, tally.n)

    def words(self) -> str:
        low, high = self.valid
        return (
            f"Share of `{self.property}` 9 or 10 less the share of 6 or less, times 100, over "
            f"{events(self.event)}{filters(self.where)} with a score from {low:g} to {high:g}."
        )


def _grade(score: float) -> float:
    """Promoters count 1, detractors −1, the others 0."""
    return float(score >= PROMOTER) - float(score <= DETRACTOR)
