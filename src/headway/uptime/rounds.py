"""The rounds of the worker: each check whose turn has come is looked at, beside everything else."""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import UTC, datetime

from django.conf import settings
from django.db import close_old_connections

from headway.uptime.definition import CheckDefinition
from headway.uptime.looking import Network, Seen, look
from headway.uptime.models import Check
from headway.uptime.noting import next_slot, note

log = logging.getLogger(__name__)

AT_ONCE = 16
PAUSE = 1.0
"""Seconds between two looks at whose turn has come."""

Running = tuple[Check, datetime]


@dataclass
class Rounds:
    """One for each worker. Looks run in threads, so many at once; this one alone writes."""

    _running: dict[Future[Seen], Running] = field(default_factory=dict)

    def start(self, stop: threading.Event) -> threading.Thread:
        """Goes on beside the passes until `stop`."""
        thread = threading.Thread(target=self._run, args=(stop,), name="uptime", daemon=True)
        thread.start()
        return thread

    def step(self, now: datetime) -> int:
        """Begins what is due, and keeps what was found; how much that was."""
        for check in self._due(now):
            if self._claim(check, now):
                self._running[_begun(check)] = (check, now)
        done = [found for found in self._running if found.done()]
        for found in done:
            self._keep(found, *self._running.pop(found), now)
        return len(done)

    @property
    def busy(self) -> bool:
        return bool(self._running)

    def _run(self, stop: threading.Event) -> None:
        while not stop.wait(PAUSE):
            try:
                close_old_connections()
                self.step(datetime.now(UTC))
            except Exception:
                log.exception("Uptime checks could not be looked at or kept")

    def _due(self, now: datetime) -> Sequence[Check]:
        room = AT_ONCE - len(self._running)
        rows = Check.objects.filter(next_at__lte=now, archived_at=None)
        waiting = {check.pk for check, _ in self._running.values()}
        found = rows.exclude(pk__in=waiting).select_related("source").order_by("next_at")
        return list(found[:room]) if room > 0 else []

    def _claim(self, check: Check, now: datetime) -> bool:
        """Of several workers, one looks."""
        definition = check.definition
        after = next_slot(now, definition.seconds)
        mine = Check.objects.filter(pk=check.pk, next_at=check.next_at).update(next_at=after)
        return bool(mine) and definition.watching

    def _keep(self, found: Future[Seen], check: Check, at: datetime, now: datetime) -> None:
        try:
            seen = found.result()
        except Exception as error:  # a fault of ours is no outage of theirs
            log.exception("The check %s could not be made", check.key)
            seen = Seen(None, reason=f"The check failed here: {error}")
        try:
            note(check, seen, at=at, now=now)
        except Check.DoesNotExist:
            return


def _begun(check: Check) -> Future[Seen]:
    """A worker that is told to stop waits for no look."""
    found: Future[Seen] = Future()
    asked = (found, check.definition, settings.CHECK_NETWORKS)
    threading.Thread(target=_look, args=asked, name=f"look {check.key}", daemon=True).start()
    return found


def _look(found: Future[Seen], check: CheckDefinition, allowed: Sequence[Network]) -> None:
    try:
        found.set_result(look(check, allowed))
    except Exception as error:
        found.set_exception(error)
