"""How many distinct subjects were active."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated, ClassVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from msgspec import Meta

from headway.engine.ask import Ask, Scope, Tallies, by_segment
from headway.engine.definition import Definition, Duration, EventNames, Selector, whole_days
from headway.engine.each import Each, alone
from headway.engine.period import Calendar, Period
from headway.engine.phrases import events, filters, subjects
from headway.engine.selection import Added, Match
from headway.engine.series import Answer
from headway.engine.statistics import Activity, Gaps, Holders
from headway.engine.tally import Estimate, Tally

Days = npt.NDArray[np.int64]
NEVER = np.iinfo(np.int64).max


class Unique(Definition, frozen=True, kw_only=True, tag="unique"):
    summary: ClassVar[str] = (
        "Distinct subjects in the calendar period, or in the trailing window that ends with it."
    )

    event: EventNames
    window: Duration | None = None
    at_least: Annotated[int, Meta(ge=1)] = 1

    @property
    def days(self) -> int:
        return whole_days(self.window) if self.window else 0

    @property
    def grows(self) -> bool:
        return self.window is None

    def check(self) -> None:
        if self.window:
            whole_days(self.window)

    def selections(self) -> dict[str, Match]:
        return {"events": self.match}

    def answer(self, ask: Ask) -> Answer:
        return self.reply(ask.points(self, self._tallies(ask)))

    def each(self, ask: Ask) -> Each:
        """Whether the subject did it, whatever the window."""
        x = Added(self.match, at_least=self.at_least)
        return Each("share", x, by=alone(self), source=self.source)

    def _tallies(self, ask: Ask) -> Tallies:
        if self.at_least == 1:
            return distinct(ask, self, self.match, self.days)
        if self.days:
            return self._holding(ask)
        return self._often(ask)

    def _often(self, ask: Ask) -> Tallies:
        span, grain = ask.scope.span(self), ask.scope.grain
        table = ask.run(Activity(span, grain, self.match, self.by, "events", ask.scope.segment))
        rows = ask.rows(table, "k", "subjects")
        often = {at: sum(n for k, n in r if k >= self.at_least) for at, r in rows.items()}
        return {at: Tally(n, float(n)) for at, n in often.items() if n}

    def _holding(self, ask: Ask) -> Tallies:
        scope = ask.scope
        span = scope.span(self, before=self.days - 1)
        table = ask.run(Holders(span, self.match, self.by, self.at_least, self.days, scope.segment))
        lasts = scope.edges[1:] - 1
        found: Tallies = {}
        for segment, mine in by_segment(table):
            days, changes = (mine[c].to_numpy() for c in ("d", "change"))
            order = np.argsort(days)
            held = np.concatenate([[0], np.cumsum(changes[order])])
            levels = held[np.searchsorted(days[order], lasts, side="right")]
            found |= {(segment, i): Tally(int(n), float(n)) for i, n in enumerate(levels)}
        return found

    @property
    def match(self) -> Match:
        return Match.of(Selector(event=self.event), self.where)

    def days_of(self, selection: str, period: Period, scope: Scope) -> Period:
        if not self.days:
            return period
        return Period(period.end - timedelta(days=self.days), period.end)

    def estimate(self, tally: Tally) -> Estimate:
        return Estimate(tally.x, numerator=tally.x, n=tally.n)

    def influence(self) -> tuple[int, int | None]:
        return 0, max(0, self.days - 1)

    def rests_from(self, period: Period, calendar: Calendar) -> date:
        return period.end - timedelta(days=self.days) if self.days else period.start

    def words(self) -> str:
        when = f"in the {self.window} that end with the period" if self.window else "in the period"
        often = f" at least {self.at_least} times" if self.at_least > 1 else ""
        who = f"Distinct {subjects(self.by)} with {events(self.event)}"
        return f"{who}{often}{filters(self.where)}, {when}."


def distinct(ask: Ask, definition: Definition, match: Match, window: int = 0) -> Tallies:
    """Distinct subjects per period, or in the last `window` days of it, from the gap matrix."""
    scope = ask.scope
    span = scope.span(definition, before=max(0, window - 1))
    table = ask.run(Gaps(span, match, definition.by, scope.segment))
    found: Tallies = {}
    for segment, mine in by_segment(table):
        counts = _counts(ask, mine, window)
        found |= {(segment, i): Tally(int(c), float(c)) for i, c in enumerate(counts)}
    return found


def _counts(ask: Ask, table: pa.Table, window: int) -> Days:
    day = table["d"].to_numpy().astype(np.int64)
    following = table["nx"].fill_null(int(NEVER)).to_numpy().astype(np.int64)
    subjects = table["subjects"].to_numpy()
    return (_trailing if window else _calendar)(ask, day, following, subjects, window)


def _calendar(ask: Ask, day: Days, following: Days, subjects: Days, window: int) -> Days:
    """A subject is counted on its last active day of the period."""
    del window
    edges = ask.scope.edges
    period = ask.scope.index(day)
    inside = (period >= 0) & (period < len(edges) - 1)
    last = inside & (following >= edges[np.minimum(period + 1, len(edges) - 1)])
    counts = np.bincount(period[last], weights=subjects[last], minlength=len(edges) - 1)
    return counts.astype(np.int64)


def _trailing(ask: Ask, day: Days, following: Days, subjects: Days, window: int) -> Days:
    """An active day d counts for windows that end on d … min(d + window, next active day) − 1."""
    if not day.size:
        return np.zeros(len(ask.scope.periods), np.int64)
    base, stop = int(day.min()), int(ask.scope.edges[-1])
    change = np.zeros(max(stop - base, 0) + 2, np.int64)
    np.add.at(change, np.minimum(day, stop) - base, subjects)
    leaves = np.minimum(np.minimum(day + window, following), stop)
    np.subtract.at(change, leaves - base, subjects)
    active = np.cumsum(change)
    lasts = ask.scope.edges[1:] - 1 - base
    return np.where(lasts >= 0, active[np.maximum(lasts, 0)], 0).astype(np.int64)
