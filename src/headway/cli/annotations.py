"""`headway annotations`: what happened, and to which metrics."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from headway.cli import django
from headway.cli.groups import Day, Group
from headway.cli.named import annotation_named, metric_named
from headway.cli.output import Row, as_option, format_option, show, workspace_option
from headway.cli.tables import Layout
from headway.engine.errors import InputError

if TYPE_CHECKING:
    from headway.metrics.models import Annotation

KINDS = ("launch", "incident", "campaign", "holiday", "note")
DAY = Day()
LAYOUT = Layout(flows=("title", "covers"))

kind_option = click.option("--kind", type=click.Choice(KINDS), help="Only of this kind.")
metric_option = click.option("--metric", metavar="KEY", help="Only those that cover this metric.")


@click.group(
    cls=Group, name="annotations", epilog="Example: headway annotations list --metric revenue"
)
def command() -> None:
    """Launches, incidents, campaigns, holidays and notes.

    Charts show them; forecasts, alerts and effects take them into account.
    """


@command.command(name="list", epilog="Example: headway annotations list --kind incident")
@kind_option
@metric_option
@workspace_option
@format_option
def list_(kind: str | None, metric: str | None, workspace: str | None, format: str) -> None:
    """What happened, the newest first, with the launches of outputs."""
    rows = [_row(one) for one in _found(workspace, kind, metric)]
    show(rows, format=format, empty="Nothing has been annotated yet.", layout=LAYOUT)


@command.command(
    name="add", epilog='Example: headway annotations add launch "New checkout" 2026-09-03'
)
@click.argument("kind", type=click.Choice(KINDS))
@click.argument("title")
@click.argument("starts", type=DAY, metavar="DAY")
@click.option("--ends", type=DAY, metavar="DAY", help="The last day, of what took several.")
@click.option("--metric", "metrics", multiple=True, metavar="KEY", help="May be repeated.")
@click.option("--product", default="", help="Covers the metrics of this product.")
@click.option("--link", default="", help="The address of a page that says more.")
@click.option("--description", default="", help="More words.")
@click.option("--key", help="What it is called; otherwise made of its title and day.")
@workspace_option
@as_option
def add(
    kind: str,
    title: str,
    starts: datetime,
    ends: datetime | None,
    metrics: tuple[str, ...],
    product: str,
    link: str,
    description: str,
    key: str | None,
    workspace: str | None,
    email: str | None,
) -> None:
    """Write down what happened. Said again with the same key, it is changed.

    Without a metric and a product it covers all metrics. Adding the same title on the same day
    again changes the first, so that a script may run twice.
    """
    django.ready()
    from headway.metrics.happened.annotations import save_annotation, usual_key

    home = django.workspace_named(workspace)
    row = save_annotation(
        home,
        key=key or usual_key(title.strip(), starts.date()),
        kind=kind,
        title=title,
        starts=starts.date(),
        ends=ends.date() if ends else None,
        product=product,
        metrics=[metric_named(home, one) for one in metrics],
        link=link,
        description=description,
        by=django.member_named(home, email),
        now=datetime.now(UTC),
    )
    click.echo(f"{row.key}: {row.title}, {row.starts}.", err=True)


@command.command(name="archive", epilog="Example: headway annotations archive new-checkout")
@click.argument("key")
@click.option("--restore", is_flag=True, help="Bring it back instead.")
@workspace_option
@as_option
def archive(key: str, restore: bool, workspace: str | None, email: str | None) -> None:
    """Take it off every chart. `--restore` brings it back."""
    django.ready()
    from headway.metrics.happened.annotations import archive_annotation, restore_annotation

    home = django.workspace_named(workspace)
    row = annotation_named(home, key)
    verb = restore_annotation if restore else archive_annotation
    verb(row, by=django.member_named(home, email), now=datetime.now(UTC))
    click.echo(f"“{row}” is {'back' if restore else 'archived'}.", err=True)


@command.command(name="import", epilog="Example: headway annotations import happened.csv")
@click.argument("path", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@workspace_option
@as_option
def import_(path: Path, workspace: str | None, email: str | None) -> None:
    """Bring in a CSV with the columns kind, title and starts, and any of the others.

    They are key, ends, product, metrics (keys with spaces in between), link and description.
    Bringing the same file twice changes nothing. Exit code 1 if a row could not be read; the
    others are in.
    """
    django.ready()
    from headway.metrics.happened.sheet import bring

    home = django.workspace_named(workspace)
    by, now = django.member_named(home, email), datetime.now(UTC)
    brought = bring(home, _text(path), by=by, now=now)
    for bad in brought.bad:
        where = f", {bad.where}" if bad.where else ""
        click.echo(f"{path}, line {bad.line}{where}: {bad.message} {bad.fix}".rstrip(), err=True)
    click.echo(brought.words, err=True)
    raise SystemExit(1 if brought.bad else 0)


@command.command(name="export", epilog="Example: headway annotations export > happened.csv")
@kind_option
@metric_option
@workspace_option
def export(kind: str | None, metric: str | None, workspace: str | None) -> None:
    """Print them as the CSV that `import` reads, without the launches of outputs."""
    found = _found(workspace, kind, metric)
    from headway.metrics.happened.sheet import sheet

    click.echo(sheet(found), nl=False)


def _found(workspace: str | None, kind: str | None, metric: str | None) -> list[Annotation]:
    django.ready()
    from headway.metrics.happened.happenings import listed

    home = django.workspace_named(workspace)
    covered = metric_named(home, metric) if metric else None
    return listed(home, kind=kind or "", metric=covered)


def _row(row: Annotation) -> Row:
    from headway.metrics.happened.happenings import covered

    return {
        "key": row.key,
        "kind": row.kind,
        "title": row.title,
        "starts": row.starts,
        "ends": row.ends,
        "covers": covered(row),
        "output": row.key if row.origin else "",
    }


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError("It is not in UTF-8.", where=str(path), fix="Save it as UTF-8.") from error
