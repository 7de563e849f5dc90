"""One metric divided by another."""

from __future__ import annotations

from typing import ClassVar, Protocol, runtime_checkable

from headway.engine.ask import Ask, Scope
from headway.engine.definition import Definition, Key, Who
from headway.engine.each import Each, alone, refused
from headway.engine.period import Period
from headway.engine.selection import Added, Match, Number
from headway.engine.series import Answer, Point, Series
from headway.engine.statistics import Pairs
from headway.engine.tally import Estimate, Tally, ratio_interval


@runtime_checkable
class Summed(Protocol):
    """A kind whose value is a sum over events, so that it can be split by subject."""

    by: str
    unit: str
    source: str | None
    who: Who | None

    @property
    def match(self) -> Match: ...

    @property
    def value(self) -> str | None: ...


def _number(scope: Scope, one: Summed) -> Number | None:
    return one.value and scope.number(one.unit, one.value)


def _alike(one: Summed, other: Summed) -> bool:
    """Whether both look at the same events."""
    return one.source == other.source and one.who == other.who


class Ratio(Definition, frozen=True, kw_only=True, tag="ratio"):
    without: ClassVar[tuple[str, ...]] = ("where", "who", "by", "fill")
    summary: ClassVar[str] = "Σ numerators / Σ denominators of two metrics, never a mean of ratios."

    numerator: Key
    denominator: Key

    def inputs(self) -> tuple[str, ...]:
        return self.numerator, self.denominator

    def made_of(self) -> str:
        return f"{self.numerator} / {self.denominator}"

    def answer(self, ask: Ask) -> Answer:
        above, below = ask.definition(self.numerator), ask.definition(self.denominator)
        if isinstance(above, Summed) and isinstance(below, Summed) and _alike(above, below):
            return self.reply(self._by_subject(ask, above, below))
        return self.reply(self._divided(ask))

    def each(self, ask: Ask) -> Each:
        """Of what both have of the same subject."""
        alone(self)
        above, below = (ask.definition(name).each(ask) for name in self.inputs())
        x, y = above.x, below.x
        if not isinstance(x, Added) or not isinstance(y, Added) or above.y or below.y:
            raise refused(self, "Use a ratio of counts, sums or distinct subjects.")
        if above.source != below.source:
            raise refused(self, "Use a ratio of metrics of one source.")
        if above.by and below.by and above.by != below.by:
            raise refused(self, f"Both have to count {above.by}s.")
        by = above.by or below.by
        return Each("ratio", x, y, by, above.source)

    def _by_subject(self, ask: Ask, above: Summed, below: Summed) -> Series:
        scope = ask.scope
        definition = ask.definition(self.numerator)
        table = ask.run(
            Pairs(
                scope.span(definition), scope.grain, above.by, above.match, _number(scope, above),
                below.match, _number(scope, below), scope.segment,
            )
        )  # fmt: skip
        tallies = ask.gather(table, Tally, "n", "x", "y", "xx", "yy", "xy")
        return self._with_reasons(ask, ask.points(self, tallies))

    def _with_reasons(self, ask: Ask, series: Series) -> Series:
        """Where an input is unknown the ratio is unknown for the same reason."""
        if ask.scope.unknown_from(ask.definition(self.numerator).source) is None:
            return series
        divided = {(p.segment, p.start): p for p in self._divided(ask).points}
        points = tuple(
            divided[at]
            if (at := (p.segment, p.start)) in divided and divided[at].value is None
            else p
            for p in series.points
        )
        return Series(series.key, series.grain, points, series.segment_by)

    def _divided(self, ask: Ask) -> Series:
        points = [
            self._point(ask, top, bottom)
            for inputs in ask.inputs(self).values()
            for top, bottom in zip(inputs[self.numerator], inputs[self.denominator], strict=True)
        ]
        return Series(self.key, ask.scope.grain, tuple(points), ask.scope.segment)

    def _point(self, ask: Ask, top: Point, bottom: Point) -> Point:
        missing = next((p for p in (top, bottom) if p.value is None), None)
        reason = missing.reason if missing else ""
        estimate = Estimate(None, reason=reason) if missing else self._quotient(top, bottom)
        return Point(
            top.start, top.end, estimate.value, top.segment, top.value, bottom.value, estimate.n,
            complete=ask.complete(self, Period(top.start, top.end)), reason=estimate.reason,
        )  # fmt: skip

    def _quotient(self, top: Point, bottom: Point) -> Estimate:
        if not bottom.value:
            return Estimate(None, reason=f"{self.denominator} is 0.")
        return Estimate((top.value or 0.0) / bottom.value, n=bottom.n)

    def estimate(self, tally: Tally) -> Estimate:
        if not tally.y:
            return Estimate(
                None, numerator=tally.x, denominator=0, reason=f"{self.denominator} is 0."
            )
        low, high = ratio_interval(tally)
        return Estimate(tally.x / tally.y, low, high, tally.x, tally.y, tally.n)

    def words(self) -> str:
        return f"`{self.numerator}` divided by `{self.denominator}`."
