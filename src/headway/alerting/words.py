"""An alert as people read it: what, since when, how unusual."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta

from headway.alerting.models import Alert, Sign
from headway.charts import formats
from headway.engine.period import Grain
from headway.engine.watching import ALERT_KINDS
from headway.engine.written import THIN
from headway.metrics.ranges import healthy_words
from headway.metrics.reading import LONGEST

ORDER: tuple[str, ...] = ALERT_KINDS
"""The gravest first."""

KIND_WORDS = {
    "silent": "no values",
    "burning": "error budget",
    "out of range": "out of range",
    "unusual": "unusual",
    "worse than before": "worse than before",
    "worse than last year": "worse than a year ago",
    "slipping": "slipping",
}


def title(alert: Alert, signs: Sequence[Sign]) -> str:
    """`Weekly active users: unusually low`."""
    if alert.noun == "source":
        return f"Nothing comes from {alert.named}" if alert.named else "No events come in"
    if alert.noun == "event":
        return f"{alert.named} has stopped coming"
    if found := several(alert, signs):
        return _at_once(found)
    sign = gravest(alert, signs)
    return f"{sign.metric}: {TITLES[sign.kind](sign)}"


def several(alert: Alert, signs: Sequence[Sign]) -> list[Sign]:
    """Of metrics that went off at once, their signs; empty if there is one, or one was back since.

    What was over long before the rest began is another time of the same alert.
    """
    if not alert.common:
        return []
    abrupt = [sign for sign in signs if is_abrupt(sign)]
    first = min((s for s in abrupt if s.ended_at is None), key=lambda s: s.since, default=None)
    if first is not None:
        near = first.since - timedelta(days=max(7, LONGEST[Grain(first.grain)]))
        abrupt = [sign for sign in abrupt if sign.since >= near]
    return abrupt if len({sign.metric_id for sign in abrupt}) > 1 else []


def _at_once(signs: Sequence[Sign]) -> str:
    """`7 KPIs fell on 15 Oct 2026`."""
    ways = {sign.metric: way(sign) for sign in reversed(signs)}
    noun = "KPIs" if all(metric.level == "kpi" for metric in ways) else "metrics"
    counts = Counter(ways.values())
    said = [f"{counts[name]} {name}" for name in WAYS if counts[name]]
    first = min(signs, key=lambda sign: (LONGEST[Grain(sign.grain)], sign.since))
    if len(said) == 1:
        return f"{len(ways)} {noun} {said[0].partition(' ')[2]} {_in(first)}"
    return f"{len(ways)} {noun} went off {_in(first)}: {', '.join(said)}"


WAYS = ("fell", "rose", "have no value", "went off")


def way(sign: Sign) -> str:
    """In which direction it went off."""
    if sign.kind == "silent":
        return "have no value"
    if sign.kind in ("burning", "worse than before"):
        return "rose" if sign.kind != "burning" and sign.metric.direction == "down" else "fell"
    low, high = _bounds(sign)
    if low is not None and high is not None and sign.value is not None:
        return "fell" if sign.value < low else "rose" if sign.value > high else "went off"
    return "fell" if high is None else "rose"


def _bounds(sign: Sign) -> tuple[float | None, float | None]:
    if sign.kind != "out of range":
        return sign.low, sign.high
    healthy = sign.metric.profile.get("healthy") or {}
    return healthy.get("at_least"), healthy.get("at_most")


def is_abrupt(sign: Sign) -> bool:
    """Whether it began in the very period that it is said to have begun in."""
    return sign.kind not in ("worse than last year", "slipping")


def gravest(alert: Alert, signs: Sequence[Sign]) -> Sign:
    """Of those that still hold, the metric that the cause names goes first, and the whole of it."""
    alone = alert.noun == "metric" and not several(alert, signs)

    def rank(sign: Sign) -> tuple[bool, bool, bool, bool, int]:
        elsewhere, over = alone and sign.metric.key != alert.named, sign.ended_at is not None
        back = not alone and sign.kind == "out of range" and _is_back(sign)
        return over, elsewhere, back, bool(sign.segment_by), ORDER.index(sign.kind)

    return min(signs, key=rank)


def sentence(sign: Sign) -> str:
    """What the numbers were in its first period, and how that compares."""
    return SENTENCES[sign.kind](sign)


def is_better(sign: Sign) -> bool:
    """Whether what is unusual is so for the better."""
    if sign.kind != "unusual" or sign.value is None or sign.low is None or sign.high is None:
        return False
    up = sign.value > sign.high
    return (sign.metric.direction == "up" and up) or (sign.metric.direction == "down" and not up)


def _value(sign: Sign, amount: float | None) -> str:
    return formats.value(amount, sign.metric.unit, sign.metric.workspace.currency)


def _period(sign: Sign, start: date | None = None) -> str:
    named = formats.period(start or sign.since, sign.grain)
    return f"the {named}" if sign.grain == "week" else named


def _in(sign: Sign, start: date | None = None) -> str:
    return f"{'on' if sign.grain == 'day' else 'in'} {_period(sign, start)}"


def _of(sign: Sign) -> str:
    return f" for {sign.segment_by.removeprefix('@')} {sign.segment}" if sign.segment_by else ""


def _way(sign: Sign) -> str:
    low = sign.low is not None and sign.value is not None and sign.value < sign.low
    return "unusually low" if low else "unusually high"


def _unusual(sign: Sign) -> str:
    expected = f"{_value(sign, sign.low)} to {_value(sign, sign.high)}"
    rare = "1 in 1,000" if sign.segment_by else RARITY[_sensitivity(sign)]
    better = " It is for the better, if it is real." if is_better(sign) else ""
    return (
        f"{_value(sign, sign.value)}{_of(sign)} {_in(sign)}, where {expected} was to be "
        f"expected. Fewer than {rare} {sign.grain}s lie outside by chance.{better}"
    )


RARITY = {"low": "1 in 1,000", "usual": "1 in 200", "high": "1 in 50", "off": "1 in 200"}


def _sensitivity(sign: Sign) -> str:
    return str((sign.metric.profile.get("alerts") or {}).get("sensitivity", "usual"))


def _out_of_range(sign: Sign) -> str:
    metric = sign.metric
    bounds = metric.profile.get("healthy") or {}
    healthy = healthy_words(bounds, metric.unit, metric.workspace.currency)
    said = f"{_value(sign, sign.value)} {_in(sign, sign.last)}"
    if healthy and sign.ended_at is None and _is_back(sign):
        return f"{said}, back inside: healthy is {healthy}. It is over when the next one is too."
    return f"{said}; healthy is {healthy}." if healthy else f"{said}."


def _is_back(sign: Sign) -> bool:
    low, high = _bounds(sign)
    value = math.nan if sign.value is None else sign.value
    return (low is None or value >= low) and (high is None or value <= high)


def _burning(sign: Sign) -> str:
    return sign.said.replace("%", f"{THIN}%")


def _before(sign: Sign) -> str:
    lag = "the same day a week before" if sign.grain == "day" else f"the {sign.grain} before"
    return (
        f"{_value(sign, sign.value)} {_in(sign)} against {_value(sign, sign.against)} in "
        f"{lag}: more than it has moved before."
    )


def _last_year(sign: Sign) -> str:
    return (
        f"{_value(sign, sign.value)} on average against {_value(sign, sign.against)} in the same "
        f"{sign.grain}s of last year, beyond what single {sign.grain}s vary by."
    )


def _slipping(sign: Sign) -> str:
    return (
        f"{_value(sign, sign.value)} on average since {_period(sign)}, "
        f"{_value(sign, sign.against)} before it: a slip beyond its usual ups and downs."
    )


def _silent(sign: Sign) -> str:
    if sign.origin:
        return sign.said.replace("`", "")
    if sign.metric.problem:
        return f"No value since {_period(sign)}: {sign.metric.problem}"
    return f"No value since {_period(sign)}."


TITLES: Mapping[str, Callable[[Sign], str]] = {
    "silent": lambda _: "no value any more",
    "burning": lambda _: "uses up its error budget",
    "out of range": lambda _: "out of its healthy range",
    "unusual": lambda sign: f"{_way(sign)}{_of(sign)}",
    "worse than before": lambda _: "much worse than before",
    "worse than last year": lambda _: "worse than a year ago",
    "slipping": lambda _: "slipping",
}
SENTENCES: Mapping[str, Callable[[Sign], str]] = {
    "silent": _silent,
    "burning": _burning,
    "out of range": _out_of_range,
    "unusual": _unusual,
    "worse than before": _before,
    "worse than last year": _last_year,
    "slipping": _slipping,
}
