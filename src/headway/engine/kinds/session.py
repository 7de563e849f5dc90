"""How often people come, and how long they stay."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from math import ceil
from typing import ClassVar, Literal

from headway.engine.ask import Ask, Scope
from headway.engine.definition import ANY, Definition, Duration, EventNames, Selector, duration
from headway.engine.errors import DefinitionError
from headway.engine.period import Calendar, Period, micros
from headway.engine.phrases import events, filters, subjects
from headway.engine.selection import Match
from headway.engine.series import Answer
from headway.engine.statistics import Sessions
from headway.engine.tally import Estimate, Tally, mean_of

FOLLOWED = timedelta(days=31)
"""For so long after its first event a session's length is followed."""

LONGEST_GAP = timedelta(days=7)
MICRO = timedelta(microseconds=1)


class Session(Definition, frozen=True, kw_only=True, tag="session"):
    """Lengths are in seconds, from the first event to the last: one event alone lasts 0 s."""

    instead: ClassVar[str] = "Use a `count` of an event that begins a session."
    summary: ClassVar[str] = (
        "Stretches of activity without a longer pause than the gap: how many there are, or how "
        "long they last, by the date on which they began."
    )

    event: EventNames = ANY
    gap: Duration = "30 min"
    stat: Literal["count", "mean", "median"] = "count"

    def check(self) -> None:
        if not timedelta() < duration(self.gap) <= LONGEST_GAP:
            raise DefinitionError(
                f"`{self.gap}` is no pause: it has to be above 0 and at most 7 days.",
                where="gap",
                fix="Write for example `30 min`.",
            )

    def selections(self) -> dict[str, Match]:
        return {"events": Match.of(Selector(event=self.event), self.where)}

    def days_of(self, selection: str, period: Period, scope: Scope) -> Period:
        """Sessions go on after the period in which they began."""
        later = timedelta() if self.stat == "count" else FOLLOWED
        return Period(period.start, period.end + later)

    def answer(self, ask: Ask) -> Answer:
        rows = ask.rows(ask.run(self._statistic(ask)), "n", "total", "squares", "median", "going")
        tallies = {at: _tally(n, x, xx, median) for at, ((n, x, xx, median, _),) in rows.items()}
        going = {at for at, ((*_, count),) in rows.items() if count}
        series = ask.points(self, tallies)
        if self.stat == "count":
            return self.reply(series)
        open_ = {(segment, ask.scope.periods[i].start) for segment, i in going}
        points = tuple(
            replace(p, complete=p.complete and (p.segment, p.start) not in open_)
            for p in series.points
        )
        return self.reply(replace(series, points=points))

    def _statistic(self, ask: Ask) -> Sessions:
        scope, gap = ask.scope, duration(self.gap)
        after = 0 if self.stat == "count" else FOLLOWED.days + 1
        final = scope.calendar.instant(scope.periods[-1].end) + FOLLOWED
        return Sessions(
            scope.span(self, before=self._pause, after=after), scope.grain,
            self.selections()["events"], self.by, gap // MICRO, FOLLOWED // MICRO,
            micros(min(scope.as_of, final)), scope.start, scope.end, scope.segment,
        )  # fmt: skip

    @property
    def _pause(self) -> int:
        """Days in which an event may take away the beginning of a session."""
        return ceil(duration(self.gap) / timedelta(days=1)) + 1

    def estimate(self, tally: Tally) -> Estimate:
        if self.stat == "count":
            return Estimate(float(tally.n), numerator=float(tally.n), n=tally.n)
        if not tally.n:
            return Estimate(None, reason="No session began in this period.")
        if self.stat == "median":
            return Estimate(tally.y, n=tally.n)
        return mean_of(tally)

    def matures(self, period: Period, calendar: Calendar) -> datetime:
        """Lengths: when a session that was open at the end can have ended; longer ones are seen."""
        ends = calendar.instant(period.end)
        return ends if self.stat == "count" else ends + duration(self.gap)

    def influence(self) -> tuple[int, int | None]:
        before = 0 if self.stat == "count" else FOLLOWED.days + 1
        return before, self._pause

    def words(self) -> str:
        of = f"sessions of {events(self.event)}{filters(self.where)} of a {subjects(self.by, 1)}"
        what = {"count": "Number", "mean": "Mean length", "median": "Median length"}[self.stat]
        return f"{what} of {of}, which end with a pause of more than {self.gap}."


def _tally(n: int, total: float, squares: float, median: float) -> Tally:
    """`y` is the median."""
    return Tally(n, float(total), float(median), float(squares))
