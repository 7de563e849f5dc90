"""From a closed cycle to the next: the dates that follow, a draft of its goals, and their rows."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TypedDict, cast

from django.db import transaction

from headway.accounts import gate
from headway.accounts.models import Member
from headway.charts import formats
from headway.engine.errors import Conflict, NotFound
from headway.engine.period import Grain
from headway.goals import actions
from headway.goals.close.closing import objectives_of, parts_of
from headway.goals.fields import KeyResultFields, MilestoneFields
from headway.goals.models import (
    Choice,
    Close,
    ClosedKeyResult,
    ClosedObjective,
    Cycle,
    KeyResult,
    Objective,
    Over,
    Shape,
)
from headway.goals.promote import Level, draft
from headway.goals.quarters import name_of
from headway.goals.reading import DAY, reading_on, readings
from headway.goals.refresh import grain_of
from headway.metrics.reading import series

GOES_ON = (Choice.carry_over, Choice.higher)
MONTH = timedelta(days=30.44)
QUARTER = re.compile(r"^(?P<before>.*\d{2,4}-?q)(?P<quarter>[1-4])$", re.IGNORECASE)
KEPT = ("title", "metric", "owner", "delegate", "unit", "over", "over_n", "grain", "weight")


class Edit(TypedDict, total=False):
    """What somebody changes of the draft; `keep` False leaves the key result out."""

    title: str
    target: float | None
    keep: bool


@dataclass(frozen=True)
class Drafted:
    """A key result of the next cycle. `problem` says why it could not be saved as it is."""

    row: ClosedKeyResult
    fields: KeyResultFields
    baseline: float | None
    baseline_words: str
    target: float | None
    problem: str = ""

    @property
    def saved(self) -> KeyResult | None:
        found = self.row.next
        return found if found is not None and found.archived_at is None else None


@dataclass(frozen=True)
class DraftedObjective:
    row: ClosedObjective
    key_results: tuple[Drafted, ...]


@dataclass(frozen=True, slots=True)
class Ambition:
    """Levels for a target that is raised. `value` is the stretch, or else the first level that
    goes beyond the old target; None: no level does."""

    levels: tuple[Level, ...]
    value: float | None
    words: str


def following(cycle: Cycle) -> Cycle | None:
    """The first cycle of about the same length that begins after it."""
    later = cycle.workspace.cycles.filter(starts__gt=cycle.ends).order_by("starts")
    return next((c for c in later if _months(c) == _months(cycle)), None)


def suggested(cycle: Cycle) -> Cycle:
    """What would follow, not saved: the days after it, as many months or days."""
    starts = cycle.ends + DAY
    ends = cycle.ends + (cycle.ends - cycle.starts) + DAY
    if cycle.starts.day == 1 and starts.day == 1:
        calendar = cycle.workspace.calendar
        ends = calendar.after(starts, Grain.month, _whole_months(cycle.starts, starts)) - DAY
    key = _next_key(cycle.key)
    name = name_of(starts, ends)
    return Cycle(workspace=cycle.workspace, key=key, name=name, starts=starts, ends=ends)


def drafted(close: Close, cycle: Cycle, *, now: datetime) -> list[DraftedObjective]:
    """What goes on, with where each stands today; what is handed back or dropped does not."""
    workspace = cycle.workspace
    today = workspace.calendar.day_of(workspace.at(now))
    found = []
    for row in objectives_of(close):
        parts = [p for p in parts_of(row) if p.choice in GOES_ON]
        if parts:
            made = tuple(_drafted(part, cycle, today) for part in parts)
            found.append(DraftedObjective(row, made))
    return found


@transaction.atomic
def save_next(
    close: Close,
    cycle: Cycle,
    edits: Mapping[str, Edit],
    *,
    by: Member | None,
    now: datetime,
) -> list[KeyResult]:
    """Makes the drafted goals, with `edits` by `objective/key-result`; none twice."""
    gate.require(by, "write", close.team.workspace)
    if close.closed_at is None:
        raise Conflict(f"{close} is not closed yet.", fix="Close it first.")
    if cycle.starts <= close.cycle.starts:
        raise Conflict(f"{cycle} does not follow {close.cycle}.", fix="Choose a later cycle.")
    draft_ = drafted(close, cycle, now=now)
    _known(draft_, edits)
    return [made for one in draft_ for made in _saved(one, cycle, edits, by, now)]


def ambition(key_result: KeyResult, cycle: Cycle, *, now: datetime) -> Ambition:
    """From the metric's own past: how far it may be raised, and with which chance."""
    metric, aim = key_result.metric, key_result.aim
    if metric is None or key_result.over not in (Over.latest, Over.mean):
        return Ambition((), None, "No history of such readings says how far: type it.")
    found = draft(metric, cycle, now=now, mean=key_result.over == Over.mean)
    sign = -1 if metric.direction == "down" else 1
    beyond = {
        level.name: level.value
        for level in found.levels
        if level.value is not None and (aim is None or sign * (level.value - aim) > 0)
    }
    if beyond:
        return Ambition(found.levels, beyond.get("stretch", next(iter(beyond.values()))), "")
    words = found.target.words if not found.levels else "No level goes beyond the target it had."
    return Ambition(found.levels, None, words)


def key_of(row: ClosedKeyResult) -> str:
    return f"{row.key_result.objective.key}/{row.key_result.key}"


def _drafted(row: ClosedKeyResult, cycle: Cycle, today: date) -> Drafted:
    fields = _fields(row)
    baseline, words = _baseline(row, fields, cycle, today)
    target = fields.get("target")
    return Drafted(row, fields, baseline, words, target, _problem(row, fields, baseline))


def _fields(row: ClosedKeyResult) -> KeyResultFields:
    found = row.key_result
    kept = cast("KeyResultFields", {name: getattr(found, name) for name in KEPT})
    raised = row.target if row.choice == Choice.higher else None
    if found.shape == Shape.milestones:
        return {**kept, "shape": Shape.milestones, "milestones": _open(found)}
    if found.shape == Shape.keep:
        return {**kept, "shape": Shape.keep, **_bounds(found, raised)}
    if found.shape == Shape.graded and raised is None:
        grades: KeyResultFields = {
            "commit": found.commit, "target": found.target, "stretch": found.stretch,
        }  # fmt: skip
        return {**kept, "shape": Shape.graded, **grades}
    target = row.aim if raised is None else raised
    if found.shape == Shape.manual:
        stands = row.value if row.value is not None else row.baseline
        return {**kept, "shape": Shape.manual, "target": target, "baseline_typed": stands}
    return {**kept, "shape": Shape.reach, "target": target}


def _bounds(found: KeyResult, raised: float | None) -> KeyResultFields:
    """Raised, the lower bound moves, or the upper one where there is no other."""
    low, high = found.at_least, found.at_most
    if raised is None:
        return {"at_least": low, "at_most": high}
    return {"at_least": raised, "at_most": high} if low is not None else {"at_most": raised}


def _open(found: KeyResult) -> list[MilestoneFields]:
    left = [m for m in found.milestones.all() if m.done is None]
    return [{"name": m.name, "weight": m.weight} for m in left]


def _baseline(
    row: ClosedKeyResult, fields: KeyResultFields, cycle: Cycle, today: date
) -> tuple[float | None, str]:
    found = row.key_result
    if found.metric is None:
        return fields.get("baseline_typed"), "as it was typed last"
    if found.over == Over.cycle_to_date:
        return 0.0, "a sum starts from 0"
    grain = grain_of(found, cycle.workspace)
    points = series(found.metric, grain).of()
    over, n = found.over, found.over_n
    at = reading_on(readings(points, over, n, cycle.starts), min(today, cycle.starts - DAY))
    if at is None or at.value is None:
        return None, at.reason if at else "not measured yet"
    again = ", measured again when the cycle opens" if today < cycle.starts else ""
    return at.value, f"measured through {formats.day(at.through)}{again}"


def _problem(row: ClosedKeyResult, fields: KeyResultFields, baseline: float | None) -> str:
    if row.key_result.shape == Shape.milestones and not fields.get("milestones"):
        return "Every milestone is done: nothing is left to carry over."
    target = fields.get("target")
    if fields["shape"] not in (Shape.reach, Shape.manual) or target is None or baseline is None:
        return ""
    if row.baseline is None or row.key_result.over == Over.cycle_to_date:
        return ""
    sign = 1 if target >= row.baseline else -1
    return "It stands at its target already: raise it." if sign * (target - baseline) <= 0 else ""


def _saved(
    one: DraftedObjective, cycle: Cycle, edits: Mapping[str, Edit], by: Member | None, now: datetime
) -> Iterator[KeyResult]:
    wanted = [d for d in one.key_results if edits.get(key_of(d.row), {}).get("keep", True)]
    new = [d for d in wanted if d.saved is None]
    if not new:
        return
    objective = _objective(one.row, cycle, by, now)
    for found in new:
        fields: KeyResultFields = {**found.fields, "cycle": cycle, "due": cycle.ends}
        fields["teams"] = list(found.row.key_result.teams.all())
        yield _key_result(found.row, objective, _edited(fields, edits.get(key_of(found.row), {})),
                          by, now)  # fmt: skip


def _key_result(
    row: ClosedKeyResult,
    objective: Objective,
    fields: KeyResultFields,
    by: Member | None,
    now: datetime,
) -> KeyResult:
    key = row.key_result.key
    taken = objective.key_results.filter(key=key).exists()
    made = actions.save_key_result(
        objective,
        key=None if taken else key,
        reason=f"{Choice(row.choice).label} from {row.close.cycle}.",
        by=by,
        now=now,
        **fields,
    )
    row.next = made
    row.save(update_fields=["next"])
    return made


def _objective(row: ClosedObjective, cycle: Cycle, by: Member | None, now: datetime) -> Objective:
    """One that spans cycles goes on as it is; another is made again in the next cycle."""
    old, made = row.objective, row.next
    if made is not None and made.archived_at is None:
        return made
    if old.cycle_id != row.close.cycle_id:
        return old
    row.next = actions.save_objective(
        old.workspace,
        title=old.title,
        why=old.why,
        team=old.team,
        cycle=cycle,
        ambition=old.ambition,
        owner=old.owner,
        supports=list(old.supports.filter(archived_at=None)),
        guardrails=list(old.guardrails.filter(archived_at=None)),
        by=by,
        now=now,
    )
    row.save(update_fields=["next"])
    return row.next


def _edited(fields: KeyResultFields, edit: Edit) -> KeyResultFields:
    found: KeyResultFields = {**fields}
    if "title" in edit:
        found["title"] = edit["title"]
    if "target" in edit and found["shape"] in (Shape.reach, Shape.manual):
        found["target"] = edit["target"]
    return found


def _known(found: list[DraftedObjective], edits: Mapping[str, Edit]) -> None:
    known = {key_of(d.row) for one in found for d in one.key_results}
    if unknown := edits.keys() - known:
        raise NotFound(
            f"The draft has no key result `{min(unknown)}`.",
            where="key_results",
            fix=f"It has: {', '.join(sorted(known)) or 'none'}.",
        )


def _months(cycle: Cycle) -> int:
    return round((cycle.ends - cycle.starts) / MONTH)


def _whole_months(first: date, then: date) -> int:
    return (then.year - first.year) * 12 + then.month - first.month


def _next_key(key: str) -> str:
    """`2026-q4` → `2027-q1`, `2026` → `2027`, `sprint-9` → `sprint-10`, `launch` → `launch-2`."""
    if found := QUARTER.match(key):
        quarter = int(found["quarter"])
        if quarter < 4:
            return f"{found['before']}{quarter + 1}"
        return f"{_raised_year(found['before'])}1"
    if found := re.match(r"^(.*?)(\d+)$", key):
        return f"{found[1]}{int(found[2]) + 1}"
    return f"{key}-2"


def _raised_year(text: str) -> str:
    return re.sub(r"\d+(?=\D+$)", lambda year: f"{int(year[0]) + 1:0{len(year[0])}}", text)
