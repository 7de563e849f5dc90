"""`headway init`: the data folder, a workspace, and its first admin."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime

import click

from headway.cli import django


@click.command(
    name="init",
    epilog="Example: headway init --key acme --name Acme --email ada@acme.example",
)
@click.option("--key", prompt="Key of the workspace, as in its address", help="For example acme.")
@click.option("--name", prompt="Name of the workspace", help="For example Acme Ltd.")
@click.option("--email", prompt="Your e-mail address", help="Of the first admin.")
@click.option("--timezone", default="UTC", show_default=True, help="Where its days begin.")
@click.option("--currency", default="EUR", show_default=True, help="Three letters.")
@click.option(
    "--password",
    envvar="HEADWAY_PASSWORD",
    help="Of the first admin; one is made and printed when none is given. [env: HEADWAY_PASSWORD]",
)
def command(
    key: str, name: str, email: str, timezone: str, currency: str, password: str | None
) -> None:
    """Make a workspace and its first admin.

    Run it again for a further workspace; somebody who has an account keeps their password.
    """
    django.ready(create=True)
    made = _found(key, name, email, password, timezone=timezone, currency=currency)
    click.echo(f"Workspace `{key}` is ready. Sign in as {email} after `headway serve`.")
    if made:
        click.echo(f"Password (shown only now): {made}")


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
