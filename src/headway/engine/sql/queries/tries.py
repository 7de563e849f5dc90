"""What the subjects of each variant set out to do from their assignment on, and whether they
succeeded: known once its time is over.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import singledispatch

from headway.engine.attempt import Attempt, Path, Return
from headway.engine.period import Grain
from headway.engine.selection import Match, Span
from headway.engine.sql import text as t
from headway.engine.sql.queries.returns import BUCKET_DAYS, DAY, lag_of
from headway.engine.sql.queries.steps import entries
from headway.engine.statistics import Arms, Returns, Steps

MOMENT = 3_600_000_000
"""What begins up to an hour before counts too, unless it is over by then: the event that says the
variant is often sent a moment after the one that shows it.
"""
MONTH = 30.436875


@dataclass(frozen=True)
class Tries:
    """CTEs up to `tries` (u, t, d, m, c, x): what was begun when, and done at `c`, in `x` or not; x
    may be found later by `settle`, CTEs from `chosen`, those that count, to `settled`.

    `over` is the day on which one that is begun at {t}, on the day {d}, is over.
    """

    text: str
    over: str
    settle: str = "settled AS (SELECT * FROM chosen)"


def tries(of: Arms) -> str:
    """CTEs up to `placed`: of each subject, on which day what is known to count."""
    assert isinstance(of.x, Path | Return)
    found = tried(of.x, of, replace(of.span, source=of.source or of.span.source))
    after = f"t0 + {of.within - 1}" if of.within else "t0"
    own = found.over.format(t=after, d=t.day(of.span, after) if of.within else "d0")
    last = f"AND t <= {after}" if of.within else f"AND t <= {of.until}"
    first = of.x.first if isinstance(of.x, Path) else True
    return f"""{found.text},
        begun AS (
            SELECT tries.*, a.v0, a.mixed, a.t0, a.d0 FROM tries JOIN assigned AS a ON a.u = tries.u
            WHERE t >= a.t0 - {MOMENT} AND (t >= a.t0 OR c IS NULL OR c >= a.t0) {last}
        ),
        ranked AS (
            SELECT begun.*, ROW_NUMBER() OVER (PARTITION BY u ORDER BY t, m) AS k FROM begun
        ),
        chosen AS (SELECT * FROM ranked{" WHERE k = 1" if first else ""}),
        {found.settle},
        known AS (
            SELECT u, v0, mixed, 1 AS first, 0 AS px, 0 AS py, {own} AS d FROM assigned
            UNION ALL
            SELECT u, v0, mixed, 0 AS first, x AS px, 1 AS py,
                GREATEST({found.over.format(t="t", d="d")}, {own}) AS d
            FROM settled
        ),
        placed AS (SELECT * FROM known WHERE d < {of.over})"""


@singledispatch
def tried(x: Attempt, of: Arms, span: Span) -> Tries:
    raise NotImplementedError


@tried.register
def _(x: Path, of: Arms, span: Span) -> Tries:
    walk = Steps(
        span, Grain.all, x.steps, x.exclude, of.by, x.window, first=False, strict=x.strict,
        since=span.start, start=span.start, end=span.end,
    )  # fmt: skip
    reached, missed = (0, 1) if x.lost else (1, 0)
    text = f"""{entries(walk)},
        tries AS (
            SELECT u, t, d, m, CASE WHEN depth >= {x.depth} THEN t{x.depth} END AS c,
                CASE WHEN depth >= {x.depth} THEN {reached} ELSE {missed} END AS x
            FROM entries
        )"""
    return Tries(text, t.day(of.span, f"{{t}} + {x.window}"))


@tried.register
def _(x: Return, of: Arms, span: Span) -> Tries:
    came = Returns(
        span, x.start, x.returns, of.by, x.bucket, x.rolling, False, False, x.last, x.edges
    )
    text = f"""tries AS ({_events(of, span, x.start, "CAST(NULL AS BIGINT) AS c")}),
        back AS ({_events(of, span, x.returns)})"""
    settle = f"""settled AS (
            SELECT a.u, a.v0, a.mixed, a.t0, a.d0, a.t, a.d,
                MAX(CASE WHEN b.u IS NOT NULL THEN 1 ELSE 0 END) AS x
            FROM chosen AS a LEFT JOIN back AS b ON b.u = a.u AND b.t >= a.t AND b.t >= a.t0
                AND {lag_of(came)} BETWEEN {x.at} AND {x.last}
            GROUP BY a.u, a.v0, a.mixed, a.t0, a.d0, a.t, a.d
        )"""
    return Tries(text, _over(x, of), settle)


def _events(of: Arms, span: Span, match: Match, *more: str) -> str:
    subject = t.subject(of.by)
    columns = ", ".join([f"{subject} AS u", "MICROS(happened_at) AS t", "message_id AS m", *more])
    return f"""SELECT {columns}, {t.day(of.span)} AS d FROM events
            WHERE {t.within(span)} AND {t.matches(match)} AND {subject} IS NOT NULL"""


def _over(x: Return, of: Arms) -> str:
    """The last day of the bucket `last` of a start."""
    if x.rolling:
        days = x.edges[x.last] if x.edges else (x.last + 1) * BUCKET_DAYS[x.bucket]
        return t.day(of.span, f"{{t}} + {days * DAY - 1}")
    if x.edges:
        return f"{{d}} + {x.edges[x.last] - 1}"
    if x.bucket == "day":
        return f"{{d}} + {x.last}"
    if x.bucket == "week":
        monday = (3 - of.span.calendar.week_starts) % 7
        return f"{{d}} - MOD({{d}} + {monday}, 7) + {7 * (x.last + 1) - 1}"
    middle = round(MONTH * (x.last + 1)) + 15
    return f"PERIOD_START(PERIOD_START({{d}}, 1) + {middle}, 1) - 1"
