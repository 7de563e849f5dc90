"""What is shipped: saved, launched, put away. An output moves metrics; it is never a key result."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any, TypedDict, Unpack

from django.db import transaction
from django.utils.text import slugify

from headway.accounts import gate
from headway.accounts.keeping import refuse_reserved
from headway.accounts.models import Member, Team, Workspace
from headway.engine.errors import DefinitionError, nearest
from headway.engine.plain import plain
from headway.feed.record import record
from headway.goals import checks
from headway.goals.audience import audience
from headway.goals.experiment.checks import readable, summary
from headway.goals.experiment.design import experiment
from headway.goals.fields import described, record_difference
from headway.goals.models import Output, OutputStatus, Trial
from headway.metrics.happened.annotations import mark_launch
from headway.metrics.models import Metric

RESERVED = frozenset(["launches"])
"""Words that stand in addresses where the key of an output does."""


class OutputFields(TypedDict, total=False):
    """What is left out keeps its value; a new output needs `name`.

    Without a status it is launched if it has a launch day, and otherwise planned.
    """

    name: str
    description: str
    status: str
    planned: date | None
    launched: date | None
    team: Team | None
    owner: Member | None
    moves: Iterable[Metric]
    controls: Iterable[Metric]
    audience: Mapping[str, Any]
    experiment: Mapping[str, Any]


FIELDS = tuple(name for name in OutputFields.__annotations__ if name != "experiment")
LINKED = ("moves", "controls")


@transaction.atomic
def save_output(
    workspace: Workspace,
    *,
    key: str | None = None,
    by: Member | None,
    now: datetime,
    managed: bool = False,
    **fields: Unpack[OutputFields],
) -> Output:
    """Creates an output, or changes the one with this key; without a key it gets one."""
    gate.require(by, "write", workspace)
    output = _output(workspace, key, fields, now)
    checks.present(output)
    checks.writable(output, workspace, managed)
    before = described(output, FIELDS)
    tested = output.experiment
    _assign(output, fields, managed)
    check(output, workspace.calendar.day_of(workspace.at(now)))
    output.save()
    _link(output, fields)
    after = described(output, FIELDS)
    record_difference(workspace, subject(output), output.name, before, after, by=by, now=now)
    if output.experiment != tested:
        forget(output)
        record(
            workspace, subject=subject(output), title=output.name, what="experiment",
            before=summary(tested), after=summary(output.experiment), by=by, now=now,
        )  # fmt: skip
    _mark(output, by=by, now=now)
    return output


def archive_output(
    output: Output, *, by: Member | None, now: datetime, managed: bool = False
) -> None:
    """Takes the output off every page; `restore_output` brings it back as it was."""
    _put_away(output, now, by=by, now=now, managed=managed)


def restore_output(
    output: Output, *, by: Member | None, now: datetime, managed: bool = False
) -> None:
    _put_away(output, None, by=by, now=now, managed=managed)


def usual_status(launched: date | None) -> str:
    """What an output is when nobody says so."""
    return OutputStatus.launched.value if launched else OutputStatus.planned.value


def check(output: Output, today: date) -> None:
    """Raises DefinitionError for what an output cannot be on that day."""
    if not output.name.strip():
        raise DefinitionError("An output needs a name.", where="name", fix="Say what is shipped.")
    if output.status not in OutputStatus.values:
        fix = nearest(output.status, OutputStatus.values)
        fix = fix or f"Use one of {', '.join(OutputStatus.values)}."
        raise DefinitionError(f"`{output.status}` is no status.", where="status", fix=fix)
    checks.at_home(output.workspace, team=output.team, owner=output.owner)
    readable(output)
    _days(output, today)


def forget(output: Output) -> None:
    """What was read of the experiment that it was; the plan stays while it is one."""
    output.read_outs.all().delete()
    if not output.experiment:
        Trial.objects.filter(output=output).delete()


def subject(output: Output) -> str:
    return f"output:{output.key}"


def _days(output: Output, today: date) -> None:
    if output.launched and output.launched > today:
        raise DefinitionError(
            f"It cannot have been launched on {output.launched}: today is {today}.",
            where="launched",
            fix="Give the day as `planned` until it has come.",
        )
    if output.status == OutputStatus.launched and output.launched is None:
        raise DefinitionError(
            "It is launched, but nobody knows when.", where="launched", fix="Give the launch day."
        )
    unlaunched = (OutputStatus.planned, OutputStatus.building)
    if output.launched and output.status in unlaunched:
        raise DefinitionError(
            f"It was launched on {output.launched}, so it cannot be “{output.status}”.",
            where="status",
            fix="Say `launched`, or take the launch day out.",
        )


def _output(workspace: Workspace, key: str | None, fields: OutputFields, now: datetime) -> Output:
    existing = Output.objects.filter(workspace=workspace)
    if key and (found := existing.select_related("team", "owner__person").filter(key=key).first()):
        found.workspace = workspace
        return found
    key = key or _free_key(workspace, fields.get("name", ""))
    checks.key(key, 80)
    refuse_reserved(key, RESERVED)
    return Output(workspace=workspace, key=key, status="", created_at=now)


def _free_key(workspace: Workspace, name: str) -> str:
    stem = slugify(name)[:76].strip("-_") or "output"
    taken = Output.objects.filter(workspace=workspace, key__startswith=stem)
    keys = {*checks.RESERVED, *RESERVED, *taken.values_list("key", flat=True)}
    if stem not in keys:
        return stem
    return next(k for n in range(2, len(keys) + 3) if (k := f"{stem}-{n}") not in keys)


def _assign(output: Output, fields: OutputFields, managed: bool) -> None:
    """A launch day that comes or goes brings its status with it, unless that is given too."""
    before = output.launched
    for name, value in fields.items():
        if name == "audience":
            output.audience = plain(audience(fields["audience"]))
        elif name == "experiment":
            found = experiment(fields["experiment"])
            output.experiment = plain(found) if found else {}
        elif name not in LINKED:
            setattr(output, name, value)
    if not output.status or ("status" not in fields and output.launched != before):
        output.status = usual_status(output.launched)
    output.managed_in_code = output.managed_in_code or managed


def _link(output: Output, fields: OutputFields) -> None:
    for name in LINKED:
        if name in fields:
            metrics = list(fields[name])  # type: ignore[literal-required]  # names of fields
            for metric in metrics:
                checks.at_home(output.workspace, **{name: metric})
            getattr(output, name).set(metrics)


@transaction.atomic
def _put_away(
    output: Output, at: datetime | None, *, by: Member | None, now: datetime, managed: bool
) -> None:
    gate.require(by, "write", output.workspace)
    checks.writable(output, output.workspace, managed)
    if (output.archived_at is None) == (at is None):
        return
    output.archived_at = at
    output.save(update_fields=["archived_at"])
    record(
        output.workspace,
        subject=subject(output),
        title=output.name,
        what="archived" if at else "restored",
        by=by,
        now=now,
    )
    _mark(output, by=by, now=now)


def _mark(output: Output, *, by: Member | None, now: datetime) -> None:
    """Its launch is an annotation of the metrics that it should move."""
    day = None if output.archived_at else output.launched
    mark_launch(output.workspace, output.key, output.name, day, output.moves.all(), by=by, now=now)
