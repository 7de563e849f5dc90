"""What can be done with uptime checks: written, put away, looked at now, made KPIs of."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from headway.accounts import gate
from headway.accounts.keeping import refuse_managed, refuse_reserved
from headway.accounts.models import Member, Workspace
from headway.feed.record import record
from headway.ingest.actions import taking
from headway.ingest.dialects.uptime import CHECKED
from headway.ingest.models import Source
from headway.metrics.actions import save_metric
from headway.metrics.catalogue import template
from headway.metrics.models import Metric
from headway.uptime.definition import CheckDefinition, parse
from headway.uptime.models import Check

KPIS = {"availability": {}, "latency_p95": {"event": CHECKED}}
"""The templates that read the results, and what of them is another event here."""

RESERVED = frozenset(["new"])


@transaction.atomic
def save_check(
    workspace: Workspace,
    key: str,
    *,
    by: Member | None,
    now: datetime,
    managed: bool = False,
    **fields: Any,
) -> Check:
    """Makes the check, or changes it to be like this; fields are those of CheckDefinition.

    Where this machine looks is for admins to say. Raises DefinitionError with the field as `where`.
    """
    gate.require(by, "administer", workspace)
    definition = parse({"key": key, **fields})
    refuse_reserved(key, RESERVED)
    source = taking(workspace, definition.source, "results cannot go into it")
    check = workspace.checks.select_for_update().filter(key=key).first()
    if check is None:
        check = Check(workspace=workspace, key=key, created_at=now)
        _assign(check, definition, source, managed, now)
        _record(check, "created", by=by, now=now)
        return check
    refuse_managed(f"The check `{check.key}`", check.managed_in_code, check.workspace, managed)
    before = _said(check.definition)
    _assign(check, definition, source, managed, now)
    for name, after in _said(definition).items():
        if after != before[name]:
            _record(check, name, before=before[name], after=after, by=by, now=now)
    return check


def archive_check(check: Check, *, by: Member | None, now: datetime, managed: bool = False) -> None:
    """Nobody looks any more; what was found stays."""
    _put_away(check, now, by=by, now=now, managed=managed)


def restore_check(check: Check, *, by: Member | None, now: datetime, managed: bool = False) -> None:
    _put_away(check, None, by=by, now=now, managed=managed)


def look_again(check: Check, *, by: Member | None, now: datetime) -> None:
    """The worker looks at it at once."""
    gate.require(by, "write", check.workspace)
    Check.objects.filter(pk=check.pk).update(next_at=now)


@transaction.atomic
def make_kpis(check: Check, *, by: Member | None, now: datetime) -> list[Metric]:
    """Availability and latency of the catalogue over its results; those there are stay."""
    gate.require(by, "write", check.workspace)
    there = {metric.key: metric for metric in kpis_of(check)}
    made = []
    for name, other in KPIS.items():
        key = kpi_key(check, name)
        made.append(there.get(key) or _kpi(check, name, key, other, by, now))
    return made


def kpis_of(check: Check) -> list[Metric]:
    keys = [kpi_key(check, name) for name in KPIS]
    return list(check.workspace.metrics.filter(key__in=keys).order_by("key"))


def kpi_key(check: Check, name: str) -> str:
    return f"{name}_{check.key.replace('-', '_')}"


def subject(check: Check) -> str:
    return f"check:{check.key}"


def _kpi(
    check: Check, name: str, key: str, other: dict[str, str], by: Member | None, now: datetime
) -> Metric:
    ready = template(name)
    document = ready.document | other | {"key": key, "name": f"{ready.name}: {check}"}
    document |= {"where": {"check": check.key}}
    note = f"Of the uptime check {check.key}."
    return save_metric(check.workspace, document, by=by, now=now, note=note)


def _assign(
    check: Check, definition: CheckDefinition, source: Source, managed: bool, now: datetime
) -> None:
    check.name, check.source, check.body = definition.name, source, definition.body()
    check.managed_in_code = check.managed_in_code or managed
    check.next_at = now
    check.save()


def _said(definition: CheckDefinition) -> dict[str, str]:
    """What can change about it, as people read it."""
    found = {name: getattr(definition, name) for name in definition.__struct_fields__}
    found.pop("key")
    words = {True: "yes", False: "no", None: ""}
    return {n: words[v] if v is None or isinstance(v, bool) else str(v) for n, v in found.items()}


@transaction.atomic
def _put_away(
    check: Check, at: datetime | None, *, by: Member | None, now: datetime, managed: bool
) -> None:
    gate.require(by, "administer", check.workspace)
    refuse_managed(f"The check `{check.key}`", check.managed_in_code, check.workspace, managed)
    if (check.archived_at is None) == (at is None):
        return
    check.archived_at = at
    check.next_at = now
    check.save(update_fields=["archived_at", "next_at"])
    _record(check, "archived" if at else "restored", by=by, now=now)


def _record(
    check: Check,
    what: str,
    *,
    before: str = "",
    after: str = "",
    by: Member | None,
    now: datetime,
) -> None:
    record(
        check.workspace,
        subject=subject(check),
        title=str(check),
        what=what,
        before=before,
        after=after,
        by=by,
        now=now,
    )
