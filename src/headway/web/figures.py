"""Numbers as HTML, alone and in the rows of a table."""

from __future__ import annotations

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from headway.charts import formats
from headway.engine.series import SILENCE, Point

INCOMPLETE = mark_safe(' class="incomplete"')
NOTHING = SafeString("")


def figure(
    amount: float | None, unit: str, currency: str, *, exact: bool = False, reason: str = ""
) -> SafeString:
    """With the reason of a missing value beside it, only a silent source is "unknown"."""
    text = formats.value(amount, unit, currency, exact=exact)
    if amount is None and reason and SILENCE not in reason:
        text = formats.NONE
    kind = "value unknown" if amount is None else "value"
    return format_html('<span class="{}">{}</span>', kind, text)


def rests_on(point: Point) -> str:
    """How many a number rests on; of what is unknown that is not known either."""
    return formats.NONE if point.value is None and not point.n else formats.number(point.n)


def state(point: Point) -> str:
    """Whether more may come, why there is no value, and what could not be used."""
    found = point.reason or ("Complete" if point.complete else "Incomplete")
    return f"{found.rstrip('.')}; {formats.unused(point.faults)}" if point.faults else found


def number_row(
    point: Point, url: str, grain: str, unit: str, currency: str, *, split: bool, interval: bool
) -> SafeString:
    """A row of the table of numbers: hundreds of tags of a template would take too long."""
    return format_html(
        '<tr{}><th scope="row">{}</th>{}<td class="num"><a class="number" href="{}">{}</a></td>'
        '<td class="num">{}</td>{}<td class="small">{}</td></tr>',
        NOTHING if point.complete else INCOMPLETE,
        formats.period(point.start, grain, point.end),
        format_html("<td>{}</td>", point.segment) if split else NOTHING,
        url,
        figure(point.value, unit, currency, exact=True, reason=point.reason),
        rests_on(point),
        _interval(point, unit, currency) if interval else NOTHING,
        state(point),
    )


def _interval(point: Point, unit: str, currency: str) -> SafeString:
    if point.low is None:
        return format_html('<td class="num">{}</td>', "–")
    low, high = figure(point.low, unit, currency), figure(point.high, unit, currency)
    return format_html('<td class="num">{} – {}</td>', low, high)
