"""How long it takes from one thing to another."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import ClassVar, Literal

import msgspec

from headway.engine.ask import Ask, Scope
from headway.engine.definition import PEOPLE, Definition, Duration, Selector, duration
from headway.engine.errors import DefinitionError
from headway.engine.period import Calendar, Period, micros
from headway.engine.phrases import events, filters, subjects
from headway.engine.remnant import How, Remnant
from headway.engine.selection import Match
from headway.engine.series import Answer
from headway.engine.statistics import Lengths
from headway.engine.tally import Estimate, Tally, mean_of

LONGEST = timedelta(days=3660)


class Elapsed(Definition, frozen=True, kw_only=True, tag="elapsed"):
    """In seconds. What has not ended counts as lasting at least as long as it was seen."""

    instead: ClassVar[str] = (
        "Use `unique` on the end: whoever is assigned and gets there within some days."
    )
    summary: ClassVar[str] = (
        "The time from a first event to the next second one, by the date of the first. What has "
        "not ended within the limit counts as lasting longer; it is never left out."
    )

    from_: Selector = msgspec.field(name="from")
    to: Selector
    limit: Duration
    stat: Literal["mean", "median", "p90"] = "median"
    unit: str = "duration"

    def check(self) -> None:
        if not timedelta() < duration(self.limit) <= LONGEST:
            raise DefinitionError(
                f"`{self.limit}` is no limit: it has to be above 0 and at most ten years.",
                where="limit",
                fix="Write for example `30 days`: what takes longer counts as not finished.",
            )

    def selections(self) -> dict[str, Match]:
        return {"from": Match.of(self.from_, self.where), "to": Match.of(self.to, self.where)}

    @property
    def own(self) -> bool:
        """Whether the subject is the thing that lasts, such as a ticket, and starts only once."""
        return self.by not in PEOPLE

    def answer(self, ask: Ask) -> Answer:
        value = {"mean": "area", "median": "median", "p90": "p90"}[self.stat]
        table = ask.run(self._statistic(ask))
        columns = ("n", "early", "faults", "total", "squares", value)
        rows = ask.rows(table, *columns)
        tallies = {at: _tally(*row) for at, (row,) in rows.items()}
        return self.reply(ask.points(self, tallies))

    def _statistic(self, ask: Ask) -> Lengths:
        scope, limit = ask.scope, duration(self.limit)
        final = scope.calendar.instant(scope.periods[-1].end) + limit
        span = scope.span(self, before=None, after=self._days_open())
        return Lengths(
            span, scope.grain, Match.of(self.from_, self.where), Match.of(self.to, self.where),
            self.by, self.own, limit // timedelta(microseconds=1), micros(min(scope.as_of, final)),
            scope.start, scope.end, scope.segment,
        )  # fmt: skip

    def _days_open(self) -> int:
        return duration(self.limit).days + 2

    def estimate(self, tally: Tally) -> Estimate:
        if not tally.n:
            return Estimate(None, reason="Nothing started in this period.")
        if self.stat == "mean":
            return _mean(tally)
        if not tally.y:
            return Estimate(None, reason=self._unfinished(early=bool(tally.yy)), n=tally.n)
        return Estimate(tally.xy, n=tally.n)

    def _unfinished(self, *, early: bool) -> str:
        share = {"median": "half", "p90": "a tenth"}[self.stat]
        return f"More than {share} not finished {'yet' if early else f'within {self.limit}'}."

    def days_of(self, selection: str, period: Period, scope: Scope) -> Period:
        later = timedelta(days=0 if selection == "from" else self._days_open())
        return Period(period.start, period.end + later)

    def matures(self, period: Period, calendar: Calendar) -> datetime:
        return calendar.instant(period.end) + duration(self.limit)

    def influence(self) -> tuple[int, int | None]:
        return self._days_open(), None

    def remnants(self) -> tuple[Remnant, ...]:
        """Which ends are taken already, only all of them tell, unless a thing has its own."""
        how: How = "newest" if self.own else "all"
        return tuple(Remnant(how, match, self.by) for match in self.selections().values())

    def words(self) -> str:
        stat = {"mean": "Mean", "median": "Median", "p90": "90th percentile of the"}[self.stat]
        start = f"{events(self.from_.event)}{filters(self.from_.where | self.where)}"
        end = f"{events(self.to.event)}{filters(self.to.where | self.where)}"
        which = "first" if self.own else "each"
        own = f" of {subjects(self.by)}" if self.own else f" of the same {subjects(self.by, 1)}"
        return (
            f"{stat} time from {which} {start} to the next {end}{own}, "
            f"counted as unfinished after {self.limit}."
        )


def _tally(
    n: int, early: int, faults: int, total: float, squares: float, value: float | None
) -> Tally:
    """`xy` is the value and `y` whether there is one; `yy` counts what was lost from sight."""
    known = float(value is not None)
    return Tally(n, float(total), known, float(squares), float(early), value or 0.0, faults)


def _mean(tally: Tally) -> Estimate:
    if tally.yy:
        return Estimate(tally.xy, n=tally.n)
    return mean_of(tally)
