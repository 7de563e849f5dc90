"""What metrics have in common: the events that they read, where those come from, what happened."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property

from headway.accounts.models import Workspace
from headway.alerting.symptom import DAY, Symptom
from headway.charts import formats
from headway.engine.definition import ANY, Definition
from headway.engine.period import Grain
from headway.metrics.definitions import closure
from headway.metrics.happened.happenings import annotations_by
from headway.metrics.models import Annotation, AnnotationKind
from headway.metrics.needs import needs
from headway.metrics.reading import LONGEST


@dataclass
class Common:
    """Of a workspace's metrics, each read when it is asked for."""

    workspace: Workspace
    definitions: Mapping[str, Definition]
    _rests: dict[str, frozenset[str]] = field(default_factory=dict)

    def of(self, symptom: Symptom) -> frozenset[str]:
        happened = {f"happening:{row.key}" for row in self._began(symptom)}
        return self._rests_of(symptom.metric) | happened

    def words(self, common: str, metrics: Collection[str]) -> str:
        """What these have in common; empty if nobody knows it any more."""
        noun, _, name = common.partition(":")
        if noun == "happening":
            return self._happened(name)
        many = sum(common in self._rests_of(key) for key in metrics)
        who = "All of them" if many == len(metrics) else f"{many} of them"
        if noun == "event":
            return f"{who} read {name}."
        return f"{who} {f'come from {name}' if name else 'count events that are sent here'}."

    def _happened(self, key: str) -> str:
        row = self._by_key.get(key)
        if row is None:
            return ""
        began = "went out" if row.kind == AnnotationKind.launch else "began"
        return f"“{row.title}” {began} on {formats.day(row.starts)}."

    def _rests_of(self, key: str) -> frozenset[str]:
        if key not in self._rests:
            self._rests[key] = frozenset(_rests(key, self.definitions))
        return self._rests[key]

    def _began(self, symptom: Symptom) -> list[Annotation]:
        """In its first period, of days also on the day before."""
        day = symptom.grain is Grain.day
        first = symptom.since - DAY * day
        end = symptom.since + timedelta(days=LONGEST[symptom.grain])
        rows = self._annotations.get(symptom.metric, ())
        return [row for row in rows if first <= row.starts < end]

    @cached_property
    def _annotations(self) -> Mapping[str, tuple[Annotation, ...]]:
        """By metric; notes are for people."""
        metrics = {m.pk: m for m in self.workspace.metrics.filter(archived_at=None)}
        return {
            metrics[pk].key: tuple(row for row in found if row.kind != AnnotationKind.note)
            for pk, found in annotations_by(metrics.values()).items()
        }

    @cached_property
    def _by_key(self) -> Mapping[str, Annotation]:
        return {row.key: row for rows in self._annotations.values() for row in rows}


def _rests(key: str, definitions: Mapping[str, Definition]) -> set[str]:
    """`any` event is nothing in common: its source is."""
    found: set[str] = set()
    for one in closure(key, definitions).values():
        if one.measured and not one.inputs():
            found.add(f"source:{one.source or ''}")
            found |= {f"event:{name}" for name in needs(one) if name != ANY}
    return found
