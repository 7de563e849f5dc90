"""`who: {within: since KEY}`: the launch that a definition names, as a day."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from typing import TypeVar

import msgspec

from headway.engine.definition import Definition
from headway.engine.errors import DefinitionError, nearest

Read = TypeVar("Read", bound=Definition)


def dated(definition: Read, days: Mapping[str, date]) -> Read:
    """With the day in place of the launch's key. Raises DefinitionError for one not in `days`."""
    who = definition.who
    if who is None or not who.launch:
        return definition
    require_launch(definition, days)
    within = f"since {days[who.launch]}"
    return msgspec.structs.replace(definition, who=msgspec.structs.replace(who, within=within))


def require_launch(definition: Definition, keys: Collection[str]) -> None:
    name = definition.who.launch if definition.who else ""
    if name and name not in keys:
        raise DefinitionError(
            f"Nothing called `{name}` has been launched or has happened.",
            where=f"metric `{definition.key}`, field `who`",
            fix=fix_for(name, keys),
        )


def fix_for(name: str, keys: Collection[str]) -> str:
    usual = "Give the key of an output with a launch day, or a day such as `since 2026-01-31`."
    return nearest(name, keys) or usual
