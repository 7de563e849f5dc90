"""Ends a process with its parent, even when the parent is killed and can tell nobody."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable
from typing import Any, TypeVar

import click

Decorated = TypeVar("Decorated", bound=Callable[..., Any])


def lifeline_option(function: Decorated) -> Decorated:
    """Adds the hidden flag with which `headway serve` starts its parts."""
    return click.option(
        "--lifeline", is_flag=True, hidden=True, expose_value=False, callback=_hold
    )(function)


def _hold(_ctx: click.Context, _param: click.Parameter, wanted: bool) -> None:
    if wanted:
        threading.Thread(target=_watch, daemon=True).start()


def _watch() -> None:
    """Standard input is a pipe whose other end only the parent holds: it ends with the parent."""
    while os.read(sys.stdin.fileno(), 1024):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
