"""The signs of a workspace: those that are stored, and what a pass makes of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from headway.accounts.models import Workspace
from headway.alerting.looking import Before, Found, Place
from headway.alerting.models import Sign
from headway.engine.period import Grain
from headway.metrics.models import Metric
from headway.metrics.reading import LONGEST
from headway.stats.alerts import SETTLED, Alert, left_out
from headway.stats.history import Known

DAY = timedelta(days=1)
Key = tuple[str, str, str, date]
"""Of one metric: kind, property, segment and first period."""

Silences = Mapping[tuple[Metric, str], tuple[date, str]]
"""By metric and silent source or event behind it, the first day without it, and why in words."""


@dataclass
class Signs:
    """`fresh` have no alert yet; `again` were over and are not."""

    stored: Mapping[int, list[Sign]]
    now: datetime
    today: date
    fresh: list[Sign] = field(default_factory=list)
    again: list[Sign] = field(default_factory=list)
    changed: dict[int, Sign] = field(default_factory=dict)

    @staticmethod
    def of(workspace: Workspace, now: datetime) -> Signs:
        rows = Sign.objects.filter(alert__workspace=workspace).order_by("since", "pk")
        stored: dict[int, list[Sign]] = defaultdict(list)
        for row in rows.select_related("alert", "metric"):
            stored[row.metric_id].append(row)
        return Signs(stored, now, workspace.calendar.day_of(workspace.at(now)))

    def before(self, metric: Metric, through: Mapping[str, str]) -> Before:
        """What was found of its series before."""
        open_: dict[Place, list[Alert]] = defaultdict(list)
        for row in self._of_series(metric):
            if row.ended_at is None:
                open_[Grain(row.grain), row.segment_by, row.segment].append(_alert(row))
        last = {grain: date.fromisoformat(day) for grain, day in through.items()}
        return Before(open_, last, left_out(list(self._passed(metric)), self.today))

    def note(self, metric: Metric, found: Sequence[Found]) -> None:
        """What is open and was not found again is over."""
        rows = {_key(row): row for row in self._of_series(metric)}
        held = set[Key]()
        for one in found:
            key: Key = (one.alert.kind, *one.place[1:], one.alert.since)
            held.add(key)
            if key not in rows:
                rows[key] = self._new(_sign(metric, one))
            self._say(rows[key], one.alert)
            self._change(rows[key], max(one.last, rows[key].last), over=one.over)
        for key, row in rows.items():
            if key not in held:
                self._change(row, row.last, over=True)

    def leave(self, known: set[int]) -> None:
        """What is watched no more has nothing wrong."""
        for metric, rows in self.stored.items():
            for row in rows if metric not in known else ():
                self._change(row, row.last, over=True)

    def hear(self, silent: Silences) -> None:
        """Sources and events that have fallen silent, and those that speak again."""
        wanted = {(m.pk, origin, since): (m, why) for (m, origin), (since, why) in silent.items()}
        heard = [row for rows in self.stored.values() for row in rows if row.origin]
        for row in heard:
            place = (row.metric_id, row.origin, row.since)
            self._change(row, row.last, over=wanted.pop(place, None) is None)
        for (_, origin, since), (metric, why) in wanted.items():
            self._new(
                Sign(
                    metric=metric, kind="silent", grain="day", origin=origin, since=since,
                    last=since, said=why[:300],
                )
            )  # fmt: skip

    def write(self) -> None:
        """Those that have an alert; the others are written with theirs."""
        Sign.objects.bulk_update(self.changed.values(), ["last", "ended_at", "value", "said"])

    def _new(self, row: Sign) -> Sign:
        self.fresh.append(row)
        return row

    def _say(self, row: Sign, alert: Alert) -> None:
        if (row.value, row.said) != (alert.value, alert.reason[:300]):
            row.value, row.said = alert.value, alert.reason[:300]
            if row.pk:
                self.changed[row.pk] = row

    def _change(self, row: Sign, last: date, *, over: bool) -> None:
        if row.last == last and (row.ended_at is not None) == over:
            return
        if row.ended_at is not None and not over and row.pk:
            self.again.append(row)
        row.last = last
        row.ended_at = (row.ended_at or self.now) if over else None
        if row.pk:
            self.changed[row.pk] = row

    def _of_series(self, metric: Metric) -> list[Sign]:
        return [row for row in self.stored.get(metric.pk, ()) if not row.origin]

    def _passed(self, metric: Metric) -> Iterator[Known]:
        """What was unusual and went by is left out of what is expected later."""
        for row in self._of_series(metric):
            brief = row.last - row.since <= SETTLED * DAY * LONGEST[Grain(row.grain)]
            if row.kind == "unusual" and row.ended_at and brief and not row.segment_by:
                yield Known(row.since, max(row.last, row.since + DAY))


def _key(row: Sign) -> Key:
    return row.kind, row.segment_by, row.segment, row.since


def _alert(row: Sign) -> Alert:
    known = row.low is not None and row.high is not None
    expected = (row.low, row.high) if known else None
    return Alert(row.kind, row.since, row.value, row.said, expected, row.against)  # type: ignore[arg-type]


def _sign(metric: Metric, found: Found) -> Sign:
    (grain, by, segment), alert = found.place, found.alert
    low, high = alert.expected or (None, None)
    return Sign(
        metric=metric, kind=alert.kind, grain=str(grain), segment_by=by, segment=segment,
        since=alert.since, last=found.last, value=alert.value, low=low, high=high,
        against=alert.against, said=alert.reason[:300],
    )  # fmt: skip
