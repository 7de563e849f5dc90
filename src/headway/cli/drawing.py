"""Charts drawn between two passes, so that pages find them ready."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import chain
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from headway.accounts.models import Workspace
    from headway.charts.picture import Picture

log = logging.getLogger(__name__)

SECONDS = 2.0
"""So long drawing may hold up the next pass."""

KEPT_DAYS = 14
"""A chart drawn longer ago is removed; whoever still needs it has it drawn again."""


def draw(keys: set[str], now: datetime, stopped: Callable[[], bool]) -> set[str]:
    """Draws the usual charts of these workspaces; returns those that time did not allow for.

    A chart is only a picture of what is stored, so that one which fails costs nobody a number.
    """
    from headway.accounts.models import Workspace

    until = time.monotonic() + SECONDS

    def enough() -> bool:
        return stopped() or time.monotonic() > until

    return {
        workspace.key
        for workspace in Workspace.objects.filter(key__in=keys).order_by("key")
        if enough() or not _drawn(workspace, now, enough)
    }


def _drawn(workspace: Workspace, now: datetime, enough: Callable[[], bool]) -> bool:
    """Whether nothing is left to draw."""
    from django.conf import settings

    from headway.charts.render import sweep, warm

    folder = settings.DATA / "charts"
    try:
        warm(_pictures(workspace, now), folder, enough)
        sweep(folder, KEPT_DAYS)
    except Exception:
        log.exception("The charts of workspace %s could not be drawn", workspace.key)
        return True
    return not enough()


def _pictures(workspace: Workspace, now: datetime) -> Iterator[Picture]:
    from headway.goals import picture as goals
    from headway.goals.experiment import view as experiment_view
    from headway.outlook import picture as outlook

    today = workspace.calendar.day_of(workspace.at(now))
    return chain(
        outlook.usual_pictures(workspace, today),
        goals.usual_pictures(workspace),
        experiment_view.usual_pictures(workspace, today),
    )
