"""`headway`: each command lives in a file of its own, read when it is called."""

from __future__ import annotations

from importlib import import_module

import click

from headway import __version__
from headway.cli.groups import Group, told

GROUPS = {
    "Start": {
        "demo": ("demo", "Two example companies, served, with sign-in details."),
        "init": ("init", "Make a workspace and its first admin."),
        "token": ("token", "Make a token for the API."),
    },
    "Run": {
        "serve": ("serve", "The pages and the worker together, until stopped."),
        "web": ("web", "The pages and the API alone."),
        "worker": ("worker", "The loop that keeps the numbers current, alone."),
        "store": ("store", "Is every file of events what was written?"),
        "backup": ("backup", "Copy everything elsewhere, while Headway runs."),
        "refresh": ("refresh", "One pass of the worker, now."),
    },
    "Bring in and define": {
        "catalogue": ("catalogue", "KPIs that are ready to be used, and starter packs of them."),
        "source-key": ("source_key", "Keys with which SDKs send events."),
        "fetch": ("fetch", "Sources that Headway fetches: how far they are, and fetch now."),
        "tracking": ("tracking", "Which events come in, which should, and what is odd?"),
        "person": ("person", "Export or delete the events of one person."),
        "import": ("import_", "Bring in events from CSV, Parquet or NDJSON."),
        "check": ("check", "Can everything that is defined be measured?"),
        "plan": ("plan", "Show what applying definition files would change."),
        "apply": ("apply", "Make a workspace as its definition files say."),
        "export": ("export", "Write a workspace as definition files."),
        "annotations": ("annotations", "What happened: launches, incidents, campaigns, holidays."),
        "move-in": ("move_in", "Read goals from the files of other tools."),
        "move-out": ("move_out", "Write everything of goals as CSV or JSON."),
        "schema": ("schema", "The JSON Schema of definition files, for editors."),
    },
    "Look and check in": {
        "okrs": ("okrs", "Objectives and key results: are we on course?"),
        "kpis": ("kpis", "KPIs: is the product healthy?"),
        "alerts": ("alerts", "What is wrong, since when, and who looks after it?"),
        "surveys": ("surveys", "What people say inside the product."),
        "uptime": ("uptime", "Is everything up that is looked at?"),
        "show": ("show", "One KPI, objective, key result or output in detail."),
        "experiments": ("experiments", "A/B tests: which variant is better, and is it safe?"),
        "drivers": ("drivers", "What moved a metric between two periods?"),
        "lifetime": ("lifetime", "What are the customers of a metric worth?"),
        "check-in": ("check_in", "How does a key result go?"),
        "comments": ("comments", "What is said of a goal."),
        "break-down": ("break_down", "A target, spread over quarters and drivers."),
        "close": ("close", "A team's cycle is over: score it, and choose what goes on."),
        "review": ("review", "What did we learn? As text, Markdown or PDF."),
        "links": ("links", "Pages that people without an account may read."),
    },
    "Without a workspace": {
        "measure": ("measure", "Numbers from definitions and a file of events."),
    },
}
"""Command → its module and its line in the help, so that help imports none of them."""

COMMANDS = {name: entry for group in GROUPS.values() for name, entry in group.items()}


class Commands(Group):
    """Errors raised on purpose become a line and exit code 2; anything else is a bug and shows."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, _ = COMMANDS[cmd_name]
        command: click.Command = import_module(f"headway.cli.{module}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        widest = max(map(len, COMMANDS))
        for heading, commands in GROUPS.items():
            with formatter.section(heading):
                rows = [(name.ljust(widest), line) for name, (_, line) in commands.items()]
                formatter.write_dl(rows)

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except Exception as error:
            if (said := told(error)) is None:
                raise
            click.echo(f"Error: {said}", err=True)
            ctx.exit(2)


@click.group(
    cls=Commands,
    epilog="`headway COMMAND --help` says more, with an example.",
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(__version__, prog_name="headway")
def main() -> None:
    """Objectives and key results that measure themselves.

    Everything is kept in the folder that HEADWAY_DATA names, or else in ./headway-data. Start with
    `headway demo`, or with `headway init` for a workspace of your own.
    """
