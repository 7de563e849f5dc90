"""A series on the command line: a file of days and values, or metrics measured from events."""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from headway.cli.output import show, show_json
from headway.engine.errors import InputError
from headway.engine.period import WEEKDAYS, Grain

if TYPE_CHECKING:
    from headway.engine.series import Answer
    from headway.foresight.columns import Columns
    from headway.stats.history import CannotTell, History

Decorated = TypeVar("Decorated", bound=Callable[..., Any])
GRAINS = [grain for grain in Grain if grain is not Grain.all]

OPTIONS = (
    click.argument("file", required=False, type=click.Path(path_type=Path)),
    click.option("--day", default="", metavar="COLUMN", help="Of the file; or found by name."),
    click.option("--value", default="", metavar="COLUMN", help="Of the file; or found by name."),
    click.option("--count", default="", metavar="COLUMN", help="Of how many a value is a share."),
    click.option("--definitions", type=click.Path(path_type=Path), help="In place of a file."),
    click.option("--events", type=click.Path(path_type=Path), help="CSV, Parquet or NDJSON."),
    click.option("--metric", default="", metavar="KEY", help="Where there are several."),
    click.option("--from", "start", metavar="DAY", help="First day that is measured."),
    click.option("--to", "end", metavar="DAY", help="Day after the last one."),
    click.option("--grain", type=click.Choice(GRAINS), help="[default: told by the days]"),
    click.option("--timezone", default="UTC", show_default=True),
    click.option("--week-starts", type=click.Choice(WEEKDAYS), default="monday", show_default=True),
    click.option("--as-of", metavar="TIME", help="As if it were this time; default: now."),
    click.option("--launch", "launches", multiple=True, metavar="DAY", help="A lasting step."),
    click.option(
        "--incident", "incidents", multiple=True, metavar="FIRST:END",
        help="Known to be unusual; END is the day after.",
    ),
)  # fmt: skip


def series_options(function: Decorated) -> Decorated:
    """Adds what says which series, passed as `given`."""

    @wraps(function)
    def wrapped(**options: Any) -> Any:
        names = Given.__dataclass_fields__
        given = Given(**{name: options.pop(name) for name in names})
        return function(given, **options)

    for option in reversed(OPTIONS):
        option(wrapped)
    return wrapped  # type: ignore[return-value]


@dataclass(frozen=True)
class Given:
    """Which series was asked about."""

    file: Path | None
    day: str
    value: str
    count: str
    definitions: Path | None
    events: Path | None
    metric: str
    start: str | None
    end: str | None
    grain: str | None
    timezone: str
    week_starts: str
    as_of: str | None
    launches: tuple[str, ...]
    incidents: tuple[str, ...]

    def opened(self) -> Opened:
        """Raises InputError when it is neither a file nor something to measure."""
        if (self.file is None) == (self.definitions is None):
            fix = "Name a CSV or Parquet file, or give --definitions and --events."
            raise InputError("One series is asked about.", where="FILE", fix=fix)
        return Opened(self, columns=_columns(self.file)) if self.file else Opened(self)

    @property
    def stretches(self) -> list[tuple[str, str]]:
        found = [text.partition(":") for text in self.incidents]
        for first, colon, _ in found:
            if not colon:
                fix = "Write it as 2026-06-01:2026-06-03."
                raise InputError(f"`{first}` has no end.", where="--incident", fix=fix)
        return [(first, end) for first, _, end in found]

    @property
    def known(self) -> dict[str, Any]:
        return {"launches": self.launches, "incidents": self.stretches}


@dataclass(frozen=True)
class Opened:
    """A file's columns, or definitions and events: either names more series than one."""

    given: Given
    columns: Columns | None = None

    def series(self, name: str = "") -> History | Answer:
        """The one that was asked about, or another column or metric."""
        from headway.foresight.columns import Names, cells_of
        from headway.foresight.series import history_from

        given = self.given
        if self.columns is None:
            return _measured(given, name or given.metric)
        names = Names(given.day, name or given.value, given.count, given.metric)
        return history_from(cells_of(self.columns, names, 2), grain=given.grain)


def instant(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise InputError(
            f"`{text}` is not a time.",
            where="--as-of",
            fix="Write it as 2026-03-31 or 2026-03-31T09:00:00Z.",
        ) from None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def show_reason(found: CannotTell, form: str) -> None:
    """Why there is no answer, in place of one."""
    if form == "json":
        show_json({"cannot_tell": found.reason})
    elif form == "csv":
        show([{"cannot_tell": found.reason}], format=form)
    else:
        click.echo(f"Cannot tell: {found.reason}")


def _measured(given: Given, metric: str) -> Answer:
    from headway import oneshot

    for name, value in (("--events", given.events), ("--from", given.start), ("--to", given.end)):
        if value is None:
            fix = "Give --definitions, --events, --from and --to together."
            raise InputError("It is missing.", where=name, fix=fix)
    results = oneshot.measure(
        given.definitions, given.events, start=given.start, end=given.end,  # type: ignore[arg-type]
        grain=given.grain or "day", metrics=[metric] if metric else None, timezone=given.timezone,
        week_starts=given.week_starts, as_of=instant(given.as_of),
    )  # fmt: skip
    whole = [answer for answer in results.answers if not answer.series.segment_by]
    if len(whole) > 1:
        fix = f"Choose one: {', '.join(answer.key for answer in whole)}."
        raise InputError("There are several metrics.", where="--metric", fix=fix)
    return whole[0]


def _columns(path: Path) -> Columns:
    if not path.is_file():
        raise InputError("There is no such file.", where=str(path), fix="Look at its name.")
    found = _parquet(path) if path.suffix.lower() in (".parquet", ".pq") else read_csv(path)
    if not any(found.values()):
        raise InputError("It has no rows.", where=str(path), fix="Give values by day.")
    return found


def _parquet(path: Path) -> Columns:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        return dict(pq.read_table(path).to_pydict())
    except pa.ArrowInvalid as error:
        fix = "Write it again, or give a CSV file."
        raise InputError(f"It is no Parquet: {error}.", where=str(path), fix=fix) from None


def read_csv(path: Path) -> dict[str, list[str]]:
    """Columns by heading, as text. Raises InputError for rows of other lengths."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            head = file.readline()
            file.seek(0)
            rows = list(
                csv.reader(file, delimiter=";" if head.count(";") > head.count(",") else ",")
            )
    except UnicodeDecodeError:
        fix = "Save it as CSV in UTF-8."
        raise InputError("It is not text in UTF-8.", where=str(path), fix=fix) from None
    names = [name.strip() for name in rows[0]] if rows else []
    kept = [(i, row) for i, row in enumerate(rows[1:], 2) if any(row)]
    for i, row in kept:
        if len(row) != len(names):
            fix = "Quote what holds a comma."
            what = f"{len(row)} values under {len(names)} headings."
            raise InputError(what, where=f"{path}, row {i}", fix=fix)
    return {name: [row[at] for _, row in kept] for at, name in enumerate(names)}
