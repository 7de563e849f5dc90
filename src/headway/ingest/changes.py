"""What became different about a source: days for the next refresh, a line in the feed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime

from headway.accounts.models import Member
from headway.feed.record import record
from headway.ingest.models import ChangedDays, Source

NAMES_KEPT = 1000


@dataclass(frozen=True)
class Changed:
    """UTC days, first and last, whose points have to be computed again.

    With `names`, of metrics that read events of these names; with `columns`, of those that read
    one of these columns: the events are the ones there were, but for that.
    """

    first: date
    last: date
    names: tuple[str, ...] | None = None
    columns: tuple[str, ...] | None = None


def mark_changed(source: Source, changes: Iterable[Changed]) -> None:
    ChangedDays.objects.bulk_create(
        ChangedDays(
            source=source,
            first=change.first,
            last=change.last,
            names=None if len(change.names or ()) > NAMES_KEPT else change.names,
            columns=change.columns,
        )
        for change in changes
    )


def utc_day(instant: datetime) -> date:
    return instant.astimezone(UTC).date()


def record_of(
    source: Source,
    what: str,
    *,
    before: object = "",
    after: object = "",
    by: Member | None,
    now: datetime,
) -> None:
    record(
        source.workspace,
        subject=f"source:{source.key}",
        title=str(source),
        what=what,
        before=before,
        after=after,
        by=by,
        now=now,
    )
