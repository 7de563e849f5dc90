"""What made a stock grow and shrink, customer by customer."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Literal

from headway.engine.ask import Ask, Scope, Tallies
from headway.engine.definition import Definition, EventNames, Selector
from headway.engine.period import Grain, Period
from headway.engine.phrases import events, filters, subjects
from headway.engine.remnant import Remnant
from headway.engine.selection import Match
from headway.engine.series import Answer
from headway.engine.statistics import MOVES, Moves
from headway.engine.tally import Estimate, Tally
from headway.engine.worth import Held, Horizon, held

Row = Mapping[str, Any]
NOISE = 1e-12
"""Sums of amounts that cancel out leave at most this part of their sizes."""

WORDS = {
    "new": "that came for the first time",
    "expansion": "that grew",
    "contraction": "that shrank",
    "churned": "that went",
    "reactivated": "that came back",
    "opening": "that were there when the period began",
    "closing": "that are there when the period ends",
}


class Movement(Definition, frozen=True, kw_only=True, tag="movement"):
    """Net per customer and period, so that months are not the sums of their days.

    `opening` and `closing` are the stock itself; they differ by the net change and, in a segment,
    by customers who moved there from another, or by exchange rates.
    """

    levels: ClassVar[tuple[str, ...]] = ("opening", "closing")
    instead: ClassVar[str] = "Use the `sum` or `count` of the events behind the movement."
    summary: ClassVar[str] = (
        "What made a stock such as MRR grow and shrink: new, expansion, contraction, churned and "
        "reactivated, net for each customer and period."
    )

    event: EventNames
    value: str
    by: str = "account"
    customer: str = "account"
    measure: Literal["amount", "customers"] = "amount"
    part: Literal[
        "new", "expansion", "contraction", "churned", "reactivated", "opening", "closing", "all"
    ] = "all"
    lifetime: Horizon | None = None

    def parts(self) -> tuple[str, ...]:
        return (*MOVES, *self.levels, "all")

    def selections(self) -> dict[str, Match]:
        return {"values": Match.of(Selector(event=self.event), self.where)}

    def days_of(self, selection: str, period: Period, scope: Scope) -> Period:
        """A subject's value holds until its next event: levels rest on all events until the end."""
        if self.part not in self.levels:
            return period
        return Period(min(scope.first_day, period.start), period.end)

    def answer(self, ask: Ask) -> Answer:
        tallies = self._tallies(ask)
        answer = self.reply(ask.points(self, tallies[self.part]))
        if self.part != "all":
            return answer
        names = (*MOVES, *self.levels)
        return replace(answer, parts={name: ask.points(self, tallies[name]) for name in names})

    def _statistic(self, scope: Scope) -> Moves:
        start = scope.start if scope.grain is Grain.all else 0
        return Moves(
            scope.span(self, before=None), scope.grain, self.selections()["values"],
            scope.number(self.unit, self.value), self.by, self.customer, start, scope.segment,
        )  # fmt: skip

    def _tallies(self, ask: Ask) -> dict[str, Tallies]:
        table, periods = ask.run(self._statistic(ask.scope)), len(ask.scope.periods)
        index = ask.scope.index(table["d"].to_numpy()).tolist()
        found: dict[str, Tallies] = {name: {} for name in self.parts()}
        for segment, rows in _by_segment(table.to_pylist(), index).items():
            for i, tallies in enumerate(_periods(rows, periods)):
                for name, tally in tallies.items():
                    found[name][segment, i] = tally
        return found

    def worth(self, scope: Scope) -> Held | None:
        if self.lifetime is None:
            return None
        match, value = self.selections()["values"], scope.number(self.unit, self.value)
        return held(self, scope, match, value, self.customer)

    def estimate(self, tally: Tally) -> Estimate:
        value = tally.x if self.measure == "amount" else tally.y
        return Estimate(value, numerator=value, n=tally.n)

    def influence(self) -> tuple[int, int | None]:
        return 0, None

    def remnants(self) -> tuple[Remnant, ...]:
        match = self.selections()["values"]
        return (Remnant("changes", match, self.by, value=self.value, customer=self.customer),)

    def words(self) -> str:
        source = f"{events(self.event)}{filters(self.where)}"
        amount = self.measure == "amount"
        what = f"`{self.value}`" if amount else "number"
        if self.part == "all":
            what = f"Net change of the {what} of {subjects(self.customer)} in the period"
        else:
            who = f"{subjects(self.customer)} {WORDS[self.part]}"
            what = f"{what[:1].upper()}{what[1:]} of {who}"
        return f"{what}, by {source}; the moves of one {subjects(self.customer, 1)} are netted."


@dataclass(frozen=True)
class Level:
    """The stock at an instant, the customers who hold some, and the size of all that moved it."""

    amount: float = 0.0
    held: int = 0
    gross: float = 0.0

    def after(self, row: Row) -> Level:
        gross = self.gross + row.get("gross", 0.0)
        amount = self.amount + row.get("total", 0.0)
        held = self.held + row.get("held", 0)
        return Level(amount if abs(amount) > NOISE * gross else 0.0, held, gross)

    @property
    def tally(self) -> Tally:
        return Tally(self.held, self.amount, float(self.held))


def _by_segment(rows: Iterable[Row], index: Iterable[int]) -> dict[str, list[tuple[int, Row]]]:
    """Rows in order of time, each with its period; below 0 before the first."""
    found: dict[str, list[tuple[int, Row]]] = defaultdict(list)
    for row, i in sorted(zip(rows, index, strict=True), key=lambda pair: int(pair[0]["d"])):
        found[row["s"]].append((i, row))
    return found


def _periods(rows: list[tuple[int, Row]], count: int) -> Iterator[dict[str, Tally]]:
    level, within = Level(), {i: row for i, row in rows if i >= 0}
    for _, row in (pair for pair in rows if pair[0] < 0):
        level = level.after(row)
    for i in range(count):
        row = within.get(i, {})
        closing = level.after(row)
        yield _parts(row, level, closing)
        level = closing


def _parts(row: Row, opening: Level, closing: Level) -> dict[str, Tally]:
    """x is the amount, y the customers."""
    found = {
        name: Tally(n, row.get(f"{name}_amount", 0.0), float(n))
        for name in MOVES
        for n in [row.get(f"{name}_count", 0)]
    }
    net = found["new"] + found["expansion"] + found["reactivated"]
    lost = found["contraction"] + found["churned"]
    customers = found["new"].y + found["reactivated"].y - found["churned"].y
    all_ = Tally(net.n + lost.n, net.x - lost.x, customers)
    return found | {"opening": opening.tally, "closing": closing.tally, "all": all_}
