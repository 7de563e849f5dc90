"""Beginning with metrics that are ready: a starter pack, or a template with all it needs."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from django.db import transaction

from headway.accounts import gate
from headway.accounts.models import Member, Workspace
from headway.engine.errors import Conflict
from headway.engine.kinds import parse
from headway.feed.record import record
from headway.metrics.actions import save_metric
from headway.metrics.choice import Documents, chosen_from
from headway.metrics.models import Metric
from headway.metrics.packs import Pack


@dataclass(frozen=True)
class Started:
    """`kept` are keys that had a metric already, which stays as it is."""

    made: tuple[Metric, ...]
    kept: tuple[str, ...]


@transaction.atomic
def start_from(
    workspace: Workspace,
    pack: Pack,
    *,
    keys: Collection[str] | None = None,
    names: Mapping[str, str] | None = None,
    by: Member | None,
    now: datetime,
) -> Started:
    """Makes the metrics of a pack that are missing; a workspace without a journey of its own gets
    that of the pack. Nothing else.

    `keys` are those that are wanted (None: all of them); what they are computed from comes with
    them. `names` gives events other names. Raises DefinitionError for a key or an event that the
    pack does not have.
    """
    chosen = chosen_from(pack, keys, names or {})
    started = make_missing(workspace, chosen, by=by, now=now, note=f"Starter pack {pack.name}.")
    if started.made:
        _travel(workspace, pack)
        _record(workspace, pack, started, by, now)
    return started


def _travel(workspace: Workspace, pack: Pack) -> None:
    if not workspace.journey:
        workspace.journey = msgspec.to_builtins(pack.journey)
        workspace.save(update_fields=["journey"])


def make_missing(
    workspace: Workspace,
    documents: Documents,
    *,
    by: Member | None,
    now: datetime,
    note: str = "",
) -> Started:
    """Makes each metric whose key is free, in this order. Raises Conflict for an archived input."""
    gate.require(by, "write", workspace)
    there = dict(workspace.metrics.values_list("key", "archived_at"))
    new = {key: document for key, document in documents.items() if key not in there}
    archived = {key for key, at in there.items() if at}
    with transaction.atomic():
        _refuse_archived(new, archived)
        made = [
            save_metric(workspace, _linked(new[key], {*there, *new}), by=by, now=now, note=note)
            for key in new
        ]
    return Started(tuple(made), tuple(key for key in documents if key in there))


def _linked(document: dict[str, Any], known: Collection[str]) -> dict[str, Any]:
    """Without links to metrics that were not wanted."""
    drives = [key for key in document.get("drives", ()) if key in known]
    return {k: v for k, v in (document | {"drives": drives}).items() if v != []}


def _refuse_archived(new: Documents, archived: Collection[str]) -> None:
    for key, document in new.items():
        for name in parse(document).inputs():
            if name in archived:
                raise Conflict(
                    f"`{key}` is computed from `{name}`, which is in the archive.",
                    where=key,
                    fix=f"Restore `{name}` first, or leave `{key}` out.",
                )


def _record(
    workspace: Workspace, pack: Pack, started: Started, by: Member | None, now: datetime
) -> None:
    count = len(started.made)
    record(
        workspace,
        subject=f"pack:{pack.key}",
        title=f"Starter pack {pack.name}",
        what="added",
        after=f"{count} metric{'' if count == 1 else 's'}",
        why=", ".join(metric.key for metric in started.made),
        by=by,
        now=now,
    )
