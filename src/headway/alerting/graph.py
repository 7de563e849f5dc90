"""Which metric leads to which, and which key results stand on them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date

from headway.accounts.models import Workspace
from headway.engine.definition import Definition
from headway.engine.errors import HeadwayError
from headway.engine.kinds.formula import Formula
from headway.goals.models import KeyResult
from headway.metrics.definitions import definitions_of

Keys = Mapping[str, frozenset[str]]


@dataclass(frozen=True)
class Graph:
    """By metric key: `drivers` are what a number is made of, `leads_to` all that follows it.

    `key_results` are those that run today, by the metric that they read.
    """

    definitions: Mapping[str, Definition]
    drivers: Keys
    leads_to: Keys
    key_results: Mapping[str, tuple[KeyResult, ...]]
    guarding: frozenset[str] = frozenset()

    @staticmethod
    def of(workspace: Workspace, today: date) -> Graph:
        definitions = definitions_of(workspace)
        drivers = {key: _drivers(one) for key, one in definitions.items()}
        follows: dict[str, set[str]] = defaultdict(set)
        for key, made_of in drivers.items():
            for driver in made_of:
                follows[driver].add(key)
        for key, one in definitions.items():
            follows[key] |= set(one.drives) & definitions.keys()
        leads_to = {key: _reached(key, follows) for key in definitions}
        objectives = workspace.objectives.filter(
            archived_at=None, cycle__starts__lte=today, cycle__ends__gte=today
        )
        guarding = objectives.values_list("guardrails__key", flat=True)
        return Graph(
            definitions, drivers, leads_to, _running(workspace, today),
            frozenset(key for key in guarding if key),
        )  # fmt: skip

    def depending(self, keys: Iterable[str]) -> list[KeyResult]:
        """The key results that read one of the metrics, then those that one of them leads to."""
        listed = list(keys)
        beyond = sorted({other for key in listed for other in self.leads_to.get(key, ())})
        found = [row for key in (*listed, *beyond) for row in self.key_results.get(key, ())]
        return list(dict.fromkeys(found))

    def leading(self, key: str) -> bool:
        """Whether a key result depends on it that reads another metric."""
        return any(other in self.key_results for other in self.leads_to.get(key, ()))


def _drivers(definition: Definition) -> frozenset[str]:
    found = set(definition.inputs())
    if definition.tree:
        with suppress(HeadwayError):  # a tree that cannot be read is told on the metric's page
            found |= set(Formula(key=definition.key, formula=definition.tree).inputs())
    return frozenset(found - {definition.key})


def _reached(key: str, follows: Mapping[str, set[str]]) -> frozenset[str]:
    waiting, seen = list(follows.get(key, ())), set[str]()
    while waiting:
        other = waiting.pop()
        if other not in seen and other != key:
            seen.add(other)
            waiting += follows.get(other, ())
    return frozenset(seen)


def _running(workspace: Workspace, today: date) -> Mapping[str, tuple[KeyResult, ...]]:
    rows = KeyResult.objects.filter(
        objective__workspace=workspace, objective__archived_at=None, archived_at=None,
        handed_back_at=None, metric__isnull=False, cycle__starts__lte=today, due__gte=today,
    ).select_related("metric", "objective")  # fmt: skip
    found: dict[str, tuple[KeyResult, ...]] = defaultdict(tuple)
    for row in rows.order_by("due", "pk"):
        assert row.metric is not None
        found[row.metric.key] += (row,)
    return dict(found)
