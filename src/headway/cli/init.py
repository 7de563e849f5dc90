"""`headway init`: the data folder, a workspace, and its first admin."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from headway.cli import django
from headway.cli.output import say
from headway.metrics.packs import Pack, packs
from headway.metrics.packs import pack as pack_of

if TYPE_CHECKING:
    from headway.accounts.models import Workspace

NONE = "none"


@click.command(
    name="init",
    epilog="Example: headway init --key acme --name Acme --email ada@acme.example --pack b2b-saas",
)
@click.option("--key", help="Of the workspace, as in its address; for example acme.")
@click.option("--name", help="Of the workspace, for example Acme Ltd.")
@click.option("--email", help="Of the first admin.")
@click.option("--timezone", default="UTC", show_default=True, help="Where its days begin.")
@click.option("--currency", default="EUR", show_default=True, help="Three letters.")
@click.option(
    "--pack",
    metavar="PACK",
    help=f"Start with the KPIs of a business: {', '.join(p.key for p in packs())}.",
)
@click.option(
    "--password",
    envvar="HEADWAY_PASSWORD",
    help="Of the first admin; one is made and printed when none is given. [env: HEADWAY_PASSWORD]",
)
def command(
    key: str | None,
    name: str | None,
    email: str | None,
    timezone: str,
    currency: str,
    pack: str | None,
    password: str | None,
) -> None:
    """Make a workspace and its first admin, and its first KPIs from a starter pack.

    What is not given is asked for. Run it again for a further workspace; somebody who has an
    account keeps their password. With `--pack`, a workspace that is there gets the pack's metrics
    that it lacks; nothing else of it changes.
    """
    chosen = pack_of(pack) if pack and pack != NONE else None
    asks = not (key and name and email)
    key = key or click.prompt("Key of the workspace, as in its address")
    django.ready(create=True)
    there = _there(key) if chosen else None
    if there is None:
        name = name or click.prompt("Name of the workspace")
        email = email or click.prompt("Your e-mail address")
        chosen = chosen or (_asked() if asks and not pack else None)
        made = _found(key, name, email, password, timezone=timezone, currency=currency)
        click.echo(f"Workspace `{key}` is ready. Sign in as {email} after `headway serve`.")
        if made:
            click.echo(f"Password (shown only now): {made}")
    if chosen:
        _start(there or _there(key), chosen)


def _asked() -> Pack | None:
    """Which pack, from a list; none by default."""
    say("What business is it? A starter pack has its KPIs, and the events to send for them.")
    for one in packs():
        say(f"  {one.key.ljust(14)} {one.who}")
    keys = [*(one.key for one in packs()), NONE]
    choice = click.Choice(keys)
    found = click.prompt("Starter pack", default=NONE, type=choice, show_choices=False)
    return None if found == NONE else pack_of(found)


def _there(key: str) -> Workspace | None:
    from headway.accounts.models import Workspace

    return Workspace.objects.filter(key=key).first()


def _start(workspace: Workspace | None, pack: Pack) -> None:
    from headway.metrics.starting import start_from

    assert workspace is not None
    started = start_from(workspace, pack, by=None, now=datetime.now(UTC))
    kept = f", {len(started.kept)} were there already" if started.kept else ""
    many = "1 metric" if len(started.made) == 1 else f"{len(started.made)} metrics"
    click.echo(f"{pack.name}: {many} made{kept}.")
    click.echo(f"The events to send: headway catalogue {pack.key} --events")


def _found(
    key: str, name: str, email: str, password: str | None, *, timezone: str, currency: str
) -> str | None:
    """Founds the workspace; returns the password if one had to be made."""
    from django.db import transaction

    from headway.accounts import actions
    from headway.accounts.models import Person

    with transaction.atomic():
        made = None
        person = Person.objects.filter(email=email.strip().lower()).first()
        if person is None:
            made = None if password else secrets.token_urlsafe(12)
            person = actions.create_person(email, password or made)
        actions.create_workspace(
            key,
            name,
            now=datetime.now(UTC),
            admin=person,
            timezone=timezone,
            currency=currency.upper(),
        )
    return made
