"""The funnel by day of entry in SQL, in two forms that DuckDB and ClickHouse both run.

`source` is a table of the steps' events with the columns u (a person), t (microseconds) and
e (the number of the step, from 1). Both answer (d, step 1 … step 4): of the people who entered on a
day, how many went so far with the best of that day's entries.
"""

from __future__ import annotations

from bench.board import FUNNEL_DAYS

A_DAY = 86_400_000_000
WINDOW = FUNNEL_DAYS * A_DAY
NEVER = 1 << 62
BACK = "OVER (PARTITION BY u ORDER BY t DESC ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)"


def nested(source: str, day: str) -> str:
    """As tools of product analytics write it: the next of each step, those out of order dropped."""
    second = f"l1a >= t AND l1a <= t + {WINDOW}"
    third = f"{second} AND l2c >= l1a AND l2c <= t + {WINDOW}"
    last = f"{third} AND l3e >= l2c AND l3e <= t + {WINDOW}"
    first = ", ".join(f"CASE WHEN e = {k + 1} THEN t END AS l{k}" for k in (1, 2, 3))
    levels = f"""SELECT u, {day} AS d,
            MAX(CASE WHEN {last} THEN 4 WHEN {third} THEN 3 WHEN {second} THEN 2 ELSE 1 END) AS lvl
        FROM (SELECT u, t, e, l1a, l2c, MIN(l3d) {BACK} AS l3e FROM (
            SELECT u, t, e, l1a, l2c, CASE WHEN l3c < l2c THEN NULL ELSE l3c END AS l3d FROM (
                SELECT u, t, e, l1a, MIN(l2b) {BACK} AS l2c, MIN(l3b) {BACK} AS l3c FROM (
                    SELECT u, t, e, l1a,
                        CASE WHEN l2a < l1a THEN NULL ELSE l2a END AS l2b,
                        CASE WHEN l3a < l2a THEN NULL ELSE l3a END AS l3b
                    FROM (SELECT u, t, e, MIN(l1) {BACK} AS l1a, MIN(l2) {BACK} AS l2a,
                            MIN(l3) {BACK} AS l3a
                        FROM (SELECT u, t, e, {first} FROM {source}) AS x0) AS x1) AS x2
                ) AS x3) AS x4) AS x5
        WHERE e = 1 GROUP BY u, {day}"""
    return _by_day(levels)


def chained(source: str, day: str) -> str:
    """The least work: from the last step back, each event carries when the rest would be done."""
    four = f"SELECT u, t, e, {_next(4, 't', 'n4')} FROM {source}"
    three = f"SELECT u, t, e, {_next(3, 't', 'n3')}, {_next(3, 'n4', 'n34')} FROM ({four}) AS x1"
    two = f"""SELECT u, t, e, {_next(2, "t", "n2")}, {_next(2, "n3", "n23")},
        {_next(2, "n34", "n234")} FROM ({three}) AS x2"""
    return _by_day(
        f"""SELECT u, {day} AS d, MAX(CASE WHEN n234 - t <= {WINDOW} THEN 4
            WHEN n23 - t <= {WINDOW} THEN 3 WHEN n2 - t <= {WINDOW} THEN 2 ELSE 1 END) AS lvl
        FROM ({two}) AS x3 WHERE e = 1 GROUP BY u, {day}"""
    )


def _next(step: int, value: str, name: str) -> str:
    return f"MIN(CASE WHEN e = {step} THEN {value} ELSE {NEVER} END) {BACK} AS {name}"


def _by_day(levels: str) -> str:
    steps = ", ".join(f"SUM(CASE WHEN lvl >= {k} THEN 1 ELSE 0 END)" for k in (2, 3, 4))
    return f"SELECT d, COUNT(*), {steps} FROM ({levels}) AS levels GROUP BY d"
