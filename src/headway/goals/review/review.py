"""What a team looks back on: the scores of a cycle, what moved and why, what was learnt."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any

from django.db.models import Prefetch, Q

from headway.accounts.models import Team, Workspace
from headway.charts import formats
from headway.charts.picture import Picture
from headway.goals import scoring
from headway.goals.ahead.words import brief
from headway.goals.aims import kept, success_of, unit_of
from headway.goals.close import freezing
from headway.goals.close.calibration import Calibration, calibration
from headway.goals.launch.launches import Launch, recent
from headway.goals.lines import lines, shown
from headway.goals.models import (
    Choice,
    Close,
    ClosedKeyResult,
    ClosedObjective,
    Cycle,
    KeyResult,
    Objective,
    Shape,
)
from headway.goals.picture import picture
from headway.goals.progress import Status
from headway.goals.review.explaining import told


@dataclass(frozen=True)
class ReviewedKeyResult:
    """`frozen` are its numbers as they were closed; until then those of the last pass stand."""

    key_result: KeyResult
    frozen: ClosedKeyResult
    closed: bool
    picture: Picture
    why: tuple[str, ...] = ()

    def __str__(self) -> str:
        return str(self.key_result)

    @property
    def unit(self) -> str:
        return unit_of(self.key_result)

    @property
    def currency(self) -> str:
        return self.key_result.objective.workspace.currency

    @property
    def status(self) -> str:
        return Status(self.frozen.status or "unknown").words

    def said(self, value: float | None) -> str:
        return formats.value(value, self.unit, self.currency)

    @property
    def course(self) -> str:
        """`8 → 12, target 15`; of what is kept, its bounds."""
        found, row = self.frozen, self.key_result
        if row.shape == Shape.keep:
            return f"{self.said(found.value)}, to keep {kept(row)}"
        start, now = self.said(found.baseline), self.said(found.value)
        return f"{start} → {now}, target {self.said(found.aim)}"

    @property
    def restated(self) -> str:
        """What is measured since it was closed."""
        found = self.frozen
        if found.restated_at is None:
            return ""
        day = formats.day(self._day(found.restated_at))
        now, score = self.said(found.value_now), score_words(scoring.score(found.progress_now))
        version = self._version()
        then = f"Closed at {self.said(found.value)}"
        return f"{then}; by {day} it measures {now}, which would score {score}.{version}"

    def _version(self) -> str:
        metric, closed = self.key_result.metric, self.frozen.definition_version
        if metric is None or closed is None or metric.version == closed:
            return ""
        return f" It was closed by version {closed} of its definition and now has {metric.version}."

    @property
    def provisional(self) -> str:
        day = self.frozen.provisional_until
        return (
            ""
            if day is None
            else f"Provisional: its last period is complete on {formats.day(day)}."
        )

    @property
    def basis(self) -> str:
        """What the frozen number rests on."""
        found = self.frozen
        if not self.closed or found.as_of is None:
            return ""
        version = f", definition {found.definition_version}" if found.definition_version else ""
        through = f", through {formats.day(found.value_through)}" if found.value_through else ""
        return f"As of {formats.day(self._day(found.as_of))}{through}{version}."

    @property
    def choice(self) -> str:
        return Choice(self.frozen.choice).label if self.frozen.choice else ""

    def _day(self, at: datetime) -> date:
        workspace = self.key_result.objective.workspace
        return workspace.calendar.day_of(workspace.at(at))

    def to_dict(self) -> dict[str, Any]:
        found = self.frozen
        numbers = ("baseline", "aim", "value", "progress", "status", "score", "score_given")
        more = ("score_reason", "definition_version", "choice", "reason", "value_now")
        return {
            "key": self.key_result.key,
            "title": str(self),
            "unit": self.unit,
            **{name: getattr(found, name) for name in numbers + more},
            "target": found.target,
            "at_least": found.at_least,
            "at_most": found.at_most,
            "progress_now": found.progress_now,
            "value_through": found.value_through,
            "as_of": found.as_of,
            "provisional_until": found.provisional_until,
            "restated_at": found.restated_at,
            "why": list(self.why),
        }


@dataclass(frozen=True)
class ReviewedObjective:
    objective: Objective
    frozen: ClosedObjective
    key_results: tuple[ReviewedKeyResult, ...]

    def __str__(self) -> str:
        return str(self.objective)

    @property
    def status(self) -> str:
        return Status(self.frozen.status or "unknown").words

    @property
    def ambition(self) -> str:
        return "aspirational" if self.frozen.aspirational else "committed"

    def to_dict(self) -> dict[str, Any]:
        found = self.frozen
        names = ("status", "score", "score_given", "score_reason", "unknown_count", "learnt")
        return {
            "key": self.objective.key,
            "title": str(self),
            "aspirational": found.aspirational,
            **{name: getattr(found, name) for name in names},
            "key_results": [one.to_dict() for one in self.key_results],
        }


@dataclass(frozen=True)
class Review:
    team: Team
    cycle: Cycle
    close: Close | None
    objectives: tuple[ReviewedObjective, ...]
    launches: tuple[Launch, ...]
    calibration: Calibration | None
    today: date

    @property
    def closed(self) -> bool:
        return self.close is not None and self.close.closed_at is not None

    @property
    def title(self) -> str:
        return f"{self.team}: {self.cycle}"

    @property
    def learnt(self) -> str:
        return self.close.learnt if self.close else ""

    @cached_property
    def score(self) -> float | None:
        """The plain mean of its objectives' scores."""
        known = [s for o in self.objectives if (s := o.frozen.counts) is not None]
        return sum(known) / len(known) if known else None

    @property
    def standing(self) -> str:
        """`Closed on 4 Jan 2026 by Ada`, or how far the cycle is."""
        if self.close is not None and self.close.closed_on is not None:
            day = self.close.closed_on
            by = f" by {self.close.by}" if self.close.by else ""
            return f"Closed on {formats.day(day)}{by}."
        ends = formats.day(self.cycle.ends)
        if self.today <= self.cycle.ends:
            return (
                f"The cycle runs until {ends}; these numbers are as of {formats.day(self.today)}."
            )
        return f"The cycle ended on {ends} and is not closed yet: its numbers may still change."

    @property
    def provisional_until(self) -> date | None:
        parts = [k.frozen.provisional_until for o in self.objectives for k in o.key_results]
        return max((day for day in parts if day is not None), default=None)

    def to_dict(self) -> dict[str, Any]:
        return {
            "team": self.team.key,
            "cycle": self.cycle.key,
            "closed_at": self.close.closed_at if self.close else None,
            "provisional_until": self.provisional_until,
            "score": self.score,
            "learnt": self.learnt,
            "objectives": [one.to_dict() for one in self.objectives],
            "launches": [one.to_dict() for one in self.launches],
        }


def review(team: Team, cycle: Cycle, *, now: datetime) -> Review:
    """Of a closed cycle as it was closed, of a running one as it stands."""
    workspace = team.workspace
    today = workspace.calendar.day_of(workspace.at(now))
    close = (
        Close.objects.select_related("by", "team__workspace").filter(team=team, cycle=cycle).first()
    )
    objectives = tuple(_objectives(team, cycle, close))
    return Review(
        team,
        cycle,
        close,
        objectives,
        tuple(_launches(team, cycle, objectives, today)),
        next((c for c in calibration(workspace) if c.team == team), None),
        today,
    )


def score_words(score: float | None) -> str:
    return "unknown" if score is None else f"{score:.2f}"


def _objectives(team: Team, cycle: Cycle, close: Close | None) -> Iterator[ReviewedObjective]:
    closed = close is not None and close.closed_at is not None
    rows = _rows(team, cycle, close if closed else None)
    all_of = [k for row in rows for k in row.key_results.all()]
    marks = lines(team.workspace, all_of)
    reasons = told(all_of, cycle)
    answered = {o.objective_id: o for o in close.objectives.all()} if close else {}
    for row in rows:
        parts = []
        for found in row.key_results.all():
            drawn = picture(
                found, shown(found, marks[found.pk]), team.workspace.currency, success_of(found)
            )
            why = (reasons[found.metric_id],) if found.metric_id in reasons else ()
            parts.append(ReviewedKeyResult(found, _frozen(found, closed), closed, drawn, why))
        frozen = answered.get(row.pk) or ClosedObjective(objective=row)
        if not closed:
            freezing.roll_up(frozen, [p.frozen for p in parts])
        yield ReviewedObjective(row, frozen, tuple(parts))


def _rows(team: Team, cycle: Cycle, close: Close | None) -> list[Objective]:
    """Those that were closed, or while nothing is, those that there are."""
    if close is not None:
        key_results = KeyResult.objects.filter(closed__close=close)
        rows = Objective.objects.filter(closes__close=close)
    else:
        key_results = KeyResult.objects.filter(cycle=cycle, archived_at=None)
        rows = Objective.objects.filter(team=team, archived_at=None).filter(
            Q(cycle=cycle) | Q(key_results__in=key_results)
        )
    key_results = key_results.select_related("metric__workspace", "cycle", "closed__close")
    rows = rows.distinct().select_related("workspace", "owner__person")
    found = rows.prefetch_related(Prefetch("key_results", key_results))
    return list(found.order_by("created_at", "pk"))


def _frozen(found: KeyResult, closed: bool) -> ClosedKeyResult:
    """What was closed, or what would be."""
    row = found.closed if hasattr(found, "closed") else ClosedKeyResult(key_result=found)
    if not closed:
        for name in freezing.TAKEN:
            setattr(row, name, getattr(found, name))
        row.said = " ".join(filter(None, (found.reason, brief(found))))
        row.score = scoring.score(found.progress)
        row.provisional_until = row.value_now = row.progress_now = row.restated_at = None
    return row


def _launches(
    team: Team, cycle: Cycle, objectives: Sequence[ReviewedObjective], today: date
) -> Iterable[Launch]:
    """The team's own, and those that should move what its key results measure."""
    metrics = {k.key_result.metric_id for o in objectives for k in o.key_results}
    found = recent(team.workspace, min(cycle.ends, today), cycle.starts)
    return [
        one
        for one in found
        if one.output.team_id == team.pk or any(m.metric.pk in metrics for m in one.moves)
    ]


def of_workspace(workspace: Workspace) -> list[Close]:
    """Every close, with its objectives' scores."""
    rows = Close.objects.filter(team__workspace=workspace).select_related(
        "team__workspace", "cycle"
    )
    return list(rows.prefetch_related("objectives"))
