"""Whose events are refused from now on, and from when on they are taken again."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from headway.accounts import gate
from headway.accounts.models import Member, Workspace
from headway.engine.errors import NotFound
from headway.feed.record import record
from headway.ingest.inflow.sieve import PERSON
from headway.ingest.models import Blocked, Rewrite
from headway.ingest.people.person import Person
from headway.ingest.personal import digest


def block(job: Rewrite, theirs: Person, now: datetime) -> None:
    """Not the ids that were somebody else's too."""
    signs = [digest(id_, purpose=PERSON) for id_ in theirs.own]
    Blocked.objects.bulk_create(
        [Blocked(workspace=job.workspace, digest=sign, rewrite=job, at=now) for sign in signs],
        ignore_conflicts=True,
    )


def unblock(workspace: Workspace, id_: str, *, by: Member | None, now: datetime) -> int:
    """By any id that is refused: how many of theirs are taken again. Raises NotFound."""
    gate.require(by, "administer", workspace)
    row = workspace.blocked.filter(digest=digest(id_, purpose=PERSON)).first()
    if row is None:
        raise NotFound(
            "Nothing with this id is refused.",
            where="id",
            fix="Ids are written as they were sent, capital letters too.",
        )
    if row.rewrite:
        return unblock_all(row.rewrite, by=by, now=now)
    row.delete()
    _say(workspace, "people", now, by)
    return 1


def unblock_all(job: Rewrite, *, by: Member | None, now: datetime) -> int:
    """Every id that the deletion refused: how many."""
    gate.require(by, "administer", job.workspace)
    with transaction.atomic():
        count = job.blocked.all().delete()[0]
        if not job.blocks:
            return count
        job.blocks = False
        job.save(update_fields=["blocks"])
        _say(job.workspace, f"rewrite:{job.pk}", now, by)
    return count


def _say(workspace: Workspace, subject: str, now: datetime, by: Member | None) -> None:
    title = "Refusing what comes of a deleted person"
    record(workspace, subject=subject, title=title, what="unblocked", by=by, now=now)
