"""Starts and their ends: which `to` finishes which `from`.

Every subject's tokens stand in one order: by instant; of one instant the events that only start,
then those that do both (first as an end, then as a start, so that no event finishes itself), then
those that only end. The ends of a subject are numbered in that order, and so are its starts.
"""

from __future__ import annotations

from headway.engine.sql import text as t
from headway.engine.statistics import Between, Lengths

ROUNDS = 17
"""Doublings in a scan: enough for a subject with a hundred thousand starts."""

END, START, OVER = 0, 1, 2
ORDER = "PARTITION BY u ORDER BY t, k, m, o"
SO_FAR = f"OVER ({ORDER} ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)"


def paired(of: Lengths | Between) -> str:
    """CTEs up to `pairs`: (s, u, d, t0, t1, d1, bad), one row for each start that counts.

    t1 and d1 are NULL where nothing finishes it; `bad` is 1 where the only end is before the start.
    """
    return f"{_tokens(of)}, {_owned(of) if of.own else _queued(of)}"


def _tokens(of: Lengths | Between) -> str:
    subject = t.subject(of.by)
    seen = f" AND MICROS(happened_at) <= {of.until}" if isinstance(of, Lengths) else ""
    over = "" if of.own or of.limit is None else f" UNION ALL SELECT {OVER} AS o"
    late = f"t + CASE WHEN o = {OVER} THEN {of.limit or 0} ELSE 0 END"
    return f"""
        e AS (
            SELECT {t.segment(of.segment)} AS s, {subject} AS u, MICROS(happened_at) AS t,
                {t.day(of.span)} AS d, message_id AS m,
                CASE WHEN {t.matches(of.opens)} THEN 1 ELSE 0 END AS a,
                CASE WHEN {t.matches(of.closes)} THEN 1 ELSE 0 END AS z
            FROM events WHERE {t.within(of.span)} AND ({t.any_of([of.opens, of.closes])})
                AND {subject} IS NOT NULL{seen}
        ),
        tokens AS (
            SELECT s, u, {late} AS t, d, m, o,
                CASE WHEN o = {OVER} THEN 3 WHEN z = 0 THEN 0 WHEN a = 1 THEN 1 ELSE 2 END AS k
            FROM e CROSS JOIN (SELECT {END} AS o UNION ALL SELECT {START} AS o{over}) AS roles
            WHERE (o = {END} AND z = 1) OR (o > {END} AND a = 1)
        ),
        counted AS (
            SELECT s, u, t, d, m, o,
                SUM(CASE WHEN o = {END} THEN 1 ELSE 0 END) {SO_FAR} AS ends,
                SUM(CASE WHEN o = {START} THEN 1 ELSE 0 END) {SO_FAR} AS starts
            FROM tokens
        )"""


def _owned(of: Lengths | Between) -> str:
    """The subject is the thing itself: its first start, and the first end from then on.

    Whether it has only an end before its start is settled when its limit has passed.
    """
    late = "t1 IS NULL" if of.limit is None else f"(t1 IS NULL OR t1 - t0 > {of.limit})"
    own = f"CASE WHEN o = {START} AND starts = 1 THEN {{}} END"
    end = f"CASE WHEN o = {END} AND starts > 0 THEN {{}} END"
    return f"""
        things AS (
            SELECT u, MIN({own.format("s")}) AS s, MIN({own.format("d")}) AS d,
                MIN({own.format("t")}) AS t0, MIN({end.format("t")}) AS t1,
                MIN({end.format("d")}) AS d1, MIN(CASE WHEN o = {END} THEN t END) AS earliest
            FROM counted GROUP BY u
        ),
        pairs AS (
            SELECT s, u, d, t0, t1, d1,
                CASE WHEN earliest < t0 AND {late} THEN 1 ELSE 0 END AS bad
            FROM things WHERE t0 IS NOT NULL
        )"""


def _queued(of: Lengths | Between) -> str:
    """First in, first out: each start takes the next end that no earlier one has taken.

    With `a` the number of the first end after start i and `b` of the last one within its limit,
    the end j it uses follows from the one before: j = min(b, max(a, j + 1)); it is finished if that
    is an end from `a` on which nobody has. With v = j − i that is v = min(b − i, max(a − i, v)): a
    running maximum, as long as only a subject's last start stays unfinished.
    """
    running = "OVER (PARTITION BY u ORDER BY i ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)"
    past = "MAX(total)" if of.limit is None else f"MAX(CASE WHEN o = {OVER} THEN ends END)"
    scan = ("", "") if of.limit is None else _scanned()
    return f"""
        starts AS (
            SELECT u, m, MAX(CASE WHEN o = {START} THEN s END) AS s,
                MAX(CASE WHEN o = {START} THEN d END) AS d,
                MAX(CASE WHEN o = {START} THEN t END) AS t,
                MAX(CASE WHEN o = {START} THEN starts END) AS i,
                MAX(CASE WHEN o = {START} THEN ends END) + 1 AS a, {past} AS b
            FROM (
                SELECT counted.*, MAX(ends) OVER (PARTITION BY u) AS total FROM counted
            ) AS numbered
            WHERE o > {END} GROUP BY u, m
        ),
        tried AS (
            SELECT starts.*, MAX(a - i) {running} AS v, COUNT(*) OVER (PARTITION BY u) AS c
            FROM starts
        ),
        sorted AS (
            SELECT tried.*, {_hard(of)} AS hard FROM tried
        ),{scan[0]}
        linked AS (
            SELECT u, s, d, t, CASE WHEN i + v <= b THEN i + v ELSE -i END AS j
            FROM sorted WHERE hard = 0{scan[1]}
        ),
        {_joined()}"""


def _hard(of: Lengths | Between) -> str:
    """Whether a start is given up that others stand behind; without a limit none is."""
    if of.limit is None:
        return "0"
    return "MAX(CASE WHEN i + v > b AND i < c THEN 1 ELSE 0 END) OVER (PARTITION BY u)"


def _scanned() -> tuple[str, str]:
    """For subjects that give up: functions of v combine to functions of the same form."""
    before = "COALESCE(LAG(j) OVER (PARTITION BY u ORDER BY i), 0)"
    tables = f"""
        h0 AS (
            SELECT u, s, d, t, i, a, a - i AS low, b - i AS high FROM sorted WHERE hard = 1
        ),
        {"".join(map(_doubled, range(ROUNDS)))}
        scanned AS (
            SELECT u, s, d, t, i, a, i + LEAST(high, GREATEST(low, 0)) AS j FROM h{ROUNDS}
        ),
        given_up AS (SELECT scanned.*, {before} AS was FROM scanned),"""
    rows = """
            UNION ALL
            SELECT u, s, d, t, CASE WHEN j > was AND j >= a THEN j ELSE -i END AS j FROM given_up"""
    return tables, rows


def _joined() -> str:
    """The start and the end of one number stand in one group; unfinished starts stand alone."""
    return f"""both_ends AS (
            SELECT s, u, j, d, t AS t0, CAST(NULL AS BIGINT) AS t1, CAST(NULL AS BIGINT) AS d1
            FROM linked
            UNION ALL
            SELECT CAST(NULL AS VARCHAR) AS s, u, ends AS j, CAST(NULL AS BIGINT) AS d,
                CAST(NULL AS BIGINT) AS t0, t AS t1, d AS d1
            FROM counted WHERE o = {END}
        ),
        pairs AS (
            SELECT MAX(s) AS s, u, MAX(d) AS d, MAX(t0) AS t0, MAX(t1) AS t1, MAX(d1) AS d1,
                0 AS bad
            FROM both_ends GROUP BY u, j HAVING MAX(t0) IS NOT NULL
        )"""


def _doubled(k: int) -> str:
    """Each row's function after that of 2^k rows before: now of the last 2^(k + 1) starts."""
    before = f"LAG({{}}, {2**k}) OVER (PARTITION BY u ORDER BY i)"
    low, high = (before.format(c) for c in ("low", "high"))
    return f"""h{k + 1} AS (
            SELECT u, s, d, t, i, a, GREATEST(low, COALESCE(was_low, low)) AS low,
                LEAST(high, GREATEST(low, COALESCE(was_high, high))) AS high
            FROM (SELECT h{k}.*, {low} AS was_low, {high} AS was_high FROM h{k}) AS r
        ),
        """
