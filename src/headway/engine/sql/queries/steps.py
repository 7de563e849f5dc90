"""How far subjects get on a path."""

from __future__ import annotations

from headway.engine.period import Grain
from headway.engine.selection import Match
from headway.engine.sql import text as t
from headway.engine.sql.queries.attempts import attempted
from headway.engine.statistics import Steps


def steps(of: Steps) -> str:
    """Reads each subject's events backwards: at every event, when the rest of the path is done.

    x{j}_{k}: the time of step k on the quickest path that takes step j after this event. A step on
    the way is always best taken at its first occurrence, so minima of minima are exact. Events of
    one instant count in the order of the steps, and one event is never two steps.
    """
    count = len(of.steps)
    return f"""
        WITH {entries(of)},
        {_attempts(of, count) if of.attempts else _subjects(of)}
        SELECT s, {_entered(of)} AS d, {_counted(of, count)}
        FROM best GROUP BY 1, 2"""


def entries(of: Steps) -> str:
    """CTEs up to `entries`: every one that may count, with its depth and the times t1, t2, … of
    its steps.
    """
    count = len(of.steps)
    flags = [f"CASE WHEN {t.matches(m)} THEN 1 ELSE 0 END AS is{k}" for k, m in _numbered(of.steps)]
    void = f"CASE WHEN {t.any_of(list(of.exclude))} THEN 1 ELSE 0 END" if of.exclude else "0"
    order = " ".join(f"WHEN is{k} = 1 THEN {k}" for k in range(1, count + 1))
    everything = t.any_of([*of.steps, *of.exclude])
    subject = t.subject(of.by)
    return f"""e AS (
            SELECT {t.segment(of.segment)} AS s, {subject} AS u, MICROS(happened_at) AS t,
                {t.day(of.span)} AS d, message_id AS m, {", ".join(flags)}, {void} AS void
            FROM events WHERE {t.within(of.span)} AND ({everything}) AND {subject} IS NOT NULL
        ),
        r{count + 1} AS (
            SELECT e.*, CASE {order} ELSE {count + 1} END AS o FROM e
        ),
        {_voided(count)}
        {"".join(_reached(of, k, count) for k in range(count, 1, -1))}
        {_entries(of, count)}"""


def _entered(of: Steps) -> str:
    """The period of an entry; the span reaches further, so `all` is told where it starts."""
    return str(of.start) if of.grain is Grain.all else t.period(of.span, of.grain)


def _numbered(matches: tuple[Match, ...]) -> list[tuple[int, Match]]:
    return list(enumerate(matches, 1))


LATER = (
    "OVER (PARTITION BY u ORDER BY t DESC, o DESC, m DESC "
    "ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)"
)
NEXT = "OVER (PARTITION BY u ORDER BY t DESC, o DESC, m DESC)"


def _after(expression: str, *, strict: bool) -> str:
    """The expression at the first later event that has it, or only at the very next event."""
    return f"LAG({expression}) {NEXT}" if strict else f"MIN({expression}) {LATER}"


def _voided(count: int) -> str:
    """Adds `x`: the time of the next excluded event; they are then no longer in the way."""
    following = f"MIN(CASE WHEN void = 1 THEN t END) {LATER}"
    return f"""q{count + 1} AS (
            SELECT * FROM (SELECT r.*, {following} AS x FROM r{count + 1} AS r) AS v
            WHERE o <= {count}
        ),"""


def _reached(of: Steps, k: int, count: int) -> str:
    """Adds x{k}_{k}…x{k}_{count}: when the path goes on with step k after this event."""
    columns = [_after(f"CASE WHEN is{k} = 1 THEN t END", strict=of.strict) + f" AS x{k}_{k}"]
    columns += [
        _after(f"CASE WHEN is{k} = 1 THEN x{k + 1}_{j} END", strict=of.strict) + f" AS x{k}_{j}"
        for j in range(k + 1, count + 1)
    ]
    return f"""q{k} AS (SELECT q.*, {", ".join(columns)} FROM q{k + 1} AS q),
        """


def _entries(of: Steps, count: int) -> str:
    depth = " ".join(
        f"WHEN x2_{k} - t <= {of.window} AND (x IS NULL OR x2_{k} <= x) THEN {k}"
        for k in range(count, 1, -1)
    )
    times = ", ".join(f"x2_{k} AS t{k}" for k in range(2, count + 1))
    since = f"d >= {of.since if of.first else of.start} AND " if not of.attempts else ""
    return f"""entries AS (
            SELECT s, u, d, m, t, t AS t1, {times}, x, CASE {depth} ELSE 1 END AS depth
            FROM q2 WHERE is1 = 1 AND {since}d < {of.end}
        )"""


def _subjects(of: Steps) -> str:
    """`best`: one row per attempt that counts."""
    per = "u" if of.first else f"u, {_entered(of)}"
    order = "t, m" if of.first else "depth DESC, t, m"
    return f"""ranked AS (
            SELECT entries.*, ROW_NUMBER() OVER (PARTITION BY {per} ORDER BY {order}) AS k
            FROM entries
        ),
        best AS (SELECT * FROM ranked WHERE k = 1 AND d >= {of.start})"""


def _attempts(of: Steps, count: int) -> str:
    """An attempt runs until it converts, is excluded or its window closes, that instant included.

    y and x{k} are how many attempts of its subject's, in the period, there are and reach step k.
    """
    per = f"OVER (PARTITION BY s, u, {_entered(of)})"
    reached = ", ".join(
        f"SUM(CASE WHEN depth >= {k} THEN 1 ELSE 0 END) {per} AS x{k}" for k in range(1, count + 1)
    )
    return f"""runs AS (
            SELECT u, t, m, CASE WHEN depth = {count} THEN t{count}
                WHEN x < t + {of.window} THEN x ELSE t + {of.window} END AS until
            FROM entries
        ),{attempted()},
        chosen AS (
            SELECT e.* FROM entries AS e JOIN begun AS b ON b.u = e.u AND b.m = e.m
            WHERE e.d >= {of.start}
        ),
        best AS (SELECT chosen.*, COUNT(*) {per} AS y, {reached} FROM chosen)"""


def _counted(of: Steps, count: int) -> str:
    columns = [
        f"{t.whole(f'SUM(CASE WHEN depth >= {k} THEN 1 ELSE 0 END)')} AS c{k}"
        for k in range(1, count + 1)
    ]
    for k in range(2, count + 1):
        spent = f"CASE WHEN depth >= {k} THEN t{k} - t{k - 1} END"
        columns += [
            f"{t.real(f'AVG({spent})')} AS a{k}",
            f"{t.real(f'QUANTILE_AT({spent}, 0.5)')} AS m{k}",
        ]
    return ", ".join([*columns, *_products(count)] if of.attempts else columns)


def _products(count: int) -> list[str]:
    """Sums over subjects, each of whose attempts adds its share: y of y² come from y attempts."""
    columns = [f"{t.whole('COUNT(DISTINCT u)')} AS subjects", f"{t.real('SUM(y)')} AS yy"]
    for k in range(1, count + 1):
        columns += [
            f"{t.real(f'SUM(CASE WHEN depth >= {k} THEN x{k} ELSE 0 END)')} AS xx{k}",
            f"{t.real(f'SUM(x{k})')} AS xy{k}",
        ]
    return columns
