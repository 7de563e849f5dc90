"""Mails between two passes: what is due is made and sent, and no number waits for it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime

from headway.engine.errors import DefinitionError

log = logging.getLogger(__name__)

_said: set[str] = set()
"""Problems that were logged already: a pass comes every few seconds."""


def mail(now: datetime, stopped: Callable[[], bool]) -> None:
    """Whatever goes wrong is logged, and the worker goes on."""
    from headway.notify.deliver import deliver

    try:
        done = deliver(now, stopped)
    except DefinitionError as problem:
        if str(problem) not in _said:
            log.warning("%s", problem)
        _said.add(str(problem))
    except Exception:
        log.exception("Mails could not be made or sent")
    else:
        if done.sent:
            log.info("Sent %s mails", done.sent)
