"""What is made when a pack, or a template of the catalogue, is chosen: its documents."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from headway.engine.errors import DefinitionError, nearest
from headway.engine.kinds import parse
from headway.metrics.catalogue import templates
from headway.metrics.needs import events_of, renamed
from headway.metrics.packs import Pack

Documents = dict[str, dict[str, Any]]
"""What `save_metric` takes, by key."""


def chosen_from(pack: Pack, keys: Collection[str] | None, names: Mapping[str, str]) -> Documents:
    """The documents of the wanted keys and of all that they are computed from, inputs first."""
    documents = pack.documents
    known = [tracked.event for tracked in pack.tracking]
    _check("event", names, known)
    _check("metric", keys or (), documents)
    wanted = with_inputs(documents, documents if keys is None else keys)
    return {key: renamed(document, names) for key, document in wanted.items()}


def template_with_inputs(key: str, names: Mapping[str, str]) -> Documents:
    """A template of the catalogue after all that it is computed from."""
    documents = {one.key: one.document for one in templates()}
    found = with_inputs(documents, [key])
    for name in found:
        level = "kpi" if name == key else "metric"
        found[name] = renamed({**found[name], "level": level}, names)
    return found


def with_inputs(documents: Documents, keys: Iterable[str]) -> Documents:
    """Those of the keys and all that they are computed from, inputs first."""
    found: Documents = {}
    for key in keys:
        _collect(key, documents, found)
    return found


def events_in(documents: Documents) -> list[str]:
    return list(dict.fromkeys(event for one in documents.values() for event in events_of(one)))


def _collect(key: str, documents: Documents, found: Documents) -> None:
    if key in found or key not in documents:
        return
    for name in parse(documents[key]).inputs():
        _collect(name, documents, found)
    found[key] = documents[key]


def _check(noun: str, given: Iterable[str], known: Collection[str]) -> None:
    for name in given:
        if name not in known:
            raise DefinitionError(
                f"The pack has no {noun} `{name}`.",
                where=noun,
                fix=nearest(name, known) or f"There are: {', '.join(known)}.",
            )


def names_in(documents: Documents, there: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """What the events of the documents are called by the metrics that were made from them."""
    found: dict[str, str] = {}
    for key in documents.keys() & there.keys():
        example, own = events_of(documents[key]), events_of(there[key])
        if len(example) == len(own) and documents[key]["kind"] == there[key]["kind"]:
            found |= {e: o for e, o in zip(example, own, strict=True) if e != o}
    return found
