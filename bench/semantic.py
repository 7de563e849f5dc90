"""What a semantic layer sends to DuckDB: for each metric one query over the events.

A metric that looks back joins the events to the days that they count for.
"""

from __future__ import annotations

from pathlib import Path

import duckdb
import numpy as np

from bench import funnels
from bench.board import (
    BOARD,
    COUNTRIES,
    DEVICE,
    LAGS,
    LIMIT_DAYS,
    MONTH,
    MOVES,
    STEPS,
    WEEK,
    Answers,
    code_of,
    spread,
)
from bench.clock import Clock
from bench.data import Data
from bench.events import FIRST

DAY = f"CAST(CAST(happened_at AS DATE) - DATE '{FIRST}' AS INTEGER)"
FOLLOW = LAGS - 1


def run(data: Data, clock: Clock) -> Answers:
    base = _open(data)
    found = {}
    for name in (*BOARD, "ad-hoc funnel"):
        with clock.lap("board" if name in BOARD else "ad hoc", name):
            columns = list(base.execute(QUERIES[name]).fetchnumpy().values())
        plain = [np.ma.filled(column.astype(float), np.nan) for column in columns]
        found[name] = spread(name, plain, data.days)
    return found


def _open(data: Data) -> duckdb.DuckDBPyConnection:
    spill = Path(data.folder / "spill")
    base = duckdb.connect(config={"temp_directory": str(spill), "preserve_insertion_order": False})
    base.execute("SET TimeZone = 'UTC'")
    files = ", ".join(f"'{file}'" for file in data.files)
    base.execute(f"CREATE VIEW events AS SELECT *, {DAY} AS d FROM read_parquet([{files}])")
    base.execute(f"CREATE TABLE days AS SELECT d FROM range({data.days}) AS t(d)")
    return base


def _trailing(days: int) -> str:
    return f"""SELECT days.d, COUNT(DISTINCT e.user_id) FROM days
        JOIN events AS e ON e.d <= days.d AND e.d > days.d - {days} GROUP BY days.d"""


def _adoption() -> str:
    return f"""SELECT days.d, {code_of("e.event")}, COUNT(DISTINCT e.user_id) FROM days
        JOIN events AS e ON e.d <= days.d AND e.d > days.d - {MONTH} GROUP BY days.d, e.event"""


def _funnel(where: str = "TRUE") -> str:
    names = ", ".join(f"'{step}'" for step in STEPS)
    step = " ".join(f"WHEN '{name}' THEN {k}" for k, name in enumerate(STEPS, 1))
    source = f"""(SELECT user_id AS u, EPOCH_US(happened_at) AS t, CASE event {step} END AS e
        FROM events WHERE event IN ({names}) AND {where})"""
    zero = f"EPOCH_US(TIMESTAMP '{FIRST}')"
    return funnels.nested(source, f"(t - {zero}) // {funnels.A_DAY}")


def _mrr() -> str:
    names = ", ".join(f"'{move}'" for move in MOVES)
    return f"""WITH last AS (SELECT user_id, d, ARG_MAX("p:mrr", happened_at) AS now FROM events
            WHERE event IN ({names}) GROUP BY user_id, d),
        moves AS (SELECT d, now - COALESCE(LAG(now) OVER (PARTITION BY user_id ORDER BY d), 0) AS x
            FROM last)
        SELECT d, SUM(x) FROM moves GROUP BY d"""


def _time_to_value() -> str:
    """Who is not done in time counts as slower than anybody who is; 1e18 stands for them."""

    def at(share: float) -> str:
        return f"NULLIF(QUANTILE_DISC(COALESCE(x, 1e18), {share}), 1e18)"

    return f"""WITH s AS (SELECT user_id, MIN(happened_at) AS t, MIN(d) AS d FROM events
            WHERE event = 'signup' GROUP BY user_id),
        a AS (SELECT user_id, MIN(happened_at) AS t FROM events
            WHERE event = 'activate' GROUP BY user_id),
        x AS (SELECT s.d, (EPOCH_US(a.t) - EPOCH_US(s.t)) / 1e6 AS x FROM s LEFT JOIN a
            ON a.user_id = s.user_id AND a.t >= s.t AND a.t <= s.t + INTERVAL {LIMIT_DAYS} DAY)
        SELECT d, {at(0.5)} AS p50, {at(0.9)} AS p90 FROM x GROUP BY d"""


QUERIES = {
    "dau": "SELECT d, COUNT(DISTINCT user_id) FROM events GROUP BY d",
    "wau": _trailing(WEEK),
    "mau": _trailing(MONTH),
    "lifecycle": """WITH a AS (SELECT DISTINCT user_id, d FROM events),
        b AS (SELECT d, LAG(d) OVER w AS p, LEAD(d) OVER w AS n FROM a
            WINDOW w AS (PARTITION BY user_id ORDER BY d)),
        s AS (SELECT d, CASE WHEN p IS NULL THEN 0 WHEN p = d - 1 THEN 1 ELSE 2 END AS s FROM b
            UNION ALL SELECT d + 1, 3 FROM b WHERE n IS NULL OR n <> d + 1)
        SELECT d, s, COUNT(*) FROM s GROUP BY d, s""",
    "retention": f"""WITH c AS (SELECT user_id, MIN(d) AS f FROM events GROUP BY user_id)
        SELECT c.f, e.d - c.f, COUNT(DISTINCT e.user_id) FROM events AS e
        JOIN c ON c.user_id = e.user_id WHERE e.d - c.f <= {FOLLOW} GROUP BY c.f, e.d - c.f""",
    "rolling retention": f"""WITH c AS (SELECT user_id, MIN(d) AS f FROM events GROUP BY user_id),
        l AS (SELECT e.user_id, c.f, MAX(e.d) AS l FROM events AS e
            JOIN c ON c.user_id = e.user_id WHERE e.d - c.f <= {FOLLOW} GROUP BY e.user_id, c.f)
        SELECT f, n, COUNT(*) FROM l, range({LAGS}) AS t(n) WHERE l - f >= n GROUP BY f, n""",
    "recurring retention": f"""WITH a AS (SELECT DISTINCT user_id, d FROM events)
        SELECT a.d, b.d - a.d, COUNT(*) FROM a JOIN a AS b
        ON b.user_id = a.user_id AND b.d BETWEEN a.d AND a.d + {FOLLOW} GROUP BY a.d, b.d - a.d""",
    "adoption": _adoption(),
    "funnel": _funnel(),
    "revenue": """SELECT d, SUM("p:amount") FROM events WHERE event = 'purchase' GROUP BY d""",
    "mrr": _mrr(),
    "nps": """SELECT d, COUNT(*) FILTER ("p:score" >= 9), COUNT(*) FILTER ("p:score" <= 6), COUNT(*)
        FROM events WHERE event = 'nps' GROUP BY d""",
    "time to value": _time_to_value(),
    "ad-hoc funnel": _funnel(
        f""""p:device" = '{DEVICE}' AND "p:country" IN ({", ".join(map(repr, COUNTRIES))})"""
    ),
}
