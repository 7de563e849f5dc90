"""How often subjects come."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import numpy as np

from headway.engine.ask import Ask
from headway.engine.definition import Definition, EventNames, Selector
from headway.engine.phrases import events, filters, subjects
from headway.engine.remnant import Remnant
from headway.engine.selection import Match
from headway.engine.series import WHOLE, Answer
from headway.engine.statistics import Activity, Gaps
from headway.engine.tally import Estimate, Tally, mean_of

Row = tuple[int, int]
"""So many days or events, and how many subjects have exactly that."""


class Frequency(Definition, frozen=True, kw_only=True, tag="frequency"):
    instead: ClassVar[str] = (
        "Use a `count` of the same events: its mean by subject is how often they come."
    )
    summary: ClassVar[str] = (
        "The mean number of active days, or of events, of a subject in the period; "
        "and how many subjects have exactly n."
    )

    event: EventNames
    count: Literal["days", "events"] = "days"
    of: Literal["active", "all"] = "active"

    def selections(self) -> dict[str, Match]:
        own = {"events": Match.of(Selector(event=self.event), self.where)}
        return own if self.of == "active" else own | {"everybody": Match()}

    def answer(self, ask: Ask) -> Answer:
        rows = self._rows(ask)
        series = ask.points(self, {at: _tally(found) for at, found in rows.items()})
        known = [i for i, p in enumerate(series.of(WHOLE)) if p.value is not None]
        histogram = [row for i in known for row in _histogram(ask, i, rows[WHOLE, i])]
        return self.reply(series, histogram=histogram)

    def _rows(self, ask: Ask) -> dict[tuple[str, int], list[Row]]:
        scope, match = ask.scope, self.selections()["events"]
        table = ask.run(
            Activity(scope.span(self), scope.grain, match, self.by, self.count, scope.segment)
        )
        rows = {at: sorted(found) for at, found in ask.rows(table, "k", "subjects").items()}
        if self.of == "active":
            return rows
        seen = self._seen(ask).items()
        return {at: _with_idle(rows.get(at, []), n) for at, n in seen if n}

    def _seen(self, ask: Ask) -> dict[tuple[str, int], int]:
        """Subjects with any event until the end of each period: on their last day by then."""
        scope = ask.scope
        table = ask.run(Gaps(scope.span(self, before=None), Match(), self.by, scope.segment))
        names = np.array(table["s"].to_pylist(), dtype=object)
        ends, last = scope.edges[1:], scope.end
        found: dict[tuple[str, int], int] = {}
        for segment in sorted(set(names.tolist())):
            mine = names == segment
            n = table["subjects"].to_numpy()[mine]
            comes = np.searchsorted(ends, table["d"].to_numpy()[mine], side="right")
            goes = np.searchsorted(ends, table["nx"].fill_null(last).to_numpy()[mine], side="right")
            change = np.bincount(comes, n, len(ends) + 1) - np.bincount(goes, n, len(ends) + 1)
            levels = np.cumsum(change).astype(int).tolist()
            found |= {(segment, i): level for i, level in enumerate(levels[:-1])}
        return found

    def estimate(self, tally: Tally) -> Estimate:
        if not tally.n:
            who = "active in this period" if self.of == "active" else "seen yet"
            return Estimate(None, reason=f"Nobody was {who}.")
        return mean_of(tally)

    def influence(self) -> tuple[int, int | None]:
        return 0, 0 if self.of == "active" else None

    def remnants(self) -> tuple[Remnant, ...]:
        return () if self.of == "active" else (Remnant("newest", Match(), self.by, apart=True),)

    def words(self) -> str:
        what = f"{events(self.event)}{filters(self.where)}"
        counted = f"days with {what}" if self.count == "days" else what
        over = "that had any in the period" if self.of == "active" else "seen until its end"
        return f"Mean number of {counted} per {subjects(self.by, 1)}, over those {over}."


def _with_idle(rows: list[Row], seen: int) -> list[Row]:
    idle = seen - sum(n for _, n in rows)
    return [(0, idle), *rows] if idle else rows


def _tally(rows: list[Row]) -> Tally:
    n = sum(n for _, n in rows)
    x, xx = (float(sum(k**power * n for k, n in rows)) for power in (1, 2))
    return Tally(n, x, float(n), xx)


def _histogram(ask: Ask, i: int, rows: list[Row]) -> list[dict[str, Any]]:
    start = ask.scope.periods[i].start.isoformat()
    return [{"start": start, "n": k, "subjects": n} for k, n in rows]
