"""The sufficient statistics: small tables from which kinds of metric read their series.

Each dataclass names one table; `engine.sql` says how it is computed. All days are local day numbers
(days since 1970-01-01 in the question's time zone), all times epoch microseconds, and `s` is the
segment ("" for the whole). All but Quantiles, Peaks and the times of Steps are additive over
disjoint subjects.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from headway.engine.attempt import Attempt
from headway.engine.period import Grain
from headway.engine.remnant import Remains
from headway.engine.selection import Added, Match, Number, Span


@dataclass(frozen=True)
class Cells:
    """(s, d) → events, n (with a value), total, squares, low, high (the extremes).

    Additive over days too, where the least of low and the greatest of high are taken.
    """

    span: Span
    match: Match
    value: Number | None
    segment: str | None = None


@dataclass(frozen=True)
class Counts:
    """(s, d, v) → n: how many events carry each number; v is null where there is none.

    For answers on a scale, of which there are few different ones. Additive over days too.
    """

    span: Span
    match: Match
    value: str
    segment: str | None = None


@dataclass(frozen=True)
class Peaks:
    """(s, d) → events, n (with a value), peak: the greatest sum of one minute of the day.

    A value of None counts events. Over days the greatest is taken; over subjects it does not add.
    """

    span: Span
    match: Match
    value: str | None
    segment: str | None = None


@dataclass(frozen=True)
class Pairs:
    """(s, p) → n subjects, x, y, xx, yy, xy: two sums per subject and period, and their products.

    A value of None counts events. Events without a subject stand for themselves.
    """

    span: Span
    grain: Grain
    by: str
    x: Match
    x_value: Number | None
    y: Match
    y_value: Number | None
    segment: str | None = None


@dataclass(frozen=True)
class Overlaps:
    """(s, p) → part, whole: subjects of the whole who are in the part too, and subjects of it."""

    span: Span
    grain: Grain
    by: str
    part: Match
    whole: Match
    segment: str | None = None


@dataclass(frozen=True)
class Gaps:
    """The gap matrix: (s, d, nx) → subjects active on day d whose next active day is nx (or null).

    Distinct subjects over any days [a, b) = Σ of cells with a ≤ d < b ≤ nx.
    """

    span: Span
    match: Match
    by: str
    segment: str | None = None


@dataclass(frozen=True)
class Holders:
    """(s, d) → change in the subjects with at least `times` events in the last `window` days."""

    span: Span
    match: Match
    by: str
    times: int
    window: int
    segment: str | None = None


@dataclass(frozen=True)
class Activity:
    """(s, p, k) → subjects with k events, or k active days, in the calendar period; k from 1 on."""

    span: Span
    grain: Grain
    match: Match
    by: str
    count: Literal["days", "events"]
    segment: str | None = None


@dataclass(frozen=True)
class Quantiles:
    """(s, p) → n, value: the linearly interpolated quantile of event values or subjects' sums."""

    span: Span
    grain: Grain
    match: Match
    value: Number
    q: float
    by: str | None
    segment: str | None = None


@dataclass(frozen=True)
class Returns:
    """(s, d, lag) → subjects that started on day d and came back `lag` buckets later.

    lag −1 holds everybody who started. `last_only` keeps each start's greatest lag up to `horizon`
    ("on or after"). `edges` are the lower edges, in days, of unequal brackets after bracket 0.
    """

    span: Span
    start: Match
    returns: Match
    by: str
    bucket: Literal["day", "week", "month"]
    rolling: bool
    each: bool
    last_only: bool
    horizon: int
    edges: tuple[int, ...] = ()
    segment: str | None = None


@dataclass(frozen=True)
class Steps:
    """(s, p) → per step k: c{k} subjects, a{k} and m{k} mean and median µs since the step before.

    `p` is the period of the entry, in the days [start, end). Of an entry on a day from `since` on,
    "first" takes the subject's first. With `attempts` they are counted in place of subjects, and
    there are `subjects`, yy and per step xx{k}, xy{k}: sums over subjects of the products of how
    many attempts y they made and x reached the step.
    """

    span: Span
    grain: Grain
    steps: tuple[Match, ...]
    exclude: tuple[Match, ...]
    by: str
    window: int
    first: bool
    strict: bool
    since: int
    start: int
    end: int
    segment: str | None = None
    attempts: bool = False


@dataclass(frozen=True)
class Lengths:
    """(s, p) → n, done, early, faults, total, squares, area, median, p90: from start to end.

    `n` starts of the days [start, end), of which `done` ended within the limit and `early` were
    lost from sight before it, at `until`. Seconds are counted up to the limit: `total` and
    `squares` are sums, `area` is what lies under the curve of Kaplan and Meier, `median` and `p90`
    where it falls to a half and a tenth, or null. With `own` the subject is the thing itself and
    starts once; `faults` are things whose only end is before their start.
    """

    span: Span
    grain: Grain
    opens: Match
    closes: Match
    by: str
    own: bool
    limit: int
    until: int
    start: int
    end: int
    segment: str | None = None


@dataclass(frozen=True)
class Between:
    """(s, p) → n, total, squares: events between a start and the end, of pairs that end in p."""

    span: Span
    grain: Grain
    opens: Match
    closes: Match
    counts: Match
    by: str
    own: bool
    start: int
    end: int
    segment: str | None = None
    limit: None = None


@dataclass(frozen=True)
class Sessions:
    """(s, p) → n, total, squares, median, going: sessions that began in p and their seconds.

    A session ends with a pause longer than `gap`; `longest` after its first event no more is added
    to its length. `going` are those that may go on after `until`, the last instant that is read.
    """

    span: Span
    grain: Grain
    match: Match
    by: str
    gap: int
    longest: int
    until: int
    start: int
    end: int
    segment: str | None = None


@dataclass(frozen=True)
class Custom:
    """(p, s) → value, or numerator and denominator: what a query of somebody's own returns.

    `p` is a date as text and `s` may be null; whatever the rows, they are not added up. The days
    [start, end) and the grain are what the query is told. It may take `seconds`.
    """

    span: Span
    grain: Grain
    sql: str
    start: int
    end: int
    seconds: float = 30


@dataclass(frozen=True)
class States:
    """(s, d) → total: change in Σ of last values; positive: in subjects whose value is > 0."""

    span: Span
    set_to: tuple[Match, Number] | None
    plus: tuple[tuple[Match, Number | None], ...]
    minus: tuple[tuple[Match, Number | None], ...]
    by: str
    segment: str | None = None


MOVES = {"new": "", "expansion": "", "contraction": "-", "churned": "-", "reactivated": ""}
"""What may become of a customer in a period, with the sign of the amount that it moves."""


@dataclass(frozen=True)
class Moves:
    """(s, p) → total, held: change in the stock and in the customers whose balance is above 0;
    gross: the sizes of what was added up; and of each of MOVES, x_amount and x_count.

    A subject keeps its `value` until its next event; a customer has the balance of its subjects.
    Net per customer and period, in the segment of the customer's last event in it. For the grain
    `all` the days before `start` are periods of their own.
    """

    span: Span
    grain: Grain
    match: Match
    value: Number
    by: str
    customer: str
    start: int
    segment: str | None = None


@dataclass(frozen=True)
class Outages:
    """(s, planned) → begins, ends: stretches (epoch µs) in which something was down.

    Events say when and for how many `seconds`; those that overlap or touch are joined. `planned` 1
    has the stretches of planned ones alone, 0 of all. As many rows as there are stretches.
    """

    span: Span
    match: Match
    planned: Match | None
    seconds: str
    segment: str | None = None


@dataclass(frozen=True)
class Arms:
    """(v, mixed, d) → n, x, y, xx, yy, xy: how much sums over the subjects of a variant grew on d.

    A subject is assigned by its first event of `assigned` on the days [start, end) that has the
    property `variant`; without one everybody is of the variant "". What it does counts from that
    instant until `until` (epoch µs), on the day on which it does it; or, with `within` (µs), what
    it does in that time, on the day on which that time is over. `nested`: x is 0 while y is. With
    `before` (µs), y is what x was in that time before. `mixed` 1: seen in other variants as well,
    where v is the first. x and y count events of `source` alone.

    Where x is an attempt, a subject is counted once an attempt from that instant, or from the end
    of `within`, would be over on a day before `over`; y is whether it made one, and x whether it
    succeeded.
    """

    span: Span
    assigned: Match
    variant: str | None
    by: str
    x: Added | Attempt
    y: Added | None
    nested: bool
    source: str | None
    start: int
    end: int
    until: int
    over: int
    within: int | None = None
    before: int | None = None


@dataclass(frozen=True)
class Customers:
    """(f, l, k, again) → n, total: customers who first bought on day f and last on l.

    They bought on k days after f, for `again` in all; everything that the n of them paid is
    `total`. What is bought on one day is one purchase. A day whose sum is below 0 is none, and
    only lowers `total`. Who never bought is left out. It has about as many rows as there are
    customers who came back.
    """

    span: Span
    match: Match
    value: Number
    by: str
    segment: None = None


@dataclass(frozen=True)
class Spent:
    """(c, a) → total: what those paid who first bought in the month that begins on day c.

    `a` counts the `edges` (days since the first purchase) that had passed. c and a are null for
    what nobody paid, or somebody who never bought.
    """

    span: Span
    match: Match
    value: Number
    by: str
    edges: tuple[int, ...]
    segment: None = None


@dataclass(frozen=True)
class Tenures:
    """(c, k, ended, total) → n: customers who first had a balance at the end of the month c.

    `k` months later they had none for good (`ended` 1), or the days end; `total` is the sum of
    each one's balances at the ends of these months. The days have to end with a month.
    """

    span: Span
    match: Match
    value: Number
    by: str
    customer: str
    segment: None = None


@dataclass(frozen=True)
class Levels:
    """(c, p) → total, held: change in the balances above 0 of customers who came in month c, and
    in the number of them, by the end of month p. c and p are the first days of months.
    """

    span: Span
    match: Match
    value: Number
    by: str
    customer: str
    segment: None = None


@dataclass(frozen=True)
class Volume:
    """() → events, subjects: how many events, and by how many distinct subjects; one row.

    With a `segment`, only its events whose value is `only`.
    """

    span: Span
    match: Match
    by: str
    segment: str | None = None
    only: str = ""


@dataclass(frozen=True)
class Examples:
    """(u) → events, first_at, last_at of up to `limit` subjects, those seen last first."""

    span: Span
    match: Match
    by: str
    limit: int
    segment: str | None = None
    only: str = ""


Statistic = (
    Cells
    | Counts
    | Peaks
    | Pairs
    | Overlaps
    | Gaps
    | Holders
    | Activity
    | Quantiles
    | Returns
    | Steps
    | Lengths
    | Between
    | Sessions
    | Custom
    | States
    | Moves
    | Outages
    | Arms
    | Customers
    | Spent
    | Tenures
    | Levels
    | Volume
    | Examples
    | Remains
)
