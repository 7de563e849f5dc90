"""Events per second."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, ClassVar, Literal

from headway.engine.ask import Ask, Tallies
from headway.engine.definition import Definition, EventNames, Selector
from headway.engine.phrases import events, filters
from headway.engine.selection import Match
from headway.engine.series import Answer, Point
from headway.engine.statistics import Cells, Peaks
from headway.engine.tally import Estimate, Tally

MINUTE = 60.0


class Rate(Definition, frozen=True, kw_only=True, tag="rate"):
    """A period that is not over is divided by what has passed of it."""

    personal: ClassVar[bool] = False
    instead: ClassVar[str] = "Use a `count` of the same events."
    summary: ClassVar[str] = (
        "Events per second: the mean over the period, or in its busiest minute."
    )

    event: EventNames
    stat: Literal["mean", "peak"] = "mean"
    weight: str | None = None

    def selections(self) -> dict[str, Match]:
        return {"events": Match.of(Selector(event=self.event), self.where)}

    def answer(self, ask: Ask) -> Answer:
        counted = self._mean(ask) if self.stat == "mean" else self._peak(ask)
        segments = ask.segments(s for s, _ in counted)
        tallies = {at: t for s in segments for at, t in self._timed(ask, s, counted).items()}
        return self.reply(ask.points(self, tallies))

    def _mean(self, ask: Ask) -> Tallies:
        scope, match = ask.scope, self.selections()["events"]
        table = ask.run(Cells(scope.span(self), match, self.weight, scope.segment))
        total = "n" if self.weight is None else "total"
        return ask.gather(table, _tally, "events", "n", total)

    def _peak(self, ask: Ask) -> Tallies:
        """The busiest minute of a period is that of its busiest day."""
        scope, match = ask.scope, self.selections()["events"]
        table = ask.run(Peaks(scope.span(self), match, self.weight, scope.segment))
        rows = ask.rows(table, "events", "n", "peak")
        return {at: _busiest(found) for at, found in rows.items()}

    def _timed(self, ask: Ask, segment: str, counted: Tallies) -> Tallies:
        """Each period's tally with its seconds; of a peak, those of a minute."""
        found: Tallies = {}
        for i, period in enumerate(ask.scope.periods):
            seconds = ask.scope.elapsed(period).total_seconds()
            if self.stat == "peak":
                seconds = MINUTE if seconds else 0.0
            found[segment, i] = replace(counted.get((segment, i), Tally()), y=seconds)
        return found

    def without_events(self, ask: Ask, segment: str) -> tuple[Point, ...]:
        tallies = self._timed(ask, segment, {})
        return tuple(
            ask.point(self, segment, i, self.estimate(tally)) for (_, i), tally in tallies.items()
        )

    def estimate(self, tally: Tally) -> Estimate:
        if not tally.y:
            return Estimate(None, reason="This period has not begun yet.")
        return Estimate(tally.x / tally.y, numerator=tally.x, denominator=tally.y, n=tally.n)

    def words(self) -> str:
        what = f"Sum of `{self.weight}` over" if self.weight else "Number of"
        when = "second of the period" if self.stat == "mean" else "second of its busiest minute"
        return f"{what} {events(self.event)}{filters(self.where)} per {when}."


def _tally(events: int, n: int, total: float) -> Tally:
    return Tally(n, float(total), faults=events - n)


def _busiest(rows: list[tuple[Any, ...]]) -> Tally:
    n = sum(n for _, n, _ in rows)
    peaks = [float(peak) for _, _, peak in rows if peak is not None]
    return Tally(n, max(peaks, default=0.0), faults=sum(e for e, _, _ in rows) - n)
