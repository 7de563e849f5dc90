"""What was written is written again: without a person, without what is personal, or renamed.

A rewrite goes through states, each of which can be repeated, so that it survives being killed:

    waiting   until what was delivered before it was asked for is in the store
    writing   part by part, each in one transaction; then what was set aside and refused
    clearing  nobody is served the old files any more; they are removed once nobody reads them
    done      nothing of it says who it was
"""

from __future__ import annotations

import logging
import shutil
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction

from headway.accounts import gate
from headway.accounts.models import Member, Workspace
from headway.engine.errors import Conflict
from headway.feed.record import record
from headway.ingest.inflow.sieve import PERSON
from headway.ingest.manifest.compaction import remove
from headway.ingest.manifest.rows import part_file, root_of
from headway.ingest.models import Delivered, Part, Replaced, Rewrite
from headway.ingest.people import leavings, person, strays
from headway.ingest.people.blocking import block
from headway.ingest.people.revising import replace_part
from headway.ingest.people.revision import Revision, revision
from headway.ingest.personal import digest
from headway.ingest.seen import rename_seen
from headway.stores.ordered.ledger import FOLDER, Ledger

log = logging.getLogger(__name__)

PERSONAL, NAME = "personal", "name"
WAITING, WRITING, CLEARING, DONE = "waiting", "writing", "clearing", "done"

UNREAD_AFTER = timedelta(minutes=10)
"""By then every question that began with the old files is answered."""


def ask_person(
    workspace: Workspace, id_: str, *, blocks: bool, by: Member | None, now: datetime
) -> Rewrite:
    """Deletes all events of somebody, by any of their ids; the worker does it.

    `blocks`: what still comes with one of the ids is left out from now on.
    """
    gate.require(by, "administer", workspace)
    theirs, count = person.found(workspace, id_)
    sign = digest(theirs.claims[0].person, purpose=PERSON)
    if workspace.rewrites.filter(digest=sign).exclude(state=DONE).exists():
        raise Conflict("Their events are being deleted already.", where="id")
    with transaction.atomic():
        found = _ask(workspace, PERSON, {"id": id_}, by, now, digest=sign, blocks=blocks)
        found.account = {"asked_for": count, **found.account}
        found.save(update_fields=["account"])
        if blocks:
            block(found, theirs, now)
    return found


def ask_personal(workspace: Workspace, *, by: Member | None, now: datetime) -> Rewrite:
    """Hashes or drops what is personal in what was written before it was marked."""
    gate.require(by, "administer", workspace)
    if not workspace.personal:
        raise Conflict("No property is marked personal.", fix="Mark one first.")
    return _ask(workspace, PERSONAL, {"marks": dict(workspace.personal)}, by, now)


def ask_rename(
    workspace: Workspace, name: str, to: str, *, by: Member | None, now: datetime
) -> Rewrite:
    gate.require(by, "administer", workspace)
    return _ask(workspace, NAME, {"names": {name: to}}, by, now)


def _ask(
    workspace: Workspace,
    kind: str,
    what: dict[str, Any],
    by: Member | None,
    now: datetime,
    **more: Any,
) -> Rewrite:
    warehouses = [s.key for s in workspace.sources.order_by("key") if s.is_warehouse]
    with transaction.atomic():
        found = Rewrite.objects.create(
            workspace=workspace,
            kind=kind,
            what=what,
            asked_by=str(by.person.email) if by else "the operator",
            asked_at=now,
            account={"elsewhere": warehouses},
            **more,
        )
        _say(found, "rewrite_asked", by, now)
    return found


def rewrite(
    workspace: Workspace, *, now: datetime, stopped: Callable[[], bool] = lambda: False
) -> int:
    """A step of the worker, after the drain: how many rewrites went on."""
    went = 0
    for job in workspace.rewrites.exclude(state=DONE).order_by("pk"):
        try:
            went += _go_on(job, now, stopped)
        except Exception as error:  # a damaged part may not hold up what else there is to do
            log.exception("Rewrite %s could not go on", job.pk)
            _complain(job, str(error))
    return went


def _go_on(job: Rewrite, now: datetime, stopped: Callable[[], bool]) -> bool:
    before = job.state
    if job.state == WAITING:
        _begin(job, now)
    if job.state == WRITING:
        _write(job, now, stopped)
    if job.state == CLEARING:
        _clear(job, now)
    return job.state != before


def _begin(job: Rewrite, now: datetime) -> None:
    """All ids are looked up before the first part goes: with it may go who they were."""
    waiting = Delivered.objects.filter(
        source__workspace=job.workspace, problem="", received_at__lte=job.asked_at
    )
    if waiting.exists():
        _complain(job, "It waits for deliveries that came before it to be in the store.")
        return
    if job.kind == PERSON:
        theirs = person.find(job.workspace, job.what["id"])
        job.what = {"id": job.what["id"], "claims": person.written(theirs)}
        if job.blocks:
            block(job, theirs, now)
    _move(job, WRITING)


def _write(job: Rewrite, now: datetime, stopped: Callable[[], bool]) -> None:
    change = revision(job.kind, job.what)
    parts = Part.objects.filter(source__workspace=job.workspace).select_related("source")
    for part in list(parts.order_by("pk")):
        if stopped():
            return
        if change.touches(root_of(job.workspace), part_file(part)):
            replace_part(job, part, change, now)
    _finish_writing(job, change, now)


def _finish_writing(job: Rewrite, change: Revision, now: datetime) -> None:
    with transaction.atomic():
        if job.kind == PERSON:
            leavings.forget(job, person.read(job.what["claims"]).ids)
        elif job.kind == NAME:
            rename_seen(job.workspace, change.names)
        job.account["written_at"] = now.isoformat()
        _move(job, CLEARING)


def _clear(job: Rewrite, now: datetime) -> None:
    """With what was put together with others before: those files hold the same events."""
    written_at = datetime.fromisoformat(job.account["written_at"])
    if now < written_at + UNREAD_AFTER:
        return
    _remove_unread(job, written_at)
    if job.what and job.kind == PERSON and not _forget_strays(job, now):
        return
    job.what = {}
    job.save(update_fields=["what", "account"])
    if job.kind != NAME:
        job.account["pages"] = strays.overwrite_free_pages()
    with transaction.atomic():
        job.finished_at = now
        _move(job, DONE)
        _say(job, "rewritten", None, now)


def _remove_unread(job: Rewrite, written_at: datetime) -> None:
    unread = Replaced.objects.filter(source__workspace=job.workspace, at__lte=written_at)
    paths = list(unread.values_list("path", flat=True))
    for path in paths:
        if not Part.objects.filter(path=path).exists():
            remove(settings.STORE / path)
    _remove_ledgers(root_of(job.workspace), {path.partition("/")[2] for path in paths})
    unread.delete()


def _forget_strays(job: Rewrite, now: datetime) -> bool:
    found = strays.forget(job.workspace, person.read(job.what["claims"]), now)
    for name in ("removed", "cleaned", "unread"):
        before = job.account.get(f"strays_{name}", 0) if name != "unread" else 0
        job.account[f"strays_{name}"] = before + getattr(found, name)
    job.save(update_fields=["account"])
    if found.waits:
        _complain(
            job,
            "A file that no manifest names holds events of theirs. It may belong to an import that "
            "is under way; once it is a day old it is removed.",
        )
    return not found.waits


def _remove_ledgers(root: Path, gone: set[str]) -> None:
    """They hold ids in an order of their own, and are made again from the parts."""
    for folder in (root / FOLDER).glob("[!.]*-*"):
        ledger = Ledger.open(folder)
        if ledger is None or gone.intersection(ledger.parts):
            shutil.rmtree(folder, ignore_errors=True)


def _move(job: Rewrite, state: str) -> None:
    job.state, job.problem = state, ""
    job.save()


def _complain(job: Rewrite, problem: str) -> None:
    job.problem = problem
    job.save(update_fields=["problem"])


def _say(job: Rewrite, what: str, by: Member | None, now: datetime) -> None:
    titles = {
        PERSON: "The deletion of a person",
        PERSONAL: "The cleaning of personal properties",
        NAME: "The renaming of past events",
    }
    record(
        job.workspace,
        subject=f"rewrite:{job.pk}",
        title=titles[job.kind],
        what=what,
        by=by,
        now=now,
    )
