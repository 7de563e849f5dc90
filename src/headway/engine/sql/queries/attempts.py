"""Which entries begin an attempt, where an attempt uses up the entries that come while it runs."""

from __future__ import annotations

ROUNDS = 17
"""Doublings: enough for a hundred thousand attempts of one subject that run into one another."""

SO_FAR = "ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW"


def attempted() -> str:
    """CTEs from `runs` (u, t, m and `until`, the last instant of each) to `begun` (u, m).

    An entry later than all runs before it begins an attempt, and with it a block; where the runs of
    a block end within it, the chain of what each one's end leaves for the next is followed by
    doubling: a row that is reached marks the one it points to, and then points twice as far.
    """
    return f"""
        ends AS (
            SELECT runs.*, MAX(until) OVER (PARTITION BY u ORDER BY t, m
                ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS busy
            FROM runs
        ),
        blocks AS (
            SELECT ends.*, CASE WHEN t <= busy THEN 0 ELSE 1 END AS mark,
                SUM(CASE WHEN t <= busy THEN 0 ELSE 1 END)
                    OVER (PARTITION BY u ORDER BY t, m {SO_FAR}) AS g
            FROM ends
        ),
        ticks AS (
            SELECT u, g, m, mark, r, CASE WHEN r = 0 THEN t ELSE until END AS t
            FROM blocks CROSS JOIN (SELECT 0 AS r UNION ALL SELECT 1 AS r) AS roles
        ),
        tallied AS (
            SELECT ticks.*, SUM(1 - r) OVER (PARTITION BY u, g ORDER BY t, r, m {SO_FAR}) AS c
            FROM ticks
        ),
        pointed AS (
            SELECT u, g, m, MAX(mark) AS mark, MAX(CASE WHEN r = 0 THEN c END) AS i,
                MAX(CASE WHEN r = 1 THEN c END) + 1 AS n
            FROM tallied GROUP BY u, g, m
        ),
        bounded AS (
            SELECT u, g, m, mark, i,
                CASE WHEN n <= COUNT(*) OVER (PARTITION BY u, g) THEN n END AS n
            FROM pointed
        ),
        linked AS (
            SELECT bounded.*, COUNT(n) OVER (PARTITION BY u, g) AS inner_ends FROM bounded
        ),
        c0 AS (SELECT u, g, m, mark, i, n FROM linked WHERE inner_ends > 0),
        {"".join(map(_doubled, range(ROUNDS)))}
        begun AS (
            SELECT u, m FROM linked WHERE inner_ends = 0 AND mark = 1
            UNION ALL
            SELECT u, m FROM c{ROUNDS} WHERE mark = 1
        )"""


def _doubled(k: int) -> str:
    """Each row stands at its own place and at the one it points to, where both are seen."""
    place = "OVER (PARTITION BY u, g, CASE WHEN r = 0 THEN i ELSE n END)"
    return f"""w{k} AS (
            SELECT u, g, m, i, r, mark, MAX(CASE WHEN r = 0 THEN n END) {place} AS further,
                MAX(CASE WHEN r = 1 THEN mark ELSE 0 END) {place} AS hit
            FROM c{k} CROSS JOIN (SELECT 0 AS r UNION ALL SELECT 1 AS r) AS roles
            WHERE r = 0 OR n IS NOT NULL
        ),
        c{k + 1} AS (
            SELECT u, g, m, i, MAX(CASE WHEN r = 1 THEN further END) AS n,
                MAX(CASE WHEN r = 0 AND hit > mark THEN hit ELSE mark END) AS mark
            FROM w{k} GROUP BY u, g, m, i
        ),
        """
