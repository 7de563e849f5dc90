"""`headway`: each command lives in a file of its own, read when it is called."""

from __future__ import annotations

from importlib import import_module

import click

from headway import __version__
from headway.engine.errors import HeadwayError

COMMANDS = {
    "demo": "headway.cli.demo:command",
    "init": "headway.cli.init:command",
    "serve": "headway.cli.serve:command",
    "web": "headway.cli.web:command",
    "worker": "headway.cli.worker:command",
    "refresh": "headway.cli.refresh:command",
    "import": "headway.cli.import_:command",
    "measure": "headway.cli.measure:command",
    "plan": "headway.cli.plan:command",
    "apply": "headway.cli.apply:command",
    "export": "headway.cli.export:command",
    "schema": "headway.cli.schema:command",
    "kpis": "headway.cli.kpis:command",
    "okrs": "headway.cli.okrs:command",
    "show": "headway.cli.show:command",
    "check-in": "headway.cli.check_in:command",
    "token": "headway.cli.token:command",
}


class Commands(click.Group):
    """Errors raised on purpose become a line and exit code 2; anything else is a bug and shows."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, name = COMMANDS[cmd_name].split(":")
        command: click.Command = getattr(import_module(module), name)
        return command

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except HeadwayError as error:
            click.echo(f"Error: {error}", err=True)
            ctx.exit(2)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="headway")
def main() -> None:
    """Objectives and key results that measure themselves.

    Start with `headway demo --serve`, or with `headway init` for a workspace of your own.
    Everything is kept in the folder HEADWAY_DATA names (./headway-data unless set).
    """
