"""Is it up, how much of the time was it, and what went wrong?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from django.db.models import Sum

from headway.uptime.models import Check, Hour, Outage

State = Literal["up", "down", "unknown", "paused", "not looked at yet"]
DAY, MONTH = timedelta(days=1), timedelta(days=30)
OUTAGES_SHOWN = 20
LATE = 3
"""So many pauses without a look, and nobody can say how it is now."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Seconds in which it was good and bad; the rest of `whole` nobody knows."""

    good: int
    bad: int
    whole: int
    milliseconds: float | None

    @property
    def availability(self) -> float | None:
        known = self.good + self.bad
        return self.good / known if known else None

    @property
    def unknown(self) -> int:
        return max(0, self.whole - self.good - self.bad)

    def to_dict(self) -> dict[str, Any]:
        return {
            "availability": self.availability,
            "good_seconds": self.good,
            "bad_seconds": self.bad,
            "unknown_seconds": self.unknown,
            "mean_milliseconds": self.milliseconds,
        }


@dataclass(frozen=True)
class Health:
    check: Check
    state: State
    reason: str
    day: Stretch
    month: Stretch


def state_of(check: Check, now: datetime) -> tuple[State, str]:
    """A worker that stands still says nothing about the address."""
    definition = check.definition
    if not definition.watching or check.archived_at:
        return "paused", "Nobody looks at it."
    if check.looked_at is None:
        return "not looked at yet", "The worker looks at it within seconds, if it runs."
    late = timedelta(seconds=definition.seconds * LATE)
    if now - check.looked_at > late:
        return "unknown", "The worker has not looked for a while: does it run?"
    if check.up is None:
        return "unknown", check.reason
    return ("up", "") if check.up else ("down", check.reason)


def health(checks: Iterable[Check], now: datetime) -> list[Health]:
    """Two queries, however many there are."""
    rows = list(checks)
    day, month = _stretches(rows, now, DAY), _stretches(rows, now, MONTH)
    return [Health(row, *state_of(row, now), day[row.pk], month[row.pk]) for row in rows]


def outages(check: Check) -> Sequence[Outage]:
    """The newest first."""
    return list(check.outages.all()[:OUTAGES_SHOWN])


def _stretches(checks: Sequence[Check], now: datetime, span: timedelta) -> dict[int, Stretch]:
    hours = Hour.objects.filter(check_row__in=checks, at__gt=now - span - timedelta(hours=1))
    sums = hours.values("check_row").annotate(
        g=Sum("good"), b=Sum("bad"), m=Sum("milliseconds"), n=Sum("answered")
    )
    found = {row["check_row"]: row for row in sums.order_by()}
    return {check.pk: _stretch(check, found.get(check.pk), now, span) for check in checks}


def _stretch(
    check: Check, row: Mapping[str, Any] | None, now: datetime, span: timedelta
) -> Stretch:
    """Nothing was to be known before there was a check."""
    whole = round(min(span, now - check.created_at).total_seconds())
    if row is None:
        return Stretch(0, 0, max(0, whole), None)
    mean = row["m"] / row["n"] if row["n"] else None
    return Stretch(row["g"], row["b"], max(0, whole), mean)
