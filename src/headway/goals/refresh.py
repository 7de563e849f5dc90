"""One pass over the key results: read their metrics, judge them, remember what flipped."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime

import msgspec
from django.db import transaction
from django.db.models import Exists, OuterRef, Prefetch, QuerySet

from headway.accounts.models import Workspace
from headway.engine.period import Grain
from headway.engine.series import Point
from headway.feed.record import record
from headway.goals import scoring
from headway.goals.aims import is_aspirational
from headway.goals.models import (
    CheckIn,
    ClosedObjective,
    KeyResult,
    Objective,
    Over,
    Prospect,
)
from headway.goals.models import Pace as PaceName
from headway.goals.models import Shape as ShapeName
from headway.goals.pace import (
    Curve,
    Even,
    Pace,
    Phased,
    Season,
    Seasonal,
    Stepped,
    Swinging,
    a_year_before,
)
from headway.goals.progress import Course, Progress, Status, Thresholds, inclusive, sentence
from headway.goals.reading import Reading, Readings, readings
from headway.goals.shapes import Graded, Keep, Milestones, Reach, Relative, Shape, Step
from headway.metrics.reading import series

DAILY = (Over.cycle_to_date, Over.trailing)
FOUND = (
    *("baseline", "aim", "value", "value_through", "progress", "expected"),
    *("curve", "pace_reason", "holds", "status", "reason", "refreshed_at"),
)
"""The columns of a key result that a pass fills in."""

ROLLED_UP = ("status", "progress", "unknown_count", "reason")
"""Those of an objective."""


@dataclass(frozen=True, slots=True)
class Refreshed:
    """How many key results were looked at, and how many statuses flipped, objectives' included."""

    key_results: int = 0
    flips: int = 0


@transaction.atomic
def refresh(workspace: Workspace, *, now: datetime, only: Objective | None = None) -> Refreshed:
    """Judges every key result that is not closed, or those of one objective.

    Running it again changes nothing.
    """
    objectives = list(open_objectives(workspace, only))
    today = workspace.calendar.day_of(workspace.at(now))
    judge = Judge(workspace, today, now)
    for objective in objectives:
        judge.objective(objective)
    KeyResult.objects.bulk_update(judge.changed, FOUND)
    looked_at = sum(len(objective.key_results.all()) for objective in objectives)
    return Refreshed(looked_at, judge.flips)


def grain_of(key_result: KeyResult, workspace: Workspace) -> Grain:
    """The grain at which a key result is read: sums over days need the days themselves."""
    if key_result.over in DAILY:
        return Grain.day
    metric = key_result.metric
    own = metric.profile.get("grain") if metric else None
    return Grain(key_result.grain or own or workspace.grain)


def is_frozen(key_result: KeyResult) -> bool:
    """Whether its cycle is closed, so that its numbers stay as they are."""
    return hasattr(key_result, "closed") and key_result.closed.frozen


def subject_of(row: Objective | KeyResult) -> str:
    """What the feed calls it."""
    if isinstance(row, Objective):
        return f"objective:{row.key}"
    return f"key_result:{row.objective.key}/{row.key}"


def shape_of(key_result: KeyResult) -> Shape:
    return SHAPES[key_result.shape](key_result)


def course_of(key_result: KeyResult, objective: Objective, today: date) -> Course:
    """`objective` is given, so that one that was read already is not read again."""
    workspace = objective.workspace
    return Course(
        inclusive(key_result.cycle.starts, key_result.due),
        today,
        is_aspirational(key_result, objective),
        thresholds_of(workspace),
        workspace.cadence_days if key_result.metric_id is None else None,
        pace_of(key_result),
        curve_of(key_result),
    )


def curve_of(key_result: KeyResult) -> Curve | None:
    """As the last pass found it."""
    if not key_result.curve:
        return None
    days = tuple(date.fromisoformat(day) for day, _ in key_result.curve)
    return Curve(days, tuple(share for _, share in key_result.curve))


def season_of(key_result: KeyResult) -> Season | None:
    """As the worker found it."""
    rows = Prospect.objects.filter(key_result=key_result).values_list("season", flat=True)
    found = (rows.first() or {}).get("season")
    return msgspec.convert(found, Season) if found else None


def pace_of(key_result: KeyResult) -> Pace:
    """Without the season, which only a pass has."""
    if key_result.pace != PaceName.phased:
        return Even()
    if key_result.shape == ShapeName.milestones:
        dated = [(m.due or key_result.due, m.weight) for m in key_result.milestones.all()]
        return Stepped(tuple(dated)) if dated else Even()
    return Phased(phases_of(key_result))


def phases_of(key_result: KeyResult) -> tuple[tuple[date, float], ...]:
    return tuple((date.fromisoformat(day), value) for day, value in key_result.phases.items())


def thresholds_of(workspace: Workspace) -> Thresholds:
    return Thresholds(
        workspace.on_track_within, workspace.behind_within, workspace.aspirational_success
    )


def _reach(key_result: KeyResult) -> Reach:
    return Reach(key_result.target, key_result.baseline_typed)


def _relative(key_result: KeyResult) -> Relative:
    points = key_result.change_in == "points"
    return Relative(key_result.change or 0.0, points, key_result.baseline_typed)


def _keep(key_result: KeyResult) -> Keep:
    return Keep(key_result.at_least, key_result.at_most)


def _graded(key_result: KeyResult) -> Graded:
    row = key_result
    commit, target, stretch = (g or 0.0 for g in (row.commit, row.target, row.stretch))
    return Graded(commit, target, stretch, row.baseline_typed)


def _milestones(key_result: KeyResult) -> Milestones:
    return Milestones(tuple(Step(m.weight, m.done) for m in key_result.milestones.all()))


SHAPES: dict[str, Callable[[KeyResult], Shape]] = {
    "reach": _reach,
    "relative": _relative,
    "keep": _keep,
    "graded": _graded,
    "milestones": _milestones,
    "manual": _reach,
}


def open_objectives(workspace: Workspace, only: Objective | None = None) -> QuerySet[Objective]:
    """Those that are not closed, with all that their key results are judged by."""
    typed = CheckIn.objects.filter(value__isnull=False).order_by("day", "at", "pk")
    key_results = (
        KeyResult.objects.filter(archived_at=None)
        .select_related("cycle", "metric", "closed__close")
        .prefetch_related(Prefetch("check_ins", typed), "milestones")
    )
    objectives = Objective.objects.filter(workspace=workspace, archived_at=None)
    done = ClosedObjective.objects.filter(
        objective=OuterRef("pk"), close__cycle=OuterRef("cycle"), close__closed_at__isnull=False
    )
    objectives = objectives.exclude(Exists(done))
    if only is not None:
        objectives = objectives.filter(pk=only.pk)
    return objectives.select_related("workspace").prefetch_related(
        Prefetch("key_results", key_results)
    )


@dataclass
class Judge:
    """Reads each metric once a pass and gathers what changed."""

    workspace: Workspace
    today: date
    now: datetime
    changed: list[KeyResult] = field(default_factory=list)
    flips: int = 0
    points: dict[tuple[int, Grain], tuple[Point, ...]] = field(default_factory=dict)

    def objective(self, objective: Objective) -> None:
        key_results = list(objective.key_results.all())
        judged_before = any(k.refreshed_at for k in key_results)
        for key_result in key_results:
            if not is_frozen(key_result):
                self.key_result(key_result, objective)
        whole = scoring.roll_up([_part(k) for k in key_results])
        found = (whole.status.value, whole.progress, whole.unknown, whole.reason)
        before = tuple(getattr(objective, name) for name in ROLLED_UP)
        if found == before:
            return
        for name, value in zip(ROLLED_UP, found, strict=True):
            setattr(objective, name, value)
        objective.save(update_fields=ROLLED_UP)
        if judged_before and before[0] != found[0]:
            why = _because(whole.status, key_results)
            self.flip(f"objective:{objective.key}", objective.title, before[0], found[0], why)

    def key_result(self, key_result: KeyResult, objective: Objective) -> None:
        found = columns(self.progress(key_result, objective))
        before = {name: getattr(key_result, name) for name in found}
        first = key_result.refreshed_at is None
        if found == before and not first:
            return
        for name, value in found.items():
            setattr(key_result, name, value)
        key_result.refreshed_at = self.now
        self.changed.append(key_result)
        if not first and before["status"] != key_result.status:
            subject = f"key_result:{objective.key}/{key_result.key}"
            after, why = key_result.status, key_result.reason
            self.flip(subject, str(key_result), before["status"], after, why)

    def progress(self, key_result: KeyResult, objective: Objective) -> Progress:
        course = course_of(key_result, objective, self.today)
        trouble = trouble_of(key_result)
        if trouble and course.started:
            return Progress(Status.unknown, trouble)
        if key_result.pace == PaceName.seasonal:
            course = replace(course, pace=self.season(key_result))
        return shape_of(key_result).judge(course, self.readings(key_result, course.span.start))

    def season(self, key_result: KeyResult) -> Seasonal | Swinging:
        """As `goals.ahead.seasons` found it; until then, and without any, as the year before."""
        weekly = grain_of(key_result, self.workspace) in (Grain.day, Grain.week)
        opened = a_year_before(key_result.cycle.starts, weekly=weekly)
        last_year = Seasonal(self.readings(key_result, opened), weekly)
        found = season_of(key_result)
        return Swinging(found, last_year) if found else last_year

    def readings(self, key_result: KeyResult, opens: date) -> Readings:
        if key_result.metric is None:
            return typed(key_result.check_ins.all())
        grain = grain_of(key_result, self.workspace)
        at = (key_result.metric.pk, grain)
        if at not in self.points:
            self.points[at] = series(key_result.metric, grain).of()
        return readings(self.points[at], key_result.over, key_result.over_n, opens)

    def flip(self, subject: str, title: str, before: str, after: str, why: str) -> None:
        self.flips += 1
        record(
            self.workspace,
            subject=subject,
            title=title,
            what="status",
            before=Status(before).words,
            after=Status(after).words,
            why=why,
            now=self.now,
        )


def typed(check_ins: Iterable[CheckIn]) -> Readings:
    """Check-ins in order of day; of one day the last counts."""
    return tuple(Reading(c.day, c.day, c.value) for c in check_ins)


def trouble_of(key_result: KeyResult) -> str:
    """Why the metric cannot be read at all, or ""."""
    metric = key_result.metric
    if metric is None:
        return ""
    if metric.archived_at is not None:
        return f"The metric {metric} is archived."
    if metric.problem:
        return f"The metric {metric} cannot be computed: {metric.problem}"
    if key_result.over in DAILY and not metric.definition.additive:
        return f"Days of {metric} no longer add up since its definition changed."
    return ""


def columns(progress: Progress) -> dict[str, object]:
    """What a key result remembers of it."""
    return {
        "baseline": progress.baseline,
        "aim": progress.aim,
        "value": progress.value,
        "value_through": progress.through,
        "progress": progress.p,
        "expected": progress.expected,
        "curve": _stored(progress.curve),
        "pace_reason": progress.pace_reason,
        "holds": progress.holds,
        "status": progress.status.value,
        "reason": sentence(progress)[:300],
    }


def _stored(curve: Curve | None) -> list[list[object]]:
    if curve is None:
        return []
    shares = zip(curve.days, curve.shares, strict=True)
    return [[day.isoformat(), round(share, 6)] for day, share in shares]


def _part(key_result: KeyResult) -> scoring.Part:
    row = key_result
    return scoring.Part(Status(row.status), row.progress, row.weight, str(row))


def _because(status: Status, key_results: Iterable[KeyResult]) -> str:
    """The sentence of the first key result that gives the objective its status."""
    for key_result in key_results:
        own = Status(key_result.status)
        if status in (own, scoring.COUNTS_AS.get(own)):
            return f"{key_result}: {key_result.reason}"
    return "It has no key result."
