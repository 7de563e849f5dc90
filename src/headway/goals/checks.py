"""What a cycle, an objective, a key result or a check-in has to be before it is saved."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, timedelta

from django.db import models

from headway.accounts.keeping import refuse_reserved
from headway.accounts.models import Workspace
from headway.engine.errors import Conflict, DefinitionError, NotFound, nearest
from headway.engine.magnitude import LARGEST, usable
from headway.engine.period import STORED_GRAINS
from headway.engine.written import figure
from headway.goals.boards.alignment import loop
from headway.goals.models import Ambition, Cycle, KeyResult, Objective, Output, Over, Pace, Shape
from headway.goals.pace import check_phases
from headway.goals.progress import check_order, inclusive
from headway.goals.refresh import DAILY, phases_of

RESERVED = frozenset(
    [
        *("new", "edit", "archive", "restore", "chart", "baseline", "check-in", "key-results"),
        *("promote", "shares", "milestones", "break-down", "hand-back", "comments"),
    ]
)
"""Words that stand in addresses where the key of an objective or a key result does."""

LONGEST_CYCLE = timedelta(days=3660)
LAST_YEAR = 2200

KEY = re.compile(r"^[a-z0-9][a-z0-9_-]*$")
NUMBERS = (
    *("baseline_typed", "target", "change", "at_least", "at_most", "commit", "stretch", "weight"),
)


def key(value: str, longest: int) -> None:
    if not KEY.match(value) or len(value) > longest:
        raise DefinitionError(
            f"`{value}` cannot be a key.",
            where="key",
            fix=f"Use up to {longest} lower case letters, digits, - and _.",
        )
    refuse_reserved(value, RESERVED)


def writable(
    row: Cycle | Objective | KeyResult | Output, workspace: Workspace, managed: bool
) -> None:
    """Raises Conflict for what is kept in files, unless the workspace allows both."""
    if row.managed_in_code and not managed and not workspace.edit_managed:
        raise Conflict(
            f"“{row}” is managed in code.",
            fix="Change its file and apply it, or allow both in the workspace's settings.",
        )


def present(row: Objective | KeyResult | Output) -> None:
    if row.archived_at is not None:
        raise Conflict(f"“{row}” is archived.", fix="Restore it first.")


def at_home(workspace: Workspace, **rows: models.Model | None) -> None:
    """Raises NotFound for a row of another workspace."""
    for name, row in rows.items():
        if row is not None and getattr(row, "workspace_id", None) != workspace.pk:
            raise NotFound(f"“{row}” is not in the workspace {workspace}.", where=name)


def cycle(cycle: Cycle) -> None:
    at_home(cycle.workspace, parent=cycle.parent)
    if cycle.ends < cycle.starts:
        raise DefinitionError(
            f"The cycle ends on {cycle.ends}, before it starts on {cycle.starts}.",
            where="ends",
            fix="Both days belong to the cycle; give an end on or after the start.",
        )
    if cycle.ends - cycle.starts > LONGEST_CYCLE or cycle.ends.year > LAST_YEAR:
        raise DefinitionError(
            f"A cycle from {cycle.starts} to {cycle.ends} is longer than goals can be paced.",
            where="ends",
            fix="Give it up to ten years; usual are a quarter and a year.",
        )
    outer = cycle.parent
    while outer is not None:
        if outer.pk == cycle.pk:
            raise DefinitionError(f"The cycle {cycle} would lie within itself.", where="parent")
        outer = outer.parent
    for key_result in _living(cycle):
        _due_within(key_result.due, cycle, f"key result “{key_result}”")


def _living(cycle: Cycle) -> Iterable[KeyResult]:
    if not cycle.pk:
        return ()
    return cycle.key_results.filter(archived_at=None, objective__archived_at=None)


def objective(objective: Objective) -> None:
    if not objective.title.strip():
        raise DefinitionError(
            "An objective needs a title.", where="title", fix="Say what is to be true, in words."
        )
    _one_of("ambition", objective.ambition, Ambition.values)
    at_home(
        objective.workspace,
        team=objective.team,
        cycle=objective.cycle,
        owner=objective.owner,
    )


def supports(objective: Objective, chosen: Iterable[Objective]) -> None:
    """Raises when the objective would, through others, support itself."""
    above = list(chosen)
    for parent in above:
        at_home(objective.workspace, supports=parent)
    if not objective.pk:
        return
    around = [f"“{one}”" for one in loop(objective, above)]
    if around:
        raise DefinitionError(
            f"“{objective}” would support itself: {' supports '.join(around)}.",
            where="supports",
            fix="Take one of these links out.",
        )


def key_result(key_result: KeyResult) -> None:
    workspace = key_result.objective.workspace
    at_home(
        workspace,
        metric=key_result.metric,
        owner=key_result.owner,
        delegate=key_result.delegate,
        cycle=key_result.cycle,
    )
    _one_of("shape", key_result.shape, Shape.values)
    _one_of("over", key_result.over, Over.values)
    _one_of("grain", key_result.grain, ["", *STORED_GRAINS])
    for name in NUMBERS:
        finite(name, getattr(key_result, name))
    if key_result.weight <= 0:
        raise DefinitionError("The weight must be more than 0.", where="weight")
    _due_within(key_result.due, key_result.cycle, "key result")
    SHAPES[key_result.shape](key_result)
    _over(key_result)
    _pace(key_result)


def finite(name: str, value: float | None) -> None:
    if value is not None and not usable(value):
        raise DefinitionError(
            f"`{value:g}` is not a number to aim at.",
            where=name,
            fix=f"Numbers go up to {LARGEST:g}; a larger unit makes them smaller.",
        )


def confidence(value: int | None) -> None:
    whole = value is None or (isinstance(value, int) and not isinstance(value, bool))
    if not whole or (value is not None and not 0 <= value <= 10):
        raise DefinitionError(
            f"A confidence of {value} does not exist.",
            where="confidence",
            fix="Give a whole number from 0 (no chance) to 10 (certain).",
        )


def day(value: date, today: date) -> None:
    if value > today:
        raise DefinitionError(
            f"{value} is in the future; today is {today}.",
            where="day",
            fix="Check in for today or for a day that has passed.",
        )


def _reach(key_result: KeyResult) -> None:
    _measured(key_result)
    _target(key_result)


def _relative(key_result: KeyResult) -> None:
    _measured(key_result)
    _one_of("change_in", key_result.change_in, ["percent", "points"])
    if key_result.over == Over.cycle_to_date:
        raise DefinitionError(
            "A sum since the cycle opened starts from 0, and 0 cannot change by a percentage.",
            where="over",
            fix="Give the sum to reach as a target instead.",
        )
    if not key_result.change:
        raise DefinitionError(
            "There is no change to make.",
            where="change",
            fix="Give it as a fraction of the baseline (0.25 is +25 %), or in points.",
        )


def _keep(key_result: KeyResult) -> None:
    _measured(key_result)
    low, high = key_result.at_least, key_result.at_most
    if low is None and high is None:
        raise DefinitionError(
            "There are no bounds to keep.", where="at_least", fix="Give at least, at most or both."
        )
    if low is not None and high is not None and low > high:
        raise DefinitionError(
            f"Nothing is at least {figure(low)} and at most {figure(high)}.",
            where="at_least",
        )


def _manual(key_result: KeyResult) -> None:
    _by_hand(key_result)
    _target(key_result)


def _by_hand(key_result: KeyResult) -> None:
    if key_result.metric is not None:
        raise DefinitionError(
            "A key result of milestones, or typed at each check-in, has no metric.",
            where="metric",
            fix="Leave the metric out, or choose another shape and let it be measured.",
        )
    if not key_result.title.strip():
        raise DefinitionError("Without a metric, a key result needs a title.", where="title")
    if key_result.over != Over.latest:
        raise DefinitionError("What is typed is read as it was typed last.", where="over")


def _graded(key_result: KeyResult) -> None:
    _measured(key_result)
    row = key_result
    given = {"commit": row.commit, "target": row.target, "stretch": row.stretch}
    for name, value in given.items():
        if value is None:
            raise DefinitionError(f"There is no {name} value.", where=name, fix="Give all three.")
    summed = row.over == Over.cycle_to_date and row.baseline_typed is None
    baseline = 0.0 if summed else row.baseline_typed
    marks = [v for v in (baseline, *given.values()) if v is not None]
    check_order(marks)


def _milestones(key_result: KeyResult) -> None:
    _by_hand(key_result)


SHAPES = {
    "reach": _reach,
    "relative": _relative,
    "keep": _keep,
    "graded": _graded,
    "milestones": _milestones,
    "manual": _manual,
}


def _pace(key_result: KeyResult) -> None:
    _one_of("pace", key_result.pace, Pace.values)
    if key_result.pace == Pace.linear:
        return
    if key_result.shape == Shape.keep:
        raise DefinitionError(
            "What is kept within bounds is expected inside them on every day.",
            where="pace",
            fix="Leave the pace even.",
        )
    if key_result.pace == Pace.seasonal and key_result.metric is None:
        raise DefinitionError(
            "What nothing measures has no season to follow.",
            where="pace",
            fix="Expect it evenly, or give values for certain days.",
        )
    if key_result.pace == Pace.phased and key_result.shape != Shape.milestones:
        check_phases(phases_of(key_result), inclusive(key_result.cycle.starts, key_result.due))
        for _, value in phases_of(key_result):
            finite("phases", value)


def _measured(key_result: KeyResult) -> None:
    if key_result.metric is None:
        raise DefinitionError(
            "The key result has no metric.",
            where="metric",
            fix="Choose one, or make it a key result that is typed at each check-in.",
        )
    if key_result.metric.archived_at is not None:
        raise Conflict(f"The metric {key_result.metric} is archived.", where="metric")


def _target(key_result: KeyResult) -> None:
    if key_result.target is None:
        raise DefinitionError("There is no target.", where="target", fix="Give the value to reach.")
    summed = key_result.over == Over.cycle_to_date
    baseline = 0.0 if summed and key_result.baseline_typed is None else key_result.baseline_typed
    if baseline == key_result.target:
        raise DefinitionError(
            f"The baseline and the target are both {figure(baseline)}.",
            where="target",
            fix="Set a target that differs from the baseline.",
        )


def _over(key_result: KeyResult) -> None:
    if key_result.over in (Over.mean, Over.trailing) and not key_result.over_n:
        raise DefinitionError(
            "It does not say over how many.",
            where="over_n",
            fix="Give the number of periods of the mean, or of trailing days.",
        )
    metric = key_result.metric
    if key_result.over in DAILY and metric is not None and not metric.definition.additive:
        raise DefinitionError(
            f"Days of {metric} cannot be added up: its kind is `{metric.definition.kind}`.",
            where="over",
            fix="Read the latest period or a mean of periods instead.",
        )


def _due_within(due: date, cycle: Cycle, what: str) -> None:
    if not cycle.starts <= due <= cycle.ends:
        raise DefinitionError(
            f"The {what} is due on {due}, outside the cycle {cycle}.",
            where="due",
            fix=f"Choose a day from {cycle.starts} to {cycle.ends}.",
        )


def _one_of(name: str, value: str, allowed: Iterable[str]) -> None:
    known = [str(word) for word in allowed]
    if value not in known:
        fix = nearest(value, known) or f"Use one of {', '.join(word for word in known if word)}."
        raise DefinitionError(f"`{value}` is not possible here.", where=name, fix=fix)
