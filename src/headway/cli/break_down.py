"""`headway break-down`: what should a target come to by quarter, and of its drivers?"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from headway.cli import django
from headway.cli.named import key_result_named
from headway.cli.output import as_option, format_option, say, show, show_json, workspace_option
from headway.engine.errors import DefinitionError

if TYPE_CHECKING:
    from headway.goals.breaking.suggestions import Driver, Parts, Way
    from headway.goals.models import KeyResult

WAYS = ("even", "compound", "season")


@click.command(
    name="break-down", epilog="Example: headway break-down grow/revenue --way season --save phases"
)
@click.argument("key_result", metavar="OBJECTIVE/KEY-RESULT")
@click.option(
    "--way", type=click.Choice(WAYS), default="even", show_default=True, help="Which one to save."
)
@click.option("--hold", multiple=True, metavar="METRIC", help="A driver that stays as it is.")
@click.option(
    "--save",
    type=click.Choice(["phases", "cycles", "drivers"]),
    help="phases: expect it so; cycles, drivers: a key result for each.",
)
@click.option("--reason", default="", help="Why, once its cycle has opened.")
@workspace_option
@as_option
@format_option
def command(
    key_result: str,
    way: str,
    hold: tuple[str, ...],
    save: str | None,
    reason: str,
    workspace: str | None,
    email: str | None,
    format: str,
) -> None:
    """Suggest how a target spreads over quarters and over the drivers of a formula.

    Evenly, by the same factor each time, or as last year went. Nothing changes without `--save`,
    and what was saved can be edited like any key result.
    """
    django.ready()
    from headway.goals.breaking.suggestions import drivers_of, parts_of

    home = django.workspace_named(workspace)
    found = key_result_named(home, key_result)
    parts, drivers = parts_of(found), drivers_of(found, hold)
    if save is None:
        _show(parts, drivers, format)
        return
    by, now = django.member_named(home, email), datetime.now(UTC)
    made = _save(found, save, _way(parts, way), parts, drivers, reason=reason, by=by, now=now)
    rows = [
        {"key_result": f"{k.objective.key}/{k.key}", "title": str(k), "target": k.target}
        for k in made
    ]
    show(rows, format=format)


def _save(
    found: KeyResult, save: str, way: Way, parts: Parts, drivers: list[Driver], **how: Any
) -> list[KeyResult]:
    from headway.goals.breaking import spreading

    reason = how.pop("reason")
    standing = [spreading.rounded(value) for value in way.standing]
    if save == "phases":
        return [spreading.save_phases(found, parts, standing, reason=reason, **how)]
    if save == "cycles":
        return spreading.save_cycles(found, parts, standing, **how)
    if not drivers:
        raise DefinitionError(
            f"“{found}” has no drivers.", fix="Its metric needs a formula or a tree."
        )
    targets = {d.metric.key: spreading.rounded(d.suggested) for d in drivers}
    return spreading.save_drivers(found, targets, **how)


def _way(parts: Parts, name: str) -> Way:
    way = next(w for w in parts.ways if w.name == name)
    if not way.standing:
        raise DefinitionError(way.problem, where="--way")
    return way


def _show(parts: Parts, drivers: list[Driver], format: str) -> None:
    """CSV prints the parts, JSON the parts and the drivers."""
    rows = [
        {"from": period.start, "through": period.last, **_values(parts, n)}
        for n, period in enumerate(parts.periods)
    ]
    levers = [
        {"driver": d.metric.key, "now": d.now, "suggested": round(d.suggested, 4)} for d in drivers
    ]
    if format == "json":
        show_json({"parts": rows, "drivers": levers})
        return
    show(rows, format=format)
    for way in parts.ways:
        if way.problem:
            click.echo(f"{way.name}: {way.problem}", err=True)
    if levers and format == "table":
        say("")
        show(levers)


def _values(parts: Parts, n: int) -> dict[str, float | None]:
    """Where it should stand by the end of the part; of what comes in, also how much does in it."""
    found: dict[str, float | None] = {}
    for way in parts.ways:
        found[way.name] = round(way.standing[n], 4) if way.standing else None
        if parts.flow:
            found[f"{way.name}_in_it"] = round(way.brings[n], 4) if way.brings else None
    return found
