"""What the subjects of each variant do from their assignment on."""

from __future__ import annotations

from headway.engine.selection import Added
from headway.engine.sql import text as t
from headway.engine.sql.queries.tries import tries
from headway.engine.statistics import Arms

SO_FAR = "OVER (PARTITION BY u ORDER BY d ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)"


def arms(of: Arms) -> str:
    """A subject's sums so far, less those up to its day before: what it adds to each sum."""
    before = "COALESCE(LAG({}) OVER (PARTITION BY u ORDER BY d), 0)"
    return f"""
        WITH {_done(of) if isinstance(of.x, Added) else f"{_assigned(of)}, {tries(of)}"},
        days AS (
            SELECT u, v0, mixed, d, MAX(first) AS n, SUM(px) AS dx, SUM(py) AS dy
            FROM placed GROUP BY u, v0, mixed, d
        ),
        summed AS (
            SELECT u, v0, mixed, d, n, SUM(dx) {SO_FAR} AS sx, SUM(dy) {SO_FAR} AS sy FROM days
        ),
        levels AS (SELECT u, v0, mixed, d, n, {_levels(of)} FROM summed),
        steps AS (
            SELECT v0, mixed, d, n, x1, y1, {before.format("x1")} AS x0, {before.format("y1")} AS y0
            FROM levels
        )
        SELECT v0 AS v, mixed, d, {t.whole("SUM(n)")} AS n, {t.real("TOTAL_OF(x1 - x0)")} AS x,
            {t.real("TOTAL_OF(y1 - y0)")} AS y, {t.real("SUM(x1 * x1 - x0 * x0)")} AS xx,
            {t.real("SUM(y1 * y1 - y0 * y0)")} AS yy, {t.real("SUM(x1 * y1 - x0 * y0)")} AS xy
        FROM steps GROUP BY v0, mixed, d"""


def _assigned(of: Arms) -> str:
    """CTEs up to `assigned`: the first assignment of each subject."""
    subject = t.subject(of.by)
    variant = "''" if of.variant is None else t.text(of.variant)
    return f"""shown AS (
            SELECT {subject} AS u, MICROS(happened_at) AS t, {t.day(of.span)} AS d, {variant} AS v
            FROM events WHERE {t.within(of.span)} AND {t.matches(of.assigned)}
                AND {subject} IS NOT NULL AND MICROS(happened_at) <= {of.until}
        ),
        timely AS (
            SELECT u, t, d, v, MIN(t) OVER (PARTITION BY u) AS t0 FROM shown
            WHERE v IS NOT NULL AND d >= {of.start} AND d < {of.end}
        ),
        assigned AS (
            SELECT u, MIN(t) AS t0, MIN(d) AS d0, MIN(CASE WHEN t = t0 THEN v END) AS v0,
                CASE WHEN MIN(v) = MAX(v) THEN 0 ELSE 1 END AS mixed
            FROM timely GROUP BY u
        )"""


def _done(of: Arms) -> str:
    """CTEs up to `placed`: events with the first assignment of their subject."""
    assert isinstance(of.x, Added)
    subject, own = t.subject(of.by), "OVER (PARTITION BY u)"
    variant = "''" if of.variant is None else t.text(of.variant)
    everything = t.any_of([of.assigned, of.x.match, *([of.y.match] if of.y else [])])
    return f"""e AS (
            SELECT {subject} AS u, MICROS(happened_at) AS t, {t.day(of.span)} AS d,
                CASE WHEN {t.matches(of.assigned)} THEN {variant} END AS w,
                {_added(of.x, of.source)} AS x,
                {_added(of.y, of.source) if of.y else "0"} AS y
            FROM events WHERE {t.within(of.span)} AND ({everything}) AND {subject} IS NOT NULL
                AND MICROS(happened_at) <= {of.until}
        ),
        timely AS (
            SELECT u, t, d, x, y, CASE WHEN d >= {of.start} AND d < {of.end} THEN w END AS v FROM e
        ),
        begun AS (
            SELECT u, t, d, x, y, v, MIN(CASE WHEN v IS NOT NULL THEN t END) {own} AS t0,
                MIN(CASE WHEN v IS NOT NULL THEN d END) {own} AS d0, MIN(v) {own} AS low,
                MAX(v) {own} AS high
            FROM timely
        ),
        known AS (
            SELECT u, t, d, x, y, t0, d0, CASE WHEN low = high THEN 0 ELSE 1 END AS mixed,
                CASE WHEN v IS NOT NULL AND t = t0 THEN 1 ELSE 0 END AS first,
                MIN(CASE WHEN t = t0 THEN v END) {own} AS v0
            FROM begun WHERE t0 IS NOT NULL
        ),
        placed AS ({_placed(of)})"""


def _placed(of: Arms) -> str:
    """What counts of each event, on which day."""
    after = "CASE WHEN t >= t0 THEN {} ELSE 0 END"
    y = after.format("y")
    if of.before is not None:
        y = f"CASE WHEN t < t0 AND t >= t0 - {of.before} THEN x ELSE 0 END"
    columns = f"u, v0, mixed, first, {after.format('x')} AS px, {y} AS py"
    if of.within is None:
        return f"SELECT {columns}, CASE WHEN t >= t0 THEN d ELSE d0 END AS d FROM known"
    last = f"t0 + {of.within - 1}"
    return f"""
            SELECT {columns}, {t.day(of.span, last)} AS d FROM known
            WHERE t <= {last} AND {last} <= {of.until}"""


def _added(of: Added, source: str | None) -> str:
    """As a number, 0 for events that add nothing."""
    test = t.matches(of.match)
    if source is not None:
        test += f" AND source = {t.literal(source)}"
    if of.value is None:
        return f"CASE WHEN {test} THEN 1 ELSE 0 END"
    number = t.number(of.value)
    if of.counted:
        return f"CASE WHEN {test} AND {number} IS NOT NULL THEN 1 ELSE 0 END"
    return f"CASE WHEN {test} THEN COALESCE({number}, 0) ELSE 0 END"


def _levels(of: Arms) -> str:
    """What the sums so far come to; before the assignment, y is measured as x is."""
    if not isinstance(of.x, Added):
        return "CASE WHEN sx > 0 THEN 1 ELSE 0 END AS x1, CASE WHEN sy > 0 THEN 1 ELSE 0 END AS y1"
    below = of.x if of.before is not None else of.y
    x, y = _level("sx", of.x), _level("sy", below) if below else "sy"
    if of.nested:
        x = f"CASE WHEN {y} > 0 THEN {x} ELSE 0 END"
    return f"{x} AS x1, {y} AS y1"


def _level(column: str, of: Added) -> str:
    if of.at_least is None:
        return column
    return f"CASE WHEN {column} >= {of.at_least} THEN 1 ELSE 0 END"
