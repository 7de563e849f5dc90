"""Signs put under the alert of their cause: raised, raised again, over."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from headway.accounts.models import Workspace
from headway.alerting.causes import Symptom, causes
from headway.alerting.graph import Graph
from headway.alerting.models import Alert, Sign
from headway.alerting.words import gravest, sentence, title
from headway.engine.period import Grain
from headway.feed.record import record


@dataclass(frozen=True)
class Grouping:
    workspace: Workspace
    graph: Graph
    now: datetime

    def settle(self, fresh: Sequence[Sign], again: Sequence[Sign]) -> tuple[int, int]:
        """How many alerts were raised, and how many are over. Writes the fresh signs."""
        open_ = self._open_signs()
        cause_of = causes([_symptom(s) for s in (*open_, *again, *fresh)], self.graph.drivers)
        alerts = {a.cause: a for a in self.workspace.alerts.filter(resolved_at=None)}
        known = set(alerts)
        for row in again:
            self._reopen(row, alerts)
        for row in fresh:
            row.alert = self._alert(cause_of[row.metric.key], row, alerts)
        Sign.objects.bulk_create(fresh)
        return self._follow(alerts, known)

    def _open_signs(self) -> list[Sign]:
        found = Sign.objects.filter(alert__workspace=self.workspace, ended_at=None)
        return list(found.select_related("metric__workspace", "alert"))

    def _reopen(self, row: Sign, alerts: dict[str, Alert]) -> None:
        alert = alerts.setdefault(row.alert.cause, row.alert)
        if alert.resolved_at is not None:
            alert.resolved_at = None
            alert.save(update_fields=["resolved_at"])
        if row.alert_id != alert.pk:
            row.alert = alert
            row.save(update_fields=["alert"])

    def _alert(self, cause: str, row: Sign, alerts: dict[str, Alert]) -> Alert:
        found = alerts.get(cause)
        if found is None:
            found = alerts[cause] = Alert.objects.create(
                workspace=self.workspace, cause=cause, since=row.since, raised_at=self.now
            )
        elif row.since < found.since:
            found.since = row.since
            found.save(update_fields=["since"])
        return found

    def _follow(self, alerts: dict[str, Alert], known: set[str]) -> tuple[int, int]:
        signs: dict[int, list[Sign]] = defaultdict(list)
        rows = Sign.objects.filter(alert__in=[a.pk for a in alerts.values()])
        for sign in rows.select_related("metric__workspace"):
            signs[sign.alert_id].append(sign)
        raised = resolved = 0
        for cause, alert in alerts.items():
            own = signs[alert.pk]
            self._depend(alert, own)
            over = all(sign.ended_at for sign in own)
            raised += cause not in known
            resolved += over
            if cause not in known and not over:  # what came and went unseen is no news
                self._record(alert, own, "raised")
            if over:
                self._resolve(alert, own, told=cause in known)
        return raised, resolved

    def _depend(self, alert: Alert, signs: Sequence[Sign]) -> None:
        """Those of what still holds; what is over keeps the last ones."""
        odd = dict.fromkeys(sign.metric.key for sign in signs if sign.ended_at is None)
        if odd:
            alert.key_results.set(self.graph.depending(odd))

    def _resolve(self, alert: Alert, signs: Sequence[Sign], *, told: bool) -> None:
        alert.resolved_at = self.now
        alert.save(update_fields=["resolved_at"])
        if told:
            self._record(alert, signs, "resolved")

    def _record(self, alert: Alert, signs: Sequence[Sign], what: str) -> None:
        why = sentence(gravest(alert, signs)) if what == "raised" else ""
        record(
            self.workspace,
            subject=subject(alert),
            title=title(alert, signs),
            what=what,
            why=why,
            now=self.now,
        )


def subject(alert: Alert) -> str:
    """What the feed calls it."""
    return f"alert:{alert.pk}"


def _symptom(sign: Sign) -> Symptom:
    return Symptom(sign.metric.key, Grain(sign.grain), sign.since, sign.origin)
