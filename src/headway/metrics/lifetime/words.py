"""What customers are worth, in words."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from headway.charts import formats
from headway.metrics.lifetime.told import Check, Cohort, Told
from headway.metrics.models import Metric

AFTER = (1, 2, 3, 6, 12, 24)
"""Months of which it is said who is still there."""


def sentences(told: Told, metric: Metric) -> Iterator[str]:
    """What is known, what is expected, and what may mislead, most important first."""
    yield _so_far(told, metric)
    if told.outlook is None:
        yield f"What is still to come cannot be told: {told.reason}"
        return
    each = told.outlook.each
    mean, low, high = (money(amount, metric) for amount in (each.mean, each.low, each.high))
    months = in_months(told.horizon)
    if told.way == "purchases":
        yield (
            f"In the {months} from {formats.day(told.until)} on, each is expected to pay {mean} "
            f"more on average: with a chance of 95 % between {low} and {high}."
        )
    else:
        yield (
            f"In the first {months}, a new customer brings {mean} on average: with a chance of "
            f"95 % between {low} and {high}."
        )
    if told.outlook.alive is not None:
        share = formats.percent(round(told.outlook.alive, 3))
        yield (
            f"Probably {share} of them are still customers; whoever has bought only once is taken "
            "for one."
        )
    if told.outlook.retention:
        yield _staying(told.outlook.retention)
    if told.outlook.caution:
        yield told.outlook.caution


def rests_on(told: Told) -> Iterator[str]:
    """How it is told, and how it did before."""
    if told.outlook is None:
        return
    if told.way == "purchases":
        yield (
            "How often people buy, and whether they are still customers: BG/NBD. How much they "
            "spend each time: gamma–gamma. Both are fitted to every customer's days of purchase."
        )
    else:
        yield (
            "Retention by Kaplan and Meier, where those who are still there count for as long as "
            "they were seen, times the average balance at the end of a month."
        )
    yield told.outlook.rests_on
    for check in told.outlook.checks:
        yield _check(check)


def cohort_row(cohort: Cohort, told: Told) -> dict[str, object]:
    """As data: a column for each age, and whether it is complete."""
    row: dict[str, object] = {"cohort": cohort.start, "customers": cohort.size}
    for cell in cohort.cells:
        row[f"after_{cell.months}_months"] = cell.value
        row[f"after_{cell.months}_months_complete"] = cell.complete
    row["so_far"] = cohort.so_far
    if told.way == "balances":
        return row | {"staying": cohort.staying}
    ahead = cohort.ahead
    values = (ahead.mean, ahead.low, ahead.high) if ahead else (None, None, None)
    return row | dict(zip(("expected", "expected_low", "expected_high"), values, strict=True))


def money(amount: float, metric: Metric) -> str:
    return formats.value(amount, metric.unit, metric.workspace.currency)


def in_months(months: int) -> str:
    return "month" if months == 1 else f"{months} months"


def _so_far(told: Told, metric: Metric) -> str:
    people = f"{formats.number(told.customers)} customer{'s' if told.customers != 1 else ''}"
    until = formats.day(told.until - timedelta(days=1))
    if not told.customers:
        return f"Nobody had paid by {until}."
    verb = "have" if told.customers != 1 else "has"
    said = f"{people} {verb} paid {money(told.so_far, metric)} each on average by {until}."
    if not told.nobody:
        return said
    return f"{said} {money(told.nobody, metric)} more belong to nobody who is known."


def _staying(retention: tuple[float, ...]) -> str:
    shares = [(after, retention[after]) for after in AFTER if after < len(retention)]
    if not shares:
        return "Nobody was watched for longer than a month."
    said = ", ".join(
        f"{formats.percent(round(share, 3))} after {in_months(n)}" for n, share in shares
    )
    return f"Still there: {said.replace('after month', 'after a month')}."


def _check(check: Check) -> str:
    off = check.happened / max(check.expected, 1) - 1
    more = f"{formats.percent(abs(round(off, 3)))} {'more' if off >= 0 else 'fewer'}"
    return (
        f"Asked on {formats.day(check.day)}, it expected {formats.number(round(check.expected))} "
        f"purchases of its customers by now; {formats.number(check.happened)} came, {more}."
    )
