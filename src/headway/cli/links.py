"""`headway links`: pages that people without an account may read."""

from __future__ import annotations

from datetime import UTC, datetime

import click

from headway.cli import django
from headway.cli.groups import Group
from headway.cli.output import as_option, format_option, show, workspace_option
from headway.engine.errors import NotFound


@click.group(
    cls=Group, name="links", epilog="Example: headway links share objectives/fast-start --days 14"
)
def command() -> None:
    """Make, list and withdraw read-only links to objectives, boards and reviews."""


@command.command(name="list", epilog="Example: headway links list --format json")
@workspace_option
@format_option
def list_(workspace: str | None, format: str) -> None:
    """The links that are open, the newest first."""
    django.ready()
    from headway.accounts import links

    found = links.open_links(django.workspace_named(workspace), datetime.now(UTC))
    rows = [
        {
            "number": link.pk,
            "page": link.path,
            "title": link.title,
            "by": link.by.email if link.by else "",
            "until": link.expires_at.date(),
            "last_opened": link.opened_at.date() if link.opened_at else None,
        }
        for link in found
    ]
    show(rows, format=format, empty="No link is open.")


@command.command(name="share", epilog="Example: headway links share reviews/2026-q3/growth")
@click.argument("page")
@click.option("--days", type=click.IntRange(1, 365), default=30, show_default=True)
@workspace_option
@as_option
def share(page: str, days: int, workspace: str | None, email: str | None) -> None:
    """Make a link and print it. It is printed once, and kept nowhere.

    PAGE is the address of an objective, a board or a review below the workspace's, such as
    objectives/fast-start, boards/funnel or reviews/2026-q3/growth.
    """
    django.ready()
    from django.conf import settings
    from django.urls import reverse

    from headway.accounts import links
    from headway.goals.talk.sharing import title_of

    home = django.workspace_named(workspace)
    _, raw = links.share(
        home,
        page,
        title=title_of(home, page),
        days=days,
        by=django.member_named(home, email),
        now=datetime.now(UTC),
    )
    click.echo(settings.BASE_URL + reverse("shared", args=[raw]))


@command.command(name="revoke", epilog="Example: headway links revoke 3")
@click.argument("number", type=int)
@workspace_option
@as_option
def revoke(number: int, workspace: str | None, email: str | None) -> None:
    """Withdraw a link, by its number in the list: it opens nothing any more."""
    django.ready()
    from headway.accounts import links

    home, now = django.workspace_named(workspace), datetime.now(UTC)
    found = links.open_links(home, now).filter(pk=number).first()
    if found is None:
        raise NotFound(f"There is no open link {number}.", fix="`headway links list` has them.")
    links.revoke(found, by=django.member_named(home, email), now=now)
    click.echo(f"The link to “{found}” opens nothing any more.", err=True)
