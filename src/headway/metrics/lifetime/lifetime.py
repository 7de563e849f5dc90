"""What customers are worth: computed by the worker where somebody asked, stored, and read."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime

import msgspec

from headway.accounts.models import Workspace
from headway.engine.definition import Definition
from headway.engine.errors import DefinitionError, HeadwayError, NotFound
from headway.engine.period import Grain
from headway.engine.remnant import remains_of_customers
from headway.engine.store import Store
from headway.engine.worth import Bought, months
from headway.ingest.manifest.store import store_for
from headway.metrics.lifetime.told import Told
from headway.metrics.models import LifetimeValue, Metric
from headway.metrics.present import DAY, Present
from headway.stats.history import CannotTell

log = logging.getLogger(__name__)

VERSION = 1
"""Another one computes everything anew."""


@dataclass(frozen=True)
class Due:
    """A metric whose customers are another matter than when they were looked at; `row` is what
    is stored, if anything is.
    """

    metric: Metric
    stamp: str
    row: LifetimeValue | None


def refresh(
    workspace: Workspace, *, now: datetime, stopped: Callable[[], bool] = lambda: False
) -> int:
    """How many were computed; running it again computes none."""
    due = list(_due(workspace, workspace.calendar.day_of(workspace.at(now))))
    if not due or stopped():
        return 0
    present = Present.of(workspace, now)
    with store_for(workspace) as store:
        for one in due:
            if not stopped():
                _write(one, present, store, now)
    return len(due)


def read(metric: Metric) -> Told | CannotTell | None:
    """What is stored, in one query; None where nobody asked for it."""
    if not metric.profile.get("lifetime"):
        return None
    row = LifetimeValue.objects.filter(metric=metric).first()
    if row is None:
        return CannotTell("The worker has not looked at its customers yet.")
    if row.problem:
        return CannotTell(row.problem)
    return msgspec.convert(row.answer, Told, strict=False)


def unasked(metric: Metric) -> NotFound:
    """What to say of a metric for which nothing is told."""
    where = f"metric `{metric.key}`"
    if not knows_customers(metric.definition):
        fix = "Ask a sum of what people buy, or a stock or movement of what they subscribe to."
        return NotFound("A metric of this kind knows no customers.", where=where, fix=fix)
    fix = "Give it `lifetime: 12 months`."
    return NotFound("Nobody has asked what its customers are worth.", where=where, fix=fix)


def knows_customers(definition: Definition) -> bool:
    """Whether its kind can be asked what customers are worth."""
    return hasattr(definition, "lifetime")


def _due(workspace: Workspace, today: date) -> Iterator[Due]:
    LifetimeValue.objects.filter(metric__workspace=workspace).exclude(
        metric__profile__has_key="lifetime"
    ).delete()
    asked = workspace.metrics.filter(
        archived_at=None, refreshed_at__isnull=False, profile__has_key="lifetime"
    )
    for metric in asked.select_related("lifetime_value"):
        row = getattr(metric, "lifetime_value", None)
        stamp = _stamp(metric, today)
        if row is None or row.stamp != stamp:
            yield Due(metric, stamp, row)


def _stamp(metric: Metric, today: date) -> str:
    """Stands for all that the answer rests on: the definition, the day, and the days before."""
    told = (VERSION, metric.version, metric.profile["lifetime"], today, metric.settled_at)
    return hashlib.sha256(repr(told).encode()).hexdigest()


def _write(due: Due, present: Present, store: Store, now: datetime) -> None:
    row = due.row or LifetimeValue(metric=due.metric)
    row.answer, row.problem = {}, ""
    try:
        row.answer = msgspec.to_builtins(_told(due.metric, present, store))
    except HeadwayError as error:
        row.problem = str(error)
    except Exception as error:  # customers that a model cannot take do not hold the worker up
        log.exception("The lifetime value of %s could not be computed", due.metric.key)
        row.problem = f"It could not be computed: {error}."
    row.stamp, row.computed_at = due.stamp, now
    row.save()


def _told(metric: Metric, present: Present, store: Store) -> Told:
    from headway.metrics.lifetime.bought import told_of_purchases  # scipy, which few pages need
    from headway.metrics.lifetime.held import told_of_balances

    definition = present.definitions[metric.key]
    days = present.calendar.periods(present.first_event_day, present.today + DAY, Grain.all)
    scope = present.scope(Grain.all, days)
    if present.kept.concerns(definition):
        _check_kept(definition, present.kept.known_since(remains_of_customers(definition, scope)))
    worth = definition.worth(scope)
    assert worth is not None, "only kinds that know customers take a lifetime"
    horizon, calendar = months(metric.profile["lifetime"]), present.calendar
    if isinstance(worth, Bought):
        return told_of_purchases(worth, store, calendar, horizon)
    return told_of_balances(worth, store, calendar, horizon)


def _check_kept(definition: Definition, since: date | None) -> None:
    """Where older events went before somebody asked, old customers would pass for new ones."""
    if since is not None:
        raise DefinitionError(
            f"Events are kept since {since} only, and who came before is not known.",
            where=f"metric `{definition.key}`",
            fix="Ask for `lifetime` before older events are removed: then its purchases stay.",
        )
