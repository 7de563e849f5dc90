"""`headway demo`: two companies to look at, one real and one generated."""

from __future__ import annotations

import os
import secrets
from datetime import UTC, datetime

import click

from headway.cli import django

FOLDER = "demo-data"


@click.command(name="demo", epilog="Example: headway demo --port 8080")
@click.option("--serve/--no-serve", default=True, help="Serve them afterwards (the default).")
@click.option(
    "--events",
    default=1_000_000,
    show_default=True,
    type=click.IntRange(50_000, 100_000_000),
    help="How many events the generated company has.",
)
@click.option("--host", default="127.0.0.1", show_default=True, help="Where to listen.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option(
    "--password",
    envvar="HEADWAY_DEMO_PASSWORD",
    help="To sign in with; a new one is made and printed when none is given. "
    "[env: HEADWAY_DEMO_PASSWORD]",
)
def command(serve: bool, events: int, host: str, port: int, password: str | None) -> None:
    """Load the example workspaces, tell how to sign in, and serve.

    CDNOW has real purchases of 1997–98; Parcel is generated and ends yesterday. They are kept in
    ./demo-data unless HEADWAY_DATA names another folder; a second run finds them there.
    """
    os.environ.setdefault("HEADWAY_DATA", FOLDER)
    django.ready(create=True)
    from headway.demo.load import load
    from headway.demo.people import SIGN_INS, set_password

    load(now=datetime.now(UTC), events=events, say=click.echo)
    password = password or secrets.token_urlsafe(9)
    set_password(password)
    click.echo(f"\nSign in at http://{host}:{port} with the password {password}")
    for account in SIGN_INS:
        click.echo(f"  {account.email:24} {account.role}")
    click.echo("")
    if serve:
        click.get_current_context().invoke(_serve(), host=host, port=port)


def _serve() -> click.Command:
    from headway.cli.serve import command as serve

    return serve
