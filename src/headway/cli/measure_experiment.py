"""`headway measure experiment`: which variant is better?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from headway.cli.output import Row, format_option, show, show_json
from headway.cli.series import read_csv
from headway.engine.errors import InputError, nearest

if TYPE_CHECKING:
    from headway.engine.tally import Tally
    from headway.stats.experiment import Guardrail, ReadOut

SUMS = ("n", "x", "y", "xx", "yy", "xy")
WORDS = ("variant", "metric", "measure", "direction")
MEASURES = ("share", "rate", "mean", "ratio", "adjusted")


@click.command(
    name="experiment",
    epilog="Example: headway measure experiment variants.csv --measure share",
)
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--measure", type=click.Choice(MEASURES), default="mean", show_default=True)
@click.option("--direction", type=click.Choice(["up", "down"]), default="up", show_default=True)
@click.option("--share", "shares", type=float, multiple=True, help="Of each variant, as planned.")
@click.option("--level", type=float, default=0.95, show_default=True)
@click.option("--planned", type=float, default=10_000, show_default=True, help="Subjects in all.")
@click.option("--finished", is_flag=True, help="It ended as planned, and nobody acted before.")
@format_option
def command(
    file: Path, measure: str, direction: str, shares: tuple[float, ...], level: float,
    planned: float, finished: bool, format: str,
) -> None:  # fmt: skip
    """Which variant is better, and was anything harmed?

    FILE has a row for each variant, the control first: `variant`, `n`, and the sums `x`, `xx`, `y`,
    `yy` and `xy` over its subjects, as far as the measure needs them. With a column `metric`, the
    first one decides and the others are guardrails; `measure` and `direction` may be columns too.
    """
    from headway import foresight

    first, *others = _metrics(_rows(file), measure, direction)
    found = foresight.experiment(
        first.variants, measure=first.measure, direction=first.direction,
        shares=shares, guardrails=[one.guardrail() for one in others], level=level,
        planned=planned, finished=finished,
    )  # fmt: skip
    _show(found, format)


class _Metric:
    """The variants of one metric, in the order of the file."""

    def __init__(self, name: str, measure: Any, direction: Any) -> None:
        self.name, self.measure, self.direction = name, measure, direction
        self.variants: dict[str, Tally] = {}

    def guardrail(self) -> Guardrail:
        from headway.stats.arms import Arm
        from headway.stats.experiment import Guardrail

        arms = [Arm(name, tally) for name, tally in self.variants.items()]
        return Guardrail(self.name, arms, self.measure, self.direction)


def _metrics(
    rows: list[tuple[str, Mapping[str, str]]], measure: str, direction: str
) -> list[_Metric]:
    found: dict[str, _Metric] = {}
    for where, row in rows:
        name = row.get("metric", "")
        asked = (row.get("measure") or measure, row.get("direction") or direction)
        one = found.setdefault(name, _Metric(name, *asked))
        if row["variant"] in one.variants:
            fix = "Give each variant one row, with the sums over all of its subjects."
            raise InputError(f"`{row['variant']}` comes twice.", where=where, fix=fix)
        one.variants[row["variant"]] = _tally(row, where)
    return list(found.values())


def _tally(row: Mapping[str, str], where: str) -> Tally:
    from headway.foresight import tally_of

    sums = {name: row[name] for name in SUMS if row.get(name)}
    try:
        return tally_of(row["variant"], {name: float(value) for name, value in sums.items()})
    except ValueError as error:
        raise InputError(f"{error}.", where=where, fix="Write sums as 1234.5.") from None


def _rows(file: Path) -> list[tuple[str, Mapping[str, str]]]:
    if not file.is_file():
        raise InputError("There is no such file.", where=str(file), fix="Look at its name.")
    columns = read_csv(file)
    for name in columns:
        if name not in (*SUMS, *WORDS):
            fix = nearest(name, (*SUMS, *WORDS)) or f"There are {', '.join((*WORDS, *SUMS))}."
            raise InputError(f"`{name}` is no column of variants.", where=str(file), fix=fix)
    for name in ("variant", "n"):
        if name not in columns:
            fix = "Give each variant its name and the number of its subjects."
            raise InputError(f"There is no column `{name}`.", where=str(file), fix=fix)
    rows = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    if not rows:
        raise InputError("It has no rows.", where=str(file), fix="Give a row for each variant.")
    return [(f"row {i}", row) for i, row in enumerate(rows, 2)]


def _show(found: ReadOut, form: str) -> None:
    from headway.foresight import say

    if form == "json":
        show_json(asdict(found) | {"winners": found.winners})
    elif form == "csv":
        show([*map(_row, found.results), *map(_row, found.guardrails)], format=form)
    else:
        click.echo(say(found))


def _row(found: Any) -> Row:
    """A variant's result, or a guardrail under it."""
    guarded = hasattr(found, "variant")
    return {
        "variant": found.variant if guarded else found.name,
        "guardrail": found.name if guarded else "",
        "verdict": found.verdict,
        "difference": found.found.difference if found.found else None,
        "low": found.low if found.found else None,
        "high": found.high if found.found else None,
        "p": None if guarded else found.p,
        "reason": found.reason,
    }
