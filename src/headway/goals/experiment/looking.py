"""One look at an experiment: from events to what is said by the end of each day."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass, replace
from datetime import date, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any

from headway.accounts.models import Workspace
from headway.engine.ask import Ask
from headway.engine.assignment import Assigned, Assignment, assigned
from headway.engine.definition import Definition
from headway.engine.errors import HeadwayError, NotFound
from headway.engine.measure import scope_of
from headway.engine.period import Grain
from headway.engine.tally import Tally
from headway.goals.experiment.design import DAY, Experiment
from headway.goals.experiment.told import Against, Guarded, Said, Variant
from headway.ingest.manifest.exchange import Exchange

if TYPE_CHECKING:
    from headway.stats.arms import Arm
    from headway.stats.experiment import Guarded as Safe
    from headway.stats.experiment import ReadOut, Result

WEEK = timedelta(days=7)
Sums = dict[str, Any]


@dataclass(frozen=True)
class Look:
    """`today` is not over: it is not read. `planned` subjects were fixed before the start."""

    workspace: Workspace
    found: Experiment
    definitions: Mapping[str, Definition]
    store: Exchange
    today: date
    planned: int | None

    @cached_property
    def read(self) -> dict[str, Assigned]:
        """By metric, without the guardrails that are `broken`. Raises HeadwayError where a store or
        a definition cannot answer for the metric itself.
        """
        main = {self.found.metric: self._read(self.found.metric)}
        return main | {key: one for key, one in self._guards.items() if isinstance(one, Assigned)}

    @cached_property
    def broken(self) -> dict[str, str]:
        """Guardrails that cannot be read, and why not: they hold nothing up."""
        return {key: one for key, one in self._guards.items() if isinstance(one, str)}

    @cached_property
    def _guards(self) -> dict[str, Assigned | str]:
        return {guard.metric: self._read_guard(guard.metric) for guard in self.found.guardrails}

    def _read_guard(self, key: str) -> Assigned | str:
        try:
            return self._read(key)
        except HeadwayError as error:
            return str(error)

    def days(self) -> Iterator[date]:
        """Those of which something can be said."""
        begun = self.read[self.found.metric].days
        last = min(self.today - DAY, self.found.last(self.open) or self.today)
        first = min(begun, default=self.today)
        for n in range((last - first).days + 1):
            if len(self.names(first + n * DAY)) > 1:
                yield first + n * DAY

    @property
    def open(self) -> timedelta:
        return max(one.open for one in self.read.values())

    def names(self, day: date) -> list[str]:
        """The control first; without a split, all that were seen by then."""
        control = self.found.control
        known = self.found.split or self.read[self.found.metric].by(day)
        return [control, *sorted(name for name in known if name != control)]

    def sums(self, day: date) -> Sums:
        """What is said by the end of the day rests on these alone."""
        found: Sums = {
            key: {name: list(astuple(t)[:6]) for name, t in one.by(day).items()}
            for key, one in self.read.items()
        }
        if self.broken:
            found |= {"broken": dict(self.broken)}
        return found | {"mixed": self.read[self.found.metric].mixed_by(day)}

    def said(self, day: date) -> Said:
        from headway.stats.experiment import Guardrail, experiment
        from headway.stats.sequential import PLANNED

        main = self.read[self.found.metric]
        arms, definition = self._arms(main, day), self.definitions[self.found.metric]
        guards = [
            Guardrail(
                g.metric, self._arms(self.read[g.metric], day), self.read[g.metric].measure,
                _direction(self.definitions[g.metric]), g.tolerance, g.margin,
            )
            for g in self.found.guardrails
            if g.metric in self.read
        ]  # fmt: skip
        shares = [self.found.split[arm.name] for arm in arms] if self.found.split else []
        result = experiment(
            arms, measure=main.measure, direction=_direction(definition), shares=shares,
            guardrails=guards, planned=self.planned or PLANNED,
        )  # fmt: skip
        return self._told(day, arms, main, result)

    def _told(self, day: date, arms: Sequence[Arm], main: Assigned, result: ReadOut) -> Said:
        variants = [
            Variant(arm.name, arm.tally.n, result.split.expected[i], _value(arm, main.measure))
            for i, arm in enumerate(arms)
        ]
        names = {arm.name for arm in arms}
        least, needed = self._needed(arms, main, variants)
        return Said(
            compared=main.compared,
            adjusted=main.adjusted,
            variants=variants,
            against=[self._against(one) for one in result.results],
            guardrails=[*map(self._guarded, result.guardrails), *self._unread(arms[1:])],
            rests_on=result.rests_on,
            uneven=result.reason,
            chance=result.split.p,
            mixed=main.mixed_by(day),
            others={name: t.n for name, t in main.by(day).items() if name not in names},
            least=least,
            needed=needed,
            days_left=_days_left(day, main, needed),
            open=main.open.days,
        )

    def _unread(self, arms: Sequence[Arm]) -> Iterator[Guarded]:
        for guard in self.found.guardrails:
            for arm in arms if guard.metric in self.broken else ():
                yield Guarded(
                    guard.metric, arm.name, "cannot tell", "mean", guard.tolerance,
                    reason=self.broken[guard.metric],
                )  # fmt: skip

    def _guarded(self, one: Safe) -> Guarded:
        found = one.found
        guard = next(g for g in self.found.guardrails if g.metric == one.name)
        return Guarded(
            one.name, one.variant, one.verdict, self.read[one.name].compared, guard.tolerance,
            found.control if found else None, found.difference if found else None,
            _number(one.low), _number(one.high), one.reason, guard.margin,
        )  # fmt: skip

    def _against(self, one: Result) -> Against:
        """As a share of the control only where that cannot be below 0."""
        found, limits = one.found, self.definitions[self.found.metric].limits
        relative = found.relative if found and not (limits and limits[0] < 0) else math.nan
        return Against(
            one.name, one.verdict, found.difference if found else None, _number(one.low),
            _number(one.high), _number(relative), _number(one.p), one.reason, one.note,
        )  # fmt: skip

    def _read(self, key: str) -> Assigned:
        if key not in self.definitions:
            fix = "Restore it, or name another in the experiment."
            raise NotFound(f"The metric `{key}` is archived, or cannot be computed.", fix=fix)
        assignment = self.found.assignment(self.today)
        calendar = self.workspace.calendar
        scope = scope_of(
            assignment.start, assignment.end, Grain.all, calendar=calendar,
            as_of=calendar.instant(self.today), exchange=self.workspace.exchange,
        )  # fmt: skip
        return read_of(self.definitions[key], assignment, Ask(self.definitions, self.store, scope))

    def _arms(self, read: Assigned, day: date) -> list[Arm]:
        from headway.stats.arms import Arm

        known = read.by(day)
        return [Arm(name, known.get(name, Tally())) for name in self.names(day)]

    def _needed(
        self, arms: Sequence[Arm], main: Assigned, variants: Sequence[Variant]
    ) -> tuple[float | None, int | None]:
        """The least difference worth seeing, and how many subjects in all show it."""
        from headway.stats.arms import deviation_of
        from headway.stats.experiment import FEWEST
        from headway.stats.sequential import needed

        control, value = arms[0].tally, variants[0].value
        least = None if value is None else self.found.least(value)
        if not least or control.n < FEWEST:
            return least or None, None
        deviation = deviation_of(control, main.measure)
        of_each = needed(least, deviation, arms=len(arms)) if deviation else 0
        return least, math.ceil(of_each / smallest_part(self.found, len(arms)))


def read_of(definition: Definition, assignment: Assignment, ask: Ask) -> Assigned:
    """Where the metric is read from a warehouse, the assignments are read there too."""
    source = definition.each(ask).source
    warehouse = isinstance(ask.store, Exchange) and source in ask.store.warehouses
    return assigned(definition, replace(assignment, source=source if warehouse else None), ask)


def smallest_part(found: Experiment, arms: int) -> float:
    """The share of all subjects that the smallest variant gets."""
    return min(found.split.values()) / sum(found.split.values()) if found.split else 1 / arms


def _direction(definition: Definition) -> Any:
    return "down" if definition.direction == "down" else "up"


def _value(arm: Arm, measure: Any) -> float | None:
    tally = arm.tally
    below = tally.y if measure in ("rate", "ratio") else tally.n
    return tally.x / below if below else None


def _number(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _days_left(day: date, main: Assigned, needed: int | None) -> int | None:
    """At the pace of the last week; None where nobody knows."""
    if needed is None:
        return None
    now, before = (sum(t.n for t in main.by(d).values()) for d in (day, day - WEEK))
    days = min(7, (day - min(main.days)).days + 1)
    pace = (now - before) / days
    if needed <= now:
        return 0
    return math.ceil((needed - now) / pace) if pace else None
