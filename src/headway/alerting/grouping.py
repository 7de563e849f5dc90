"""Signs put under the alert of their cause: raised, raised again, part of another, over."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from headway.accounts.models import Workspace
from headway.alerting.causes import Behind, Causes, causes
from headway.alerting.common import Common
from headway.alerting.graph import Graph
from headway.alerting.models import Alert, Sign
from headway.alerting.opened import Opened
from headway.alerting.peers import Peers
from headway.alerting.symptom import Symptom, at_once
from headway.alerting.words import gravest, is_abrupt, sentence, several, title
from headway.engine.period import Grain
from headway.feed.record import record


@dataclass(frozen=True, eq=False)
class _Case:
    """A sign, and what leads to it."""

    row: Sign
    own: Symptom
    lead: Behind

    @property
    def leads(self) -> bool:
        return self.lead == self.own


@dataclass(frozen=True)
class Grouping:
    workspace: Workspace
    graph: Graph
    now: datetime

    def settle(self, fresh: Sequence[Sign], again: Sequence[Sign]) -> tuple[int, int]:
        """How many alerts were raised, and how many are over. Writes the fresh signs."""
        opened = Opened.of(self.workspace, self.now)
        for row in again:
            self._reopen(row, opened)
        stored, common = self._stored(), Common(self.workspace, self.graph.definitions)
        symptoms = [_symptom(row, stored) for row in (*stored, *fresh)]
        found = causes(symptoms, self.graph.drivers, Peers(common.of))
        cases = [
            _Case(row, own, found.behind[own])
            for row, own in zip((*stored, *fresh), symptoms, strict=True)
        ]
        placed = _place(cases[len(stored) :], stored, opened)
        Sign.objects.bulk_create(fresh)
        self._fold(cases[: len(stored)], placed, opened)
        self._note_common(found, placed, opened, common)
        return self._follow(opened)

    def release(self) -> None:
        """Nobody looks after what somebody took on who has left since."""
        taken = self.workspace.alerts.filter(resolved_at=None, acknowledged_by__isnull=False)
        members = self.workspace.members.values("person")
        for alert in taken.exclude(acknowledged_by__in=members).select_related("acknowledged_by"):
            why = f"{alert.acknowledged_by} has left the workspace."
            alert.acknowledged_at = alert.acknowledged_by = None
            alert.save(update_fields=["acknowledged_at", "acknowledged_by"])
            signs = list(alert.signs.select_related("metric__workspace"))
            self._record(alert, title(alert, signs), "put back", why=why)

    def _stored(self) -> list[Sign]:
        found = Sign.objects.filter(alert__workspace=self.workspace, ended_at=None)
        return list(found.select_related("metric__workspace", "alert").order_by("since", "pk"))

    def _reopen(self, row: Sign, opened: Opened) -> None:
        alert = opened.reopen(row.alert)
        if row.alert_id != alert.pk:
            row.alert = alert
            row.save(update_fields=["alert"])

    def _fold(self, cases: Sequence[_Case], placed: Mapping[Behind, Alert], opened: Opened) -> None:
        """Signs whose cause was found after they were raised; an alert that loses all is part."""
        left: dict[int, Alert] = {}
        for case in cases:
            target = _target(case, placed, opened)
            if target is not None and target.pk != case.row.alert_id:
                left[case.row.alert_id] = target
                opened.take(target, case.row)
                case.row.save(update_fields=["alert"])
        for number, target in left.items():
            alert = opened.numbered(number)
            if not alert.signs.filter(ended_at=None).exists():
                self._part(alert, target, opened)

    def _part(self, alert: Alert, target: Alert, opened: Opened) -> None:
        alert.signs.update(alert=target)
        alert.part_of, alert.resolved_at = target, self.now
        alert.save(update_fields=["part_of", "resolved_at"])
        alert.parts.update(part_of=target)
        if alert.note and alert.note not in target.note:
            target.note = "\n\n".join(filter(None, (target.note, alert.note)))
            target.save(update_fields=["note"])
        del opened.by_cause[alert.cause]
        signs = list(target.signs.select_related("metric__workspace"))
        what = title(target, signs)
        self._record(alert, title(alert, signs), "part of", after=what)

    def _note_common(
        self, found: Causes, placed: Mapping[Behind, Alert], opened: Opened, common: Common
    ) -> None:
        """What those have in common that went off at once."""
        for lead, name in found.common.items():
            alert = placed.get(lead) or (opened.numbered(lead.alert) if lead.alert else None)
            if alert is None:
                continue
            signs = list(alert.signs.select_related("metric"))
            before = alert.common, alert.common_words
            alert.common = name
            words = common.words(name, {sign.metric.key for sign in several(alert, signs)})
            if words and before != (name, words[:300]):
                alert.common_words = words[:300]
                alert.save(update_fields=["common", "common_words"])

    def _follow(self, opened: Opened) -> tuple[int, int]:
        raised = resolved = 0
        alerts = list(opened.by_cause.values())
        signs = _signs(alerts)
        for alert in alerts:
            own, known = signs[alert.pk], alert.pk in opened.known
            self._depend(alert, own)
            over = all(sign.ended_at for sign in own)
            raised += not known
            resolved += over
            if not known and not over:  # what came and went unseen is no news
                why = sentence(gravest(alert, own))
                self._record(alert, title(alert, own), "raised", why=why)
            if over:
                self._resolve(alert, own, told=known)
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
            self._record(alert, title(alert, signs), "resolved")

    def _record(
        self, alert: Alert, name: str, what: str, *, after: str = "", why: str = ""
    ) -> None:
        record(
            self.workspace, subject=subject(alert), title=name, what=what, after=after, why=why,
            now=self.now,
        )  # fmt: skip


def subject(alert: Alert) -> str:
    """What the feed calls it."""
    return f"alert:{alert.pk}"


def _place(fresh: Sequence[_Case], stored: Sequence[Sign], opened: Opened) -> dict[Behind, Alert]:
    """By what leads, its alert. Further signs of a metric stand where it has one already."""
    homes = {row.metric_id: opened.by_cause[row.alert.cause] for row in stored}
    placed: dict[Behind, Alert] = {}
    for case in sorted(fresh, key=lambda case: case.leads):
        row = case.row
        if case.leads and row.metric_id in homes and case.lead not in placed:
            alert = opened.take(homes[row.metric_id], row)
        elif case.lead in placed:
            alert = opened.take(placed[case.lead], row)
        else:
            alert = opened.led_by(case.lead, row)
        placed.setdefault(case.lead, alert)
        if row.ended_at is None:
            homes[row.metric_id] = alert
    return placed


def _target(case: _Case, placed: Mapping[Behind, Alert], opened: Opened) -> Alert | None:
    """Where a stored sign belongs; None: where it is."""
    if case.leads or case.lead in placed:
        return placed.get(case.lead)
    return opened.led_by(case.lead, case.row)


def _signs(alerts: Iterable[Alert]) -> Mapping[int, list[Sign]]:
    found: dict[int, list[Sign]] = defaultdict(list)
    rows = Sign.objects.filter(alert__in=[alert.pk for alert in alerts]).order_by("since", "pk")
    for sign in rows.select_related("metric__workspace"):
        found[sign.alert_id].append(sign)
    return found


def _symptom(row: Sign, stored: Sequence[Sign]) -> Symptom:
    grain = Grain(row.grain)
    own = Symptom(row.metric.key, grain, row.since, row.origin, is_abrupt(row))
    begun = [other for other in stored if other.metric_id == row.metric_id]
    apart = any(not _began_with(own, other.alert) for other in begun)
    here = row.alert_id if row.pk and _began_with(own, row.alert) else None
    return Symptom(own.metric, grain, own.since, own.origin, own.abrupt, here, apart)


def _began_with(own: Symptom, alert: Alert) -> bool:
    day = Symptom(own.metric, Grain.day, alert.since)
    return own.since == alert.since or at_once(own, day)
