"""Evidence as pages show it."""

from __future__ import annotations

from dataclasses import dataclass
from math import isclose

from headway.charts import formats
from headway.engine.evidence import Evidence, Selected
from headway.engine.phrases import subjects
from headway.engine.series import Point
from headway.web.context import Here


@dataclass(frozen=True)
class Shown:
    """A selection. `left_out` is how many subjects stand behind it beside those that are named."""

    selected: Selected

    @property
    def subjects(self) -> str:
        """Such as `users`."""
        return subjects(self.selected.by, self.selected.subjects)

    @property
    def left_out(self) -> int:
        return self.selected.subjects - len(self.selected.examples)


@dataclass(frozen=True)
class Proof:
    """What was found of one metric; `stored` is the number that the page is about."""

    evidence: Evidence
    stored: Point
    here: Here

    @property
    def selections(self) -> list[Shown]:
        return [Shown(one) for one in self.evidence.selections]

    @property
    def value(self) -> str:
        unit, currency = self.evidence.definition.unit, self.here.workspace.currency
        return formats.value(self.evidence.point.value, unit, currency, exact=True)

    @property
    def same(self) -> bool:
        """Whether counting again gave the stored value."""
        now, then = self.evidence.point.value, self.stored.value
        if now is None or then is None:
            return now is then
        return isclose(now, then, rel_tol=1e-9, abs_tol=1e-9)
