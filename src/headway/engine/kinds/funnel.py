"""How many subjects go all the way."""

from __future__ import annotations

from datetime import datetime, timedelta
from math import ceil
from typing import Annotated, Any, ClassVar, Literal

from msgspec import Meta

from headway.engine.ask import Ask, Scope
from headway.engine.definition import Definition, Duration, Selector, duration
from headway.engine.period import Calendar, Period, day_number
from headway.engine.phrases import events, filters, subjects
from headway.engine.series import Answer
from headway.engine.statistics import Match, Steps
from headway.engine.tally import Estimate, Tally, wilson

SECOND = 1_000_000


class Funnel(Definition, frozen=True, kw_only=True, tag="funnel"):
    """The window runs from entry to its last instant, both included: a span, not days."""

    summary: ClassVar[str] = (
        "The share of the subjects that entered in a period who reached the last step in time."
    )

    steps: Annotated[list[Selector], Meta(min_length=2, max_length=12)]
    window: Duration
    entry: Literal["first", "any"] = "first"
    order: Literal["loose", "strict"] = "loose"
    exclude: list[Selector] = []
    part: Literal["conversion", "dropoff"] = "conversion"

    def parts(self) -> tuple[str, ...]:
        return "conversion", "dropoff"

    def selections(self) -> dict[str, Match]:
        steps = {f"step {i}": Match.of(s, self.where) for i, s in enumerate(self.steps, 1)}
        return steps | {f"excluded {i}": Match.of(s) for i, s in enumerate(self.exclude, 1)}

    def days_of(self, selection: str, period: Period, scope: Scope) -> Period:
        """Later steps are taken up to a window after the last entry."""
        open_ = timedelta() if selection == "step 1" else duration(self.window)
        return Period(period.start, period.end + timedelta(days=ceil(open_ / timedelta(days=1))))

    def answer(self, ask: Ask) -> Answer:
        table = ask.run(self._statistic(ask))
        first, last = "c1", f"c{len(self.steps)}"
        tallies = ask.gather(table, lambda n, x: Tally(n, float(x), float(n)), first, last)
        return self.reply(ask.points(self, tallies), steps=self._steps(ask, table.to_pylist()))

    def _statistic(self, ask: Ask) -> Steps:
        scope = ask.scope
        first = self.entry == "first"
        span = scope.span(self, before=None if first else 0, after=self._days_open())
        return Steps(
            span, scope.grain, tuple(Match.of(s, self.where) for s in self.steps),
            tuple(Match.of(s) for s in self.exclude), self.by, self._window(), first,
            self.order == "strict", day_number(scope.since), scope.start, scope.end, scope.segment,
        )  # fmt: skip

    def _window(self) -> int:
        return round(duration(self.window).total_seconds() * SECOND)

    def _days_open(self) -> int:
        return duration(self.window).days + 2

    def _steps(self, ask: Ask, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """One row per step and period of the whole."""
        if ask.scope.segment is not None:
            return []
        starts = {
            number: p.start.isoformat()
            for number, p in zip(ask.scope.edges.tolist(), ask.scope.periods, strict=False)
        }
        return [
            self._step(row, k, starts[row["d"]])
            for row in sorted(rows, key=lambda r: int(r["d"]))
            if row["d"] in starts
            for k in range(1, len(self.steps) + 1)
        ]

    def _step(self, row: dict[str, Any], k: int, start: str) -> dict[str, Any]:
        count, entered, before = row[f"c{k}"], row["c1"], row[f"c{max(1, k - 1)}"]
        return {
            "start": start,
            "step": " or ".join(self.steps[k - 1].names) or "any event",
            "count": count,
            "conversion": count / entered if entered else None,
            "step_conversion": count / before if before else None,
            "mean_seconds": _seconds(row.get(f"a{k}")),
            "median_seconds": _seconds(row.get(f"m{k}")),
        }

    def estimate(self, tally: Tally) -> Estimate:
        if not tally.y:
            return Estimate(None, reason="Nobody entered in this period.")
        reached = tally.x if self.part == "conversion" else tally.y - tally.x
        low, high = wilson(reached, tally.y)
        return Estimate(reached / tally.y, low, high, reached, tally.y, tally.n)

    def matures(self, period: Period, calendar: Calendar) -> datetime:
        return calendar.instant(period.end) + duration(self.window)

    def influence(self) -> tuple[int, int | None]:
        return self._days_open(), None if self.entry == "first" else 0

    def words(self) -> str:
        path = ", then ".join(f"{events(s.event)}{filters(s.where)}" for s in self.steps)
        what = "Share" if self.part == "conversion" else "Share lost"
        entry = "their first entry" if self.entry == "first" else "their best attempt"
        went = f"{what} of {subjects(self.by)} who went through {path}"
        return f"{went}, within {self.window} of {entry}."


def _seconds(micros: float | None) -> float | None:
    return None if micros is None else micros / SECOND
