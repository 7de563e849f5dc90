"""The goals of a workspace, or one that is being written, looked at by the coach."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any

from django.db.models import Prefetch, QuerySet

from headway.accounts.models import Team, Workspace
from headway.coach import values
from headway.coach.review import Goal, Review, Silence, review
from headway.coach.values import Board, Days, History, Kpi, Measure, TeamCycle
from headway.engine.definition import Definition
from headway.engine.kinds import parse
from headway.engine.period import Grain
from headway.engine.series import WHOLE, Point
from headway.goals.advice.measures import measure, measures_of
from headway.goals.models import Cycle, KeyResult, Objective, Waiver
from headway.goals.reading import DAY, reading_on, readings
from headway.goals.refresh import grain_of, subject_of
from headway.metrics.models import Metric
from headway.metrics.models import Point as Row
from headway.metrics.reading import LONGEST

LOOKING_BACK = timedelta(days=14)
"""A cycle that has just ended is still being talked about."""

MOST = 160
"""So many readings, the newest ones, say what is usual."""

NONE = "There is no value."
REMEMBERED = timedelta(days=2 * 366)
"""So much history is looked at."""


def coached(workspace: Workspace, *, now: datetime) -> Review:
    """Everything that is said of the goals of present and coming cycles, and of the KPIs."""
    return looked_at(Room(workspace, workspace.calendar.day_of(workspace.at(now))))


def looked_at(room: Room) -> Review:
    if room.only is not None:
        return review(room.objectives, room.silence)
    return review([*room.objectives, *room.teams, *room.kpis, *room.boards], room.silence)


def coached_objective(objective: Objective, *, now: datetime) -> Review:
    """What is said of one objective and its key results, whatever its cycle."""
    workspace = objective.workspace
    return looked_at(Room(workspace, workspace.calendar.day_of(workspace.at(now)), objective))


def coached_draft(draft: Objective | KeyResult, *, now: datetime, whole: bool = False) -> Review:
    """Of a row that need not be saved; what is missing is said only of the `whole`."""
    objective = draft.objective if isinstance(draft, KeyResult) else draft
    workspace = objective.workspace
    room = Room(workspace, workspace.calendar.day_of(workspace.at(now)), objective)
    goal = room.drafted(draft)
    return review([goal], room.silence, drafting=not whole)


def coached_kpi(workspace: Workspace, document: Mapping[str, Any]) -> Review:
    """Of a metric that need not be saved: nothing where it is no KPI. Whether it is used is open.

    Raises DefinitionError for what is no definition.
    """
    definition = parse(document)
    known = measures_of(workspace)
    found = {**known, definition.key: measure(definition, {})}
    return _kpi_review(workspace, definition, found, found)


def coached_metric(metric: Metric, definition: Definition, *, now: datetime) -> Review:
    """What is said of a KPI as it is saved, used or not."""
    workspace = metric.workspace
    if definition.level != "kpi":
        return Review()
    watched = workspace.metrics.filter(level="kpi").values_list("key", flat=True)
    found = measures_of(workspace, {*watched, metric.key, *definition.drives})
    used = {metric.key} if _is_used(metric, workspace.calendar.day_of(workspace.at(now))) else set()
    return _kpi_review(workspace, definition, found, used)


def _kpi_review(
    workspace: Workspace, definition: Definition, known: Mapping[str, Measure], used: Iterable[str]
) -> Review:
    mine = [k for k in kpis(known, used) if k.measure.key == definition.key]
    waived = frozenset((code, f"metric:{definition.key}") for code in definition.waived)
    return review(mine, Silence(frozenset(workspace.coach_off), waived))


def _is_used(metric: Metric, today: date) -> bool:
    """By goals that the coach looks at."""
    living = _objectives(metric.workspace, today, None)
    reads = KeyResult.objects.filter(
        metric=metric, archived_at=None, handed_back_at=None, objective__in=living
    )
    return reads.exists() or living.filter(guardrails=metric).exists()


@dataclass
class Room:
    """What the coach needs to know of a workspace on a day, each asked for once."""

    workspace: Workspace
    today: date
    only: Objective | None = None

    @cached_property
    def rows(self) -> list[Objective]:
        if self.only is not None and self.only.pk is None:
            return []
        return list(_objectives(self.workspace, self.today, self.only))

    @cached_property
    def objectives(self) -> list[values.Objective]:
        return [self.objective(row) for row in self.rows]

    @cached_property
    def teams(self) -> list[TeamCycle]:
        """One for each team and cycle that has an objective."""
        found: dict[tuple[int, int], list[values.Objective]] = defaultdict(list)
        rows = {(r.team_id, r.cycle_id): r for r in self.rows}
        for row, objective in zip(self.rows, self.objectives, strict=True):
            found[row.team_id, row.cycle_id].append(objective)
        return [
            TeamCycle(
                subject=f"team:{rows[at].team.key}/{rows[at].cycle.key}",
                team=rows[at].team.name,
                cycle=str(rows[at].cycle),
                objectives=tuple(objectives),
                past=tuple(self.scores.get(at[0], ())),
                kpis=tuple(self.measures.values()),
            )
            for at, objectives in found.items()
        ]

    @cached_property
    def measures(self) -> dict[str, Measure]:
        if self.only is not None:
            return measures_of(self.workspace, self.named)
        return measures_of(self.workspace, today=self.today)

    @cached_property
    def named(self) -> set[str]:
        """Keys of the metrics that the goals read and watch."""
        results = [k for o in self.rows for k in o.key_results.all()]
        read = {k.metric.key for k in results if k.metric}
        return read | {m.key for o in self.rows for m in o.guardrails.all()}

    @cached_property
    def kpis(self) -> list[Kpi]:
        used = {k.metric.key for o in self.objectives for k in o.key_results if k.metric}
        used |= {m.key for o in self.objectives for m in o.guardrails}
        return list(kpis(self.measures, used))

    @cached_property
    def boards(self) -> list[Board]:
        watched = [m for m in self.measures.values() if m.level == "kpi"]
        teams = self.workspace.teams.prefetch_related("people__person").order_by("name")
        return [_board(team, watched) for team in teams]

    @cached_property
    def silence(self) -> Silence:
        waived = Waiver.objects.filter(objective__workspace=self.workspace)
        if self.only is not None:
            waived = waived.filter(objective=self.only) if self.only.pk else waived.none()
        rows = waived.select_related("objective", "key_result__objective")
        pairs = {(w.code, subject_of(w.key_result or w.objective)) for w in rows}
        if self.only is None:
            pairs |= waived_of_kpis(self.workspace)
        return Silence(frozenset(self.workspace.coach_off), frozenset(pairs))

    @cached_property
    def scores(self) -> dict[int, list[tuple[float, ...]]]:
        """Of each team: of its last cycles that are over, what its key results came to."""
        past = KeyResult.objects.filter(
            objective__workspace=self.workspace,
            objective__archived_at=None,
            archived_at=None,
            cycle__ends__lt=self.today,
            progress__isnull=False,
        ).order_by("-cycle__ends")
        found: dict[int, dict[int, list[float]]] = defaultdict(lambda: defaultdict(list))
        for key_result in past.select_related("objective", "closed__close"):
            scores = found[key_result.objective.team_id][key_result.cycle_id]
            scores.append(_score(key_result))
        return {t: [tuple(s) for s in cycles.values()][:2] for t, cycles in found.items()}

    @cached_property
    def parents(self) -> set[int]:
        return {team.parent_id for team in self.workspace.teams.all() if team.parent_id}

    def objective(self, row: Objective) -> values.Objective:
        live = row.key_results.all()
        team = row.team
        return values.Objective(
            subject=subject_of(row),
            title=row.title,
            why=row.why,
            owner=str(row.owner or ""),
            team=team.name,
            cycle=str(row.cycle),
            company=team.parent_id is None and team.pk in self.parents,
            nested=team.parent_id is not None,
            supports=len(row.supports.all()),
            supported=len(row.supported_by.all()),
            key_results=tuple(self.key_result(k) for k in live),
            guardrails=tuple(self.known(m.key) for m in row.guardrails.all()),
        )

    def key_result(self, row: KeyResult) -> values.KeyResult:
        metric = self.known(row.metric.key) if row.metric else None
        found = key_result_of(subject_of(row), row, metric, _days(row.cycle), self.history(row))
        return replace(found, weeks_left=(row.due - self.today).days / 7)

    def known(self, key: str) -> Measure:
        return self.measures.get(key) or Measure(key, key)

    def history(self, row: KeyResult) -> History:
        if row.metric is None:
            return History()
        grain = grain_of(row, self.workspace)
        points = self.points.get((row.metric.pk, grain), [])
        return history_of(points, row, _days(row.cycle), grain, self.today)

    @cached_property
    def points(self) -> Mapping[tuple[int, Grain], list[Point]]:
        """Of every metric that a key result reads, at the grain at which it reads it."""
        asked = {
            (k.metric_id, grain_of(k, self.workspace))
            for o in self.rows
            for k in o.key_results.all()
            if k.metric_id
        }
        return points_of(asked, self.today)

    def drafted(self, draft: Objective | KeyResult) -> Goal:
        if isinstance(draft, KeyResult):
            if draft.metric is not None:
                self.measures = measures_of(self.workspace, {draft.metric.key})
                at = draft.metric.pk, grain_of(draft, self.workspace)
                self.points = points_of({at}, self.today)
            return self.key_result(draft)
        results = self.objectives[0].key_results if self.objectives else ()
        return values.Objective(
            subject=subject_of(draft), title=draft.title, why=draft.why, key_results=results
        )


def waived_of_kpis(workspace: Workspace) -> set[tuple[str, str]]:
    rows = workspace.metrics.filter(archived_at=None, profile__has_key="waived")
    found = rows.values_list("key", "profile")
    return {(code, f"metric:{key}") for key, profile in found for code in profile["waived"]}


def _score(key_result: KeyResult) -> float:
    """Once it is closed, the score that counts, which somebody may have set."""
    closed = getattr(key_result, "closed", None)
    if closed is not None and closed.frozen and closed.counts is not None:
        return float(closed.counts)
    return key_result.progress or 0.0


def key_result_of(
    subject: str, asked: KeyResult, metric: Measure | None, cycle: Days, history: History
) -> values.KeyResult:
    return values.KeyResult(
        subject=subject,
        title=asked.title,
        metric=metric,
        shape=asked.shape,
        baseline=asked.baseline_typed,
        target=asked.target,
        change=asked.change,
        change_in=asked.change_in,
        at_least=asked.at_least,
        at_most=asked.at_most,
        over=asked.over,
        unit=asked.unit,
        due=asked.due,
        cycle=cycle,
        history=history,
    )


def history_of(
    points: Iterable[Point], asked: KeyResult, cycle: Days, grain: Grain, today: date
) -> History:
    """Up to the opening of the cycle: what happens after it does not change what was bold."""
    over, n = asked.over, asked.over_n
    none = History(pending=today < cycle.first, grain=grain.value)
    if over == "cycle_to_date":
        return none
    found = [r for r in readings(points, over, n, cycle.first) if r.value is not None]
    before = [r for r in found if r.through < cycle.first]
    known = before or [r for r in found if r.through <= today]
    if not known:
        return none
    start = reading_on(before, cycle.first - DAY)
    due = asked.due or cycle.last
    return History(
        tuple(r.value for r in known[-MOST:] if r.value is not None),
        start.value if start else None,
        max(0.0, (due - known[-1].through).days / LONGEST[grain]),
        none.pending,
        none.grain,
    )


def points_of(
    asked: Iterable[tuple[int, Grain]], today: date
) -> dict[tuple[int, Grain], list[Point]]:
    found: dict[tuple[int, Grain], list[Point]] = defaultdict(list)
    by_grain: dict[Grain, list[int]] = defaultdict(list)
    for metric, grain in asked:
        by_grain[grain].append(metric)
    for grain, metrics in by_grain.items():
        rows = Row.objects.filter(
            metric__in=metrics,
            grain=grain,
            segment_by=WHOLE,
            segment=WHOLE,
            complete=True,
            start__gte=today - min(REMEMBERED, 2 * MOST * timedelta(days=LONGEST[grain])),
        )
        columns = rows.order_by("start").values_list("metric", "start", "end", "value")
        for metric, start, end, value in columns:
            found[metric, grain].append(Point(start, end, value, complete=True, reason=NONE))
    return found


def kpis(measures: Mapping[str, Measure], used: Iterable[str]) -> Iterator[Kpi]:
    in_use, twins = set(used), _twins(measures.values())
    for one in measures.values():
        if one.level == "kpi":
            yield Kpi(
                f"metric:{one.key}",
                one,
                used=one.key in in_use,
                business=_is_business(one, measures),
                twins=tuple(t for t in twins[one.computes] if t != one.name)
                if one.computes
                else (),
            )


def _twins(measures: Iterable[Measure]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for one in measures:
        if one.level == "kpi":
            found[one.computes].append(one.name)
    return found


def _is_business(measure: Measure, measures: Mapping[str, Measure]) -> bool:
    """It is a business outcome, or drives something that is not archived."""
    return measure.outcome == "business" or any(key in measures for key in measure.drives)


def _board(team: Team, watched: Iterable[Measure]) -> Board:
    people = {member.person.email for member in team.people.all()}
    return Board(f"team:{team.key}", team.name, tuple(m.key for m in watched if m.owner in people))


def _days(cycle: Cycle) -> Days:
    return Days(cycle.starts, cycle.ends)


def _objectives(workspace: Workspace, today: date, only: Objective | None) -> QuerySet[Objective]:
    found = workspace.objectives.filter(archived_at=None)
    if only is None:
        found = found.filter(cycle__ends__gte=today - LOOKING_BACK)
    else:
        found = workspace.objectives.filter(pk=only.pk)
    live = KeyResult.objects.filter(archived_at=None, handed_back_at=None)
    live = live.select_related("metric", "cycle", "objective")
    related = Objective.objects.filter(archived_at=None).only("pk")
    return (
        found.select_related("team", "cycle", "owner__person")
        .prefetch_related(
            Prefetch("key_results", live),
            Prefetch("supports", related),
            Prefetch("supported_by", related),
            "guardrails",
        )
        .order_by("team__name", "cycle__starts", "title")
    )
