"""What only pages of goals say."""

from __future__ import annotations

from django import template
from django.utils.safestring import SafeString, mark_safe

from headway.charts.sparkline import sparkline
from headway.goals.ahead.words import percent
from headway.goals.aims import success_of
from headway.goals.models import Shape
from headway.goals.review.review import score_words
from headway.goals.review.words import advice_of, score_of, unknown_words
from headway.web.standing import Standing

register = template.Library()
register.filter("score", score_words)
register.filter(score_of)
register.filter(advice_of)
register.filter(unknown_words)
register.filter("chance", percent)


@register.simple_tag
def pace_line(row: Standing) -> SafeString:
    """The line of a key result over its cycle, with where it should be."""
    found = row.key_result
    marks = [(m.value, m.complete) for m in row.marks]
    drawn = sparkline(
        marks,
        target=found.at_least if found.at_least is not None else found.at_most,
        expected=_expected(row),
        label=f"{found}: {found.reason}",
    )
    return mark_safe(drawn)  # noqa: S308 - numbers, and a label that sparkline escapes


def _expected(row: Standing) -> tuple[float, float] | None:
    found = row.key_result
    if found.shape == Shape.keep or found.baseline is None or found.aim is None:
        return None
    return found.baseline, found.baseline + success_of(found) * (found.aim - found.baseline)
