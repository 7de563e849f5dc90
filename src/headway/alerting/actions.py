"""What people do with alerts: taken on, put off, explained, and never raised again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.db import transaction

from headway.accounts import gate
from headway.accounts.models import Member
from headway.alerting.grouping import subject
from headway.alerting.models import Alert
from headway.alerting.words import title
from headway.charts import formats
from headway.engine.errors import Conflict, InputError, nearest
from headway.engine.watching import ALERT_KINDS
from headway.feed.record import record
from headway.metrics.actions import save_metric
from headway.metrics.models import Metric

LONGEST_DAYS = 366
LONGEST_NOTE = 2000
UNSET = object()


@transaction.atomic
def acknowledge(alert: Alert, *, by: Member | None, now: datetime, note: str = "") -> Alert:
    """Somebody looks after it: it is told no more, and stays on the page until it is over."""
    row = _open(alert, by)
    if note.strip():
        write_note(row, note, by=by, now=now)
    if row.acknowledged_at is None:
        row.acknowledged_at, row.acknowledged_by = now, by.person if by else None
        row.save(update_fields=["acknowledged_at", "acknowledged_by"])
        _record(row, "acknowledged", by=by, now=now)
    return row


@transaction.atomic
def put_back(alert: Alert, *, by: Member | None, now: datetime) -> Alert:
    """As it was before somebody took it on or put it off."""
    row = _open(alert, by)
    if row.acknowledged_at is None and row.snoozed_until is None:
        return row
    row.acknowledged_at = row.acknowledged_by = row.snoozed_until = None
    row.save(update_fields=["acknowledged_at", "acknowledged_by", "snoozed_until"])
    _record(row, "put back", by=by, now=now)
    return row


@transaction.atomic
def snooze(
    alert: Alert,
    *,
    until: date | None = None,
    days: int | None = None,
    by: Member | None,
    now: datetime,
    note: str = "",
) -> Alert:
    """Until that day, or for so many, it is told no more; then it is, unless it is over."""
    row = _open(alert, by)
    today = row.workspace.calendar.day_of(row.workspace.at(now))
    day = _day(until, days, today)
    if note.strip():
        write_note(row, note, by=by, now=now)
    if row.snoozed_until != day:
        row.snoozed_until = day
        row.save(update_fields=["snoozed_until"])
        _record(row, "snoozed", after=f"until {formats.day(day)}", by=by, now=now)
    return row


@transaction.atomic
def write_note(alert: Alert, text: str, *, by: Member | None, now: datetime) -> Alert:
    """What is known of it, for whoever sees it next; also of one that is over."""
    gate.require(by, "write", alert.workspace)
    words = text.strip()
    if len(words) > LONGEST_NOTE:
        raise InputError(
            f"The note has {len(words)} characters; {LONGEST_NOTE} fit.",
            where="note",
            fix="Shorten it, and link to the rest.",
        )
    row = Alert.objects.select_for_update().select_related("workspace").get(pk=alert.pk)
    if row.note != words:
        before, row.note = row.note, words
        row.save(update_fields=["note"])
        _record(row, "note", before=before, after=words, by=by, now=now)
    return row


def watch(
    metric: Metric,
    *,
    sensitivity: str | None = None,
    mute: Sequence[str] | None = None,
    target: float | object | None = UNSET,
    by: Member | None,
    now: datetime,
) -> Metric:
    """How readily alerts of the metric are raised, in its definition; what is left out stays.

    What is raised and is not any more by this is over with the next pass.
    """
    document = metric.document
    said = dict(document.get("alerts") or {})
    if sensitivity is not None:
        said["sensitivity"] = sensitivity
    if mute is not None:
        said["mute"] = [_kind(name) for name in dict.fromkeys(mute)]
    if target is not UNSET:
        said["target"] = target
    usual: dict[str, object] = {"sensitivity": "usual", "mute": [], "target": None}
    kept = {name: value for name, value in said.items() if value != usual[name]}
    fresh = {
        **{k: v for k, v in document.items() if k != "alerts"},
        **({"alerts": kept} if kept else {}),
    }
    return save_metric(metric.workspace, fresh, by=by, now=now)


def mute(metric: Metric, kind: str, *, by: Member | None, now: datetime) -> Metric:
    """Alerts of that kind are raised of the metric no more."""
    found = metric.definition.alerts
    return watch(metric, mute=[*(found.mute if found else ()), kind], by=by, now=now)


def _kind(name: str) -> str:
    words = name.strip().replace("_", " ").replace("-", " ")
    if words not in ALERT_KINDS:
        raise InputError(
            f"There are no alerts of the kind `{name}`.",
            where="mute",
            fix=nearest(words, ALERT_KINDS) or f"Use one of: {', '.join(ALERT_KINDS)}.",
        )
    return words


def _open(alert: Alert, by: Member | None) -> Alert:
    gate.require(by, "write", alert.workspace)
    row = Alert.objects.select_for_update().select_related("workspace").get(pk=alert.pk)
    if row.resolved_at is not None:
        raise Conflict("This alert is over by itself.", fix="There is nothing left to do about it.")
    return row


def _day(until: date | None, days: int | None, today: date) -> date:
    if (until is None) == (days is None):
        raise InputError(
            "Say until when.", where="until", fix="Give a day, or a number of days, not both."
        )
    day = until or today + timedelta(days=_few(days or 0))
    if not today < day <= today + timedelta(days=LONGEST_DAYS):
        raise InputError(
            f"{formats.day(day)} is not a day to put it off to.",
            where="until",
            fix=f"Give a day after today, {LONGEST_DAYS} days ahead at most.",
        )
    return day


def _few(days: int) -> int:
    if not 1 <= days <= LONGEST_DAYS:
        raise InputError(
            f"{days} days are not a time to put it off.",
            where="days",
            fix=f"Give 1 to {LONGEST_DAYS} days.",
        )
    return days


def _record(
    alert: Alert,
    what: str,
    *,
    before: str = "",
    after: str = "",
    by: Member | None,
    now: datetime,
) -> None:
    signs = list(alert.signs.select_related("metric__workspace"))
    record(
        alert.workspace, subject=subject(alert), title=title(alert, signs), what=what,
        before=before, after=after, by=by, now=now,
    )  # fmt: skip
