"""What is said of a person or account in one go: `$set`, `$set_once`, and what cannot be kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from msgspec.structs import replace

from headway.engine.errors import InputError
from headway.engine.event import GROUP
from headway.ingest.dialects.properties import Flat, adopted
from headway.ingest.dialects.saying import Saying, digest, without_link

SET = ("$set",)
ONCE = ("$set_once", "$setOnce")
KNOWN = {
    "$email": "email",
    "$name": "name",
    "$first_name": "first_name",
    "$last_name": "last_name",
    "$phone": "phone",
    "$created": "created_at",
}


def told(saying: Saying, deeds: Mapping[str, Any]) -> Iterator[Saying]:
    """The saying with what is set; then each trait that is set once, of which the first counts.

    Raises InputError for what needs the value before, which no event has.
    """
    found = _traits(deeds, SET)
    if found or saying.anonymous or saying.event == GROUP:
        yield replace(saying, properties=found)
    owner = saying.account if saying.event == GROUP else saying.user or saying.anonymous
    for name, value in _traits(deeds, ONCE).items():
        parts = (saying.event, owner or "", name)
        once = f"once:{digest(*(part.encode() for part in parts))}"
        yield replace(saying, id=once, properties={name: value})
    if rest := sorted(name for name in deeds if name.startswith("$") and name not in SET + ONCE):
        raise InputError(f"`{rest[0]}` is not taken over: send the new value with `$set`.")


def _traits(deeds: Mapping[str, Any], names: tuple[str, ...]) -> Flat:
    found = Flat()
    for name in names:
        found |= adopted(deeds.get(name), KNOWN, ("$",), frozenset())
    return without_link(found)
