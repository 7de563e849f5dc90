"""Which alerts would have been raised: `python -m bench.alerts [--data FOLDER] [--hours]`.

On Parcel's two years, in which both incidents are known; on series of FOLDER whose unusual windows
are labelled in labels/combined_windows.json, by file name, as the Numenta benchmark does; and with
--others on the series of bench.series of which nobody says that anything was wrong: all that is
raised there counts as false.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pandas as pd

from bench import report
from bench.series import PARCEL_END, Named, everything, parcel
from headway.demo.parcel.truth import INCIDENTS
from headway.engine.period import Grain
from headway.engine.watching import ALERT_KINDS as KINDS
from headway.stats.alerts import Alert, Range, replayed
from headway.stats.history import Bound, History
from headway.stats.worse import Direction

QUARTER = 91
SEED = 7
EVENTS = 1_000_000
"""As many as the demo has."""

TOUCHED = {
    "courier-strike": ("on time by day", "on time by week"),
    "database-outage": ("available by day", "available by week", "sessions by day"),
}
"""What of Parcel shows an incident, by its simulation."""

TARGETS = {"available by day": 0.99, "available by week": 0.99}
"""What Parcel promises, by its definitions: these are watched by their error budget."""

BETTER_DOWN = ("open tickets", "latency", "cpc", "cpm")
MOST_OF_A_KIND = 12
"""So many series of one sort among the others: a shop's products are much alike."""

FIRST = date(2000, 1, 1)


@dataclass(frozen=True)
class Watched:
    """`windows` are days in which something was wrong, the last one included."""

    name: str
    history: History
    windows: tuple[tuple[date, date], ...]
    seasons: tuple[int, ...] | None = None

    @property
    def target(self) -> float | None:
        return next((t for name, t in TARGETS.items() if self.name.endswith(name)), None)

    @property
    def healthy(self) -> Range | None:
        return None if self.target is None else Range(at_least=self.target)

    @property
    def direction(self) -> Direction:
        """Hours are no periods of Headway's, and are held against no other day or year."""
        if self.seasons:
            return "none"
        return "down" if any(word in self.name for word in BETTER_DOWN) else "up"


@dataclass(frozen=True)
class Outcome:
    watched: Watched
    alerts: tuple[Alert, ...]

    @property
    def raised(self) -> tuple[date, ...]:
        """Days; what begins while something else holds is one alert with it."""
        return tuple(sorted({alert.since for alert in self.alerts}))

    @property
    def found(self) -> int:
        return sum(any(self._in(day, w) for day in self.raised) for w in self.watched.windows)

    @property
    def false(self) -> int:
        return sum(not any(self._in(day, w) for w in self.watched.windows) for day in self.raised)

    def _in(self, day: date, window: tuple[date, date]) -> bool:
        end = self.watched.history.calendar.after(day, self.watched.history.grain)
        return day <= window[1] and end > window[0]

    @property
    def quarters(self) -> float:
        days = {Grain.day: 1, Grain.week: 7, Grain.month: 30.4}[self.watched.history.grain]
        return len(self.watched.history.starts) * days / QUARTER


def main() -> None:
    parser = argparse.ArgumentParser("python -m bench.alerts", description=__doc__)
    parser.add_argument("--data", type=Path, help="a folder with labelled series")
    parser.add_argument("--hours", action="store_true", help="also labelled series by hour")
    parser.add_argument("--others", action="store_true", help="also series without labels")
    parser.add_argument("--only", default="", help="series whose name holds this")
    asked = parser.parse_args()
    watched = [*_parcel(), *(_labelled(asked.data) if asked.data else [])]
    watched += _others(asked.data) if asked.others else []
    found = [
        _outcome(one)
        for one in watched
        if asked.only in one.name and (asked.hours or "by hour" not in one.name)
    ]
    print(report.markdown(list(_table(found))))


def _outcome(one: Watched) -> Outcome:
    found = replayed(
        one.history, one.healthy, seasons=one.seasons, direction=one.direction, target=one.target
    )
    return Outcome(one, tuple(found))


def _parcel() -> Iterator[Watched]:
    for named in parcel(SEED, EVENTS):
        if named.history.grain in (Grain.day, Grain.week):
            launches = tuple(k for k in named.history.known if k.end is None)
            history = replace(named.history, known=launches)
            yield Watched(named.name, history, tuple(_incidents(named)))


def _incidents(named: Named) -> Iterator[tuple[date, date]]:
    """An incident has to be found in its first two periods."""
    for incident in INCIDENTS:
        if any(named.name.endswith(name) for name in TOUCHED[incident.key]):
            start = incident.day(PARCEL_END)
            yield start, start + timedelta(max(incident.length - 1, 1))


def _others(folder: Path | None) -> Iterator[Watched]:
    seen: Counter[str] = Counter()
    labelled = {one.name.removeprefix("labelled: ") for one in _labelled(folder)} if folder else ()
    for named in everything(folder):
        sort = f"{named.source} {named.history.grain}"
        watched = named.history.grain in (Grain.day, Grain.week, Grain.month)
        if named.source == "parcel" or named.hours or not watched or named.name in labelled:
            continue
        seen[sort] += 1
        if seen[sort] <= MOST_OF_A_KIND:
            yield Watched(f"other: {named.name}", replace(named.history, known=()), ())


def _labelled(folder: Path) -> Iterator[Watched]:
    for labels in sorted(folder.rglob("labels/combined_windows.json")):
        yield from _windowed(labels.parent.parent, json.loads(labels.read_text()))


def _windowed(folder: Path, labels: Mapping[str, Sequence[Sequence[str]]]) -> Iterator[Watched]:
    for name, windows in labels.items():
        file = folder / name
        if file.exists():
            frame = pd.read_csv(file, parse_dates=["timestamp"]).set_index("timestamp")["value"]
            yield from _by_day_and_hour(file.stem, frame, windows)


def _by_day_and_hour(
    name: str, values: pd.Series[float], windows: Sequence[Sequence[str]]
) -> Iterator[Watched]:
    how = "sum" if bool((values == values.round()).all()) else "mean"
    for rule, title, seasons in (("D", "day", None), ("h", "hour", (24,))):
        grouped = getattr(values.resample(rule), how)().iloc[1:-1]
        starts = [FIRST + timedelta(i) for i in range(len(grouped))]
        numbers = [None if pd.isna(v) else float(v) for v in grouped]
        history = History(starts, numbers, Grain.day, Bound.zero)
        step = pd.Timedelta(1, rule)
        spans = tuple(
            (_place(first, grouped, step), _place(last, grouped, step)) for first, last in windows
        )
        yield Watched(f"labelled: {name} by {title}", history, spans, seasons)


def _place(moment: str, grouped: pd.Series[float], step: pd.Timedelta) -> date:
    """The stand-in date of the period in which the moment lies."""
    return FIRST + timedelta(int((datetime.fromisoformat(moment) - grouped.index[0]) // step))


def _table(found: Sequence[Outcome]) -> Iterator[report.Row]:
    yield ("", "periods", "windows", "found", "false alarms", "a quarter")
    for one in found:
        yield _row(one.watched.name, [one])
    for part in ("parcel", "labelled", "other"):
        yield _row(f"all: {part}", [one for one in found if one.watched.name.startswith(part)])
    for grain in ("by day", "by week", "by month", "by hour"):
        yield _row(f"all {grain}", [one for one in found if grain in one.watched.name])
    for kind in KINDS:
        yield _row(f"kind: {kind}", [_only(kind, one) for one in found])


def _only(kind: str, found: Outcome) -> Outcome:
    return replace(found, alerts=tuple(a for a in found.alerts if a.kind == kind))


def _row(name: str, found: Sequence[Outcome]) -> report.Row:
    false, quarters = sum(o.false for o in found), sum(o.quarters for o in found)
    return (
        name,
        str(sum(len(o.watched.history.starts) for o in found)),
        str(sum(len(o.watched.windows) for o in found)),
        str(sum(o.found for o in found)),
        str(false),
        f"{false / quarters:.2f}" if quarters else "–",
    )


if __name__ == "__main__":
    main()
