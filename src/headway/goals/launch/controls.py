"""Which metrics a launch does not touch, as far as anybody has written down what drives what."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping

from headway.engine.definition import ANY, Definition
from headway.metrics.definitions import closure
from headway.metrics.needs import needs

Edges = Mapping[str, set[str]]


def untouched(definitions: Mapping[str, Definition], moved: Collection[str]) -> list[str]:
    """Keys of measured metrics that neither drive what is moved, nor are driven by it.

    Nor do they read an event that it reads: then they would count the same deeds.
    """
    down = _edges(definitions)
    linked = _reached(down, moved) | _reached(_turned(down), moved) | set(moved)
    events = {event for key in moved for event in _events(key, definitions)}
    return [
        key
        for key, one in definitions.items()
        if key not in linked and one.measured and not events & _events(key, definitions)
    ]


def _edges(definitions: Mapping[str, Definition]) -> Edges:
    """From a metric to those that it drives, and to those that are computed from it."""
    found: dict[str, set[str]] = defaultdict(set)
    for key, one in definitions.items():
        found[key].update(one.drives)
        for name in one.inputs():
            found[name.partition(".")[0]].add(key)
    return found


def _turned(edges: Edges) -> Edges:
    found: dict[str, set[str]] = defaultdict(set)
    for key, others in edges.items():
        for other in others:
            found[other].add(key)
    return found


def _reached(edges: Edges, keys: Iterable[str]) -> set[str]:
    waiting, seen = list(keys), set[str]()
    while waiting:
        for other in edges.get(waiting.pop(), ()):
            if other not in seen:
                seen.add(other)
                waiting.append(other)
    return seen


def _events(key: str, definitions: Mapping[str, Definition]) -> set[str]:
    return set(_named(key, definitions))


def _named(key: str, definitions: Mapping[str, Definition]) -> Iterator[str]:
    for one in closure(key, definitions).values():
        if one.measured:
            yield from (event for event in needs(one) if event != ANY)
