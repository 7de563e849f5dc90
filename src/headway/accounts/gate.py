"""The one place that knows what a role may do."""

from __future__ import annotations

from typing import Literal

from headway.accounts.models import Member, Role, Workspace
from headway.engine.errors import NotAllowed

Verb = Literal["read", "see people", "write", "administer"]
"""To see people is to see who is behind a number: the ids of users, accounts, tickets."""

ALLOWED: dict[str, frozenset[Verb]] = {
    Role.admin: frozenset({"read", "see people", "write", "administer"}),
    Role.member: frozenset({"read", "see people", "write"}),
    Role.viewer: frozenset({"read"}),
}
NEEDED: dict[Verb, str] = {
    "read": "a member of the workspace",
    "see people": "a member or an admin",
    "write": "a member or an admin",
    "administer": "an admin",
}


def allows(member: Member | None, verb: Verb, workspace: Workspace | None = None) -> bool:
    """None is the operator at the command line, who may do everything.

    With a workspace, the member must also be one of that workspace.
    """
    if member is None:
        return True
    at_home = workspace is None or member.workspace_id == workspace.pk
    return at_home and member.person.is_active and verb in ALLOWED[member.role]


def require(member: Member | None, verb: Verb, workspace: Workspace | None = None) -> None:
    """Raises NotAllowed."""
    if not allows(member, verb, workspace):
        raise NotAllowed(
            f"{member} may not {verb} here.", fix=f"Ask somebody who is {NEEDED[verb]}."
        )
