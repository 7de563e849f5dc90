"""Which keys rows of a workspace may have, and which of them are changed in files alone."""

from __future__ import annotations

from collections.abc import Collection

from headway.accounts.models import Workspace
from headway.engine.errors import Conflict, DefinitionError


def refuse_reserved(key: str, words: Collection[str]) -> None:
    if key in words:
        raise DefinitionError(
            f"`{key}` cannot be a key: it is a word of Headway's own addresses.",
            where="key",
            fix=f"Add a word to it, for example `{key}-1`.",
        )


def refuse_managed(called: str, in_code: bool, workspace: Workspace, managed: bool) -> None:
    """Raises Conflict for what is kept `in_code`, unless that is what changes it (`managed`)."""
    if in_code and not managed and not workspace.edit_managed:
        raise Conflict(
            f"{called} is managed in code.",
            fix="Change its file and apply it, or let the workspace allow both.",
        )
