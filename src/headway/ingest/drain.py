"""From the inbox into the store: what SDKs delivered becomes parts, each event once."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime

from headway.accounts.models import Workspace
from headway.engine.errors import Conflict
from headway.ingest.landing import intake_for, land, manifest
from headway.ingest.models import Delivered, Refusal, Source
from headway.ingest.reading import Read, read

log = logging.getLogger(__name__)

BYTES_AT_ONCE = 32 << 20
"""Bodies that become events together; in memory they take a few times as much."""

ROWS_AT_ONCE = 8_000
DELETED_AT_ONCE = 900
REFUSALS_KEPT = 1_000
LONGEST_TEXT = 1_000


@dataclass(frozen=True)
class Drained:
    """`added` events are new in the store, `refused` were none; problems by the source's key."""

    deliveries: int = 0
    added: int = 0
    refused: int = 0
    problems: Mapping[str, str] = field(default_factory=dict)

    def __add__(self, other: Drained) -> Drained:
        return Drained(
            self.deliveries + other.deliveries,
            self.added + other.added,
            self.refused + other.refused,
            {**self.problems, **other.problems},
        )


def drain(
    workspace: Workspace, *, now: datetime, stopped: Callable[[], bool] = lambda: False
) -> Drained:
    """Takes what waits into the store. Killed at any moment it leaves all or nothing of a step.

    A source whose events cannot be written keeps them in its inbox, and holds no other up.
    """
    done = Drained()
    waiting = Delivered.objects.filter(problem="").values("source_id").distinct()
    for source in workspace.sources.filter(pk__in=waiting).order_by("pk"):
        try:
            for step in _steps(source, now):
                done += step
                if stopped():
                    return done
        except Exception as error:
            log.exception("The inbox of %s could not be emptied", source.key)
            done += Drained(problems={source.key: str(error)})
    return done


def _steps(source: Source, now: datetime) -> Iterator[Drained]:
    """Until everything is in that waited when it began.

    While a step is written and committed, the next one is read: both work mostly outside of
    Python.
    """
    last = source.inbox.order_by("-pk").values_list("pk", flat=True).first() or 0
    with ThreadPoolExecutor(1) as reader:
        following = _next(source, 0, last, reader)
        while following:
            rows, read = following
            found = read.result()
            following = _next(source, rows[-1].pk, last, reader)
            yield _take(source, rows, found, now)


def _next(
    source: Source, after: int, last: int, reader: ThreadPoolExecutor
) -> tuple[list[Delivered], Future[Read]] | None:
    rows = _some(source, after, last)
    return (rows, reader.submit(read, rows)) if rows else None


def _some(source: Source, after: int, last: int) -> list[Delivered]:
    waiting = source.inbox.filter(problem="", pk__gt=after, pk__lte=last).order_by("pk")
    chosen: list[int] = []
    size = 0
    for pk, count in waiting.values_list("pk", "bytes")[:ROWS_AT_ONCE]:
        if chosen and size + count > BYTES_AT_ONCE:
            break
        chosen.append(pk)
        size += count
    return list(Delivered.objects.filter(pk__in=chosen).order_by("pk"))


def _take(source: Source, rows: Sequence[Delivered], read: Read, now: datetime) -> Drained:
    known = manifest(source.workspace)
    intake = intake_for(source, known)
    for table in read.tables:
        intake.take(table)
    intake.finish()

    def account(locked: Source) -> Drained:
        _empty(locked, rows, read.problems)
        _remember(locked, rows, read)
        return Drained(len(rows), intake.added, len(read.refused))

    return land(source, intake, known, account, now=now)


def _empty(source: Source, rows: Sequence[Delivered], problems: Mapping[int, str]) -> None:
    """Raises Conflict when another worker took one of them meanwhile."""
    for pk, problem in problems.items():
        Delivered.objects.filter(pk=pk).update(problem=problem)
    done = [row.pk for row in rows if row.pk not in problems]
    gone = 0
    for start in range(0, len(done), DELETED_AT_ONCE):
        some = Delivered.objects.filter(pk__in=done[start : start + DELETED_AT_ONCE])
        gone += some.delete()[0]
    if gone != len(done):
        raise Conflict(
            f"Another worker emptied the inbox of `{source.key}` meanwhile.",
            fix="Nothing is lost or doubled; let one worker run.",
        )


def _remember(source: Source, rows: Sequence[Delivered], read: Read) -> None:
    """The newest of what was refused, and how much it was."""
    if not read.refused:
        return
    Refusal.objects.bulk_create(
        Refusal(
            source=source,
            dialect=rows[index].dialect,
            received_at=rows[index].received_at,
            at=one.at,
            reason=one.reason[:LONGEST_TEXT],
            text=one.text[:LONGEST_TEXT],
        )
        for index, one in read.refused[-REFUSALS_KEPT:]
    )
    newest = source.refusals.order_by("-pk").values_list("pk", flat=True)
    if oldest := newest[REFUSALS_KEPT : REFUSALS_KEPT + 1].first():
        source.refusals.filter(pk__lte=oldest).delete()
    source.rejected += len(read.refused)
    source.save(update_fields=["rejected"])
