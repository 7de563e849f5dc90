"""`headway serve`: web and worker together, as one tree of processes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field

import click

from headway.cli import django
from headway.cli.web import address_options, require_free, tell_address
from headway.cli.worker import stop_on_signals

GRACE = 8.0
"""Seconds that a part has to stop before it is killed."""

SLOWEST_RESTART = 30.0
STEADY_AFTER = 60.0
"""A part that ran this many seconds was well: its next restart is immediate again."""


@dataclass
class Part:
    """A `headway` command that is kept running."""

    arguments: list[str]
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    starts_at: float = 0.0
    backoff: float = field(default=0.5)

    def keep_running(self, now: float) -> None:
        if self.process is None:
            self._start_if_due(now)
        elif self.process.poll() is not None:
            self._plan_restart(self.process, now)

    def _start_if_due(self, now: float) -> None:
        if now < self.starts_at:
            return
        command = [sys.executable, "-m", "headway", *self.arguments, "--lifeline"]
        # A group of its own, so that Ctrl-C reaches only the parent, which stops the parts in turn.
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, process_group=0)  # noqa: S603
        self.started_at = now

    def _plan_restart(self, process: subprocess.Popen[bytes], now: float) -> None:
        steady = now - self.started_at > STEADY_AFTER
        self.backoff = 0.5 if steady else min(self.backoff * 2, SLOWEST_RESTART)
        self.starts_at = now + self.backoff
        self.process = None
        _sweep(process)
        ended = f"{self.arguments[0]} ended with {process.returncode}"
        click.echo(f"{ended}; restart in {self.backoff:g} s.", err=True)

    def ask_to_stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)

    def wait(self, until: float) -> None:
        """Kills what has not stopped by `until`."""
        if self.process is None:
            return
        try:
            self.process.wait(max(until - time.monotonic(), 0.1))
        except subprocess.TimeoutExpired:
            _sweep(self.process)
            self.process.wait()


def _sweep(process: subprocess.Popen[bytes]) -> None:
    """Kills what is left of a part's group: a server's own children would keep its port."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


@click.command(name="serve", epilog="Example: headway serve --host 0.0.0.0 --port 8080")
@address_options
def command(host: str, port: int) -> None:
    """Serve the pages and keep the numbers current, until stopped.

    Runs `headway web` and `headway worker`, starts either again if it fails, and stops both on
    SIGTERM or Ctrl-C.
    """
    tell_address(host, port)
    django.ready(log_level="INFO")
    require_free(host, port)
    click.echo(f"Headway is at http://{host}:{port} (stop with Ctrl-C)")
    supervise([Part(["web", "--host", host, "--port", str(port)]), Part(["worker"])])


def supervise(parts: list[Part]) -> None:
    stop = threading.Event()
    stop_on_signals(stop)
    while not stop.is_set():
        for part in parts:
            part.keep_running(time.monotonic())
        stop.wait(0.2)
    for part in parts:
        part.ask_to_stop()
    until = time.monotonic() + GRACE
    for part in parts:
        part.wait(until)
