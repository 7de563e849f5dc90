"""`headway web`: the pages and the API."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from typing import Any, TypeVar

import click

from headway.cli import django
from headway.cli.lifeline import lifeline_option
from headway.engine.errors import Conflict

THREADS = 64
"""Of which HEADWAY_INBOX_REQUESTS may wait for the disk with deliveries of SDKs."""

Decorated = TypeVar("Decorated", bound=Callable[..., Any])


def address_options(function: Decorated) -> Decorated:
    """Adds `--host` and `--port`."""
    host = click.option("--host", default="127.0.0.1", show_default=True, help="Where to listen.")
    port = click.option(
        "--port",
        default=8000,
        show_default=True,
        type=click.IntRange(1, 65535),
        help="On which port.",
    )
    return host(port(function))


@click.command(name="web", epilog="Example: headway web --port 8080")
@address_options
@lifeline_option
def command(host: str, port: int) -> None:
    """Serve the pages and the API, without the worker.

    Needs `headway worker` beside it for numbers to move; `headway serve` runs both.
    """
    tell_address(host, port)
    django.ready(log_level="INFO")
    require_free(host, port)
    from granian.constants import Interfaces
    from granian.log import LogLevels
    from granian.server import Server

    Server(
        "headway.config.wsgi:application",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        blocking_threads=THREADS,
        workers_kill_timeout=5,
        log_level=LogLevels.error,
    ).serve()


def tell_address(host: str, port: int) -> None:
    """Links in mails start with this address, unless the operator gave the public one."""
    os.environ.setdefault("HEADWAY_URL", f"http://{f'[{host}]' if ':' in host else host}:{port}")


def require_free(host: str, port: int) -> None:
    """Raises Conflict where something else listens already."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise Conflict(
                f"Cannot listen on {host}:{port} ({error.strerror}).",
                fix="Stop what uses the port, or choose another with `--port`.",
            ) from None
