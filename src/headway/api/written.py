"""Objects in the shape of the files: read, and saved through the same checks."""

from __future__ import annotations

from typing import Any

from headway.api.context import Caller
from headway.api.shapes import Written
from headway.engine.errors import DefinitionError, NotFound, nearest
from headway.files.put import put
from headway.files.state import Kept, kept

Shown = dict[str, Any]


def live(who: Caller, noun: str) -> dict[str, Kept]:
    """Each object of a kind that is not archived, by key."""
    found = kept(who.workspace, noun)
    return {s.partition(":")[2]: state for s, state in found.items() if not state.archived}


def one_live(who: Caller, noun: str, key: str) -> Kept:
    found = live(who, noun)
    if key not in found:
        raise NotFound(f"There is no {noun} `{key}`.", fix=nearest(key, found))
    return found[key]


def shown(item: Kept, **state: Any) -> Shown:
    return {**item.fields, "state": {"managed_in_code": item.managed, **state}}


def save(who: Caller, section: str, item: dict[str, Any], reason: str = "") -> None:
    """Makes the object, or changes it to be like this. Raises DocumentError, Conflict."""
    put(who.workspace, {section: [item]}, by=who.member, now=who.clock, reason=reason)


def keyed(body: Written, key: str) -> dict[str, Any]:
    """The body with the key of the address. Raises DefinitionError when it says another one."""
    given = body.fields.get("key", key)
    if given != key:
        raise DefinitionError(
            f"The body has the key `{given}`, the address `{key}`.",
            where="key",
            fix="Leave the key out of the body; keys do not change.",
        )
    return {**body.fields, "key": key}
