"""The same board as others compute it: one query per metric, or data frames."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import duckdb
import numpy as np
import polars as pl

MARKERS = ["$alias", "$identify", "$group"]
WEEK = timedelta(days=7)


def scan(files: list[str]) -> None:
    """Reads the columns once and touches every value: no approach that reads them is faster."""
    duckdb.sql(
        f"SELECT MAX(user_id), MAX(epoch_us(happened_at)), MAX(event) FROM read_parquet({files})"
    ).fetchall()


def sql(files: list[str], start: date, end: date) -> dict[str, np.ndarray]:
    """Each metric joined to the days it covers, as semantic layers write it."""
    base = duckdb.connect()
    base.execute("SET TimeZone = 'UTC'")
    base.execute(
        f"""CREATE VIEW e AS SELECT *, CAST(happened_at AS DATE) AS d
        FROM read_parquet({files}, union_by_name = true)"""
    )
    base.execute(
        f"""CREATE TABLE days AS SELECT CAST(d AS DATE) AS d
        FROM range(DATE '{start}', DATE '{end}', INTERVAL 1 DAY) AS t(d)"""
    )

    def series(query: str) -> np.ndarray:
        rows = base.sql(f"SELECT COALESCE(n, 0) FROM days LEFT JOIN ({query}) USING (d) ORDER BY d")
        return np.array([float(row[0]) for row in rows.fetchall()])

    act = f"event NOT IN ({', '.join(repr(m) for m in MARKERS)})"

    def active(window: int) -> np.ndarray:
        return series(
            f"""SELECT days.d, COUNT(DISTINCT user_id) AS n FROM days
            JOIN e ON e.d > days.d - {window} AND e.d <= days.d AND {act} GROUP BY days.d"""
        )

    return {
        "events": series(f"SELECT d, COUNT(*) AS n FROM e WHERE {act} GROUP BY d"),
        "active_1": active(1),
        "active_7": active(7),
        "active_28": active(28),
        "revenue": series(
            """SELECT d, SUM("p:amount") AS n FROM e WHERE event = 'payment_received' GROUP BY d"""
        ),
        "started_to_completed": series(
            """WITH s AS (SELECT user_id, MIN(happened_at) AS t FROM e
                WHERE event = 'signup_started' GROUP BY user_id)
            SELECT CAST(s.t AS DATE) AS d, COUNT(DISTINCT s.user_id) AS n FROM s JOIN e
                ON e.user_id = s.user_id AND e.event = 'signup_completed'
                AND e.happened_at BETWEEN s.t AND s.t + INTERVAL 7 DAY GROUP BY 1"""
        ),
    }


def frames(files: list[str], start: date, end: date) -> dict[str, np.ndarray]:
    wanted = ["user_id", "event", "happened_at", "p:amount"]
    e = pl.concat([pl.read_parquet(f, columns=wanted) for f in files], how="diagonal_relaxed")
    e = e.with_columns(d=pl.col("happened_at").dt.date())
    days = pl.DataFrame({"d": pl.date_range(start, end, "1d", closed="left", eager=True)})
    act = e.filter(~pl.col("event").is_in(MARKERS))

    def series(found: pl.DataFrame) -> np.ndarray:
        joined = days.join(found, on="d", how="left").sort("d")
        return joined["n"].fill_null(0).cast(pl.Float64).to_numpy()

    return {
        "events": series(act.group_by("d").agg(n=pl.len())),
        **_active(act, days, series),
        "revenue": series(
            e.filter(pl.col("event") == "payment_received").group_by("d").agg(n=pl.sum("p:amount"))
        ),
        "started_to_completed": series(_completed(e)),
    }


def _active(
    act: pl.DataFrame, days: pl.DataFrame, series: Callable[[pl.DataFrame], np.ndarray]
) -> dict[str, np.ndarray]:
    """Each active day is repeated for every window that it falls into."""
    seen = act.select("user_id", "d").drop_nulls().unique()
    found = {}
    for window in (1, 7, 28):
        lags = pl.DataFrame({"lag": range(window)})
        spread = seen.join(lags, how="cross").with_columns(
            d=pl.col("d") + pl.duration(days=pl.col("lag"))
        )
        counted = spread.select("user_id", "d").unique().group_by("d").agg(n=pl.len())
        found[f"active_{window}"] = series(counted.join(days, on="d", how="semi"))
    return found


def _completed(e: pl.DataFrame) -> pl.DataFrame:
    started = e.filter(pl.col("event") == "signup_started")
    first = started.group_by("user_id").agg(t=pl.col("happened_at").min())
    done = e.filter(pl.col("event") == "signup_completed").join(first, on="user_id")
    within = done.filter(pl.col("happened_at").is_between(pl.col("t"), pl.col("t") + WEEK))
    return within.unique("user_id").group_by(d=pl.col("t").dt.date()).agg(n=pl.len())
