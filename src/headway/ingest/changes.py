"""What became different about a source: days for the next refresh, a line in the feed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime

from headway.accounts.models import Member
from headway.feed.record import record
from headway.ingest.models import ChangedDays, Source


def mark_changed(source: Source, stretches: Iterable[tuple[date, date]]) -> None:
    """UTC days, first and last, whose points have to be computed again."""
    ChangedDays.objects.bulk_create(
        ChangedDays(source=source, first=first, last=last) for first, last in stretches
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
