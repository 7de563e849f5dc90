"""Sources that are fetched: a few seconds of each pass, from where the last one stopped."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Q

from headway.accounts.models import Workspace
from headway.engine.definition import duration
from headway.engine.errors import Conflict, HeadwayError
from headway.ingest.changes import record_of
from headway.ingest.fetching import FETCHERS, Fetched, Later, Refused
from headway.ingest.inflow.landing import intake_for, land
from headway.ingest.inflow.refusals import LONGEST_TEXT, remember
from headway.ingest.manifest.exchange import expected
from headway.ingest.manifest.rows import manifest
from headway.ingest.models import Fetch, Refusal, Source
from headway.ingest.opening import secret_of
from headway.ingest.probe import told

log = logging.getLogger(__name__)

SECONDS_A_PASS = 15.0
"""For all sources of a workspace together; one that has more to bring goes on in the next pass."""

HELD = timedelta(minutes=15)
"""So long nobody else fetches a source, also where who began was killed."""

GOES_ON = "There is more: the worker goes on in its next pass."
PACE = {"every", "timeout", "secret_env", "webhook_env"}
"""Fields that say how it is fetched, and not what."""

FIRST_RETRY = timedelta(minutes=1)


@dataclass
class Brought:
    """By all sources of a pass; problems by the source's key."""

    added: int = 0
    problems: dict[str, str] = field(default_factory=dict)


@dataclass
class _Run:
    """One fetch of one source, for as long as its pass has time."""

    source: Source
    fetch: Fetch
    added: int = 0
    whole: bool = False


def fetch(
    workspace: Workspace, *, now: datetime, stopped: Callable[[], bool] = lambda: False
) -> Brought:
    """Fetches what is due. Killed at any moment it goes on from the last step that was kept."""
    done, ends = Brought(), time.monotonic() + SECONDS_A_PASS
    oldest = F("fetch__tried_at").asc(nulls_first=True)
    for source in workspace.sources.filter(kind__in=FETCHERS).order_by(oldest, "pk"):
        if stopped() or time.monotonic() >= ends:
            break
        if row := _claimed(source, now):
            run = _Run(source, row)
            if problem := _fetched(run, now, ends, stopped):
                done.problems[source.key] = problem
            done.added += run.added
    return done


def fetch_source(source: Source, *, now: datetime, take_over: bool = False) -> Fetch:
    """All of it, now, however long it takes. Raises Conflict while somebody else fetches it, unless
    it is taken over: whoever had it keeps nothing more.
    """
    again(source)
    if take_over:
        Fetch.objects.filter(source=source).update(held_until=None)
    row = _claimed(source, now)
    if row is None:
        raise Conflict(
            f"`{source.key}` is being fetched by a worker.",
            fix="Try again when it is done, or with --take-over when the worker was killed.",
        )
    _fetched(_Run(source, row), now, float("inf"), lambda: False)
    row.refresh_from_db()
    return row


def again(source: Source) -> None:
    """It is due at once."""
    Fetch.objects.get_or_create(source=source)
    Fetch.objects.filter(source=source).update(due_at=None)


def elsewhere(before: Mapping[str, object], after: Mapping[str, object]) -> bool:
    """Whether a source with another body is another one: its cursor says nothing then."""
    names = {*before, *after} - PACE
    return any(before.get(name) != after.get(name) for name in names)


def start_anew(source: Source) -> None:
    """A fetch that is under way keeps nothing more."""
    clean = {"cursor": {}, "problem": "", "note": "", "failures": 0}
    Fetch.objects.filter(source=source).update(**clean, due_at=None, held_until=None)


def _claimed(source: Source, now: datetime) -> Fetch | None:
    """None where it is not due, or somebody else has it."""
    row, _ = Fetch.objects.get_or_create(source=source)
    free = Q(held_until=None) | Q(held_until__lte=now)
    due = Q(due_at=None) | Q(due_at__lte=now)
    if not Fetch.objects.filter(free, due, pk=row.pk).update(held_until=now + HELD, tried_at=now):
        return None
    row.refresh_from_db()
    return row


def _fetched(run: _Run, now: datetime, ends: float, stopped: Callable[[], bool]) -> str:
    """What went wrong; it is written down, and holds no other source up."""
    try:
        for found in _steps(run, now):
            _keep(run, found, now)
            if found.rests and (stopped() or time.monotonic() >= ends):
                break
        else:
            run.whole = True
    except Later as later:
        _settle(run, now, now + timedelta(seconds=later.seconds), note=told(later))
    except HeadwayError as error:
        _settle(run, now, _retry(run, now), problem=told(error))
        return told(error)
    except Exception:
        Fetch.objects.filter(pk=run.fetch.pk).update(held_until=None, due_at=_retry(run, now))
        raise
    else:
        pause = duration(run.source.definition.every)
        if run.whole:
            _settle(run, now, now + pause)
        else:
            _settle(run, now, None, note=GOES_ON)
    return ""


def _steps(run: _Run, now: datetime) -> Iterator[Fetched]:
    """What somebody else's service may do wrong is a StoreError."""
    definition, key = run.source.definition, run.source.key
    with expected(key):
        secret = secret_of(definition)
        found = FETCHERS[definition.kind].fetch(definition, secret, run.fetch.cursor, now)
    while True:
        with expected(key):
            step = next(found, None)
        if step is None:
            return
        yield step


def _keep(run: _Run, found: Fetched, now: datetime) -> None:
    """Events, what they change, and the cursor: in one transaction."""
    known = manifest(run.source.workspace)
    intake = intake_for(run.source, known)
    if found.table is not None:
        intake.take(found.table)
        intake.finish()

    def account(locked: Source) -> None:
        new = remember(locked, _refusals(locked, found.refused, now))
        held = Fetch.objects.filter(pk=run.fetch.pk, held_until=run.fetch.held_until)
        if not held.update(
            cursor=found.cursor, added=F("added") + intake.added, refused=F("refused") + new
        ):
            raise Conflict(
                f"`{locked.key}` was changed, or fetched by another worker, meanwhile.",
                fix="Nothing is lost or doubled.",
            )

    land(run.source, intake, known, account, now=now)
    run.added += intake.added


def _refusals(source: Source, refused: Sequence[Refused], now: datetime) -> list[Refusal]:
    """What a fetch reads again was refused before."""
    if not refused:
        return []
    known = set(source.refusals.values_list("reason", "text"))
    found = [
        Refusal(
            source=source,
            dialect=source.kind,
            received_at=now,
            at=one.at,
            reason=one.reason[:LONGEST_TEXT],
            text=one.text[:LONGEST_TEXT],
        )
        for one in refused
    ]
    return [one for one in found if (one.reason, one.text) not in known]


def _retry(run: _Run, now: datetime) -> datetime:
    """Sooner than usual, and later each time."""
    pause = duration(run.source.definition.every)
    longer: int = 2 ** min(run.fetch.failures, 10)
    return now + min(pause, FIRST_RETRY * longer)


def _settle(
    run: _Run, now: datetime, due_at: datetime | None, *, problem: str = "", note: str = ""
) -> None:
    """`due_at` None: in the next pass."""
    changes: Mapping[str, object] = {
        "held_until": None,
        "due_at": due_at,
        "note": note,
        "problem": problem,
        "last_added": run.added + (run.fetch.last_added if run.fetch.note == GOES_ON else 0),
        "failures": run.fetch.failures + 1 if problem else 0,
    }
    if run.whole:
        changes = {**changes, "done_at": now}
    with transaction.atomic():
        held = Fetch.objects.filter(pk=run.fetch.pk, held_until=run.fetch.held_until)
        before = run.fetch.problem
        if held.update(**changes) and bool(before) != bool(problem):
            record_of(run.source, "problem", before=before, after=problem, by=None, now=now)
