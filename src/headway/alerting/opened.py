"""The open alerts of a workspace: found by cause, raised, raised again."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from headway.accounts.models import Workspace
from headway.alerting.causes import Behind
from headway.alerting.models import Alert, Sign
from headway.alerting.symptom import Symptom
from headway.engine.period import Grain
from headway.metrics.reading import LONGEST

AGAIN = {Grain.day: 10}
AGAIN_ELSE = 4
"""What comes back within so many periods after it was over is the same alert: nothing flaps."""

TOLD_AGAIN = timedelta(days=7)


@dataclass
class Opened:
    """`known` are the numbers of those that were open before."""

    workspace: Workspace
    now: datetime
    by_cause: dict[str, Alert] = field(default_factory=dict)
    known: frozenset[int] = frozenset()

    @staticmethod
    def of(workspace: Workspace, now: datetime) -> Opened:
        rows = list(workspace.alerts.filter(resolved_at=None))
        by_cause = {row.cause: row for row in rows}
        return Opened(workspace, now, by_cause, frozenset(row.pk for row in rows))

    def led_by(self, lead: Behind, row: Sign) -> Alert:
        """The alert of what leads, if need be a new one; with the first day of the sign."""
        if isinstance(lead, Symptom) and lead.alert is not None:
            found = self.numbered(lead.alert)
        else:
            cause = lead if isinstance(lead, str) else f"metric:{lead.metric}"
            found = self.by_cause.get(cause) or self._again(cause, row) or self._new(cause, row)
        return self.take(found, row)

    def numbered(self, number: int) -> Alert:
        return next(alert for alert in self.by_cause.values() if alert.pk == number)

    def take(self, alert: Alert, row: Sign) -> Alert:
        """The sign belongs to it."""
        if row.since < alert.since:
            alert.since = row.since
            alert.save(update_fields=["since"])
        row.alert = alert
        return alert

    def reopen(self, alert: Alert) -> Alert:
        """It, or the open one of the same cause."""
        found = self.by_cause.setdefault(alert.cause, alert)
        if found.resolved_at is not None:
            found.resolved_at = None
            if self.now - (found.returned_at or found.raised_at) >= TOLD_AGAIN:
                found.returned_at = self.now
            if found.snoozed_until and found.snoozed_until <= self._day(self.now):
                found.snoozed_until = None
            found.save(update_fields=["resolved_at", "returned_at", "snoozed_until"])
        return found

    def _again(self, cause: str, row: Sign) -> Alert | None:
        """The last one of the cause, if it was over just before."""
        rows = self.workspace.alerts.filter(cause=cause, resolved_at__isnull=False, part_of=None)
        last = rows.order_by("-resolved_at", "-pk").first()
        if last is None or not self._just_before(last, row):
            return None
        return self.reopen(last)

    def _just_before(self, alert: Alert, row: Sign) -> bool:
        grain = Grain(row.grain)
        most = AGAIN.get(grain, AGAIN_ELSE) * timedelta(days=LONGEST[grain])
        alike = alert.signs.filter(kind=row.kind)
        return any(row.since - self._last(sign) <= most for sign in alike)

    def _last(self, sign: Sign) -> date:
        """Of what was silent, the day on which it spoke again."""
        if not sign.origin or sign.ended_at is None:
            return sign.last
        return self._day(sign.ended_at)

    def _day(self, moment: datetime) -> date:
        return self.workspace.calendar.day_of(self.workspace.at(moment))

    def _new(self, cause: str, row: Sign) -> Alert:
        self.by_cause[cause] = Alert.objects.create(
            workspace=self.workspace, cause=cause, since=row.since, raised_at=self.now
        )
        return self.by_cause[cause]
