"""Who may do what, as a table."""

from __future__ import annotations

import pytest

from headway.accounts import actions, gate
from headway.engine.errors import NotAllowed

TABLE = [
    ("admin", "read", True),
    ("admin", "see people", True),
    ("admin", "write", True),
    ("admin", "administer", True),
    ("member", "read", True),
    ("member", "see people", True),
    ("member", "write", True),
    ("member", "administer", False),
    ("viewer", "read", True),
    ("viewer", "see people", False),
    ("viewer", "write", False),
    ("viewer", "administer", False),
]


@pytest.mark.parametrize(("role", "verb", "allowed"), TABLE)
def test_each_role_may_do_what_the_table_says(request, role, verb, allowed):
    assert gate.allows(request.getfixturevalue(role), verb) is allowed


def test_the_operator_may_do_everything(acme):
    gate.require(None, "administer", acme)


def test_a_member_of_another_workspace_may_not_even_read(admin, now):
    other = actions.create_workspace("other", "Other", now=now)
    assert not gate.allows(admin, "read", other)


def test_a_closed_account_may_do_nothing(admin):
    admin.person.is_active = False
    assert not gate.allows(admin, "read")


def test_a_refusal_says_whom_to_ask(viewer):
    with pytest.raises(
        NotAllowed, match=r"Viewer may not write here\. Ask .* a member or an admin"
    ):
        gate.require(viewer, "write")
