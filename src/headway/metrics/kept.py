"""What of a workspace's events is kept, and so which points can still be computed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date

from headway.accounts.models import Workspace
from headway.engine.ask import Ask, Begins, Scope
from headway.engine.definition import Definition
from headway.engine.errors import DefinitionError
from headway.engine.period import Calendar, Period
from headway.engine.remnant import Remains, remains_of, remnants
from headway.engine.series import PART, WHOLE, Point, Series
from headway.ingest.models import Keeping
from headway.metrics.models import Metric
from headway.metrics.models import Point as Row
from headway.metrics.rows import numbers


@dataclass(frozen=True)
class Kept:
    """All events are here since `since`; None: they always were. `rests` say what else is.

    Tables of other databases, and what people type, are as they were.
    """

    since: date | None
    rests: Mapping[str, str]
    elsewhere: frozenset[str]

    @staticmethod
    def of(workspace: Workspace) -> Kept:
        row = Keeping.objects.filter(workspace=workspace).first()
        if row is None:
            return Kept(None, {}, frozenset())
        elsewhere = (s.key for s in workspace.sources.all() if s.is_warehouse)
        return Kept(row.kept_from, row.rests, frozenset(elsewhere))

    def frozen(self, leaves: Iterable[Definition], period: Period, calendar: Calendar) -> bool:
        """Whether events that the period's value rests on are gone, so that it stays as it is."""
        if self.since is None:
            return False
        return any(
            leaf.rests_from(period, calendar) < self.since for leaf in leaves if self.concerns(leaf)
        )

    def concerns(self, leaf: Definition) -> bool:
        return leaf.measured and (leaf.source or "") not in self.elsewhere

    def require(self, leaves: Iterable[Definition], today: date) -> None:
        """Raises DefinitionError for what cannot be measured from what is kept."""
        for leaf in leaves if self.since else ():
            if self.concerns(leaf) and (why := self._lacks(leaf, today)):
                raise DefinitionError(
                    why,
                    where=f"metric `{leaf.key}`",
                    fix="Its numbers stay as they were. Keep raw events for longer, or define it "
                    "over fewer days.",
                )

    def _lacks(self, leaf: Definition, today: date) -> str:
        assert self.since
        if remnants(leaf) is None:
            return f"It rests on all events there ever were, and they are kept since {self.since}."
        needed, kept = leaf.days_read(), (today - self.since).days
        if needed <= kept:
            return ""
        return f"It needs the events of {needed} days before, and those of {kept} days are kept."

    def begins(self, definitions: Mapping[str, Definition], scope: Scope) -> Begins:
        """What was defined after older events were removed knows nothing of them."""
        found: dict[tuple[str, str | None], date] = {}
        for key, one in definitions.items() if self.since else ():
            for segment in (None, *one.segments) if self.concerns(one) else ():
                if day := self.known_since(remains_of(one, scope, segment)):
                    found[key, segment] = day
        return found

    def known_since(self, rests: Iterable[Remains]) -> date | None:
        """From which day on all of it is here; None: whatever there ever was."""
        days = [self.rests.get(one.mark, str(self.since)) for one in rests] if self.since else []
        return date.fromisoformat(max(days)) if any(days) else None


@dataclass(frozen=True)
class Stored:
    """The past as formulas read it, where it cannot be computed any more."""

    kept: Kept
    metrics: Mapping[str, Metric]
    leaves: Mapping[str, tuple[Definition, ...]]

    def __call__(self, ask: Ask, series: Series) -> Series:
        key, _, part = series.key.partition(".")
        scope, calendar = ask.scope, ask.scope.calendar
        gone = [p for p in scope.periods if self.kept.frozen(self.leaves[key], p, calendar)]
        if not gone:
            return series
        stored = self._stored(key, part, scope, gone)
        segments = {*series.segments, *(segment for segment, _ in stored)}
        return replace(
            series,
            points=tuple(
                p for s in sorted(segments) for p in _filled(ask, series, s, stored, gone)
            ),
        )

    def _stored(
        self, key: str, part: str, scope: Scope, gone: list[Period]
    ) -> dict[tuple[str, date], Point]:
        split = PART if part else scope.segment or ""
        rows = Row.objects.filter(
            metric=self.metrics[key], grain=scope.grain, segment_by=split,
            start__gte=gone[0].start, start__lte=gone[-1].start,
        )  # fmt: skip
        rows = rows.filter(segment=part) if part else rows
        found = (replace(p, segment=WHOLE) if part else p for _, p in numbers(rows))
        return {(point.segment, point.start): point for point in found}


def _filled(
    ask: Ask,
    series: Series,
    segment: str,
    stored: Mapping[tuple[str, date], Point],
    gone: list[Period],
) -> Iterable[Point]:
    points = series.of(segment) or ask.definition(series.key).without_events(ask, segment)
    lost = {period.start for period in gone}
    for point in points:
        if point.start not in lost:
            yield point
        else:
            nothing = Point(point.start, point.end, None, segment, reason=NO_MORE)
            yield stored.get((segment, point.start), nothing)


NO_MORE = "Its events are no longer kept."
