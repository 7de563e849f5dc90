"""Real series to forecast: those of statsmodels, CDNOW's, Parcel's, and CSV files of a folder."""

from __future__ import annotations

import csv
import gzip
import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import statsmodels.api as sm
from statsmodels.datasets import elec_equip

from headway.demo.parcel import generate
from headway.engine.period import Calendar, Grain
from headway.stats.history import Bound, History, Known

CDNOW = Path(__file__).resolve().parent.parent / "src" / "headway" / "demo" / "cdnow.parquet"
PARCEL_END = date(2026, 1, 1)


@dataclass(frozen=True)
class Named:
    """`hours`: its periods are hours, and repeat every day and week, whatever the dates."""

    source: str
    name: str
    history: History
    hours: bool = False

    @property
    def held_out(self) -> bool:
        """Half of them, by name: nothing was tuned on these."""
        return hashlib.sha256(self.name.encode()).digest()[0] % 2 == 1

    @property
    def seasons(self) -> tuple[int, ...] | None:
        return (24, 168) if self.hours else None


def everything(folder: Path | None) -> list[Named]:
    found = [*_statsmodels(), *_cdnow(), *parcel(7), *parcel(8)]
    return found + (list(_files(folder)) if folder else [])


def _history(
    start: date, values: Iterable[Any], grain: Grain, bound: Bound = Bound.zero, **more: Any
) -> History:
    numbers = [None if v is None or not np.isfinite(v) else float(v) for v in values]
    calendar = Calendar()
    starts = [calendar.after(start, grain, i) for i in range(len(numbers))]
    return History(starts, numbers, grain, bound, **more)


def _statsmodels() -> Iterator[Named]:
    """Shipped with statsmodels, in the public domain unless its documentation says otherwise."""
    sets = sm.datasets
    weekly = sets.co2.load_pandas().data["co2"]
    yield _of("co2 weekly", _history(weekly.index[0].date(), weekly, Grain.week))
    monthly = weekly.resample("MS").mean()
    yield _of("co2 monthly", _history(monthly.index[0].date(), monthly, Grain.month))
    elnino = sets.elnino.load_pandas().data.set_index("YEAR").to_numpy().ravel()
    yield _of("elnino", _history(date(1950, 1, 1), elnino, Grain.month))
    for name, column, year in (("sunspots", "SUNACTIVITY", 1700), ("nile", "volume", 1871)):
        values = getattr(sets, name).load_pandas().data[column]
        yield _of(name, _history(date(year, 1, 1), values, Grain.year))
    electric = elec_equip.load_pandas().data.iloc[:, 0]
    yield _of("elec_equip", _history(date(1996, 1, 1), electric, Grain.month))
    macro = sets.macrodata.load_pandas().data.drop(columns=["year", "quarter"])
    for name, values in macro.items():
        signed = Bound.none if values.min() < 0 else Bound.zero
        yield _of(f"macro {name}", _history(date(1959, 1, 1), values, Grain.quarter, signed))
    copper = sets.copper.load_pandas().data
    for name in ("WORLDCONSUMPTION", "COPPERPRICE", "INCOMEINDEX", "ALUMPRICE"):
        yield _of(f"copper {name}", _history(date(1951, 1, 1), copper[name], Grain.year))


def _of(name: str, history: History) -> Named:
    return Named("statsmodels", name, history)


def _cdnow() -> Iterator[Named]:
    """A year and a half of a shop's orders, 1997 to 1998."""
    query = "SELECT * FROM read_parquet($file)"
    frame = duckdb.connect().execute(query, {"file": str(CDNOW)}).df()
    day = next(c for c in frame if "at" in c and frame[c].dtype.kind == "M")
    who = next(c for c in frame if "user" in c)
    sizes: dict[str, pd.Series[Any]] = {
        "orders": frame.groupby(frame[day].dt.date).size(),
        "buyers": frame.groupby(frame[day].dt.date)[who].nunique(),
    }
    for name, values in sizes.items():
        yield from _grains("cdnow", f"cdnow {name}", values)


def _grains(source: str, name: str, values: pd.Series[Any], how: str = "sum") -> Iterator[Named]:
    """A series of days as days, weeks and months, whole ones."""
    daily = values.copy()
    daily.index = pd.to_datetime(daily.index)
    daily = daily.asfreq("D", fill_value=0) if how == "sum" else daily.asfreq("D")
    first = daily.index[0]
    yield Named(source, f"{name} by day", _history(first.date(), daily, Grain.day))
    for grain, rule, skip in ((Grain.week, "W-MON", 1), (Grain.month, "MS", 1)):
        grouped = getattr(daily.resample(rule, closed="left", label="left"), how)()
        whole = grouped.iloc[skip:-1]
        if len(whole) >= 8:
            start = whole.index[0].date()
            yield Named(source, f"{name} by {grain}", _history(start, whole, grain))


PARCEL: dict[str, Callable[[Any], Any]] = {
    "visits": lambda t: t.visits,
    "signups": lambda t: t.signups,
    "trials": lambda t: t.trials,
    "mrr": lambda t: t.mrr,
    "customers": lambda t: t.customers,
    "revenue": lambda t: t.revenue,
    "addon revenue": lambda t: t.addon_revenue,
    "sessions": lambda t: t.sessions,
    "parcels": lambda t: t.parcels,
    "deliveries": lambda t: t.deliveries,
    "open tickets": lambda t: t.tickets_open,
}
STOCKS = {"mrr", "customers", "open tickets"}


def parcel(seed: int, events: int = 200_000) -> Iterator[Named]:
    """Two years of the generated company, with its launches and incidents as known."""
    truth = generate.draw(end=PARCEL_END, events=events, seed=seed).truth
    known = [
        *(
            Known(i.day(PARCEL_END), i.day(PARCEL_END) + timedelta(i.length))
            for i in truth.incidents
        ),
        *(Known(launch.day(PARCEL_END)) for launch in truth.launches),
    ]
    for name, read in PARCEL.items():
        values = pd.Series(read(truth), index=truth.days)
        for one in _grains("parcel", f"parcel {seed} {name}", values, _how(name)):
            yield Named(one.source, one.name, _with(one.history, known))
    for name, good, all_ in (
        ("on time", truth.on_time, truth.deliveries),
        ("available", truth.checks_ok, truth.checks),
    ):
        yield from _shares("parcel", f"parcel {seed} {name}", truth.start, good, all_, known)


def _how(name: str) -> str:
    return "last" if name in STOCKS else "sum"


def _with(history: History, known: Sequence[Known]) -> History:
    return History(
        history.starts, history.values, history.grain, history.bound, history.counts, known
    )


def _shares(
    source: str, name: str, start: date, good: Any, all_: Any, known: Sequence[Known] = ()
) -> Iterator[Named]:
    for grain, n in ((Grain.day, 1), (Grain.week, 7)):
        whole = len(good) // n * n
        top = np.asarray(good)[:whole].reshape(-1, n).sum(axis=1)
        below = np.asarray(all_)[:whole].reshape(-1, n).sum(axis=1)
        share = [a / b if b else None for a, b in zip(top, below, strict=True)]
        values = [np.nan if s is None else s for s in share]
        more = {"counts": below.astype(float).tolist(), "known": known}
        yield Named(
            source, f"{name} by {grain}", _history(start, values, grain, Bound.share, **more)
        )


def _files(folder: Path) -> Iterator[Named]:
    """CSV files with the columns timestamp,value; invoice lines; checks with ok and ms."""
    for file in sorted([*folder.rglob("*.csv"), *folder.rglob("*.csv.gz")]):
        columns = _columns(file)
        if columns == ["timestamp", "value"]:
            yield from _measured(file)
        elif {"InvoiceNo", "InvoiceDate", "UnitPrice"} <= set(columns):
            yield from _invoices(file)
        elif {"check", "ts", "ok", "ms"} <= set(columns):
            yield from _checks(file)


def _columns(file: Path) -> list[str]:
    with gzip.open(file, "rt") if file.suffix == ".gz" else file.open() as lines:
        return next(csv.reader(lines), [])


def _measured(file: Path) -> Iterator[Named]:
    frame = pd.read_csv(file, parse_dates=["timestamp"]).set_index("timestamp")["value"]
    whole = bool((frame == frame.round()).all())
    how = "sum" if whole else "mean"
    source = file.parent.name
    hourly = getattr(frame.resample("h"), how)().iloc[1:-1]
    hourly = hourly[-1500:]
    yield Named(
        source, f"{file.stem} by hour", _history(date(2000, 1, 1), hourly, Grain.day), hours=True
    )
    daily = getattr(frame.resample("D"), how)().iloc[1:-1]
    if len(daily) >= 10:
        yield from (n for n in _grains(source, file.stem, daily, how) if "month" not in n.name)


def _invoices(file: Path) -> Iterator[Named]:
    frame = pd.read_csv(file, parse_dates=["InvoiceDate"], encoding_errors="replace")
    frame["day"] = frame["InvoiceDate"].dt.date
    frame["money"] = frame["Quantity"] * frame["UnitPrice"]
    sold = frame[(frame["Quantity"] > 0) & (frame["UnitPrice"] > 0)]
    yield from _grains("retail", "retail revenue", sold.groupby("day")["money"].sum())
    yield from _grains("retail", "retail orders", sold.groupby("day")["InvoiceNo"].nunique())
    yield from _grains("retail", "retail customers", sold.groupby("day")["CustomerID"].nunique())
    for column, top in (("Country", 8), ("StockCode", 40)):
        for name in sold[column].value_counts().index[:top]:
            lines = sold[sold[column] == name].groupby("day").size()
            for one in _grains("retail", f"retail {column} {name}", lines):
                if one.history.grain is not Grain.month:
                    yield one


def _checks(file: Path) -> Iterator[Named]:
    frame = pd.read_csv(file)
    frame["day"] = pd.to_datetime(frame["ts"], utc=True, format="ISO8601").dt.date
    good = frame["ok"].astype(str).str.lower().eq("true")
    for name, lines in frame.assign(good=good).groupby("check"):
        days = lines.groupby("day")
        if len(days) >= 20:
            yield from _grains("latency", f"latency {name}", days["ms"].median(), "mean")
            tops, alls = days["good"].sum(), days.size()
            yield from _shares("latency", f"up {name}", tops.index[0], tops, alls)
