"""`headway comments`: what is said of an objective or a key result."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from headway.cli import django
from headway.cli.groups import Group
from headway.cli.named import goal_named
from headway.cli.output import Row, as_option, format_option, show, workspace_option
from headway.cli.tables import Layout

if TYPE_CHECKING:
    from headway.goals.models import Comment

LAYOUT = Layout(flows=("text",))


@click.group(cls=Group, name="comments", epilog="Example: headway comments list fast-start/ttv")
def command() -> None:
    """Read and write comments. GOAL is an objective, or OBJECTIVE/KEY-RESULT."""


@command.command(name="list", epilog="Example: headway comments list fast-start --format json")
@click.argument("goal")
@workspace_option
@format_option
def list_(goal: str, workspace: str | None, format: str) -> None:
    """What is said of a goal, the oldest first."""
    django.ready()
    from headway.goals.talk import discussion

    found = goal_named(django.workspace_named(workspace), goal)
    rows = [_row(comment) for comment in discussion.comments(found)]
    show(rows, format=format, empty="Nobody has said anything yet.", layout=LAYOUT)


@command.command(
    name="say", epilog='Example: headway comments say fast-start "Well done @ada@acme.example"'
)
@click.argument("goal")
@click.argument("text")
@workspace_option
@as_option
@format_option
def say(goal: str, text: str, workspace: str | None, email: str | None, format: str) -> None:
    """Write a comment; members that it names with @ are told by mail."""
    django.ready()
    from headway.goals.talk import discussion

    home = django.workspace_named(workspace)
    by, now = django.member_named(home, email), datetime.now(UTC)
    made = discussion.say(goal_named(home, goal), text, by=by, now=now)
    show([_row(made)], format=format, layout=LAYOUT)


@command.command(
    name="edit", epilog='Example: headway comments edit fast-start 12 "In Q3, I meant."'
)
@click.argument("goal")
@click.argument("number", type=int)
@click.argument("text")
@workspace_option
@as_option
@format_option
def edit(
    goal: str, number: int, text: str, workspace: str | None, email: str | None, format: str
) -> None:
    """Change a comment, by its number in the list; it is its author's own."""
    django.ready()
    from headway.goals.talk import discussion

    home = django.workspace_named(workspace)
    found = discussion.find(goal_named(home, goal), number)
    by, now = django.member_named(home, email), datetime.now(UTC)
    show([_row(discussion.edit(found, text, by=by, now=now))], format=format, layout=LAYOUT)


@command.command(name="delete", epilog="Example: headway comments delete fast-start 12")
@click.argument("goal")
@click.argument("number", type=int)
@workspace_option
@as_option
def delete(goal: str, number: int, workspace: str | None, email: str | None) -> None:
    """Take a comment off the page; the audit trail keeps what it said."""
    django.ready()
    from headway.goals.talk import discussion

    home = django.workspace_named(workspace)
    found = discussion.find(goal_named(home, goal), number)
    discussion.delete(found, by=django.member_named(home, email), now=datetime.now(UTC))
    click.echo(f"Comment {number} is deleted.", err=True)


def _row(comment: Comment) -> Row:
    by = comment.by.email if comment.by else ""
    return {"number": comment.pk, "at": comment.at.date(), "by": by, "text": comment.text}
