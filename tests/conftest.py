"""What tests share. Suites that run without Django read this too: it imports none by itself."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import settings as search

from tests.postgres.cluster import cluster

__all__ = ["cluster"]

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from headway.accounts.models import Member, Workspace

# A busy machine is no fault of the code under test.
search.register_profile("headway", deadline=None)
search.load_profile("headway")

# Java compiles hot code twice, the second time for long-lived servers: tests are over by then.
for _options in ("SPARK_SUBMIT_OPTS", "SPARK_DAEMON_JAVA_OPTS"):
    os.environ.setdefault(_options, "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC")

PASSWORD = "correct horse battery"
QUICK_HASH = "django.contrib.auth.hashers.MD5PasswordHasher"
"""A safe hash takes a fifth of a second on purpose, and nearly every test makes people."""

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
PATIENCE = 20_000
"""Milliseconds: machines that run tests are often busy with other things."""


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One for all tests of a process: Playwright runs its loop once in a thread."""
    from playwright.sync_api import expect, sync_playwright

    # Beside that loop Django would not touch a database.
    os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        path = shutil.which("chromium")
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        yield browser
        browser.close()


@pytest.fixture(autouse=True)
def own_folder(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[None]:
    """Every test keeps its files in a folder of its own, never in the developer's."""
    if not request.config.pluginmanager.hasplugin("django"):
        yield
        return
    from django.conf import settings
    from django.test import override_settings

    data = tmp_path / "data"
    hashers = [QUICK_HASH, *settings.PASSWORD_HASHERS]
    with override_settings(
        DATA=data, STORE=data / "events", SECRET_KEY="only for tests", PASSWORD_HASHERS=hashers
    ):
        yield


@pytest.fixture
def now() -> datetime:
    return datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


@pytest.fixture
def acme(db: Any, now: datetime) -> Workspace:
    from headway.accounts import actions

    return actions.create_workspace("acme", "Acme", now=now)


def member_of(workspace: Workspace, role: str, now: datetime) -> Member:
    from headway.accounts import actions

    person = actions.create_person(f"{role}@{workspace.key}.example", PASSWORD, name=role.title())
    return actions.add_member(workspace, person, role, by=None, now=now)


@pytest.fixture
def admin(acme: Workspace, now: datetime) -> Member:
    return member_of(acme, "admin", now)


@pytest.fixture
def member(acme: Workspace, now: datetime) -> Member:
    return member_of(acme, "member", now)


@pytest.fixture
def viewer(acme: Workspace, now: datetime) -> Member:
    return member_of(acme, "viewer", now)
