"""How much there is at the end of a period."""

from __future__ import annotations

from datetime import date
from typing import ClassVar, Literal

import numpy as np

from headway.engine.ask import Ask, Scope, Tallies, by_segment
from headway.engine.definition import Amount, Definition, EventNames, Selector
from headway.engine.errors import DefinitionError
from headway.engine.period import Calendar, Period
from headway.engine.phrases import events, filters, subjects
from headway.engine.remnant import Remnant
from headway.engine.selection import Match, Number
from headway.engine.series import Answer
from headway.engine.statistics import States
from headway.engine.tally import Estimate, Tally
from headway.engine.worth import Held, Horizon, held

Moves = tuple[tuple[Match, Number | None], ...]


class Stock(Definition, frozen=True, kw_only=True, tag="stock"):
    """A subject keeps its value until its next event; `count` counts those above 0."""

    instead: ClassVar[str] = "Use the `sum` or `count` of what makes it grow."
    summary: ClassVar[str] = "The sum of every subject's last known value, at the period's end."

    event: EventNames | None = None
    value: str | None = None
    plus: list[Amount] = []
    minus: list[Amount] = []
    stat: Literal["sum", "count"] = "sum"
    lifetime: Horizon | None = None

    def check(self) -> None:
        set_to, moved = self.event is not None and self.value is not None, bool(self.plus)
        if self.lifetime and (self.event is None or self.stat == "count"):
            raise DefinitionError(
                "What customers are worth is told by amounts that they hold.",
                where="lifetime",
                fix="Give `event` and `value` with `stat: sum`, or leave out `lifetime`.",
            )
        if set_to == moved:
            raise DefinitionError(
                "A stock needs either `event` and `value` (the subject's new value), or `plus` "
                "and `minus` (what adds and what takes away).",
                where="event",
            )
        if moved and self.stat == "count" and any(a.property for a in self.plus):
            raise DefinitionError(
                "`stat: count` counts subjects with a value above 0; with `plus` it counts events.",
                where="stat",
                fix="Leave out `property`.",
            )

    def selections(self) -> dict[str, Match]:
        if self.event is not None:
            return {"values": Match.of(Selector(event=self.event), self.where)}
        plus = {f"plus {i}": Match.of(a, self.where) for i, a in enumerate(self.plus, 1)}
        minus = {f"minus {i}": Match.of(a, self.where) for i, a in enumerate(self.minus, 1)}
        return plus | minus

    def days_of(self, selection: str, period: Period, scope: Scope) -> Period:
        """A subject's value holds until its next event, so all events until the end count."""
        return Period(min(scope.first_day, period.start), period.end)

    def answer(self, ask: Ask) -> Answer:
        return self.reply(ask.points(self, self._levels(ask)))

    def _statistic(self, ask: Ask) -> States:
        set_to = None
        if self.event is not None and self.value is not None:
            value = ask.scope.number(self.unit, self.value)
            set_to = (Match.of(Selector(event=self.event), self.where), value)
        return States(
            ask.scope.span(self, before=None), set_to, self._moves(self.plus, ask.scope),
            self._moves(self.minus, ask.scope), self.by, ask.scope.segment,
        )  # fmt: skip

    def _moves(self, amounts: list[Amount], scope: Scope) -> Moves:
        return tuple(
            (Match.of(a, self.where), a.property and scope.number(self.unit, a.property))
            for a in amounts
        )

    def _levels(self, ask: Ask) -> Tallies:
        """Changes before the first period and in each, added up from the beginning."""
        table, edges = ask.run(self._statistic(ask)), ask.scope.edges
        found: Tallies = {}
        for segment, mine in by_segment(table):
            ends = np.searchsorted(edges[1:], mine["d"].to_numpy(), side="right")
            total = _running(ends, mine["total"].to_numpy(), len(edges) - 1)
            positive = _running(ends, mine["positive"].to_numpy(), len(edges) - 1)
            found |= {
                (segment, i): Tally(round(n), float(t))
                for i, (n, t) in enumerate(zip(positive, total, strict=True))
            }
        return found

    def worth(self, scope: Scope) -> Held | None:
        if self.lifetime is None or self.value is None:
            return None
        match, value = self.selections()["values"], scope.number(self.unit, self.value)
        return held(self, scope, match, value, self.by)

    def estimate(self, tally: Tally) -> Estimate:
        value = tally.x if self.stat == "sum" else float(tally.n)
        return Estimate(value, numerator=value, n=tally.n)

    def influence(self) -> tuple[int, int | None]:
        return 0, None

    def remnants(self) -> tuple[Remnant, ...]:
        if self.event is None:
            return tuple(Remnant("all", match) for match in self.selections().values())
        return (Remnant("standing", self.selections()["values"], self.by, value=self.value),)

    def rests_from(self, period: Period, calendar: Calendar) -> date:
        """Of the days before, what stays says all."""
        return period.last

    def words(self) -> str:
        if self.event is None:
            up = " and ".join(f"{events(a.event)}{filters(a.where)}" for a in self.plus)
            down = " and ".join(f"{events(a.event)}{filters(a.where)}" for a in self.minus)
            return f"At the end of the period: all {up} so far, less {down or 'nothing'}."
        what = "Number of" if self.stat == "count" else f"Sum of the last `{self.value}` of all"
        positive = f" whose last `{self.value}` is above 0" if self.stat == "count" else ""
        source = f"from {events(self.event)}{filters(self.where)}"
        return f"{what} {subjects(self.by)}{positive}, {source}, at the end of the period."


def _running(
    ends: np.ndarray[tuple[int, ...], np.dtype[np.int64]],
    changes: np.ndarray[tuple[int, ...], np.dtype[np.float64]],
    periods: int,
) -> list[float]:
    """Level at the end of each period; `ends` is the first period whose end is past the change."""
    inside = ends < periods
    steps = np.bincount(ends[inside], weights=changes[inside].astype(float), minlength=periods)
    levels: list[float] = np.cumsum(steps).tolist()
    return levels
