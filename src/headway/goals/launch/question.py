"""What is asked of a launch and a metric: the metric's past, and what it can be held against."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property

from headway.accounts.models import Workspace
from headway.engine.definition import Definition, duration
from headway.engine.period import Grain, Period
from headway.goals.audience import audience
from headway.goals.launch.controls import untouched
from headway.goals.launch.past import Groups, groups, judged_at, pasts
from headway.goals.models import Output
from headway.metrics.definitions import closure
from headway.metrics.happened.happenings import known_by
from headway.metrics.models import Metric
from headway.stats.history import Bound, History, Known

FEWEST_AFTER, MOST_AFTER = 3, 13
"""Blocks that are judged (`stats.effect`)."""
AROUND = timedelta(days=366)
"""A metric that was itself to be moved by a launch so near is no control."""


@dataclass(frozen=True)
class Question:
    """`controls` by name, with `keys` for their names; `reached` is who got it, if not everybody.

    `ready` and `over`: when the fewest blocks that are judged are complete, and when the most are.
    """

    day: date
    history: History
    groups: Groups | None
    controls: Mapping[str, History]
    keys: Mapping[str, str]
    reached: str
    per: str
    ready: date
    over: date

    @property
    def parts(self) -> object:
        """All that the answer rests on."""
        sides = (self.groups.exposed, self.groups.unexposed) if self.groups else ()
        others = sorted(self.controls.items())
        return self.day, self.history, sides, others, self.reached


@dataclass
class Room:
    """A workspace's metrics and their past, each read once a pass, and only if asked for."""

    workspace: Workspace
    metrics: Sequence[Metric]
    definitions: Mapping[str, Definition]
    past: dict[Grain, dict[str, History]] = field(default_factory=dict)
    known: dict[Grain, dict[int, tuple[Known, ...]]] = field(default_factory=dict)

    def ask(self, output: Output, metric: Metric) -> Question | None:
        """None while the metric has no complete period or cannot be computed."""
        grain = judged_at(metric)
        history = self.pasts(grain).get(metric.key)
        if history is None or output.launched is None:
            return None
        where = audience(output.audience).where
        definition, known = self.definitions[metric.key], self.known[grain][metric.pk]
        split = groups(metric, definition, where, grain, known) if where else None
        controls = self._controls(output, metric, history)
        names = {key: f"“{self._rows[key].name}”" for key in controls}
        return Question(
            output.launched, history, split,
            {names[key]: one for key, one in controls.items()},
            {name: key for key, name in names.items()},
            audience(output.audience).words if where else "",
            f"a {grain}" if definition.additive else "",
            self._complete(metric, output.launched, grain, FEWEST_AFTER),
            self._complete(metric, output.launched, grain, MOST_AFTER),
        )  # fmt: skip

    def pasts(self, grain: Grain) -> dict[str, History]:
        if grain not in self.past:
            self.known[grain] = known_by(self.metrics, grain)
            self.past[grain] = pasts(
                self.metrics, grain, self.definitions, self.workspace.calendar, self.known[grain]
            )
        return self.past[grain]

    def _complete(self, metric: Metric, day: date, grain: Grain, blocks: int) -> date:
        """When so many blocks after the day are."""
        calendar, behind = self.workspace.calendar, closure(metric.key, self.definitions)
        end = day + timedelta(days=1 + 7 * blocks)
        if grain is not Grain.day:
            end = calendar.after(calendar.start_of(day, grain), grain, 1 + blocks)
        last = Period(end - timedelta(days=1), end)
        moments = [
            one.matures(last, calendar) + duration(one.grace or "0 s") for one in behind.values()
        ]
        return calendar.day_of(max(moments, default=calendar.instant(end)))

    def _controls(self, output: Output, metric: Metric, history: History) -> dict[str, History]:
        """Those chosen by people, or, of how much there is, those that go with it."""
        there = self.pasts(history.grain)
        by_hand = {one.key for one in output.controls.all()} - {metric.key}
        if by_hand:
            return {key: there[key] for key in sorted(by_hand & there.keys())}
        if not amount(history) or output.launched is None:
            return {}
        from headway.stats.beside import companions  # it takes long to load

        moved = {metric.key, *(one.key for one in output.moves.all())}
        free = untouched(self.definitions, moved)
        others = {key: there[key] for key in free if key in there and self._quiet(key, output)}
        others = {key: one for key, one in others.items() if amount(one) and self._own(key)}
        return {key: others[key] for key in companions(history, output.launched, others)}

    def _own(self, key: str) -> bool:
        return not self.definitions[key].inputs()

    def _quiet(self, key: str, output: Output) -> bool:
        """Nothing was launched near the day that should move it."""
        pk = self._rows[key].pk
        found = [k.start for one in self.known.values() for k in one[pk] if k.end is None]
        return not any(abs(day - (output.launched or day)) < AROUND for day in found)

    @cached_property
    def _rows(self) -> dict[str, Metric]:
        return {metric.key: metric for metric in self.metrics}


def amount(history: History) -> bool:
    """Whether it is how much there is, not a share or a mean of something."""
    return history.counts is None and history.bound is Bound.zero
