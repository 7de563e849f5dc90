"""A workspace of a stated size, as its pages find it: stored, judged and talked about."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgspec
from django.conf import settings
from django.db import transaction

from bench.pages import alert_number
from headway.accounts.models import Invitation, Member, Person, Role, Team, Token, Workspace
from headway.alerting.models import Alert, Sign
from headway.engine.definition import Selector
from headway.engine.period import STORED_GRAINS, Grain, Period
from headway.engine.plain import plain
from headway.engine.series import PART, WHOLE
from headway.engine.worth import MONTHS
from headway.feed.models import Change
from headway.goals.close import closing
from headway.goals.close.answers import KeyResultAnswers, ObjectiveAnswers
from headway.goals.experiment.design import Experiment
from headway.goals.experiment.told import Against, Said, Variant, kept
from headway.goals.launch import told as effects_told
from headway.goals.launch.told import Block, Try
from headway.goals.models import (
    CheckIn,
    Cycle,
    Effect,
    KeyResult,
    Objective,
    Output,
    OutputStatus,
    ReadOut,
    Trial,
)
from headway.goals.refresh import refresh
from headway.ingest.actions import import_events, save_source
from headway.metrics.actions import enter_value, save_metric
from headway.metrics.catalogue import templates
from headway.metrics.choice import with_inputs
from headway.metrics.happened.annotations import save_annotation
from headway.metrics.lifetime.told import Ahead, Cell, Cohort, Outlook, Told
from headway.metrics.models import LifetimeValue, Metric, Point, Table
from headway.surveys.actions import save_survey
from headway.uptime.actions import save_check

NOW = datetime(2026, 6, 10, 9, 30, tzinfo=UTC)
TODAY, DAY = NOW.date(), timedelta(days=1)
KEY = "large"
FIRST = (
    *("stickiness", "weekly_active_users", "activation_rate", "retention_week_1"),
    *("mrr_movements", "nps", "market_size", "purchase_frequency"),
)
"""Metrics that a workspace of any size has."""

EVENTS = ("signed_up", "task_done", "order_placed", "first_project_created", "visited")
PLANS = ("free", "pro", "team", "enterprise", "partner")
TREE = {"weekly_active_users": "daily_active_users + monthly_active_users"}
SPLIT_EVERY = 4
"""One in so many metrics is split by plan."""

TO_AN_OBJECTIVE = 4
CHECK_INS = 10
CARRIED: KeyResultAnswers = {"choice": "carry_over"}
BUCKETS = 13


@dataclass(frozen=True)
class Size:
    """`days` of points and events; key results come four to an objective."""

    metrics: int = 200
    key_results: int = 1000
    days: int = 3 * 365
    people: int = 60
    teams: int = 20

    @property
    def start(self) -> date:
        return TODAY - self.days * DAY


@dataclass(frozen=True)
class Built:
    """`admin` owns key results, `newcomer` (an admin too) owns none."""

    workspace: Workspace
    admin: Member
    newcomer: Member


@transaction.atomic
def build(size: Size, key: str = KEY) -> Built:
    workspace = Workspace.objects.create(key=key, name=key.title(), clock=NOW)
    members = _members(workspace, size)
    _elsewhere(members)
    teams = _teams(workspace, members, size)
    _events(workspace, members[0], size)
    metrics = _metrics(workspace, members, size)
    cycles = _cycles(workspace)
    objectives = _objectives(workspace, cycles, teams, members[1:], metrics, size)
    key_results = _key_results(objectives, metrics, members, size)
    _check_ins(key_results, members)
    _outputs(workspace, teams, metrics, size)
    _annotations(workspace, metrics)
    _alerts(workspace, metrics, key_results)
    refresh(workspace, now=NOW)
    _changes(workspace, metrics, key_results, members)
    _closes(workspace, members[0])
    return Built(workspace, members[1], members[0])


def _members(workspace: Workspace, size: Size) -> list[Member]:
    names = [f"Person {i:03}" for i in range(size.people)]
    emails = [f"{workspace.key}-{i}@example.com" for i in range(size.people)]
    people = Person.objects.bulk_create(
        Person(email=email, name=name) for email, name in zip(emails, names, strict=True)
    )
    members = Member.objects.bulk_create(
        Member(workspace=workspace, person=person, role=Role.admin if i < 2 else Role.member)
        for i, person in enumerate(people)
    )
    for i in range(size.people // 10):
        Token.objects.create(
            member=members[1], name=f"Export {i}", digest=f"{workspace.key}-{i}", created_at=NOW
        )
        Invitation.objects.create(
            workspace=workspace, digest=f"{workspace.key}-{i}", email=f"new-{i}@example.com",
            invited_by=people[0], created_at=NOW, expires_at=datetime(2999, 1, 1, tzinfo=UTC),
        )  # fmt: skip
    return members


def _elsewhere(members: Sequence[Member]) -> None:
    """They are members of a second workspace as well."""
    other = Workspace.objects.create(key=f"{members[0].workspace.key}-2", name="Another company")
    Member.objects.bulk_create(
        Member(workspace=other, person=m.person, role=Role.viewer) for m in members
    )


def _teams(workspace: Workspace, members: Sequence[Member], size: Size) -> list[Team]:
    """A company, five areas below it, and the others below the areas."""
    teams: list[Team] = []
    for i in range(size.teams):
        parent = teams[0 if i <= 5 else 1 + i % 5] if i else None
        team = Team(workspace=workspace, key=f"team-{i}", name=f"Team {i:02}", parent=parent)
        team.save()
        team.people.set(members[i :: size.teams])
        teams.append(team)
    return teams


def _events(workspace: Workspace, by: Member, size: Size) -> None:
    settings.DATA.mkdir(parents=True, exist_ok=True)
    path = settings.DATA / f"{workspace.key}.csv"
    rows = [
        f"{EVENTS[(i + back) % len(EVENTS)]},{TODAY - back * DAY}T0{1 + i % 8}:00:00Z,"
        f"u{(i * 7 + back) % 499},{i % 11},{PLANS[i % len(PLANS)]}"
        for back in range(size.days)
        for i in range(20)
    ]
    path.write_text("\n".join(["event,happened_at,user_id,amount,plan", *rows]))
    source = save_source(workspace, "product", name="Product", by=by, now=NOW)
    import_events(source, path, by=by, now=NOW)
    path.unlink()
    for n in range(size.teams):
        texts = {"en": {"question": "Would you recommend us?"}}
        save_survey(
            workspace, f"survey-{n}", kind="nps", source="product", texts=texts, by=by, now=NOW
        )
        url = f"https://example.org/{n}"
        save_check(workspace, f"check-{n}", url=url, source="product", by=None, now=NOW)


def _metrics(workspace: Workspace, members: Sequence[Member], size: Size) -> list[Metric]:
    known = {one.key: one.document for one in templates()}
    chosen = list(with_inputs(known, [*FIRST, *known]).values())[: size.metrics]
    made = [
        save_metric(workspace, _document(i, document, members), by=members[0], now=NOW)
        for i, document in enumerate(chosen)
    ]
    for metric in made:
        _fill(metric, size)
    Metric.objects.filter(workspace=workspace).update(refreshed_at=NOW, refreshed_version=1)
    return made


def _document(i: int, known: dict[str, Any], members: Sequence[Member]) -> dict[str, Any]:
    split = i % SPLIT_EVERY == 0 and known["kind"] not in ("manual", "formula")
    low = 0.2 if known.get("unit") == "percent" else 800
    return {
        **known,
        "owner": members[i % len(members)].person.email,
        **({"healthy": {"at_least": low}} if i % 3 else {}),
        **({"segments": ["plan"]} if split or known["key"] in TREE else {}),
        **({"tree": TREE[known["key"]]} if known["key"] in TREE else {}),
    }


def _fill(metric: Metric, size: Size) -> None:
    """Points at every grain, for everybody and for each segment and part; and the tables."""
    definition = metric.definition
    if definition.kind == "manual":
        for back in range(0, min(size.days, 365), 30):
            enter_value(metric, TODAY - back * DAY, 1000.0 + back, by=None, now=NOW)
    split = {by: definition.parts() if by == PART else PLANS for by in definition.splits}
    for grain in STORED_GRAINS:
        periods = metric.workspace.calendar.periods(size.start, TODAY + DAY, grain)
        for by, segments in {"": (WHOLE,), **split}.items():
            rows = [_point(metric, grain, p, by, s) for s in segments for p in periods]
            Point.objects.bulk_create(rows, batch_size=2000)
        _tables(metric, definition.kind, grain, periods)


def _point(metric: Metric, grain: Grain, period: Period, by: str, segment: str) -> Point:
    """A wave with a trend; some periods have no value, with the reason."""
    day = period.start.toordinal()
    wave = 1 + 0.3 * math.sin(day / 40 + metric.pk) + (day - TODAY.toordinal()) / 9000
    share = metric.unit == "percent"
    value = 0.3 * wave if share else 1000.0 * wave
    silent = (day + metric.pk) % 97 == 0
    return Point(
        metric=metric, grain=grain.value, segment_by=by, segment=segment, start=period.start,
        end=period.end, value=None if silent else value, n=0 if silent else int(1000 * wave),
        low=value * 0.9 if share else None, high=value * 1.1 if share else None,
        complete=period.end <= TODAY, reason="Nobody started in this period." if silent else "",
    )  # fmt: skip


def _tables(metric: Metric, kind: str, grain: Grain, periods: Sequence[Period]) -> None:
    makers = {"retention": _cohort, "funnel": _steps, "frequency": _often}
    names = {"retention": "cohorts", "funnel": "steps", "frequency": "histogram"}
    if kind in makers:
        rows = [row for period in periods for row in makers[kind](period.start.isoformat())]
        Table.objects.create(metric=metric, grain=grain.value, name=names[kind], rows=rows)
    if kind == "movement" and grain is Grain.month:
        _lifetime(metric, periods)


def _lifetime(metric: Metric, periods: Sequence[Period]) -> None:
    cells = tuple(Cell(months, 40.0 * months, complete=True) for months in MONTHS)
    cohorts = tuple(Cohort(p.start, 400, 480.0, cells, 0.6) for p in periods)
    stays = tuple(0.95**month for month in range(12))
    outlook = Outlook(Ahead(370.0, 350.0, 390.0), {}, "All of them.", retention=stays)
    told = Told("balances", TODAY, 12, 400 * len(cohorts), 1e6, 0.0, cohorts, outlook)
    metric.profile["lifetime"] = "12 months"
    metric.save()
    LifetimeValue.objects.create(
        metric=metric, stamp="", answer=msgspec.to_builtins(told), computed_at=NOW
    )


def _cohort(start: str) -> Iterator[dict[str, Any]]:
    returned = [400 // (1 + bucket) for bucket in range(BUCKETS)]
    yield {"start": start, "size": 400, "returned": returned, "complete": [True] * BUCKETS}


def _steps(start: str) -> Iterator[dict[str, Any]]:
    for i in range(3):
        share = 0.6**i
        yield {
            "start": start, "step": f"step {i + 1}", "count": int(900 * share),
            "conversion": share, "step_conversion": 0.6, "median_seconds": 400.0 if i else None,
        }  # fmt: skip


def _often(start: str) -> Iterator[dict[str, Any]]:
    yield from ({"start": start, "n": n + 1, "subjects": 400 // (n + 1)} for n in range(40))


def _closes(workspace: Workspace, by: Member) -> None:
    """A team has closed the last quarter, and another is about to close the one before."""
    for cycle, team, done in (("q1", "team-3", True), ("q2", "team-5", False)):
        found = workspace.cycles.get(key=cycle)
        close = closing.start(workspace.teams.get(key=team), found, by=by, now=NOW)
        for row in closing.objectives_of(close):
            choices = {p.key_result.key: CARRIED for p in closing.parts_of(row)}
            given: ObjectiveAnswers = {"learnt": "It takes longer.", "key_results": choices}
            closing.answer(close, row.objective.key, given, by=by, now=NOW)
        if done:
            closing.close(close, by=by, now=NOW)


def _cycles(workspace: Workspace) -> list[Cycle]:
    """The running quarter first, the quarters before it, and the year above them."""
    year = Cycle.objects.create(
        workspace=workspace, key="2026", starts=date(2026, 1, 1), ends=date(2026, 12, 31)
    )
    ends = [date(2026, 6, 30), date(2026, 3, 31), date(2025, 12, 31), date(2025, 9, 30)]
    starts = [date(2026, 4, 1), date(2026, 1, 1), date(2025, 10, 1), date(2025, 7, 1)]
    quarters = [
        Cycle.objects.create(
            workspace=workspace,
            key=f"q{i}",
            name=f"Quarter to {last}",
            starts=first,
            ends=last,
            parent=year if first.year == 2026 else None,
        )
        for i, (first, last) in enumerate(zip(starts, ends, strict=True))
    ]
    return [*quarters, year]


def _objectives(
    workspace: Workspace,
    cycles: Sequence[Cycle],
    teams: Sequence[Team],
    owners: Sequence[Member],
    metrics: Sequence[Metric],
    size: Size,
) -> list[Objective]:
    """Half of them in the running quarter. Those of quarters support one of the year."""
    made = Objective.objects.bulk_create(
        Objective(
            workspace=workspace,
            key=f"objective-{i}",
            title=f"What is true at the end, {i:03}",
            why="Because somebody waits for it.",
            cycle=cycles[0 if i % 2 == 0 else i // 2 % 5],
            team=teams[i % len(teams)],
            owner=owners[i % len(owners)],
            created_at=NOW,
            ambition="aspirational" if i % 3 == 0 else "committed",
        )
        for i in range(size.key_results // TO_AN_OBJECTIVE)
    )
    above = [o for o in made if o.cycle == cycles[-1]]
    for i, objective in enumerate(made):
        if above and objective.cycle != cycles[-1]:
            objective.supports.set([above[i % len(above)]])
        objective.guardrails.set([metrics[i % len(metrics)], metrics[(i + 5) % len(metrics)]])
    return made


def _outputs(
    workspace: Workspace, teams: Sequence[Team], metrics: Sequence[Metric], size: Size
) -> None:
    """Launched week after week, each to move two metrics; every fourth one is yet to come."""
    today = workspace.calendar.day_of(NOW)
    for i in range(max(size.metrics // 8, 4)):
        launched = today - timedelta(days=7 * i + 3) if i % 4 else None
        output = Output.objects.create(
            workspace=workspace,
            key=f"output-{i}",
            name=f"What was shipped, {i:03}",
            team=teams[i % len(teams)],
            planned=today + timedelta(days=i + 1),
            launched=launched,
            status=OutputStatus.launched if launched else OutputStatus.building,
            created_at=NOW,
        )
        output.moves.set([metrics[i % len(metrics)], metrics[(i + 1) % len(metrics)]])
        if launched:
            _effects(output, launched)
        if i % 8 == 0:
            _experiment(output, metrics[i % len(metrics)], today)


def _effects(output: Output, launched: date) -> None:
    """On each of its metrics, over the weeks since."""
    weeks = [launched + n * 7 * DAY for n in range(13)]
    blocks = [
        Block(day, day + 6 * DAY, 110.0 + n, 100.0, 92.0, 108.0) for n, day in enumerate(weeks)
    ]
    told = effects_told.Told(
        "up", grain="week", value=116.0, expected=100.0, effect=16.0, low=8.0, high=24.0,
        relative=0.16, relative_low=0.08, relative_high=0.24, shown=weeks[2], blocks=blocks,
        tries=[Try(launched - n * 30 * DAY, seen=False) for n in range(1, 13)],
    )  # fmt: skip
    Effect.objects.bulk_create(
        Effect(
            output=output, metric=metric, verdict="up", found=effects_told.stored(told),
            computed_at=NOW,
        )
        for metric in output.moves.all()
    )  # fmt: skip


def _experiment(output: Output, metric: Metric, today: date) -> None:
    """Running for eight weeks, with a read-out for each day."""
    found = Experiment(
        assigned=Selector(event="visited"), variant="plan", control="free", metric=metric.key,
        starts=today - 56 * DAY, effect="2 points",
    )  # fmt: skip
    Output.objects.filter(pk=output.pk).update(experiment=plain(found))
    Trial.objects.create(output=output, asked="", seen="", read_at=NOW)
    rows = (ReadOut(output=output, day=today - n * DAY, sums={}, said=_said(n)) for n in range(56))
    ReadOut.objects.bulk_create(rows)


def _said(back: int) -> Any:
    wide = 0.02 + back / 1000
    return kept(
        Said(
            "share",
            False,
            [Variant("free", 5000, 5000, 0.3), Variant("pro", 5000, 5000, 0.31)],
            [Against("pro", "no clear difference", 0.01, 0.01 - wide, 0.01 + wide, 0.03, 0.4)],
            [],
            "10,000 subjects",
            least=0.02,
            needed=20_000,
            days_left=30,
        )
    )


def _annotations(workspace: Workspace, metrics: Sequence[Metric]) -> None:
    """An incident on each metric, and a holiday on all of them."""
    usual = {"by": None, "now": NOW, "starts": workspace.calendar.day_of(NOW) - timedelta(days=20)}
    for i, metric in enumerate(metrics):
        save_annotation(
            workspace, key=f"happened-{i}", kind="incident", title=f"What broke, {i:03}",
            metrics=[metric], **usual,
        )  # fmt: skip
    save_annotation(workspace, key="holiday", kind="holiday", title="A holiday", **usual)


def _alerts(
    workspace: Workspace, metrics: Sequence[Metric], key_results: Sequence[KeyResult]
) -> None:
    """An open one in four metrics each, on which four key results depend, and one that is over."""
    since, number = TODAY - 3 * DAY, alert_number(workspace.key)
    for i in range(3):
        over = NOW if i == 2 else None
        alert = Alert.objects.create(
            pk=number + i, workspace=workspace, cause=f"metric:{metrics[4 * i].key}", since=since,
            raised_at=NOW - DAY, resolved_at=over,
        )  # fmt: skip
        alert.key_results.set(key_results[4 * i : 4 * i + 4])
        Sign.objects.bulk_create(
            Sign(
                alert=alert, metric=metric, kind="unusual", grain="day", since=since, last=TODAY,
                value=80.0, low=100.0, high=120.0, ended_at=over,
            )
            for metric in metrics[4 * i : 4 * i + 4]
        )  # fmt: skip


def _key_results(
    objectives: Sequence[Objective],
    metrics: Sequence[Metric],
    members: Sequence[Member],
    size: Size,
) -> list[KeyResult]:
    rows = [
        _key_result(
            i, objectives[i // TO_AN_OBJECTIVE], metrics, members[1 + i % (len(members) - 1)]
        )
        for i in range(size.key_results)
    ]
    return KeyResult.objects.bulk_create(rows)


def _key_result(
    i: int, objective: Objective, metrics: Sequence[Metric], owner: Member
) -> KeyResult:
    metric = metrics[i % len(metrics)]
    level = 0.3 if metric.unit == "percent" else 1000.0
    shapes: tuple[dict[str, Any], ...] = (
        {"shape": "reach", "target": level * 1.2},
        {"shape": "relative", "change": 0.1, "over": "mean", "over_n": 4},
        {"shape": "keep", "at_least": level * 0.9},
        {"shape": "manual", "baseline_typed": 1.0, "target": 9.0, "unit": "partners"},
    )
    position = i % TO_AN_OBJECTIVE
    measured = position < 3
    return KeyResult(
        objective=objective, cycle=objective.cycle, key=f"key-result-{position}", owner=owner,
        title=f"Result {i:04}", metric=metric if measured else None, due=objective.cycle.ends,
        definition_version=1 if measured else None, position=position, **shapes[position],
    )  # fmt: skip


def _check_ins(key_results: Sequence[KeyResult], members: Sequence[Member]) -> None:
    """Weekly; of one in five the last ones are missing."""
    CheckIn.objects.bulk_create(
        CheckIn(
            key_result=row,
            day=min(TODAY, row.due) - timedelta(weeks=week, days=i % 7 + i % 5 // 4 * 9),
            value=3.0 + week % 4 if row.shape == "manual" else None,
            confidence=(i + week) % 11,
            note="It moved, and we know why.",
            by=members[i % len(members)].person,
            at=NOW - timedelta(weeks=week),
        )
        for i, row in enumerate(key_results)
        for week in range(CHECK_INS)
    )


def _changes(
    workspace: Workspace,
    metrics: Sequence[Metric],
    key_results: Sequence[KeyResult],
    members: Sequence[Member],
) -> None:
    """What the check-ins and the statuses of the quarter have left in the feed."""
    subjects = [f"key_result:{row.objective.key}/{row.key}" for row in key_results]
    Change.objects.bulk_create(
        Change(
            workspace=workspace,
            subject=subjects[i],
            title=str(row),
            what="status" if week % 3 == 0 else "check_in",
            before="on track" if week % 3 == 0 else "",
            after="behind" if week % 3 == 0 else "confidence 6 of 10",
            why="It moved.",
            by=members[i % len(members)].person if week % 3 else None,
            at=NOW - timedelta(weeks=week, minutes=i),
        )
        for i, row in enumerate(key_results)
        for week in range(CHECK_INS)
    )
    Change.objects.bulk_create(
        Change(
            workspace=workspace,
            subject=f"metric:{metric.key}",
            title=metric.name,
            what="created",
            at=NOW - timedelta(days=900),
        )
        for metric in metrics
    )
