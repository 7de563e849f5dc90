"""Which events a definition is computed from, and the same definition over other names."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from functools import lru_cache
from typing import Any

from headway.engine.definition import ANY, PEOPLE, Amount, Definition, EventNames, names_of

Needs = dict[str, set[str]]
"""Properties by event name; `any` stands for whatever people do."""

READ = ("property", "weight", "value", "ok", "duration", "incidents", "customer")
"""Fields of kinds that name a property of their own `event`."""

CLOSE = 0.8


def needs(definition: Definition) -> Needs:
    """The events, and the properties they must carry, behind the value itself and its segments."""
    found: Needs = defaultdict(set)
    for match in definition.selections().values():
        for event in match.events or (ANY,):
            found[event] |= {name for name, _, _ in match.tests} | _shared(definition)
    if definition.who:
        for event in definition.who.did.names or (ANY,):
            found[event] |= set(definition.who.did.where)
    for event, name in _read(definition):
        found[event].add(name)
    return dict(found)


def together(found: Iterable[Needs]) -> Needs:
    all_: Needs = defaultdict(set)
    for one in found:
        for event, properties in one.items():
            all_[event] |= properties
    return dict(all_)


def _shared(definition: Definition) -> set[str]:
    """What every event of a definition carries."""
    subject = {definition.by} - set(PEOPLE)
    return subject | set(definition.segments)


def _read(definition: Definition) -> Iterator[tuple[str, str]]:
    own: EventNames | None = getattr(definition, "event", None)
    for name in (getattr(definition, field, None) for field in READ):
        if own is not None and isinstance(name, str) and name not in PEOPLE:
            yield from ((event, name) for event in names_of(own) or (ANY,))
    for field in definition.__struct_fields__:
        for amount in _amounts(getattr(definition, field)):
            yield from ((event, amount.property) for event in amount.names if amount.property)


def _amounts(value: object) -> list[Amount]:
    return [v for v in value if isinstance(v, Amount)] if isinstance(value, list) else []


def events_of(document: Mapping[str, Any]) -> list[str]:
    """The event names a document names, in the order in which it does."""
    return list(dict.fromkeys(name for name in _names(document) if name != ANY))


def _names(value: Any) -> Iterator[str]:
    if isinstance(value, list):
        for item in value:
            yield from _names(item)
    elif isinstance(value, Mapping):
        for field, item in value.items():
            if field == "event":
                yield from [item] if isinstance(item, str) else item
            elif field != "where":
                yield from _names(item)


def renamed(value: Any, names: Mapping[str, str]) -> Any:
    """The document with other event names. A name may stand for several, with commas."""
    if isinstance(value, list):
        return [renamed(item, names) for item in value]
    if not isinstance(value, Mapping):
        return value
    return {field: _field(field, item, names) for field, item in value.items()}


def _field(field: str, value: Any, names: Mapping[str, str]) -> Any:
    if field == "where":
        return value
    return _event(value, names) if field == "event" else renamed(value, names)


def _event(value: EventNames, names: Mapping[str, str]) -> EventNames:
    given = [value] if isinstance(value, str) else value
    found = [one for name in given for one in split(names.get(name) or name)]
    found = list(dict.fromkeys(found))
    return found[0] if len(found) == 1 else found


def split(text: str) -> list[str]:
    return [name for part in text.split(",") if (name := part.strip())]


def own_name(name: str, known: Iterable[str], also: Iterable[str] = ()) -> str:
    """The name among the known ones that most likely means the same; empty when none does.

    `also` are names that other tools give to the event.
    """
    known = list(known)
    if name in known:
        return name
    by_words = {_words(k): k for k in reversed(known)}
    for wanted in (name, *also):
        if found := by_words.get(_words(wanted)):
            return found
    joined = {"".join(words): k for words, k in by_words.items()}
    close = get_close_matches("".join(_words(name)), joined, n=1, cutoff=CLOSE)
    return joined[close[0]] if close else ""


@lru_cache(maxsize=10_000)
def _words(name: str) -> tuple[str, ...]:
    """`OrderPlaced`, `placed-order` and `order_placed` are the same words."""
    parts = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+", name)
    return tuple(sorted(part.lower() for part in parts))
