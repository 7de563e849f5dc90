"""A document and a workspace in one flat form that can be compared: subject → fields.

Subjects are those of the feed (`metric:mrr`, `key_result:fast-start/ttv`). Fields are written as a
document writes them, in one spelling, so that equal things are equal.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import msgspec
from django.db.models import F
from msgspec import UNSET

from headway.accounts.models import Member, Team, Workspace
from headway.engine.definition import Definition as EngineDefinition
from headway.engine.kinds import parse, to_document
from headway.engine.plain import plain
from headway.files import annotations as happened
from headway.files import closes
from headway.files.document import Cycle, Document, KeyResult, Objective, Output, PlannedEvent
from headway.files.document import Milestone as MilestoneItem
from headway.files.document import Team as TeamItem
from headway.files.document import Workspace as WorkspaceItem
from headway.files.references import Known
from headway.files.targets import Target, target_of, written
from headway.goals import models as goals
from headway.goals.outputs import usual_status
from headway.metrics.happened.happenings import launch_days
from headway.metrics.models import Definition, Metric

Fields = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Kept:
    """One object of a workspace. Archived ones have no place in an export."""

    fields: Fields
    managed: bool = False
    archived: bool = False


# From a document --------------------------------------------------------------------------------


def wanted(document: Document, known: Known) -> dict[str, Fields]:
    """What the document asks for. `known` gives units and dates of what only the workspace has."""
    units = {**known.units, **{m.key: m.unit for m in document.metrics}}
    ends = {key: str(days[1]) for key, days in known.cycles.items()}
    ends |= {c.key: str(c.ends) for c in document.cycles}
    found = {f"source:{s.key}": s.written() for s in document.sources}
    found |= {f"survey:{s.key}": s.written() for s in document.surveys}
    found |= {f"check:{c.key}": c.written() for c in document.checks}
    found |= {f"event:{e.key}": _event(e) for e in document.tracking}
    found |= {f"team:{t.key}": _team(t) for t in document.teams}
    found |= {f"cycle:{c.key}": plain(c) for c in document.cycles}
    found |= {f"metric:{m.key}": _metric(m) for m in document.metrics}
    found |= {f"output:{o.key}": _output(o) for o in document.outputs}
    found |= {f"annotation:{a.key}": happened.wanted(a) for a in document.annotations}
    found |= {f"close:{c.key}": closes.wanted(c) for c in document.closes}
    for objective in document.objectives:
        found[f"objective:{objective.key}"] = _objective(objective)
        for item in objective.key_results:
            unit = units.get(item.metric or "", item.unit)
            fields = _key_result(item, objective.cycle, ends, target_of(item, unit), unit)
            found[f"key_result:{objective.key}/{item.key}"] = fields
    return found


def settings_of(item: WorkspaceItem) -> Fields:
    """The settings that are given."""
    names = [f for f in item.__struct_fields__ if f != "key"]
    return {n: setting(v) for n in names if (v := getattr(item, n)) is not UNSET}


def setting(value: Any) -> Any:
    """In one spelling: the same moment may be written in several time zones."""
    if isinstance(value, dict):
        return {name: _rates(one) if isinstance(one, dict) else one for name, one in value.items()}
    if isinstance(value, list):
        return [plain(one) if isinstance(one, msgspec.Struct) else one for one in value]
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value


def _rates(by_day: Mapping[Any, Any]) -> dict[str, float]:
    return {str(day): float(rate) for day, rate in by_day.items()}


def title_of(key: str) -> str:
    return key.replace("-", " ").replace("_", " ").capitalize()


def _team(item: TeamItem) -> Fields:
    members = sorted({email.lower() for email in item.members})
    name = item.name or title_of(item.key)
    return plain(msgspec.structs.replace(item, name=name, members=members))


def _metric(item: EngineDefinition) -> Fields:
    named = msgspec.structs.replace(item, name=item.title, owner=item.owner.lower())
    return to_document(named)


def _objective(item: Objective) -> Fields:
    return plain(
        msgspec.structs.replace(
            item,
            owner=item.owner.lower() if item.owner else None,
            supports=sorted(set(item.supports)),
            guardrails=sorted(set(item.guardrails)),
            key_results=[],
            waived=_trimmed(item.waived),
        )
    )


def _key_result(
    item: KeyResult, cycle: str, ends: Mapping[str, str], target: Target, unit: str
) -> Fields:
    """With the due date filled in, and the cycle only where it is not the objective's."""
    own = item.cycle if item.cycle != cycle else None
    due = item.due or ends.get(own or cycle, "")
    fields = {
        "key": item.key,
        "title": item.title,
        "metric": item.metric,
        **written(target, unit),
        "cycle": own,
        "unit": item.unit,
        "grain": item.grain,
        "due": str(due),
        "milestones": [_milestone(m) for m in item.milestones],
        "weight": _whole(item.weight),
        "owner": item.owner.lower() if item.owner else None,
        "delegate": item.delegate.lower() if item.delegate else None,
        "teams": sorted(set(item.teams)),
        "waived": _trimmed(item.waived) or None,
    }
    return _given(fields, weight=1)


def ticked(fields: Fields, present: Fields) -> Fields:
    """A milestone that a document does not call done stays as it was ticked."""
    done = {m["name"]: m["done"] for m in present.get("milestones", []) if "done" in m}
    if not fields.get("milestones") or not done:
        return fields
    filled = [
        {**m, "done": done[m["name"]]} if "done" not in m and m["name"] in done else m
        for m in fields["milestones"]
    ]
    return {**fields, "milestones": filled}


def _milestone(one: MilestoneItem | goals.Milestone) -> Fields:
    days = {"due": one.due, "done": one.done}
    given = {name: str(day) for name, day in days.items() if day is not None}
    return _given({"name": one.name.strip(), "weight": _whole(one.weight), **given}, weight=1)


def _trimmed(waived: Mapping[str, str]) -> dict[str, str]:
    return {code: reason.strip() for code, reason in sorted(waived.items())}


def _waived(rows: Iterable[goals.Waiver]) -> dict[str, str] | None:
    return {row.code: row.reason for row in rows} or None


def _whole(weight: float) -> float:
    return int(weight) if weight.is_integer() else weight


def _output(item: Output) -> Fields:
    fields = plain(
        msgspec.structs.replace(
            item,
            name=item.name or title_of(item.key),
            owner=item.owner.lower() if item.owner else None,
            moves=sorted(set(item.metrics)),
            controls=sorted(set(item.controls)),
        )
    )
    return _given(fields, status=usual_status(item.launched))


def _given(fields: Fields, **defaults: Any) -> Fields:
    return {
        k: v for k, v in fields.items() if v not in (None, "", []) and v != defaults.get(k, ...)
    }


# From the workspace -----------------------------------------------------------------------------


def kept(workspace: Workspace, *nouns: str) -> dict[str, Kept]:
    """All objects, or those of some kinds, in the order of an export.

    The order is by key; key results come in the order in which they are shown. The number of
    queries does not depend on how many there are.
    """
    chosen = nouns or tuple(READERS)
    return {f"{noun}:{key}": state for noun in chosen for key, state in READERS[noun](workspace)}


def _sources(workspace: Workspace) -> Iterator[tuple[str, Kept]]:
    for source in workspace.sources.order_by("key"):
        yield source.key, Kept(source.definition.written(), source.managed_in_code)


def _surveys(workspace: Workspace) -> Iterator[tuple[str, Kept]]:
    for row in workspace.surveys.select_related("source").order_by("key"):
        kept_ = Kept(row.definition.written(), row.managed_in_code, row.archived_at is not None)
        yield row.key, kept_


def _checks(workspace: Workspace) -> Iterator[tuple[str, Kept]]:
    for row in workspace.checks.select_related("source").order_by("key"):
        kept_ = Kept(row.definition.written(), row.managed_in_code, row.archived_at is not None)
        yield row.key, kept_


def _events(workspace: Workspace) -> Iterator[tuple[str, Kept]]:
    for row in workspace.events.order_by("key"):
        item = msgspec.convert(
            {
                "event": row.key,
                "description": row.description,
                "also": row.also,
                "properties": row.properties,
            },
            PlannedEvent,
        )
        yield row.key, Kept(_event(item), row.managed_in_code)


def _event(item: PlannedEvent) -> Fields:
    """Its order does not matter: properties are in that of their names."""
    properties = dict(sorted(item.properties.items()))
    also = sorted(set(item.also))
    return plain(msgspec.structs.replace(item, also=also, properties=properties))


def _teams(workspace: Workspace) -> Iterator[tuple[str, Kept]]:
    rows = workspace.teams.select_related("parent").prefetch_related("people__person")
    for team in rows.order_by("key"):
        yield team.key, Kept(_team_row(team), team.managed_in_code)


def _cycles(workspace: Workspace) -> Iterator[tuple[str, Kept]]:
    for cycle in workspace.cycles.order_by("key").select_related("parent"):
        yield cycle.key, Kept(_cycle_row(cycle), cycle.managed_in_code)


def _metrics(workspace: Workspace) -> Iterator[tuple[str, Kept]]:
    latest = Definition.objects.filter(metric__workspace=workspace, version=F("metric__version"))
    rows = list(latest.select_related("metric__owner__person").order_by("metric__key"))
    live = {row.metric.key for row in rows if not _archived(row.metric)}
    for row in rows:
        fields = _metric_fields(parse(row.metric.described(row.body)), live)
        yield row.metric.key, Kept(fields, row.metric.managed_in_code, _archived(row.metric))


def _objectives(workspace: Workspace) -> Iterator[tuple[str, Kept]]:
    rows = workspace.objectives.select_related("cycle", "team", "owner__person")
    for objective in rows.prefetch_related("supports", "guardrails", "waivers").order_by("key"):
        yield objective.key, _kept_objective(objective)


def _key_results(workspace: Workspace) -> Iterator[tuple[str, Kept]]:
    rows = goals.KeyResult.objects.filter(objective__workspace=workspace)
    rows = rows.select_related(
        "objective", "metric", "cycle", "owner__person", "delegate__person"
    ).prefetch_related("milestones", "teams", "waivers")
    for item in rows.order_by("objective__key", "position", "pk"):
        yield f"{item.objective.key}/{item.key}", _kept_key_result(item, item.objective)


def _outputs(workspace: Workspace) -> Iterator[tuple[str, Kept]]:
    rows = workspace.outputs.select_related("team", "owner__person")
    rows = rows.prefetch_related("moves", "controls")
    for output in rows.order_by("key"):
        yield output.key, Kept(_output_row(output), output.managed_in_code, _archived(output))


def _annotations(workspace: Workspace) -> Iterator[tuple[str, Kept]]:
    for row, fields, archived in happened.kept(workspace):
        yield row.key, Kept(fields, row.managed_in_code, archived)


def _closes(workspace: Workspace) -> Iterator[tuple[str, Kept]]:
    for key, fields in closes.kept(workspace):
        yield key, Kept(fields)


READERS: dict[str, Callable[[Workspace], Iterator[tuple[str, Kept]]]] = {
    "source": _sources,
    "event": _events,
    "survey": _surveys,
    "check": _checks,
    "team": _teams,
    "cycle": _cycles,
    "metric": _metrics,
    "objective": _objectives,
    "key_result": _key_results,
    "output": _outputs,
    "annotation": _annotations,
    "close": _closes,
}


def _metric_fields(definition: EngineDefinition, live: Set[str]) -> Fields:
    """Links to what is gone or was never made are no part of it, as for guardrails."""
    drives = [key for key in definition.drives if key in live]
    return _metric(msgspec.structs.replace(definition, drives=drives))


def _kept_objective(objective: goals.Objective) -> Kept:
    fields = {
        "key": objective.key,
        "cycle": objective.cycle.key,
        "team": objective.team.key,
        "title": objective.title,
        "why": objective.why,
        "ambition": objective.ambition,
        "owner": _email(objective.owner),
        "supports": _live(objective.supports),
        "guardrails": _live(objective.guardrails),
        "waived": _waived(w for w in objective.waivers.all() if w.key_result_id is None),
    }
    return Kept(
        _given(fields, ambition="committed"), objective.managed_in_code, _archived(objective)
    )


def _kept_key_result(item: goals.KeyResult, objective: goals.Objective) -> Kept:
    unit = item.metric.unit if item.metric else item.unit
    target = Target(**{name: getattr(item, name) for name in Target.__slots__})
    fields = {
        "key": item.key,
        "title": item.title,
        "metric": item.metric.key if item.metric else None,
        **written(target, unit),
        "cycle": item.cycle.key if item.cycle_id != objective.cycle_id else None,
        "unit": "" if item.metric else item.unit,
        "grain": item.grain,
        "due": str(item.due),
        "milestones": [_milestone(m) for m in item.milestones.all()],
        "weight": _whole(item.weight),
        "owner": _email(item.owner),
        "delegate": _email(item.delegate),
        "teams": sorted(team.key for team in item.teams.all()),
        "waived": _waived(item.waivers.all()),
    }
    archived = _archived(item) or _archived(objective)
    return Kept(_given(fields, weight=1), item.managed_in_code, archived)


def _output_row(output: goals.Output) -> Fields:
    fields = {
        "key": output.key,
        "name": output.name,
        "description": output.description,
        "status": output.status,
        "planned": _day(output.planned),
        "launched": _day(output.launched),
        "team": output.team.key if output.team else None,
        "owner": _email(output.owner),
        "moves": _live(output.moves),
        "controls": _live(output.controls),
        "audience": output.audience or None,
        "experiment": output.experiment or None,
    }
    return _given(fields, status=usual_status(output.launched))


def _day(day: date | None) -> str | None:
    return str(day) if day else None


def _team_row(team: Team) -> Fields:
    members = sorted(member.person.email for member in team.people.all())
    parent = team.parent.key if team.parent else None
    return _given({"key": team.key, "name": team.name, "parent": parent, "members": members})


def _cycle_row(cycle: goals.Cycle) -> Fields:
    item = Cycle(
        key=cycle.key,
        name=cycle.name,
        starts=cycle.starts,
        ends=cycle.ends,
        parent=cycle.parent.key if cycle.parent else None,
    )
    return plain(item)


def _live(rows: Any) -> list[str]:
    return sorted(row.key for row in rows.all() if not _archived(row))


def _email(member: Member | None) -> str | None:
    return member.person.email if member else None


def _archived(row: Metric | goals.Objective | goals.KeyResult | goals.Output) -> bool:
    return row.archived_at is not None


def known_in(workspace: Workspace | None, *, managed: bool = False) -> Known:
    """What may be named beside what a document defines.

    A document that is the whole of the files cannot name what files made earlier and have no
    more; a single object may, with `managed`.
    """
    if workspace is None:
        return Known()
    made_by = {} if managed else {"managed_in_code": False}
    free = workspace.metrics.filter(archived_at=None, **made_by)
    objectives = workspace.objectives.filter(archived_at=None, **made_by)
    return Known(
        sources=set(workspace.sources.values_list("key", flat=True)),
        teams=set(workspace.teams.values_list("key", flat=True)),
        objectives=set(objectives.values_list("key", flat=True)),
        people=set(workspace.members.values_list("person__email", flat=True)),
        launches=_launches(workspace, managed),
        units=dict(free.values_list("key", "unit")),
        cycles={c.key: (c.starts, c.ends) for c in workspace.cycles.all()},
        currency=workspace.currency,
    )


def _launches(workspace: Workspace, managed: bool) -> set[str]:
    if managed:
        return set(launch_days(workspace))
    made = workspace.outputs.filter(managed_in_code=True).values_list("key", flat=True)
    rows = workspace.annotations.filter(archived_at=None, managed_in_code=False)
    return set(rows.values_list("key", flat=True)) - set(made)
