"""What a metric reads of events, and so which changes it can leave to others."""

from __future__ import annotations

from dataclasses import dataclass

from headway.engine.definition import ANY, Definition
from headway.engine.event import MARKERS, PROPERTY
from headway.engine.money import CURRENCY, UNIT
from headway.engine.sql.text import SUBJECTS
from headway.ingest.models import ChangedDays
from headway.metrics.needs import needs

USER = SUBJECTS["user"]


@dataclass(frozen=True)
class Interest:
    """Names of events, `any` among them for whatever people do, and the columns that may change
    although the event stays. None: everything.
    """

    names: frozenset[str] | None = None
    columns: frozenset[str] | None = None

    @staticmethod
    def of(definition: Definition, *, within: bool = False) -> Interest:
        """`within` another metric: a ratio asks of its inputs' events whose they are."""
        if not definition.measured:
            return Interest(frozenset(), frozenset())
        found = needs(definition)
        if not found:
            return Interest()
        read = {name for properties in found.values() for name in properties}
        read |= {test[0] for m in definition.selections().values() for w in m.without for test in w}
        read |= {CURRENCY} if definition.unit == UNIT else set()
        personal = within or definition.personal or definition.who is not None
        subjects = (definition.by, getattr(definition, "customer", "")) if personal else ()
        whose = (*subjects, *definition.segments)
        ids = {column for name, column in SUBJECTS.items() if name in whose or column in read}
        return Interest(frozenset(found), frozenset({PROPERTY + name for name in read} | ids))

    def hears(self, change: ChangedDays) -> bool:
        return self._names(change.names) and self._columns(change.columns)

    def _names(self, changed: list[str] | None) -> bool:
        if changed is None or self.names is None:
            return self.names != frozenset()
        deeds = ANY in self.names and not set(changed) <= set(MARKERS)
        return deeds or not self.names.isdisjoint(changed)

    def _columns(self, changed: list[str] | None) -> bool:
        return changed is None or self.columns is None or not self.columns.isdisjoint(changed)
