"""Stored alerts as pages, commands and mails show them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from django.db.models import F, Prefetch, Q, QuerySet

from headway.accounts.models import Workspace
from headway.alerting.models import Alert, Sign
from headway.alerting.words import KIND_WORDS, ORDER, gravest, is_better, sentence, several, title
from headway.engine.errors import NotFound
from headway.goals.models import KeyResult
from headway.metrics.models import Metric

MOST_NAMED = 4
LATELY = 100
"""So many of the latest ones are searched by their whole title."""

STATES = ("open", "acknowledged", "snoozed", "resolved")


@dataclass(frozen=True)
class Story:
    """An alert with its signs, as of a day."""

    alert: Alert
    signs: tuple[Sign, ...]
    key_results: tuple[KeyResult, ...]
    today: date

    @property
    def state(self) -> str:
        return self.alert.state(self.today)

    @cached_property
    def title(self) -> str:
        return title(self.alert, self.signs)

    @cached_property
    def gravest(self) -> Sign:
        return gravest(self.alert, self.signs)

    @property
    def is_better(self) -> bool:
        """Whether it is only unusual for the better; of what is over, whether it was."""
        held = [sign for sign in self.signs if sign.ended_at is None]
        return all(is_better(sign) for sign in held or self.signs)

    @property
    def sentence(self) -> str:
        """What the metrics that went off at once have in common goes first."""
        said = sentence(self.gravest)
        if not self._several:
            return said
        known = (self.alert.common_words, self._back, f"{self.gravest.metric}: {said}")
        return " ".join(filter(None, known))

    @cached_property
    def _several(self) -> Sequence[Sign]:
        return several(self.alert, self.signs)

    @property
    def _back(self) -> str:
        """How many of several are no longer odd."""
        held = {sign.metric_id for sign in self._several if sign.ended_at is None}
        back = len({sign.metric_id for sign in self._several} - held)
        return f"{back} of them {'are' if back > 1 else 'is'} back." if back and held else ""

    @property
    def by_metric(self) -> list[tuple[Metric, list[Sign]]]:
        """Its signs, those that hold first; so are the metrics that are odd still."""
        found: dict[Metric, list[Sign]] = {metric: [] for metric in self.metrics}
        for sign in sorted(self.signs, key=lambda s: (s.ended_at is not None, ORDER.index(s.kind))):
            found[sign.metric].append(sign)
        return sorted(found.items(), key=lambda one: one[1][0].ended_at is not None)

    @property
    def metrics(self) -> tuple[Metric, ...]:
        """The one that the cause names first; each once."""
        first = self.gravest.metric
        return tuple(dict.fromkeys([first, *(sign.metric for sign in self.signs)]))

    @property
    def others(self) -> tuple[Metric, ...]:
        """In which it shows too."""
        return self.metrics[1:] if self.of_metric else self.metrics

    @property
    def of_metric(self) -> bool:
        """Whether one metric is behind it, and not what several have in common."""
        return self.alert.noun == "metric" and not self._several

    @property
    def further(self) -> tuple[Sign, ...]:
        """Other signs in the same metric, such as its segments, those that hold first."""
        own = [s for s in self.signs if s.metric == self.gravest.metric and s != self.gravest]
        return tuple(sorted(own, key=lambda s: s.ended_at is not None))

    @property
    def named_key_results(self) -> tuple[KeyResult, ...]:
        """Of those that are called the same, the one that is due first."""
        return tuple({str(k): k for k in reversed(self.key_results)}.values())[::-1]

    @property
    def depends(self) -> str:
        """What depends on it, in words; empty if no key result does."""
        listed = self.named_key_results
        names = ", ".join(str(k) for k in listed[:MOST_NAMED])
        more = len(listed) - MOST_NAMED
        return (
            f"What depends on it: {names}{f' and {more} more' if more > 0 else ''}" if names else ""
        )

    @cached_property
    def since(self) -> date:
        """Of what still holds; of what is over, of all of it."""
        signs = self._several or self.signs
        held = [sign.since for sign in signs if sign.ended_at is None]
        return min(held, default=self.alert.since)

    @property
    def last(self) -> date:
        return max(sign.last for sign in self.signs)


def stories(workspace: Workspace, today: date, state: str = "open") -> list[Story]:
    """Those in a state, the ones on which most depends first; resolved ones the latest first."""
    return _told(_in(workspace, today, state), workspace, today)


def count(workspace: Workspace, today: date, state: str) -> int:
    return _in(workspace, today, state).count()


def matching(workspace: Workspace, today: date, text: str, most: int) -> list[Story]:
    """Those whose title, kind, note or metric has the text; the open ones, then the latest."""
    rows = workspace.alerts.filter(part_of=None).order_by(
        F("resolved_at").desc(nulls_first=True), "-since", "-pk"
    )
    named = Q(signs__metric__name__icontains=text) | Q(signs__metric__key__icontains=text)
    own = Q(cause__icontains=text) | Q(note__icontains=text) | Q(common_words__icontains=text)
    found = _read(rows.filter(named | own).distinct()[:most], workspace, today)
    if len(found) < most:
        found += [s for s in _read(rows[:LATELY], workspace, today) if _says(s, text, found)]
    return found[:most]


def _says(one: Story, text: str, found: Sequence[Story]) -> bool:
    said = " ".join([one.title, *(KIND_WORDS[sign.kind] for sign in one.signs)])
    return text.lower() in said.lower() and all(one.alert != other.alert for other in found)


def story(workspace: Workspace, number: int, today: date) -> Story:
    """Of what turned out to be part of another one, that one. Raises NotFound."""
    rows = workspace.alerts.filter(Q(pk=number, part_of=None) | Q(parts=number)).distinct()
    found = _told(rows, workspace, today)
    if not found:
        raise NotFound(f"There is no alert {number} in {workspace}.", where=str(number))
    return found[0]


def of_metric(metric: Metric, today: date, most: int = 20) -> list[Story]:
    """The alerts in which the metric has a sign, those that hold first."""
    rows = metric.workspace.alerts.filter(signs__metric=metric).distinct()
    ordered = rows.order_by(F("resolved_at").desc(nulls_first=True))[:most]
    return _read(ordered, metric.workspace, today)


def of_key_result(key_result: KeyResult, today: date) -> list[Story]:
    """What is wrong with what it depends on, its own metric included."""
    rows = key_result.alerts.filter(resolved_at=None)
    found = _told(rows, key_result.objective.workspace, today)
    return [one for one in found if not one.is_better]


def _in(workspace: Workspace, today: date, state: str) -> QuerySet[Alert]:
    rows = workspace.alerts.filter(part_of=None)
    if state not in STATES:
        raise NotFound(f"There are no alerts `{state}`.", fix=f"Use one of {', '.join(STATES)}.")
    if state == "resolved":
        return rows.filter(resolved_at__isnull=False)
    later = Q(snoozed_until__gt=today)
    if state == "snoozed":
        return rows.filter(later, resolved_at=None)
    taken = state == "acknowledged"
    awake = rows.filter(Q(snoozed_until=None) | ~later, resolved_at=None)
    return awake.filter(acknowledged_at__isnull=not taken)


def _told(rows: Iterable[Alert], workspace: Workspace, today: date) -> list[Story]:
    found = _read(rows, workspace, today)
    if found and found[0].alert.resolved_at is not None:
        return sorted(found, key=lambda one: str(one.alert.resolved_at), reverse=True)
    return sorted(found, key=_rank)


def _read(rows: Iterable[Alert], workspace: Workspace, today: date) -> list[Story]:
    assert isinstance(rows, QuerySet)
    signs = Sign.objects.select_related("metric__owner__person").order_by("since", "pk")
    goals = KeyResult.objects.select_related("objective", "metric", "owner__person")
    read = rows.select_related("acknowledged_by").prefetch_related(
        Prefetch("signs", signs), Prefetch("key_results", goals.order_by("due", "pk"))
    )
    return [_story(alert, workspace, today) for alert in read]


def _story(alert: Alert, workspace: Workspace, today: date) -> Story:
    alert.workspace = workspace
    signs: Sequence[Sign] = list(alert.signs.all())
    for sign in signs:
        sign.metric.workspace = workspace
    return Story(alert, tuple(signs), tuple(alert.key_results.all()), today)


def _rank(one: Story) -> tuple[bool, int, int, int, int]:
    kind, many = ORDER.index(one.gravest.kind), len(one.key_results)
    return one.is_better, -many, kind, -one.since.toordinal(), -one.alert.pk
