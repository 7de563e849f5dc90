"""Acme in its ninth week: two people, a key result of each, and a mail server."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from django.test import override_settings

from headway.accounts.models import Member, Team, Workspace
from headway.goals import actions
from headway.goals.models import KeyResult, Objective
from tests.goals.conftest import FIRST, LAST, moment
from tests.notify.post_office import PostOffice

MONDAY = datetime(2026, 2, 23, 8, 30, tzinfo=UTC)
"""Half past nine in Berlin: half an hour after the mails of the week leave."""

ADDRESS = "https://goals.acme.example"


@pytest.fixture
def office() -> Iterator[PostOffice]:
    with PostOffice() as office:
        backend = "django.core.mail.backends.smtp.EmailBackend"
        smtp = {"EMAIL_BACKEND": backend, "EMAIL_HOST": "127.0.0.1", "EMAIL_PORT": office.port}
        with override_settings(BASE_URL=ADDRESS, EMAIL_TIMEOUT=5, **smtp):
            yield office


@pytest.fixture
def objective(acme: Workspace, member: Member) -> Objective:
    acme.timezone = "Europe/Berlin"
    acme.save()
    team = Team.objects.create(workspace=acme, key="growth", name="Growth")
    cycle = actions.save_cycle(
        acme, key="2026-q1", name="Q1", starts=FIRST, ends=LAST, by=None, now=moment(0)
    )
    return actions.save_objective(
        acme, title="Effortless start", team=team, cycle=cycle, owner=member, by=None, now=moment(0)
    )


def key_result(objective: Objective, title: str, **fields: object) -> KeyResult:
    given = {"shape": "manual", "unit": "depots", "baseline_typed": 0.0, "target": 10.0, **fields}
    return actions.save_key_result(objective, title=title, by=None, now=moment(0), **given)  # type: ignore[arg-type]  # as the test says
