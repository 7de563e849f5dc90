"""Do subjects come back?"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import accumulate
from typing import Annotated, Any, ClassVar, Literal

from msgspec import Meta

from headway.engine.ask import Ask, Scope
from headway.engine.attempt import Return
from headway.engine.definition import Definition, Selector
from headway.engine.each import Each, alone
from headway.engine.errors import DefinitionError
from headway.engine.period import Calendar, Grain, Period
from headway.engine.phrases import events, filters, subjects
from headway.engine.remnant import Remnant
from headway.engine.selection import Match
from headway.engine.series import WHOLE, Answer
from headway.engine.statistics import Returns
from headway.engine.tally import Estimate, Tally, wilson

Bucket = Literal["day", "week", "month"]
LONGEST = {"day": 1, "week": 7, "month": 31}
Counts = dict[tuple[str, int], dict[int, int]]
"""(segment, period) → lag → subjects; lag −1 is the cohort's size."""


class Retention(Definition, frozen=True, kw_only=True, tag="retention"):
    limits: ClassVar[tuple[float, float] | None] = (0.0, 1.0)
    summary: ClassVar[str] = (
        "The share of the subjects that started in a period who came back in a later bucket."
    )

    start: Selector
    returns: Selector
    bucket: Bucket = "day"
    brackets: list[Annotated[int, Meta(ge=1)]] = []
    mode: Literal["on", "on_or_after"] = "on"
    clock: Literal["calendar", "rolling"] = "calendar"
    cohort: Literal["first", "each"] = "first"
    horizon: Annotated[int, Meta(ge=1)] | None = None
    at: Annotated[int, Meta(ge=0)] = 1

    def check(self) -> None:
        if self.brackets and (self.brackets != sorted(set(self.brackets)) or self.bucket != "day"):
            raise DefinitionError(
                "`brackets` are days in rising order and go with `bucket: day`.", where="brackets"
            )
        if self.brackets and self.at >= len(self.brackets):
            raise DefinitionError(
                f"`at` {self.at} is past the last bracket, {len(self.brackets) - 1}.", where="at"
            )
        if self.clock == "rolling" and self.bucket == "month":
            raise DefinitionError(
                "Rolling buckets are 24 hours or 7 days; months differ in length.",
                where="clock",
                fix="Use `bucket: day` or `week`, or `clock: calendar`.",
            )
        if self.mode == "on_or_after" and self.horizon is None:
            raise DefinitionError(
                "`mode: on_or_after` needs a `horizon`: until which bucket a return counts.",
                where="horizon",
            )

    @property
    def reach(self) -> int:
        """The last bucket that is read."""
        if self.brackets:
            return len(self.brackets) - 1
        return max(self.at, self.horizon or self._usual)

    @property
    def _usual(self) -> int:
        return {"day": 30, "week": 12, "month": 24}[self.bucket]

    @property
    def _edges(self) -> tuple[int, ...]:
        return tuple(self.brackets)

    def selections(self) -> dict[str, Match]:
        return {
            "start": Match.of(self.start, self.where),
            "returns": Match.of(self.returns, self.where),
        }

    def days_of(self, selection: str, period: Period, scope: Scope) -> Period:
        """Returns come later: until the value's bucket has ended for the last who started."""
        if selection == "start":
            return period
        last = self.at if self.mode == "on" else self.reach
        ends = self._bucket_end(period.last, last, scope.calendar)
        return Period(period.start, max(period.end, ends))

    def answer(self, ask: Ask) -> Answer:
        counts = self._counts(ask)
        series = ask.points(self, {at: self._tally(lags) for at, lags in counts.items()})
        cohorts = self._cohorts(ask, counts)
        return replace(self.reply(series, cohorts=cohorts), sums={"pooled": pooled(cohorts)})

    def _counts(self, ask: Ask) -> Counts:
        table = ask.run(self._statistic(ask))
        counts: Counts = defaultdict(lambda: defaultdict(int))
        periods = ask.scope.index(table["d"].to_numpy()).tolist()
        columns = (table[c].to_pylist() for c in ("s", "lag", "subjects"))
        for (segment, lag, subjects_), period in zip(
            zip(*columns, strict=True), periods, strict=True
        ):
            if 0 <= period < len(ask.scope.periods):
                counts[segment, period][lag] += subjects_
        return counts

    def _statistic(self, ask: Ask) -> Returns:
        scope = ask.scope
        span = scope.span(
            self, before=None if self.cohort == "first" else 0, after=self._days_open()
        )
        return Returns(
            span, Match.of(self.start, self.where), Match.of(self.returns, self.where), self.by,
            self.bucket, self.clock == "rolling", self.cohort == "each",
            self.mode == "on_or_after", self.reach, self._edges, scope.segment,
        )  # fmt: skip

    def each(self, ask: Ask) -> Each:
        """Whether those who start come back in the bucket that is the metric's value."""
        by = alone(self)
        came = Return(
            Match.of(self.start, self.where), Match.of(self.returns, self.where), self.bucket,
            self.clock == "rolling", self._edges, self.at, self._last,
        )  # fmt: skip
        last = self.days_read() - (1 if self.clock == "rolling" else 2)
        return Each("rate", came, by=by, source=self.source, open=timedelta(days=last))

    def _days_open(self) -> int:
        if self.brackets:
            return self.brackets[-1] + 1
        return (self.reach + 1) * LONGEST[self.bucket] + 1

    def _returned(self, lags: dict[int, int]) -> list[int]:
        """How many came back in each bucket, or in it or later."""
        found = [lags.get(j, 0) for j in range(self.reach + 1)]
        return found if self.mode == "on" else list(accumulate(found[::-1]))[::-1]

    def _tally(self, lags: dict[int, int]) -> Tally:
        size = lags.get(-1, 0)
        return Tally(size, float(self._returned(lags)[self.at]), float(size))

    def _cohorts(self, ask: Ask, counts: Counts) -> list[dict[str, Any]]:
        """Rows of the triangle. A cell is null until its bucket has ended for the whole cohort."""
        return [
            self._cohort(ask, period, counts.get((WHOLE, i), {}))
            for i, period in enumerate(ask.scope.periods)
            if ask.scope.segment is None
        ]

    def _cohort(self, ask: Ask, period: Period, lags: dict[int, int]) -> dict[str, Any]:
        """A bucket opens and ends no earlier than the one before it."""
        calendar, as_of, buckets = ask.scope.calendar, ask.scope.as_of, range(self.reach + 1)
        done = bisect_right(buckets, as_of, key=lambda j: self._ended(period, j, calendar))
        opened = bisect_right(buckets, as_of, key=lambda j: self._opens(period, j, calendar))
        returned = self._returned(lags)[:opened]
        return {
            "start": period.start.isoformat(),
            "size": lags.get(-1, 0),
            "returned": [*returned, *[None] * (len(buckets) - opened)],
            "complete": [j < done for j in buckets],
        }

    def _opens(self, period: Period, bucket: int, calendar: Calendar) -> datetime:
        return calendar.instant(self._bucket_start(period.start, bucket, calendar))

    def _ended(self, period: Period, bucket: int, calendar: Calendar) -> datetime:
        last = bucket if self.mode == "on" else self.reach
        return calendar.instant(self._bucket_end(period.last, last, calendar))

    def _bucket_start(self, day: date, bucket: int, calendar: Calendar) -> date:
        if self.brackets:
            return day + timedelta(days=(0, *self.brackets)[bucket])
        unit = Grain(self.bucket)
        first = (
            day
            if self.clock == "rolling" and unit is not Grain.day
            else calendar.start_of(day, unit)
        )
        return calendar.after(first, unit, bucket)

    def _bucket_end(self, day: date, bucket: int, calendar: Calendar) -> date:
        if self.brackets:
            return day + timedelta(days=self.brackets[bucket])
        rolling = timedelta(days=1) if self.clock == "rolling" else timedelta()
        return self._bucket_start(day, bucket + 1, calendar) + rolling

    def estimate(self, tally: Tally) -> Estimate:
        if not tally.y:
            return Estimate(None, reason="Nobody started in this period.")
        low, high = wilson(tally.x, tally.y)
        return Estimate(tally.x / tally.y, low, high, tally.x, tally.y, tally.n)

    def matures(self, period: Period, calendar: Calendar) -> datetime:
        return self._ended(period, self.at, calendar)

    def influence(self) -> tuple[int, int | None]:
        return self._days_open(), None if self.cohort == "first" else LONGEST[self.bucket]

    @property
    def _last(self) -> int:
        """The last bucket that decides the value."""
        return self.at if self.mode == "on" else self.reach

    def days_read(self) -> int:
        """Until the value's bucket is over; later ones are filled if they can be."""
        if self.brackets:
            return self.brackets[self._last] + 1
        return (self._last + 1) * LONGEST[self.bucket] + 1

    def remnants(self) -> tuple[Remnant, ...]:
        """That somebody started before."""
        start = Remnant("newest", self.selections()["start"], self.by)
        return (start,) if self.cohort == "first" else ()

    def words(self) -> str:
        which = "first ever" if self.cohort == "first" else "each"
        when = f"{self.bucket} {self.at}" if not self.brackets else f"bracket {self.at}"
        after = " or later" if self.mode == "on_or_after" else ""
        return (
            f"Share of {subjects(self.by)} whose {which} {events(self.start.event)}"
            f"{filters(self.start.where)} fell in the period and who had "
            f"{events(self.returns.event)}{filters(self.returns.where)} in {when}{after} after it."
        )


def pooled(cohorts: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Per bucket, Σ returned and Σ size of the cohorts for which it is complete."""
    widest = max((len(row["complete"]) for row in cohorts), default=0)
    return [_pool(j, [r for r in cohorts if r["complete"][j]]) for j in range(widest)]


def _pool(bucket: int, cohorts: list[dict[str, Any]]) -> dict[str, Any]:
    size = sum(row["size"] for row in cohorts)
    returned = sum(row["returned"][bucket] for row in cohorts)
    share = returned / size if size else None
    return {"bucket": bucket, "size": size, "returned": returned, "share": share}
