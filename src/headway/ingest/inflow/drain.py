"""From the inbox into the store: what SDKs delivered becomes parts, each event once."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime

from headway.accounts.models import Workspace
from headway.engine.errors import Conflict
from headway.ingest.inflow.breadth import Breadth
from headway.ingest.inflow.landing import intake_for, land
from headway.ingest.inflow.reading import Read, read
from headway.ingest.inflow.refusals import remember
from headway.ingest.manifest.rows import manifest
from headway.ingest.models import Delivered, Refusal, Source

log = logging.getLogger(__name__)

BYTES_AT_ONCE = 32 << 20
"""Bodies that become events together; in memory they take a few times as much."""

ROWS_AT_ONCE = 8_000
READ_AHEAD = 2
"""Steps that are read while another one is written."""

DELETED_AT_ONCE = 900


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

    While a step is written and committed, the next ones are read: both work mostly outside of
    Python.
    """
    known = Breadth.of(source.parts.values_list("columns", flat=True)).known
    last = source.inbox.order_by("-pk").values_list("pk", flat=True).first() or 0
    with ThreadPoolExecutor(READ_AHEAD) as readers:
        ahead: deque[tuple[list[Delivered], Future[Read]]] = deque()
        for rows in _pieces(source, last):
            ahead.append((rows, readers.submit(read, rows, known)))
            if len(ahead) > READ_AHEAD:
                yield _take(source, *_ready(ahead), now)
        while ahead:
            yield _take(source, *_ready(ahead), now)


def _ready(ahead: deque[tuple[list[Delivered], Future[Read]]]) -> tuple[list[Delivered], Read]:
    rows, found = ahead.popleft()
    return rows, found.result()


def _pieces(source: Source, last: int) -> Iterator[list[Delivered]]:
    after = 0
    while rows := _some(source, after, last):
        yield rows
        after = rows[-1].pk


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
    intake.breadth.left_out |= read.breadth.left_out
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
    found = [
        Refusal(
            source=source,
            dialect=rows[index].dialect,
            received_at=rows[index].received_at,
            at=one.at,
            reason=one.reason,
            text=one.text,
        )
        for index, one in read.refused
    ]
    remember(source, found)
