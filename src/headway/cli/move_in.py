"""`headway move-in`: goals from other tools' files."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from headway.cli import django
from headway.cli.output import as_option, format_option, show_json, workspace_option

if TYPE_CHECKING:
    from headway.moving.actions import Look

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command(name="move-in", epilog="Example: headway move-in okrs.xlsx --team Growth --do")
@click.argument("files", type=FILE, nargs=-1, required=True, metavar="FILE...")
@click.option("--do", "really", is_flag=True, help="Make it. Otherwise it is only shown.")
@click.option(
    "--column", "columns", multiple=True, metavar="FIELD=HEADING", help="Instead of the guess."
)
@click.option("--sort", type=click.Choice(["goals", "check-ins"]), help="What the rows are.")
@click.option("--team", default="", help="Of objectives whose rows say none; a key or a name.")
@click.option(
    "--cycle", default="", help="Of objectives whose rows say none, for example `Q3 2026`."
)
@click.option("--key-result", default="", metavar="KEY", help="Whose check-ins the rows are.")
@click.option("--days", type=click.Choice(["day-first", "month-first"]), help="In 03/04/2026.")
@click.option("--decimals", type=click.Choice(["comma", "point"]), help="In 1.250,5 or 1,250.5.")
@click.option("--add-people", is_flag=True, help="Make members of owners who are none yet.")
@workspace_option
@as_option
@format_option
def command(
    files: tuple[Path, ...],
    really: bool,
    columns: tuple[str, ...],
    sort: str | None,
    team: str,
    cycle: str,
    key_result: str,
    days: str | None,
    decimals: str | None,
    add_people: bool,
    workspace: str | None,
    email: str | None,
    format: str,
) -> None:
    """Read objectives, key results and check-ins from FILEs of other tools.

    CSV, XLSX, the JSON of Viva Goals, or what `headway move-out` wrote. Nothing is changed without
    --do; then all of it is made or nothing. What is there already stays as it is. Exit code 1 when
    rows are wrong; every one is listed with its row and column.
    """
    django.ready()
    from headway.moving import actions
    from headway.moving.choices import DAYS, DECIMALS, Choices, pairs
    from headway.moving.opening import File

    home = django.workspace_named(workspace)
    by = django.member_named(home, email)
    sent = [File(path.name, path.read_bytes()) for path in files]
    chosen = Choices(
        columns={"": pairs(columns)},
        sorts={"": sort or ""},
        team=team,
        cycle=cycle,
        key_result=key_result,
        day_first=DAYS.get(days or ""),
        comma_decimal=DECIMALS.get(decimals or ""),
        add_people=add_people,
    )
    now = datetime.now(UTC)
    seen = actions.look(home, sent, chosen, now=now)
    if really and seen.ready:
        actions.move_in(home, sent, chosen, by=by, now=now)
    _report(seen, format, done=really and seen.ready)
    if seen.arrival.problems:
        raise SystemExit(1)


def _report(seen: Look, format: str, *, done: bool) -> None:
    from headway.moving.arrival import counted, lines
    from headway.moving.mapping import FIELDS

    arrival = seen.arrival
    if format != "table":
        show_json(
            {
                "done": done,
                "made": arrival.made,
                "there_already": arrival.kept,
                "problems": lines(arrival.problems),
                "notices": lines(arrival.notices),
            }
        )
        return
    for sheet in seen.sheets:
        said = ", ".join(f"{h} → {FIELDS[n].label}" for n, h in sheet.mapping.columns.items())
        click.echo(f"{sheet.table.name}: {sheet.mapping.sort}: {said or 'no column is known'}")
    for line in lines(arrival.notices):
        click.echo(f"Note: {line}", err=True)
    for line in lines(arrival.problems):
        click.echo(f"Problem: {line}", err=True)
    made = counted(arrival.made) or "nothing new"
    there = f"; there already: {counted(arrival.kept)}" if arrival.kept else ""
    if done:
        click.echo(f"Made: {made}{there}.")
    elif arrival.problems:
        click.echo("Nothing was changed. Mend the rows above, or choose other columns.")
    else:
        click.echo(f"Would be made: {made}{there}. Add --do to make it.")
