"""Each statistic as one query over the relation `events`.

Window functions do the work: one sort by subject and time instead of joins of events with events.
"""

from __future__ import annotations

from functools import singledispatch

from headway.engine.period import Grain
from headway.engine.sql import text as t
from headway.engine.statistics import (
    Cells,
    Gaps,
    Holders,
    Match,
    Overlaps,
    Pairs,
    Quantiles,
    Repeaters,
    Returns,
    States,
    Statistic,
    Steps,
)

DAY = 86_400_000_000
BUCKET_DAYS = {"day": 1, "week": 7}


def real(expression: str) -> str:
    return f"CAST({expression} AS DOUBLE)"


def whole(expression: str) -> str:
    return f"CAST({expression} AS BIGINT)"


@singledispatch
def query(statistic: Statistic) -> str:
    raise AssertionError(statistic)


@query.register
def cells(of: Cells) -> str:
    value = "1" if of.value is None else t.number(of.value)
    return f"""
        WITH e AS (
            SELECT {t.segment(of.segment)} AS s, {t.day(of.span)} AS d, {value} AS v
            FROM events WHERE {t.within(of.span)} AND {t.matches(of.match)}
        )
        SELECT s, d, COUNT(*) AS events, COUNT(v) AS n,
            {real("TOTAL_OF(v)")} AS total, {real("SUM(v * v)")} AS squares
        FROM e GROUP BY s, d"""


@query.register
def pairs(of: Pairs) -> str:
    def measured(match: Match, value: str | None) -> str:
        amount = "1" if value is None else f"COALESCE({t.number(value)}, 0)"
        return f"CASE WHEN {t.matches(match)} THEN {amount} ELSE 0 END"

    return f"""
        WITH e AS (
            SELECT {t.segment(of.segment)} AS s, {t.day(of.span)} AS d,
                COALESCE({t.subject(of.by)}, message_id) AS u,
                {measured(of.x, of.x_value)} AS x, {measured(of.y, of.y_value)} AS y
            FROM events WHERE {t.within(of.span)} AND ({t.any_of([of.x, of.y])})
        ),
        sums AS (
            SELECT s, {t.period(of.span, of.grain)} AS p, u, SUM(x) AS x, SUM(y) AS y
            FROM e GROUP BY 1, 2, 3
        )
        SELECT s, p AS d, COUNT(*) AS n, {real("TOTAL_OF(x)")} AS x, {real("TOTAL_OF(y)")} AS y,
            {real("SUM(x * x)")} AS xx, {real("SUM(y * y)")} AS yy, {real("SUM(x * y)")} AS xy
        FROM sums GROUP BY s, p"""


@query.register
def overlaps(of: Overlaps) -> str:
    subject = t.subject(of.by)
    return f"""
        WITH e AS (
            SELECT {t.segment(of.segment)} AS s, {t.day(of.span)} AS d, {subject} AS u,
                CASE WHEN {t.matches(of.part)} THEN 1 ELSE 0 END AS x,
                CASE WHEN {t.matches(of.whole)} THEN 1 ELSE 0 END AS y
            FROM events WHERE {t.within(of.span)} AND ({t.any_of([of.part, of.whole])})
                AND {subject} IS NOT NULL
        ),
        had AS (
            SELECT s, {t.period(of.span, of.grain)} AS p, u, MAX(x) AS x, MAX(y) AS y
            FROM e GROUP BY 1, 2, 3
        )
        SELECT s, p AS d, {whole("SUM(x)")} AS part, COUNT(*) AS whole
        FROM had WHERE y = 1 GROUP BY s, p"""


def active(of: Gaps | Holders | Repeaters) -> str:
    """(s, u, d) of every selected event that has a subject."""
    subject = t.subject(of.by)
    return f"""
            SELECT {t.segment(of.segment)} AS s, {subject} AS u, {t.day(of.span)} AS d
            FROM events
            WHERE {t.within(of.span)} AND {t.matches(of.match)} AND {subject} IS NOT NULL"""


@query.register
def gaps(of: Gaps) -> str:
    return f"""
        WITH e AS ({active(of)}),
        days AS (SELECT DISTINCT s, u, d FROM e),
        g AS (SELECT s, d, LEAD(d) OVER (PARTITION BY s, u ORDER BY d) AS nx FROM days)
        SELECT s, d, nx, COUNT(*) AS subjects FROM g GROUP BY s, d, nx"""


@query.register
def holders(of: Holders) -> str:
    """An event counts from its day until `window` days later; the running sum says who holds."""
    return f"""
        WITH e AS ({active(of)}),
        moves AS (
            SELECT s, u, d, 1 AS x FROM e
            UNION ALL
            SELECT s, u, d + {of.window} AS d, -1 AS x FROM e
        ),
        days AS (SELECT s, u, d, SUM(x) AS x FROM moves GROUP BY s, u, d),
        sums AS (SELECT s, u, d, SUM(x) OVER (PARTITION BY s, u ORDER BY d) AS held FROM days),
        holds AS (
            SELECT s, u, d, CASE WHEN held >= {of.times} THEN 1 ELSE 0 END AS h FROM sums
        ),
        flips AS (
            SELECT s, d, h - COALESCE(LAG(h) OVER (PARTITION BY s, u ORDER BY d), 0) AS x FROM holds
        )
        SELECT s, d, {whole("SUM(x)")} AS change FROM flips WHERE x <> 0 GROUP BY s, d"""


@query.register
def repeaters(of: Repeaters) -> str:
    return f"""
        WITH e AS ({active(of)}),
        often AS (
            SELECT s, {t.period(of.span, of.grain)} AS p, u FROM e
            GROUP BY 1, 2, 3 HAVING COUNT(*) >= {of.times}
        )
        SELECT s, p AS d, COUNT(*) AS subjects FROM often GROUP BY s, p"""


@query.register
def quantiles(of: Quantiles) -> str:
    value = t.number(of.value)
    subject = "message_id" if of.by is None else t.subject(of.by)
    return f"""
        WITH e AS (
            SELECT {t.segment(of.segment)} AS s, {t.day(of.span)} AS d, {subject} AS u, {value} AS v
            FROM events WHERE {t.within(of.span)} AND {t.matches(of.match)}
                AND {value} IS NOT NULL AND {subject} IS NOT NULL
        ),
        v AS (
            SELECT s, {t.period(of.span, of.grain)} AS p, u, SUM(v) AS v FROM e GROUP BY 1, 2, 3
        )
        SELECT s, p AS d, COUNT(*) AS n, {real(f"QUANTILE_AT(v, {of.q})")} AS value
        FROM v GROUP BY s, p"""


@query.register
def returns(of: Returns) -> str:
    subject = t.subject(of.by)
    unit = _bucket(of)
    each = f", {unit.format(day='d')}" if of.each else ""
    lag = _lag(of, unit)
    kept = "MAX(lag)" if of.last_only else "lag"
    grouped = "" if of.last_only else ", lag"
    return f"""
        WITH e AS (
            SELECT {t.segment(of.segment)} AS s, {subject} AS u, MICROS(happened_at) AS t,
                {t.day(of.span)} AS d, message_id AS m,
                CASE WHEN {t.matches(of.start)} THEN 1 ELSE 0 END AS starts,
                CASE WHEN {t.matches(of.returns)} THEN 1 ELSE 0 END AS comes
            FROM events WHERE {t.within(of.span)} AND ({t.any_of([of.start, of.returns])})
                AND {subject} IS NOT NULL
        ),
        ranked AS (
            SELECT s, u, t, d, ROW_NUMBER() OVER (PARTITION BY u{each} ORDER BY t, m) AS k
            FROM e WHERE starts = 1
        ),
        starts AS (SELECT s, u, t, d FROM ranked WHERE k = 1),
        pairs AS (
            SELECT a.s, a.u, a.d, {lag} AS lag FROM starts AS a
            JOIN e AS b ON b.u = a.u AND b.comes = 1 AND b.t >= a.t
        ),
        seen AS (
            SELECT s, u, d, {kept} AS lag FROM pairs WHERE lag <= {of.horizon}
            GROUP BY s, u, d{grouped}
        )
        SELECT s, d, -1 AS lag, COUNT(*) AS subjects FROM starts GROUP BY s, d
        UNION ALL
        SELECT s, d, lag, COUNT(*) AS subjects FROM seen GROUP BY s, d, lag"""


def _bucket(of: Returns) -> str:
    """The index of the calendar bucket of a day, as a template."""
    if of.bucket == "month":
        return "MONTH_INDEX({day})"
    if of.bucket == "week":
        return f"INTDIV({{day}} + {(3 - of.span.calendar.week_starts) % 7}, 7)"
    return "{day}"


def _lag(of: Returns, unit: str) -> str:
    lag = f"({unit.format(day='b.d')} - {unit.format(day='a.d')})"
    if of.rolling:
        lag = f"INTDIV(b.t - a.t, {DAY * BUCKET_DAYS[of.bucket]})"
    if not of.edges:
        return lag
    cases = " ".join(f"WHEN {lag} < {edge} THEN {i}" for i, edge in enumerate(of.edges))
    return f"CASE {cases} ELSE {of.horizon + 1} END"


@query.register
def steps(of: Steps) -> str:
    """Reads each subject's events backwards: at every event, when the rest of the path is done.

    x{j}_{k}: the time of step k on the quickest path that takes step j after this event. A step on
    the way is always best taken at its first occurrence, so minima of minima are exact. Events of
    one instant count in the order of the steps, and one event is never two steps.
    """
    count = len(of.steps)
    flags = [f"CASE WHEN {t.matches(m)} THEN 1 ELSE 0 END AS is{k}" for k, m in _numbered(of.steps)]
    void = f"CASE WHEN {t.any_of(list(of.exclude))} THEN 1 ELSE 0 END" if of.exclude else "0"
    order = " ".join(f"WHEN is{k} = 1 THEN {k}" for k in range(1, count + 1))
    everything = t.any_of([*of.steps, *of.exclude])
    subject = t.subject(of.by)
    return f"""
        WITH e AS (
            SELECT {t.segment(of.segment)} AS s, {subject} AS u, MICROS(happened_at) AS t,
                {t.day(of.span)} AS d, message_id AS m, {", ".join(flags)}, {void} AS void
            FROM events WHERE {t.within(of.span)} AND ({everything}) AND {subject} IS NOT NULL
        ),
        r{count + 1} AS (
            SELECT e.*, CASE {order} ELSE {count + 1} END AS o FROM e
        ),
        {_voided(count)}
        {"".join(_reached(of, k, count) for k in range(count, 1, -1))}
        {_entries(of, count)}
        SELECT s, {_entered(of)} AS d, {_counted(count)}
        FROM best GROUP BY 1, 2"""


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
    """`best`: one row per attempt that counts, with its depth and the times of its steps."""
    depth = " ".join(
        f"WHEN x2_{k} - t <= {of.window} AND (x IS NULL OR x2_{k} <= x) THEN {k}"
        for k in range(count, 1, -1)
    )
    times = ", ".join(f"x2_{k} AS t{k}" for k in range(2, count + 1))
    per = "u" if of.first else f"u, {_entered(of)}"
    order = "t, m" if of.first else "depth DESC, t, m"
    return f"""entries AS (
            SELECT s, u, d, m, t, t AS t1, {times}, CASE {depth} ELSE 1 END AS depth
            FROM q2 WHERE is1 = 1 AND d >= {of.since if of.first else of.start} AND d < {of.end}
        ),
        ranked AS (
            SELECT entries.*, ROW_NUMBER() OVER (PARTITION BY {per} ORDER BY {order}) AS k
            FROM entries
        ),
        best AS (SELECT * FROM ranked WHERE k = 1 AND d >= {of.start})"""


def _counted(count: int) -> str:
    columns = [
        f"{whole(f'SUM(CASE WHEN depth >= {k} THEN 1 ELSE 0 END)')} AS c{k}"
        for k in range(1, count + 1)
    ]
    for k in range(2, count + 1):
        spent = f"CASE WHEN depth >= {k} THEN t{k} - t{k - 1} END"
        columns += [
            f"{real(f'AVG({spent})')} AS a{k}",
            f"{real(f'QUANTILE_AT({spent}, 0.5)')} AS m{k}",
        ]
    return ", ".join(columns)


@query.register
def states(of: States) -> str:
    return _set(of) if of.set_to else _moved(of)


def _set(of: States) -> str:
    """What an event adds is its value less the subject's value before, in the segment it left."""
    assert of.set_to is not None
    match, value = of.set_to
    subject = t.subject(of.by)
    over = "OVER (PARTITION BY u ORDER BY t, m)"
    positive = "CASE WHEN {} > 0 THEN 1 ELSE 0 END"
    return f"""
        WITH e AS (
            SELECT {t.segment(of.segment)} AS s, {subject} AS u, MICROS(happened_at) AS t,
                {t.day(of.span)} AS d, message_id AS m, {t.number(value)} AS v
            FROM events WHERE {t.within(of.span)} AND {t.matches(match)}
                AND {t.number(value)} IS NOT NULL AND {subject} IS NOT NULL
        ),
        w AS (SELECT s, d, v, LAG(v) {over} AS v0, LAG(s) {over} AS s0 FROM e),
        moves AS (
            SELECT s, d, v AS x, {positive.format("v")} AS p FROM w
            UNION ALL
            SELECT s0 AS s, d, -v0 AS x, -{positive.format("v0")} AS p FROM w WHERE v0 IS NOT NULL
        )
        SELECT s, d, {real("TOTAL_OF(x)")} AS total, {whole("SUM(p)")} AS positive
        FROM moves GROUP BY s, d"""


def _moved(of: States) -> str:
    def move(match: Match, value: str | None, sign: str) -> str:
        amount = "1" if value is None else t.number(value)
        return f"""
            SELECT {t.segment(of.segment)} AS s, {t.day(of.span)} AS d, {sign}{amount} AS x,
                {sign}1 AS p
            FROM events WHERE {t.within(of.span)} AND {t.matches(match)}"""

    moves = [move(m, v, "") for m, v in of.plus] + [move(m, v, "-") for m, v in of.minus]
    return f"""
        WITH moves AS ({" UNION ALL ".join(moves)})
        SELECT s, d, {real("TOTAL_OF(x)")} AS total, {whole("SUM(p)")} AS positive
        FROM moves WHERE x IS NOT NULL GROUP BY s, d"""
