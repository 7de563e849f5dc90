"""How much of the time, or of the checks, a thing was up."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import ClassVar

from headway.engine.ask import Ask, Scope, Tallies
from headway.engine.definition import Definition, EventNames, Selector, Where
from headway.engine.errors import DefinitionError
from headway.engine.period import Period, micros
from headway.engine.phrases import events, filters
from headway.engine.remnant import Remnant
from headway.engine.selection import Match, Test, Truth, tests_of
from headway.engine.series import Answer, Point
from headway.engine.statistics import Cells, Outages, Pairs
from headway.engine.tally import Estimate, Tally, share_interval

SECOND = 1_000_000
LONGEST = 100 * 366 * 86_400.0
"""Seconds. What is said to last longer is a fault."""

Stretch = tuple[int, int]
"""From and until, in epoch microseconds."""


class Uptime(Definition, frozen=True, kw_only=True, tag="uptime"):
    """Either checks, each good or bad and perhaps standing for a stretch of time, or outages."""

    limits: ClassVar[tuple[float, float] | None] = (0.0, 1.0)
    instead: ClassVar[str] = "Use a `share` of the checks that were good."
    summary: ClassVar[str] = (
        "The share of the checks that were good, of the time they stand for, "
        "or of the time that was free of outages."
    )

    event: EventNames
    ok: str | None = None
    duration: str | None = None
    incidents: str | None = None
    by_time: bool | None = None
    maintenance: Where = {}

    def check(self) -> None:
        if (self.ok is None) == (self.incidents is None):
            raise DefinitionError(
                "Uptime is either read from checks or from outages.",
                where="ok",
                fix="Give `ok`, the property that says whether a check was good, or `incidents`, "
                "the property with the seconds that an outage lasted.",
            )
        if self.incidents and self.duration:
            raise DefinitionError(
                "An outage has its length in `incidents`.", where="duration", fix="Leave it out."
            )
        if self.by_time and self.ok and not self.duration:
            raise DefinitionError(
                "By time, a check has to say for how many seconds it stands.",
                where="by_time",
                fix="Name the property in `duration`, or count checks with `by_time: false`.",
            )
        if self.incidents and self.by_time is False:
            raise DefinitionError(
                "Outages are measured by time.", where="by_time", fix="Leave it out."
            )

    @property
    def _seconds(self) -> str | None:
        """The property with a check's seconds, where they count."""
        return None if self.by_time is False else self.duration

    @property
    def _sound(self) -> tuple[Test, ...]:
        """What an event has to have so that it can be used."""
        known = ((self.ok, "in", (Truth.true, Truth.false)),) if self.ok else ()
        lasts = self.incidents or self._seconds
        return known + (((lasts, "gte", 0), (lasts, "lte", LONGEST)) if lasts else ())

    @property
    def _all(self) -> Match:
        return Match.of(Selector(event=self.event), self.where)

    @property
    def _planned(self) -> Match | None:
        tests = tests_of(self.maintenance)
        return self._all.and_tests(self._sound).and_tests(tests) if tests else None

    @property
    def _checks(self) -> Match:
        return self._all.and_tests(self._sound).unless(tests_of(self.maintenance))

    def selections(self) -> dict[str, Match]:
        if self.incidents:
            planned = {"maintenance": self._planned} if self._planned else {}
            return {"outages": self._checks} | planned
        whole = self._checks
        return {"numerator": whole.and_tests(self._good), "denominator": whole}

    @property
    def _good(self) -> tuple[Test, ...]:
        return ((self.ok, "in", (Truth.true,)),) if self.ok else ()

    def answer(self, ask: Ask) -> Answer:
        faults = self._faults(ask)
        segments = {segment for segment, _ in faults}
        tallies = self._outages(ask, segments) if self.incidents else self._checked(ask)
        for at, n in faults.items():
            tallies[at] = replace(tallies.get(at, Tally()), faults=n)
        return self.reply(ask.points(self, tallies))

    def _faults(self, ask: Ask) -> dict[tuple[str, int], int]:
        spoilt = self._all.unless(self._sound)
        table = ask.run(Cells(ask.scope.span(self), spoilt, None, ask.scope.segment))
        return {at: tally.faults for at, tally in ask.gather(table, _fault, "events").items()}

    def _checked(self, ask: Ask) -> Tallies:
        scope, found, seconds = ask.scope, self.selections(), self._seconds
        table = ask.run(
            Pairs(
                scope.span(self), scope.grain, self.by, found["numerator"], seconds,
                found["denominator"], seconds, scope.segment,
            )
        )  # fmt: skip
        return ask.gather(table, Tally, "n", "x", "y", "xx", "yy", "xy")

    def _outages(self, ask: Ask, others: set[str]) -> Tallies:
        """Of every segment that ever had an outage, and of others."""
        assert self.incidents is not None
        scope, match = ask.scope, self._all.and_tests(self._sound)
        span = scope.span(self, before=None)
        table = ask.run(Outages(span, match, self._planned, self.incidents, scope.segment))
        stretches: dict[str, tuple[list[Stretch], list[Stretch]]] = defaultdict(lambda: ([], []))
        for row in table.to_pylist():
            stretches[row["s"]][row["planned"]].append((row["begins"], row["ends"]))
        found: Tallies = {}
        for segment in ask.segments({*stretches, *others}):
            for i, period in enumerate(scope.periods):
                found[segment, i] = _free(*stretches[segment], _passed(period, scope))
        return found

    def without_events(self, ask: Ask, segment: str) -> tuple[Point, ...]:
        if not self.incidents:
            return super().without_events(ask, segment)
        free = [_free([], [], _passed(period, ask.scope)) for period in ask.scope.periods]
        return tuple(
            ask.point(self, segment, i, self.estimate(tally)) for i, tally in enumerate(free)
        )

    def estimate(self, tally: Tally) -> Estimate:
        if not tally.y:
            what = "No time" if self.incidents else "No checks"
            return Estimate(None, reason=f"{what} to judge by in this period.")
        low, high = (None, None) if self.incidents else share_interval(tally)
        return Estimate(tally.x / tally.y, low, high, tally.x, tally.y, tally.n)

    def influence(self) -> tuple[int, int | None]:
        return 0, None if self.incidents else 0

    def remnants(self) -> tuple[Remnant, ...]:
        """An outage may reach into a later day, and so may those that it is joined with."""
        return (Remnant("all", self._all),) if self.incidents else ()

    def words(self) -> str:
        of = f"{events(self.event)}{filters(self.where)}"
        planned = filters(self.maintenance).removeprefix(" where ")
        but = f"; planned where {planned}, which is left out" if planned else ""
        if self.incidents:
            return f"Share of the time free of {of}, each `{self.incidents}` seconds long{but}."
        what = f"`{self._seconds}` of {of}" if self._seconds else of
        return f"Share of {what} where `{self.ok}` is true{but}."


def _fault(events: int) -> Tally:
    return Tally(faults=events)


def _passed(period: Period, scope: Scope) -> Stretch:
    start = micros(scope.calendar.instant(period.start))
    return start, start + round(scope.elapsed(period).total_seconds() * SECOND)


def _free(down: list[Stretch], planned: list[Stretch], within: Stretch) -> Tally:
    """Seconds without an outage, out of all but the planned; `down` has the planned ones too."""
    lost, left_out = _overlap(down, within), _overlap(planned, within)
    whole = within[1] - within[0]
    n = sum(_overlap([one], within) > 0 for one in down)
    return Tally(n, (whole - lost) / SECOND, (whole - left_out) / SECOND)


def _overlap(stretches: list[Stretch], within: Stretch) -> int:
    start, end = within
    return sum(max(0, min(until, end) - max(since, start)) for since, until in stretches)
