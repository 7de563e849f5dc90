"""What links between metrics say: of what moves late, and of what is said to drive and does not."""

from __future__ import annotations

from collections.abc import Iterator

from headway.coach.finding import Rule, Seen, Severity
from headway.coach.values import KeyResult, Kpi

SOON = 2
"""A lag of fewer weeks leaves time to see what one does."""
ENOUGH = 78
"""Weeks of both metrics, after which a link that shows nothing is worth a thought."""


def _lagging(key_result: KeyResult) -> Iterator[Seen]:
    left, metric = key_result.weeks_left, key_result.metric
    ahead = [one for one in metric.led_by if one.linked] if metric else []
    if left is None or left <= 0 or not ahead:
        return
    first = min(ahead, key=lambda one: one.lag)
    if first.lag >= SOON and left < first.lag:
        yield Seen(
            f"It moves about {first.lag} weeks after {first.other}, and {_weeks(left)} left.",
            "metric",
            f"Watch {first.other} until then, and judge this one after the due date.",
        )


def _weeks(left: float) -> str:
    whole = int(left)
    if whole < 1:
        return "less than a week is"
    return f"{whole} week{'s are' if whole > 1 else ' is'}"


def _unproven(kpi: Kpi) -> Iterator[Seen]:
    """Of a product outcome that a goal or guardrail rests on: there somebody bets on the link."""
    leads = [one for one in kpi.measure.leads if one.business]
    bet = kpi.used and kpi.measure.outcome == "product" and leads
    if bet and all(one.weeks >= ENOUGH and not one.linked for one in leads):
        names = " and ".join(one.other for one in leads)
        weeks = min(one.weeks for one in leads)
        yield Seen(
            f"It is said to drive {names}; in {weeks} weeks their changes did not go together.",
            "drives",
        )


OF_KEY_RESULTS = (
    Rule(
        "key-result-lagging",
        Severity.information,
        "Moves too late",
        "What is begun now shows in it only after the due date.",
        "Watch what moves before it, and judge it later.",
        _lagging,
    ),
)
OF_KPIS = (
    Rule(
        "kpi-unproven-driver",
        Severity.information,
        "No evidence that it drives the business",
        "A bet on a number that moves nothing is lost even when it is won. A weak link takes years "
        "to show.",
        "Look whether it takes longer, or works through something else; or say what it is for.",
        _unproven,
    ),
)
