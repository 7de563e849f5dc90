"""Symptoms that began at once and have something in common: most likely one cause."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from headway.alerting.symptom import Symptom, at_once

CLOSE = ("happening", "event")
"""Two metrics are no coincidence if they read the same event, or something happened just then."""

SOURCES = 3
"""Many metrics come from one source, so that two go off on one day by chance now and then: it takes
so many that have nothing closer in common."""

Group = tuple[str, tuple[Symptom, ...]]
"""What they have in common, and the symptoms."""


@dataclass(frozen=True)
class Peers:
    """`of` names what a symptom's metric rests on, and what happened as it began, as
    `event:login`, `source:web` or `happening:checkout-v2`.
    """

    of: Callable[[Symptom], Collection[str]]

    def groups(self, symptoms: Iterable[Symptom]) -> Iterator[Group]:
        """Each symptom is in one group at most, and only what began abruptly."""
        left = sorted((s for s in symptoms if s.abrupt), key=lambda s: s.rank)
        if len({symptom.metric for symptom in left}) < 2:
            return
        close = list(self._close(left))
        grouped = {s for _, group in close for s in group}
        units = [group for _, group in close] + [(s,) for s in left if s not in grouped]
        wide = list(self._wide(units))
        yield from wide
        taken = {s for _, group in wide for s in group}
        yield from ((name, group) for name, group in close if taken.isdisjoint(group))

    def _close(self, left: Sequence[Symptom]) -> Iterator[Group]:
        """The largest first."""
        by_name: dict[str, list[Symptom]] = defaultdict(list)
        for symptom in left:
            for name in self.of(symptom):
                if _noun(name) in CLOSE:
                    by_name[name].append(symptom)
        while chosen := _largest(by_name):
            yield chosen
            gone = set(chosen[1])
            by_name = {name: [s for s in own if s not in gone] for name, own in by_name.items()}

    def _wide(self, units: Sequence[tuple[Symptom, ...]]) -> Iterator[Group]:
        """What one source is behind, whatever its events."""
        left = list(units)
        for source in sorted({name for (first, *_) in units for name in self._sources(first)}):
            of_source = [u for u in left if all(source in self._sources(s) for s in u)]
            for first in of_source:
                near = [u for u in of_source if u in left and at_once(first[0], u[0])]
                if len({u[0].metric for u in near}) >= SOURCES:
                    left = [u for u in left if u not in near]
                    yield source, tuple(s for unit in near for s in unit)

    def _sources(self, symptom: Symptom) -> set[str]:
        return {name for name in self.of(symptom) if _noun(name) == "source"}


def _largest(by_name: Mapping[str, list[Symptom]]) -> Group | None:
    """Of several as large, what happened goes before an event, and what is rarer."""
    found = [
        (-len({s.metric for s in group}), CLOSE.index(_noun(name)), len(own), name, group)
        for name, own in by_name.items()
        for group in _at_once(own)
        if len({s.metric for s in group}) > 1
    ]
    if not found:
        return None
    *_, name, group = min(found, key=lambda one: one[:4])
    return name, group


def _at_once(symptoms: Sequence[Symptom]) -> Iterator[tuple[Symptom, ...]]:
    """Around each moment at which one began."""
    for moment in {(s.grain, s.since): s for s in symptoms}.values():
        yield tuple(s for s in symptoms if at_once(moment, s))


def _noun(name: str) -> str:
    return name.partition(":")[0]
