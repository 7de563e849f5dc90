from __future__ import annotations

from datetime import datetime

import pytest

from headway.accounts import actions
from headway.accounts.models import Member, Workspace


@pytest.fixture
def ada(acme: Workspace, now: datetime) -> Member:
    person = actions.create_person("ada@acme.example", None, name="Ada")
    return actions.add_member(acme, person, "member", by=None, now=now)
