"""How many subjects go all the way."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from math import ceil
from typing import Annotated, Any, ClassVar, Literal

from msgspec import Meta

from headway.engine.ask import Ask, Scope
from headway.engine.attempt import Path
from headway.engine.definition import Definition, Duration, Selector, duration
from headway.engine.each import Each, alone, refused
from headway.engine.errors import DefinitionError
from headway.engine.period import Calendar, Period, day_number
from headway.engine.phrases import events, filters, subjects
from headway.engine.remnant import Remnant
from headway.engine.selection import Match
from headway.engine.series import Answer
from headway.engine.statistics import Steps
from headway.engine.tally import Estimate, Tally, share_interval, wilson

SECOND = 1_000_000
MOST = 12
Part = Literal[
    "conversion", "dropoff", "step_1", "step_2", "step_3", "step_4", "step_5", "step_6", "step_7",
    "step_8", "step_9", "step_10", "step_11", "step_12",
]  # fmt: skip


class Funnel(Definition, frozen=True, kw_only=True, tag="funnel"):
    """The window runs from entry to its last instant, both included: a span, not days."""

    limits: ClassVar[tuple[float, float] | None] = (0.0, 1.0)
    summary: ClassVar[str] = (
        "The share of the subjects that entered in a period who reached the last step in time."
    )

    steps: Annotated[list[Selector], Meta(min_length=2, max_length=MOST)]
    window: Duration
    entry: Literal["first", "any"] = "first"
    order: Literal["loose", "strict"] = "loose"
    exclude: list[Selector] = []
    count: Literal["subjects", "attempts"] = "subjects"
    part: Part = "conversion"

    def check(self) -> None:
        if self.part not in self.parts():
            raise DefinitionError(
                f"`{self.part}` is past the last of {len(self.steps)} steps.",
                where="part",
                fix=f"Use one of {', '.join(self.parts())}.",
            )

    def parts(self) -> tuple[str, ...]:
        return ("conversion", "dropoff", *(f"step_{k}" for k in range(1, len(self.steps) + 1)))

    @property
    def _last(self) -> int:
        """The step whose subjects are the numerator."""
        _, _, step = self.part.partition("_")
        return int(step) if step else len(self.steps)

    def selections(self) -> dict[str, Match]:
        steps = {f"step {i}": Match.of(s, self.where) for i, s in enumerate(self.steps, 1)}
        return steps | {f"excluded {i}": Match.of(s) for i, s in enumerate(self.exclude, 1)}

    def days_of(self, selection: str, period: Period, scope: Scope) -> Period:
        """Later steps are taken up to a window after the last entry."""
        open_ = timedelta() if selection == "step 1" else duration(self.window)
        return Period(period.start, period.end + timedelta(days=ceil(open_ / timedelta(days=1))))

    def answer(self, ask: Ask) -> Answer:
        table = ask.run(self._statistic(ask))
        k = self._last
        products = ("subjects", f"xx{k}", "yy", f"xy{k}") if self.count == "attempts" else ()
        columns = ("c1", f"c{k}", *products)
        tallies = ask.gather(table, _tally, *columns)
        return self.reply(ask.points(self, tallies), steps=self._steps(ask, table.to_pylist()))

    def _statistic(self, ask: Ask) -> Steps:
        scope = ask.scope
        attempts = self.count == "attempts"
        first = self.entry == "first" and not attempts
        span = scope.span(self, before=None if first or attempts else 0, after=self._days_open())
        return Steps(
            span, scope.grain, tuple(Match.of(s, self.where) for s in self.steps),
            tuple(Match.of(s) for s in self.exclude), self.by, self._window(), first,
            self.order == "strict", day_number(scope.since), scope.start, scope.end, scope.segment,
            attempts,
        )  # fmt: skip

    def each(self, ask: Ask) -> Each:
        """Whether those who enter get as far as is counted."""
        by = alone(self)
        if self.count == "attempts":
            raise refused(self, "Use one with `count: subjects`.", "counts attempts here")
        path = Path(
            tuple(Match.of(s, self.where) for s in self.steps),
            tuple(Match.of(s) for s in self.exclude), self._window(), self.order == "strict",
            self._last, self.part == "dropoff", self.entry == "first",
        )  # fmt: skip
        return Each("rate", path, by=by, source=self.source, open=duration(self.window))

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
        if self.part == "dropoff":
            tally = replace(
                tally,
                x=tally.y - tally.x,
                xx=tally.yy - 2 * tally.xy + tally.xx,
                xy=tally.yy - tally.xy,
            )
        low, high = self._interval(tally)
        return Estimate(tally.x / tally.y, low, high, tally.x, tally.y, round(tally.y))

    def _interval(self, tally: Tally) -> tuple[float | None, float | None]:
        if self.count == "subjects":
            return wilson(tally.x, tally.y)
        return share_interval(tally)

    def matures(self, period: Period, calendar: Calendar) -> datetime:
        return calendar.instant(period.end) + duration(self.window)

    def influence(self) -> tuple[int, int | None]:
        return self._days_open(), None if self.entry == "first" or self.count == "attempts" else 0

    def remnants(self) -> tuple[Remnant, ...]:
        """That somebody entered before; which entries an attempt used up, only all of them tell."""
        if self.count == "attempts":
            return tuple(Remnant("all", match) for match in self.selections().values())
        first = Remnant("newest", self.selections()["step 1"], self.by)
        return (first,) if self.entry == "first" else ()

    def words(self) -> str:
        steps = [f"{events(s.event)}{filters(s.where)}" for s in self.steps]
        path = ", then ".join(steps[: self._last])
        what = "Share lost" if self.part == "dropoff" else "Share"
        if self.count == "attempts":
            return f"{what} of attempts to go through {path}, each within {self.window}."
        entry = "their first entry" if self.entry == "first" else "their best attempt"
        went = f"{what} of {subjects(self.by)} who went through {path}"
        return f"{went}, within {self.window} of {entry}."


def _tally(
    entered: int, reached: int, n: int = 0, xx: float = 0, yy: float = 0, xy: float = 0
) -> Tally:
    """Of attempts, `n` counts the subjects who made them."""
    return Tally(n or entered, float(reached), float(entered), float(xx), float(yy), float(xy))


def _seconds(micros: float | None) -> float | None:
    return None if micros is None else micros / SECOND
