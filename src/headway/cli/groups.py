"""What commands have in common: groups that help, exit codes that can be told apart, days."""

from __future__ import annotations

import errno
import sys
from typing import Any

import click

from headway.engine.errors import HeadwayError, nearest


class Group(click.Group):
    """Lists its commands with their whole first sentence, and mends a misspelt one."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        known = self.list_commands(ctx)
        if args and args[0] not in known:
            fix = nearest(args[0], known) or f"There are: {', '.join(known)}."
            ctx.fail(f"No such command '{args[0]}'. {fix}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        found = [(name, self.get_command(ctx, name)) for name in self.list_commands(ctx)]
        with formatter.section("Commands"):
            formatter.write_dl([(name, _sentence(one)) for name, one in found if one])


class Judging(click.Command):
    """A command of which exit code 2 may be the answer: whatever is wrong exits with 1."""

    def make_context(self, *words: Any, **options: Any) -> click.Context:
        try:
            return super().make_context(*words, **options)
        except click.UsageError as error:
            error.show()
            raise SystemExit(1) from None

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except Exception as error:
            if (said := told(error)) is None:
                raise
            click.echo(said if "\n" in said else f"Error: {said}", err=True)
            raise SystemExit(1) from None


class Day(click.DateTime):
    """A day, passed on as its midnight."""

    def __init__(self) -> None:
        super().__init__(["%Y-%m-%d"])

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        try:
            return super().convert(value, param, ctx)
        except click.BadParameter:
            self.fail(f"`{value}` is not a day that exists. Write it as 2026-03-31.", param, ctx)


def told(error: Exception) -> str | None:
    """What is wrong with the call or around it, in words; None for what is a bug and shows."""
    if isinstance(error, HeadwayError):
        return str(error)
    if isinstance(error, OSError) and error.strerror and error.errno != errno.EPIPE:
        where = f"{error.filename}: " if error.filename else ""
        return f"{where}{error.strerror}. Look at the path, its rights, and the room on the disk."
    if isinstance(error, sys.modules["django.db"].OperationalError if _has_django() else ()):
        return (
            f"The database: {str(error).splitlines()[0].rstrip('.')}. "
            "Look at its rights, the room on the disk, and what else uses it; then try again."
        )
    return None


def _has_django() -> bool:
    return "django.db" in sys.modules


def _sentence(command: click.Command) -> str:
    first = " ".join((command.help or "").partition("\n\n")[0].split())
    return f"{first.partition('. ')[0].rstrip('.')}."
