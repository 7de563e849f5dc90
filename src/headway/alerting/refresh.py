"""One pass over what is watched: signs are found, grouped by cause, and over when they are over."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.db.models import Count, Max

from headway.accounts.models import Workspace
from headway.alerting.graph import Graph
from headway.alerting.grouping import Grouping
from headway.alerting.looking import Before, look, pasts, through
from headway.alerting.models import Pass, Watch
from headway.alerting.signs import DAY, Signs, Silences
from headway.alerting.watched import Watched, watched
from headway.feed.models import Change
from headway.ingest.plan.oddities import SILENT
from headway.metrics.models import Metric
from headway.metrics.resting import resting

AT_ONCE = 20
"""So many metrics are read and looked at together."""

SECONDS_A_PASS = 10.0
"""The first look at many metrics goes on in the next pass, so that numbers never wait for it."""


@dataclass(frozen=True, slots=True)
class Refreshed:
    """How many metrics were looked at, how many alerts were raised, and how many are over."""

    looked: int = 0
    raised: int = 0
    resolved: int = 0


def refresh(
    workspace: Workspace, *, now: datetime, stopped: Callable[[], bool] = lambda: False
) -> Refreshed:
    """Running it again changes nothing. Cheap while no number, definition or goal has changed."""
    if Pass.objects.filter(workspace=workspace, seen=_there(workspace, now)).exists():
        return Refreshed()
    today = workspace.calendar.day_of(workspace.at(now))
    graph = Graph.of(workspace, today)
    chosen = watched(workspace, graph)
    seen = {watch.metric_id: watch for watch in Watch.objects.filter(metric__workspace=workspace)}
    news = [w for w in chosen if w.metric.pk not in seen or seen[w.metric.pk].seen != w.seen(today)]
    signs, done = Signs.of(workspace, now), 0
    looks: list[Watch] = []
    ends = time.monotonic() + SECONDS_A_PASS
    for at in range(0, len(news), AT_ONCE):
        if stopped() or time.monotonic() >= ends:
            break
        part = news[at : at + AT_ONCE]
        looks += list(_look(part, signs, seen, today))
        done += len(part)
    signs.leave({one.metric.pk for one in chosen})
    signs.hear(_silences(workspace, chosen))
    raised, resolved = _write(signs, looks, Grouping(workspace, graph, now))
    if done == len(news):
        there = {"seen": _there(workspace, now)}
        Pass.objects.update_or_create(workspace=workspace, defaults=there)
    return Refreshed(done, raised, resolved)


def _look(
    part: Sequence[Watched], signs: Signs, seen: Mapping[int, Watch], today: date
) -> Iterator[Watch]:
    read = pasts(part, today)
    for one in part:
        watch = seen.get(one.metric.pk) or Watch(metric=one.metric)
        before = Before() if _changed(watch, one) else signs.before(one.metric, watch.through)
        signs.note(one.metric, look(one, read, before))
        watch.seen, watch.through = one.seen(today), through(one, read)
        watch.version = one.metric.refreshed_version or watch.version
        yield watch


def _changed(watch: Watch, one: Watched) -> bool:
    """Whether its points are those of another definition: what was odd of the old ones is over."""
    version = one.metric.refreshed_version  # 0: it could not be computed
    return bool(version) and watch.version is not None and watch.version != version


@transaction.atomic
def _write(signs: Signs, looks: Sequence[Watch], grouping: Grouping) -> tuple[int, int]:
    """How many alerts were raised, and how many are over."""
    signs.write()
    settled = grouping.settle(signs.fresh, signs.again)
    grouping.release()
    Watch.objects.bulk_create(
        looks,
        update_conflicts=True,
        unique_fields=["metric"],
        update_fields=["seen", "through", "version"],
    )
    return settled


def _there(workspace: Workspace, now: datetime) -> str:
    """Every edit is a change in the feed, and every new number moves its metric's refresh."""
    metrics = workspace.metrics.aggregate(n=Count("pk"), last=Max("refreshed_at"))
    reports = workspace.reports.filter(code=SILENT).aggregate(
        n=Count("pk"), raised=Max("raised_at"), settled=Max("settled_at")
    )
    edits = Change.objects.filter(workspace=workspace).aggregate(last=Max("pk"))
    today = workspace.calendar.day_of(workspace.at(now))
    there = (*metrics.values(), *reports.values(), *edits.values(), today)
    return hashlib.sha256(repr(there).encode()).hexdigest()


def _silences(workspace: Workspace, chosen: Sequence[Watched]) -> Silences:
    """Sources that have been quiet for longer than is usual, then single events of others."""
    sources = {
        (one.metric, f"source:{name}"): (date.fromisoformat(day), why)
        for one in chosen
        for name, (day, why) in one.metric.silences.items()
    }
    return sources | _silent_events(workspace, {one.metric.pk: one.metric for one in chosen})


def _silent_events(
    workspace: Workspace, known: Mapping[int, Metric]
) -> dict[tuple[Metric, str], tuple[date, str]]:
    reports = list(workspace.reports.filter(code=SILENT, settled_at=None))
    rests = resting(workspace) if reports else {}
    return {
        (known[metric.pk], f"event:{report.event}"): (report.since + DAY, report.words)
        for report in reports
        for metric in rests.get(report.event, ())
        if metric.pk in known
    }
