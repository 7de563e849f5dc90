"""A method: which metrics it looks at, and what it finds in their past."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import msgspec

from headway.engine.period import Grain
from headway.metrics.models import Metric
from headway.outlook.models import Study
from headway.stats.history import CannotTell, History

T = TypeVar("T")


@dataclass(frozen=True)
class Matter:
    """What is studied: a metric at a grain, perhaps `beside` another one at the same grain."""

    metric: Metric
    grain: Grain
    beside: Metric | None = None

    @property
    def metrics(self) -> tuple[Metric, ...]:
        return (self.metric,) if self.beside is None else (self.metric, self.beside)


@dataclass(frozen=True)
class Method(Generic[T]):
    """`study` is pure and gets the history of each metric of a matter, in their order.

    `matters` picks among the metrics of a workspace that are not archived. `answer` is what comes
    out: a dataclass of plain values and days, which is stored as JSON. Another `version` computes
    everything anew.
    """

    name: str
    version: int
    answer: type[T]
    matters: Callable[[Sequence[Metric]], Iterable[Matter]]
    study: Callable[[Sequence[History]], T | CannotTell]

    def stored(self, found: T) -> dict[str, Any]:
        return dict(msgspec.to_builtins(found))

    def read(self, metric: Metric, grain: Grain, beside: Metric | None = None) -> T | CannotTell:
        """What is stored, in one query; a page never waits for a study."""
        rows = Study.objects.filter(metric=metric, grain=grain, name=self.name, beside=beside)
        row = rows.only("answer", "reason").first()
        return self.told(row) if row else CannotTell("It has not been looked at yet.")

    def told(self, row: Study) -> T | CannotTell:
        if row.reason:
            return CannotTell(row.reason)
        return msgspec.convert(row.answer, self.answer, strict=False)
