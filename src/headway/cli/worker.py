"""`headway worker`: the loop that turns new events into points and points into statuses."""

from __future__ import annotations

import logging
import os
import signal
import threading
from datetime import UTC, datetime
from types import FrameType
from typing import TYPE_CHECKING

import click

from headway.cli import django, drawing, mailing
from headway.cli.calm import Calm
from headway.cli.lifeline import lifeline_option
from headway.cli.output import Row
from headway.engine.errors import DefinitionError

if TYPE_CHECKING:
    from headway.accounts.models import Workspace

log = logging.getLogger(__name__)


@click.command(name="worker", epilog="Example: HEADWAY_WORKER_SECONDS=60 headway worker")
@lifeline_option
def command() -> None:
    """Recompute what changed, again and again, until told to stop.

    Sleeps HEADWAY_WORKER_SECONDS (5) between passes; before that, it draws the charts of what
    changed and sends the mails that are due. While nobody writes anything, it looks every 20
    seconds what time has brought. On SIGTERM it finishes the pass it is in.
    """
    pause = seconds()
    stop = threading.Event()
    stop_on_signals(stop)
    django.ready(log_level="INFO")
    _warm()
    _watch(stop)
    undrawn: set[str] = set()
    seen: set[str] = set()
    calm = Calm(django.database_file())
    while not stop.is_set():
        now = datetime.now(UTC)
        if not calm.broken(now) and not undrawn:
            stop.wait(pause)
            continue
        rows = run_pass(now, stop)
        undrawn |= {str(r["workspace"]) for r in rows if changed(r) or r["workspace"] not in seen}
        seen |= {str(r["workspace"]) for r in rows}
        undrawn = drawing.draw(undrawn, now, stop.is_set)
        mailing.mail(now, stop.is_set)
        stop.wait(pause)


def _warm() -> None:
    """Compiles what large stores are asked with, beside the first pass."""
    from headway.ingest.manifest.store import has_ledgers

    if has_ledgers():
        from headway.stores.warm import warm

        threading.Thread(target=warm, name="warm", daemon=True).start()


def _watch(stop: threading.Event) -> None:
    """Uptime checks have their own pace, however long a pass takes."""
    from headway.uptime.rounds import Rounds

    Rounds().start(stop)


def changed(row: Row) -> bool:
    return bool(row["metrics"] or row["flips"])


def seconds() -> float:
    text = os.environ.get("HEADWAY_WORKER_SECONDS", "5")
    try:
        return max(float(text), 0.1)
    except ValueError:
        raise DefinitionError(
            f"`{text}` is not a number of seconds.", where="HEADWAY_WORKER_SECONDS"
        ) from None


def stop_on_signals(stop: threading.Event) -> None:
    def note(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, note)
    signal.signal(signal.SIGINT, note)


def run_pass(now: datetime, stop: threading.Event | None = None) -> list[Row]:
    """One pass over every workspace, with one `now`; a row for each, saying what was done.

    A workspace that fails is logged, has its problem in its row, and does not hold the others up.
    `stop` ends the pass between two steps.
    """
    from django.db import close_old_connections

    from headway.accounts.models import Workspace

    close_old_connections()
    stop = stop or threading.Event()
    return [_row(w, now, stop) for w in Workspace.objects.order_by("key") if not stop.is_set()]


def _row(workspace: Workspace, now: datetime, stop: threading.Event) -> Row:
    counts = dict.fromkeys(("events", "metrics", "points", "flips"), 0)
    row: dict[str, object] = {"workspace": workspace.key, **counts}
    try:
        return row | _refresh(workspace, now, stop)
    except Exception as error:
        log.exception("The pass over workspace %s failed", workspace.key)
        return row | {"problem": str(error)}


def _refresh(workspace: Workspace, now: datetime, stop: threading.Event) -> dict[str, object]:
    """`events` came in, `flips` are statuses that changed; what cannot be done is a problem."""
    from headway.alerting import refresh as alerts
    from headway.goals import refresh as goals
    from headway.goals.ahead import prospects, seasons
    from headway.goals.close.restating import restate
    from headway.goals.experiment import experiments
    from headway.goals.launch.effects import reckon
    from headway.ingest.fetch import fetch
    from headway.ingest.inflow.drain import drain
    from headway.ingest.manifest.compaction import compact
    from headway.ingest.manifest.health import watch
    from headway.ingest.people.rewriting import rewrite
    from headway.ingest.plan import tracking
    from headway.metrics import keeping
    from headway.metrics import refresh as metrics
    from headway.metrics.lifetime import lifetime
    from headway.outlook import refresh as outlook
    from headway.surveys import counting

    drained = drain(workspace, now=now, stopped=stop.is_set)
    fetched = fetch(workspace, now=now, stopped=stop.is_set)
    counting.count(workspace, now=now)
    rewrite(workspace, now=now, stopped=stop.is_set)
    compact(workspace, now=now, stopped=stop.is_set)
    watch(workspace, now=now)
    tracking.watch(workspace, now=now)
    found = metrics.refresh(workspace, now=now)
    keeping.keep(workspace, now=now, stopped=stop.is_set)
    outlook.refresh(workspace, now=now, stopped=stop.is_set)
    lifetime.refresh(workspace, now=now, stopped=stop.is_set)
    seasons.refresh(workspace, stopped=stop.is_set)
    flips = 0 if stop.is_set() else goals.refresh(workspace, now=now).flips
    prospects.refresh(workspace, now=now, stopped=stop.is_set)
    tests = experiments.look(workspace, now=now, stopped=stop.is_set)
    if not stop.is_set():
        restate(workspace, now=now)
        alerts.refresh(workspace, now=now, stopped=stop.is_set)
        reckon(workspace, now=now, stopped=stop.is_set)
    faults = {**fetched.problems, **drained.problems, **found.problems, **dict(tests.problems)}
    problems = "; ".join(f"{key}: {why}" for key, why in faults.items())
    done = {
        "events": fetched.added + drained.added,
        "metrics": len(found.metrics),
        "points": found.points,
        "flips": flips,
    }
    return done | {"problem": problems}
