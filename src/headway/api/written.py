"""Objects in the shape of the files: read, and saved through the same checks."""

from __future__ import annotations

from typing import Any

from headway.api.context import Caller
from headway.api.shapes import Written
from headway.engine.errors import DefinitionError, NotFound, nearest
from headway.files.put import put
from headway.files.state import kept


def written(who: Caller, noun: str) -> list[dict[str, Any]]:
    """Every object of a kind that is not archived."""
    return list(live(who, noun).values())


def written_one(who: Caller, noun: str, key: str) -> dict[str, Any]:
    found = live(who, noun)
    if key not in found:
        raise NotFound(f"There is no {noun} `{key}`.", fix=nearest(key, found))
    return found[key]


def save(who: Caller, noun: str, key: str, body: Written) -> dict[str, Any]:
    put(who.workspace, {f"{noun}s": [keyed(body, key)]}, by=who.member, now=who.clock)
    return written_one(who, noun, key)


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


def live(who: Caller, noun: str) -> dict[str, dict[str, Any]]:
    """The fields of each object that is not archived, by key."""
    return {
        subject.partition(":")[2]: state.fields
        for subject, state in kept(who.workspace).items()
        if subject.partition(":")[0] == noun and not state.archived
    }
