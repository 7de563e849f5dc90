"""Who is new, who stays, who comes back and who goes quiet."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any, ClassVar, Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from headway.engine.ask import Ask, Scope, Tallies, by_segment
from headway.engine.definition import Definition, EventNames, Selector
from headway.engine.period import Grain, Period, day_number
from headway.engine.phrases import events, filters, subjects
from headway.engine.remnant import Remnant
from headway.engine.selection import Match
from headway.engine.series import Answer
from headway.engine.statistics import Gaps
from headway.engine.tally import Estimate, Tally

Days = npt.NDArray[np.int64]
NEVER = np.iinfo(np.int64).max
PARTS = ("new", "returning", "resurrected", "dormant")
WORDS = {
    "all": "Active {who}",
    "new": "{who} active for the first time ever",
    "returning": "{who} active who were active in the period before too",
    "resurrected": "{who} active again who were not in the period before, but were earlier",
    "dormant": "{who} not active any more who were in the period before",
}


class Lifecycle(Definition, frozen=True, kw_only=True, tag="lifecycle"):
    """active(t) − active(t−1) = new(t) + resurrected(t) − dormant(t), always."""

    instead: ClassVar[str] = "Use `unique` on the event that shows they are active."
    summary: ClassVar[str] = (
        "Active subjects by what they were in the period before: new, returning, resurrected; "
        "and the dormant, who were active then and no longer are."
    )

    event: EventNames
    part: Literal["new", "returning", "resurrected", "dormant", "all"] = "all"

    def parts(self) -> tuple[str, ...]:
        return (*PARTS, "all")

    def selections(self) -> dict[str, Match]:
        return {"events": Match.of(Selector(event=self.event), self.where)}

    def days_of(self, selection: str, period: Period, scope: Scope) -> Period:
        """The dormant were last seen in the period before."""
        if self.part != "dormant":
            return period
        return Period(_before(period, scope), period.start)

    def answer(self, ask: Ask) -> Answer:
        tallies = self._tallies(ask)
        answer = self.reply(ask.points(self, tallies[self.part]))
        if self.part != "all":
            return answer
        return replace(answer, parts={name: ask.points(self, tallies[name]) for name in PARTS})

    def _tallies(self, ask: Ask) -> dict[str, Tallies]:
        scope, match = ask.scope, self.selections()["events"]
        table = ask.run(Gaps(scope.span(self, before=None), match, self.by, scope.segment))
        before = day_number(_before(scope.periods[0], scope))
        edges = np.array([before, *scope.edges.tolist()], dtype=np.int64)
        found: dict[str, Tallies] = {name: {} for name in self.parts()}
        for segment, mine in by_segment(table):
            for name, counts in _counts(edges, mine).items():
                found[name] |= {(segment, i): Tally(n, float(n)) for i, n in enumerate(counts)}
        return found

    def estimate(self, tally: Tally) -> Estimate:
        return Estimate(tally.x, numerator=tally.x, n=tally.n)

    def influence(self) -> tuple[int, int | None]:
        return 0, None

    def remnants(self) -> tuple[Remnant, ...]:
        return (Remnant("newest", self.selections()["events"], self.by, apart=True),)

    def words(self) -> str:
        who = WORDS[self.part].format(who=subjects(self.by))
        return f"{who[:1].upper()}{who[1:]}, by {events(self.event)}{filters(self.where)}."


def _before(period: Period, scope: Scope) -> date:
    """The start of the period before; of one that is as long, for the whole range."""
    if scope.grain is Grain.all:
        return period.start - (period.end - period.start)
    return scope.calendar.after(period.start, scope.grain, -1)


def _counts(edges: Days, table: pa.Table) -> dict[str, list[int]]:
    """Per part, the subjects of each period [edges[t], edges[t + 1]) from t = 1 on.

    A row is a subject's active day and its next one. The last active day in a period says that
    the subject was active in it; the gap to the next one says where it comes back.
    """
    last = _period(edges, table["d"].to_numpy())
    back = _period(edges, table["nx"].fill_null(int(NEVER)).to_numpy())
    subjects = table["subjects"].to_numpy()

    def count(at: Days, which: npt.NDArray[np.bool_]) -> npt.NDArray[Any]:
        inside = which & (at >= 1) & (at < len(edges) - 1)
        return np.bincount(at[inside], weights=subjects[inside], minlength=len(edges) - 1)[1:]

    found = {
        "all": count(last, back > last),
        "returning": count(back, last == back - 1),
        "resurrected": count(back, last < back - 1),
        "dormant": count(last + 1, back > last + 1),
    }
    found["new"] = found["all"] - found["returning"] - found["resurrected"]
    return {name: counts.astype(np.int64).tolist() for name, counts in found.items()}


def _period(edges: Days, days: Days) -> Days:
    return np.searchsorted(edges, days.astype(np.int64), side="right") - 1
