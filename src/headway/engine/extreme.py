"""The least or the greatest value of a property."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, ClassVar

from headway.engine.ask import Ask
from headway.engine.definition import Definition, EventNames, Selector
from headway.engine.phrases import events, filters
from headway.engine.selection import Match
from headway.engine.series import Answer
from headway.engine.statistics import Cells
from headway.engine.tally import Estimate, Tally


class Extreme(Definition, frozen=True, kw_only=True):
    column: ClassVar[str]
    """Of the statistic: `low` or `high`."""
    pick: ClassVar[Callable[[Iterable[float]], float]]
    called: ClassVar[str]

    event: EventNames
    property: str

    def selections(self) -> dict[str, Match]:
        return {"events": Match.of(Selector(event=self.event), self.where)}

    def answer(self, ask: Ask) -> Answer:
        scope, match = ask.scope, self.selections()["events"]
        number = scope.number(self.unit, self.property)
        table = ask.run(Cells(scope.span(self), match, number, scope.segment))
        rows = ask.rows(table, "events", "n", self.column)
        return self.reply(ask.points(self, {at: self._tally(r) for at, r in rows.items()}))

    def _tally(self, rows: list[tuple[Any, ...]]) -> Tally:
        n = sum(n for _, n, _ in rows)
        values = [float(value) for _, _, value in rows if value is not None]
        faults = sum(all_ for all_, _, _ in rows) - n
        return Tally(n, type(self).pick(values) if values else 0.0, faults=faults)

    def estimate(self, tally: Tally) -> Estimate:
        if not tally.n:
            return Estimate(None, reason=f"No values of {self.property} in this period.")
        return Estimate(tally.x, n=tally.n)

    def words(self) -> str:
        of = f"`{self.property}` over {events(self.event)}{filters(self.where)}"
        return f"{self.called} {of}."
