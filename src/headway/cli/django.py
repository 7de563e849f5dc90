"""Commands that need the application start it here; the others never import Django."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from headway.engine.errors import Conflict, NotFound, StoreError, nearest

if TYPE_CHECKING:
    from headway.accounts.models import Member, Workspace


def ready(*, create: bool = False, log_level: str = "WARNING") -> None:
    """Sets Django up and brings the database up to date.

    Raises NotFound where there is no database, unless it is to be created.
    """
    os.environ.setdefault("HEADWAY_LOG_LEVEL", log_level)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "headway.config.settings")
    import django

    django.setup()
    _find_database(create)
    _open()
    _migrate()


def database_file() -> Path | None:
    """None where the database is a server's."""
    from django.conf import settings
    from django.db import connection

    return settings.DATA / "headway.sqlite3" if connection.vendor == "sqlite" else None


def _find_database(create: bool) -> None:
    from django.conf import settings

    file = database_file()
    if create:
        settings.DATA.mkdir(parents=True, exist_ok=True)
    elif file and not file.exists():
        raise NotFound(
            f"There is no Headway in {settings.DATA}.",
            fix="Run `headway init` or `headway demo`, or let HEADWAY_DATA name another folder.",
        )


def _open() -> None:
    from django.conf import settings
    from django.db import DatabaseError, connection

    try:
        connection.ensure_connection()
    except DatabaseError as error:
        sqlite = connection.vendor == "sqlite"
        said = str(error).strip().splitlines()[0].rstrip(".:")
        raise StoreError(
            f"The database cannot be opened: {said}.",
            where=str(settings.DATA) if sqlite else "HEADWAY_DATABASE_URL",
            fix="Look at the rights and the disk of the folder, or restore it from a backup."
            if sqlite
            else "Look at the address, and whether the server runs.",
        ) from None


def _migrate() -> None:
    from django.core.management import call_command
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        with _alone():
            call_command("migrate", verbosity=0, interactive=False)


@contextmanager
def _alone() -> Iterator[None]:
    """Of the processes that start with a new version, one brings the database up to date."""
    from django.conf import settings

    descriptor = os.open(settings.DATA / ".migrating", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def workspace_named(key: str | None) -> Workspace:
    """The workspace with this key; without a key, the only one there is."""
    from headway.accounts.models import Workspace

    found = {w.key: w for w in Workspace.objects.order_by("key")}
    if not found:
        raise NotFound("There is no workspace yet.", fix="Run `headway init` or `headway demo`.")
    if key is None and len(found) > 1:
        raise Conflict(
            f"There are several workspaces: {', '.join(found)}.",
            fix="Name one with `--workspace` or HEADWAY_WORKSPACE.",
        )
    if key is not None and key not in found:
        fix = nearest(key, found) or f"There are: {', '.join(found)}."
        raise NotFound(f"There is no workspace `{key}`.", fix=fix)
    return found[key] if key else next(iter(found.values()))


def member_named(workspace: Workspace, email: str | None) -> Member | None:
    """Whose name a command acts in; None is the operator."""
    if email is None:
        return None
    member = workspace.members.filter(person__email=email.lower()).select_related("person").first()
    if member is None:
        known = workspace.members.values_list("person__email", flat=True)
        raise NotFound(f"{email} is no member of `{workspace.key}`.", fix=nearest(email, known))
    return member
