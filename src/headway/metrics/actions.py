"""What can be done with metrics: defining, archiving, typing a value."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from django.db import transaction

from headway.accounts import gate
from headway.accounts.models import Member, Workspace
from headway.engine.definition import DESCRIPTIVE, computing
from headway.engine.definition import Definition as EngineDefinition
from headway.engine.errors import Conflict, DefinitionError, InputError, nearest
from headway.engine.kinds import check_inputs, check_parts, parse, to_document
from headway.engine.kinds.formula import Formula
from headway.engine.launched import require_launch
from headway.engine.magnitude import LARGEST, usable
from headway.engine.period import EPOCH
from headway.feed.record import record
from headway.metrics.definitions import definitions_of, users_of
from headway.metrics.happened.happenings import launch_days
from headway.metrics.models import Definition, Entry, Metric

COLUMNS = ("name", "level", "family", "direction", "unit", "owner")
PROFILE = DESCRIPTIVE - {"key", *COLUMNS}


def save_metric(
    workspace: Workspace,
    document: Mapping[str, Any],
    *,
    by: Member | None,
    now: datetime,
    note: str = "",
    managed: bool = False,
) -> Metric:
    """Makes the metric, or changes it; a new version only when what computes it changed.

    Raises DefinitionError that names the field and how to mend it.
    """
    gate.require(by, "write", workspace)
    definition = parse(document)
    with transaction.atomic():
        known = definitions_of(workspace) | {definition.key: definition}
        check_inputs(known)
        if not managed:  # files name each other in any order, and are checked as a whole
            _check_names(workspace, definition, known)
        metric = workspace.metrics.filter(key=definition.key).first()
        if metric is None:
            return _create(workspace, definition, by, now, note, managed)
        _refuse_managed(metric, managed)
        _describe(metric, definition, by, now)
        _advance(metric, definition, by, now, note)
        metric.managed_in_code = metric.managed_in_code or managed
        metric.save()
    return metric


def _check_names(
    workspace: Workspace, definition: EngineDefinition, metrics: Mapping[str, EngineDefinition]
) -> None:
    """Raises DefinitionError where the source or an input of the tree does not exist."""
    if definition.source:
        sources = workspace.sources.values_list("key", flat=True)
        _check_name(definition, "source", definition.source, sources)
    if definition.who and definition.who.launch:
        require_launch(definition, launch_days(workspace))
    if definition.tree:
        tree = Formula(key=definition.key, formula=definition.tree)
        tree.check()
        for name in tree.inputs():
            _check_name(definition, "tree", name, metrics)
        check_parts(definition.key, tree, metrics)


def _check_name(definition: EngineDefinition, field: str, name: str, known: Iterable[str]) -> None:
    noun, known = "source" if field == "source" else "metric", list(known)
    if name not in known:
        raise DefinitionError(
            f"There is no {noun} `{name}`.",
            where=f"metric `{definition.key}`, field `{field}`",
            fix=nearest(name, known) or f"Make the {noun} first, or name another.",
        )


def archive_metric(
    metric: Metric, *, by: Member | None, now: datetime, managed: bool = False
) -> Metric:
    """Raises Conflict, with their names, while something is measured by it."""
    gate.require(by, "write", metric.workspace)
    _refuse_managed(metric, managed)
    if users := _users(metric):
        raise Conflict(
            f"“{metric}” is still used by {', '.join(users)}.",
            fix="Archive or change those first.",
        )
    if metric.archived_at is None:
        with transaction.atomic():
            metric.archived_at = now
            metric.save()
            _record(metric, "archived", by=by, now=now)
    return metric


def restore_metric(
    metric: Metric, *, by: Member | None, now: datetime, managed: bool = False
) -> Metric:
    """Its points are computed anew, as events of its time in the archive passed it by."""
    gate.require(by, "write", metric.workspace)
    _refuse_managed(metric, managed)
    if metric.archived_at is None:
        return metric
    with transaction.atomic():
        check_inputs(definitions_of(metric.workspace) | {metric.key: metric.definition})
        metric.archived_at, metric.refreshed_version = None, 0
        metric.save()
        _record(metric, "restored", by=by, now=now)
    return metric


def enter_value(
    metric: Metric, day: date, value: float, *, by: Member | None, now: datetime
) -> Entry:
    """Types the value of a manual metric on a day; a second value on the day replaces the first."""
    gate.require(by, "write", metric.workspace)
    _refuse_value(metric, day, value, now)
    with transaction.atomic():
        before = metric.entries.filter(day=day).first()
        entry, _ = Entry.objects.update_or_create(
            metric=metric,
            day=day,
            defaults={"value": value, "by": by.person if by else None, "at": now},
        )
        _record(
            metric,
            "value",
            before=before.value if before else "",
            after=value,
            why=f"For {day}.",
            by=by,
            now=now,
        )
    return entry


def _create(
    workspace: Workspace,
    definition: EngineDefinition,
    by: Member | None,
    now: datetime,
    note: str,
    managed: bool,
) -> Metric:
    metric = Metric(workspace=workspace, key=definition.key, managed_in_code=managed)
    for field, value in _columns(workspace, definition).items():
        setattr(metric, field, value)
    metric.profile = _profile(definition)
    metric.save()
    _write_version(metric, computing(to_document(definition)), by, now, note)
    _record(metric, "created", by=by, now=now)
    return metric


def _describe(
    metric: Metric, definition: EngineDefinition, by: Member | None, now: datetime
) -> None:
    """Takes over the descriptive fields and records each that changed."""
    for field, value in _columns(metric.workspace, definition).items():
        before = getattr(metric, field)
        if before != value:
            setattr(metric, field, value)
            _record(metric, field, before=before, after=value, by=by, now=now)
    profile = _profile(definition)
    for field in sorted(metric.profile.keys() | profile.keys()):
        before, after = metric.profile.get(field, ""), profile.get(field, "")
        if before != after:
            _record(metric, field, before=_said(before), after=_said(after), by=by, now=now)
    metric.profile = profile


def _advance(
    metric: Metric, definition: EngineDefinition, by: Member | None, now: datetime, note: str
) -> None:
    """Writes the next version when the numbers can differ from those of the last."""
    before = metric.definitions.get(version=metric.version).body
    body = computing(to_document(definition))
    if body == before:
        return
    metric.version += 1
    metric.problem = ""
    why = "; ".join(filter(None, [note, changes(before, body)]))
    _write_version(metric, body, by, now, why)
    last, new = f"version {metric.version - 1}", f"version {metric.version}"
    _record(metric, "definition", before=last, after=new, why=why, by=by, now=now)


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    """What differs, as in `window: 7 days → 28 days`."""
    fields = dict.fromkeys([*after, *before])
    return "; ".join(
        f"{field}: {_said(before.get(field, ''))} → {_said(after.get(field, ''))}"
        for field in fields
        if before.get(field) != after.get(field)
    )


def _said(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{k} {_said(v)}" for k, v in value.items()) or "none"
    if isinstance(value, list):
        return ", ".join(_said(v) for v in value) or "none"
    return "none" if value in ("", None) else str(value)


def _write_version(
    metric: Metric, body: dict[str, Any], by: Member | None, now: datetime, note: str
) -> None:
    Definition.objects.create(
        metric=metric,
        version=metric.version,
        body=body,
        note=note,
        by=by.person if by else None,
        at=now,
    )


def _columns(workspace: Workspace, definition: EngineDefinition) -> dict[str, Any]:
    return {
        "name": definition.title,
        "level": definition.level,
        "family": definition.family,
        "direction": definition.direction,
        "unit": definition.unit,
        "owner": _owner(workspace, definition),
    }


def _profile(definition: EngineDefinition) -> dict[str, Any]:
    return {k: v for k, v in to_document(definition).items() if k in PROFILE}


def _owner(workspace: Workspace, definition: EngineDefinition) -> Member | None:
    if not definition.owner:
        return None
    members = workspace.members.select_related("person")
    owner = members.filter(person__email=definition.owner.lower()).first()
    if owner is None:
        raise DefinitionError(
            f"{definition.owner} is no member of the workspace.",
            where=f"metric `{definition.key}`, field `owner`",
            fix=nearest(definition.owner, members.values_list("person__email", flat=True)),
        )
    return owner


def _users(metric: Metric) -> list[str]:
    """What would be left without its numbers, as people call it."""
    key_results = metric.key_results.filter(archived_at=None, objective__archived_at=None)
    named = [f"the key result “{kr}” of “{kr.objective}”" for kr in key_results]
    guarded = [f"“{o}” as a guardrail" for o in metric.guards.filter(archived_at=None)]
    keys = users_of(metric.key, definitions_of(metric.workspace))
    return [*named, *guarded, *(f"the metric `{key}`" for key in keys)]


def _refuse_managed(metric: Metric, managed: bool) -> None:
    if metric.managed_in_code and not managed and not metric.workspace.edit_managed:
        raise Conflict(
            f"“{metric}” is managed in code.",
            fix="Change its file and apply it, or let the workspace allow both.",
        )


def _refuse_value(metric: Metric, day: date, value: float, now: datetime) -> None:
    kind = metric.definition.kind
    if kind != "manual":
        raise Conflict(f"“{metric}” is measured (kind {kind}); its values cannot be typed.")
    today = metric.workspace.calendar.day_of(metric.workspace.at(now))
    if day > today:
        raise InputError(f"{day} has not come yet.", where="day", fix=f"Today is {today}.")
    if day < EPOCH:
        raise InputError(f"{day} is before {EPOCH}.", where="day", fix="Choose a later day.")
    if not usable(value):
        raise InputError(
            f"`{value:g}` is not a number that can be kept.",
            where="value",
            fix=f"Numbers go up to {LARGEST:g}; a larger unit makes them smaller.",
        )


def _record(
    metric: Metric,
    what: str,
    *,
    before: object = "",
    after: object = "",
    why: str = "",
    by: Member | None,
    now: datetime,
) -> None:
    record(
        metric.workspace,
        subject=f"metric:{metric.key}",
        title=metric.name,
        what=what,
        before=before,
        after=after,
        why=why,
        by=by,
        now=now,
    )
