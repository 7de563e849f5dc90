"""Events of days that are kept no more leave the parts, but for those that numbers rest on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from django.db import transaction
from django.db.models import F

from headway.accounts.models import Workspace
from headway.engine.event import MARKERS, PROPERTY
from headway.engine.remnant import Remains
from headway.ingest.manifest.rows import files, manifest, part_file, root_of, row_of
from headway.ingest.manifest.store import local_store
from headway.ingest.models import Keeping, Part, Replaced, Source
from headway.stores.local import LocalStore
from headway.stores.parts import rewritten


@dataclass(frozen=True)
class Old:
    """What happened before `until`. Of it stays who somebody is, and by source the events `stay`,
    with only the properties that they are `told_by`.
    """

    until: datetime
    stay: Mapping[str, pa.Array]
    told_by: frozenset[str]

    def without(self, table: pa.Table, source: str) -> tuple[pa.Table, int]:
        """What of a part stays, and how many of that are old."""
        old = pc.less(table["happened_at"], pa.scalar(self.until, table["happened_at"].type))
        marks = pc.is_in(table["event"].cast(pa.string()), value_set=pa.array(MARKERS))
        ids = self.stay.get(source, pa.array([], pa.string()))
        deeds = pc.and_(old, pc.invert(marks))
        rests = pc.and_(deeds, pc.is_in(table["message_id"], value_set=ids))
        kept = pc.or_(pc.invert(deeds), rests)
        stayed = pc.sum(pc.and_(old, kept)).as_py() or 0
        return self._told(table, deeds).filter(kept), stayed

    def _told(self, table: pa.Table, deeds: pa.ChunkedArray) -> pa.Table:
        """Old deeds without whatever else they said; a column of nothing goes."""
        for name in table.column_names:
            own = name.removeprefix(PROPERTY)
            if own != name and own not in self.told_by:
                i, column = table.column_names.index(name), table[name]
                left = pc.if_else(deeds, pa.scalar(None, column.type), column)
                gone = left.null_count == len(left) and column.null_count < len(left)
                table = table.remove_column(i) if gone else table.set_column(i, name, left)
        return table


def old(
    workspace: Workspace, until: datetime, rests: Iterable[Remains], told_by: frozenset[str]
) -> Old:
    """Looked up for all parts before the first is written again.

    By people and by the ids as they were sent: who is who may turn out otherwise later.
    """
    found: dict[str, set[str]] = {}
    parts = files(manifest(workspace))
    stores = [local_store(workspace), LocalStore(root_of(workspace), parts, joined=False)]
    for one in dict.fromkeys(rests):
        for store in stores:
            table = store.run(one)
            for source in pc.unique(table["source"]).to_pylist():
                mine = table.filter(pc.equal(table["source"], source))["m"]
                found.setdefault(source, set()).update(mine.to_pylist())
    stay = {source: pa.array(sorted(ids), pa.string()) for source, ids in found.items()}
    return Old(until, stay, told_by)


def remove(
    keeping: Keeping, old: Old, *, now: datetime, stopped: Callable[[], bool] = lambda: False
) -> bool:
    """Part by part, each in one transaction; whether all was looked at. Again, it does nothing."""
    parts = Part.objects.filter(source__workspace=keeping.workspace, first_at__lt=old.until)
    stayed = 0
    for part in list(parts.select_related("source").order_by("pk")):
        if stopped():
            return False
        stayed += _rewrite(keeping, part, old, now)
    Keeping.objects.filter(pk=keeping.pk).update(removing=False, stayed=stayed, removed_at=now)
    return True


def _rewrite(keeping: Keeping, part: Part, old: Old, now: datetime) -> int:
    """Killed at any moment it leaves the old part served, or the new one."""
    root, file = root_of(keeping.workspace), part_file(part)
    table = pq.read_table(root / file.path)
    after, stayed = old.without(table, file.source)
    if after.equals(table):
        return stayed
    new = rewritten(root, after, file.source) if after.num_rows else []
    with transaction.atomic():
        source = Source.objects.select_for_update().get(pk=part.source_id)
        if not Part.objects.filter(pk=part.pk).delete()[0]:
            return stayed  # it was put together with others meanwhile; next day it is its turn
        Part.objects.bulk_create(row_of(source, one, now) for one in new)
        Replaced.objects.create(source=source, path=part.path, at=now)
        gone = table.num_rows - after.num_rows
        Source.objects.filter(pk=source.pk).update(rows=F("rows") - gone)
        Keeping.objects.filter(pk=keeping.pk).update(removed=F("removed") + gone)
    return stayed
