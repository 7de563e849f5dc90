"""What templates say in one word: numbers with units, statuses, bars, links."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

from django import template
from django.forms import BoundField, CheckboxInput
from django.http import HttpRequest
from django.template import Context
from django.utils import timezone
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe

from headway.charts import formats
from headway.charts.bar import bar
from headway.charts.picture import Picture
from headway.charts.sparkline import sparkline as draw
from headway.engine import phrases
from headway.engine.definition import Definition
from headway.engine.series import Point
from headway.metrics.models import Metric
from headway.web import trail
from headway.web.context import Here
from headway.web.drawings import drawn, ready
from headway.web.figures import figure, number_row, rests_on, state
from headway.web.forms.controls import choice_line
from headway.web.icons import SHAPES
from headway.web.icons import icon as draw_icon
from headway.web.readings import Reading
from headway.web.tables import Cell
from headway.web.tile import tile as draw_tile

register = template.Library()

STATUS_WORDS = {
    "achieved": "Achieved",
    "achieved-aspirational": "Achieved (aspirational)",
    "on-track": "On track",
    "behind": "Behind",
    "at-risk": "At risk",
    "missed": "Missed",
    "not-started": "Not started",
    "unknown": "Unknown",
    "healthy": "Healthy",
    "out-of-range": "Out of range",
    "building": "Being built",
}
STATUS_ICONS = {
    "achieved-aspirational": "achieved",
    "healthy": "on-track",
    "out-of-range": "at-risk",
    "planned": "not-started",
    "building": "behind",
    "launched": "on-track",
    "stopped": "missed",
    "moved": "on-track",
    "better": "on-track",
    "safe": "on-track",
    "worse": "at-risk",
    "harmed": "at-risk",
    "no-clear-difference": "level",
    "wrong-way": "at-risk",
    "no-clear-effect": "level",
    "not-judged-yet": "not-started",
    "too-early": "not-started",
    "answered": "achieved",
    "open": "not-started",
    "error": "missed",
    "warning": "at-risk",
    "information": "not-started",
}

register.simple_tag(draw_icon, name="icon")
register.filter(rests_on)
register.filter(state)


@register.simple_tag
@cache
def status(word: str) -> SafeString:
    """A status as icon, word and colour, so that none of them stands alone."""
    name = word.replace(" ", "-").replace("_", "-")
    return format_html(
        '<span class="status status-{}">{}{}</span>',
        name,
        draw_icon(STATUS_ICONS.get(name, name if name in SHAPES else "unknown")),
        STATUS_WORDS.get(name, word.capitalize()),
    )


@register.simple_tag(takes_context=True)
def value(
    context: Context,
    amount: float | None,
    unit: str = "",
    exact: bool = False,
    reason: str = "",
) -> SafeString:
    return figure(amount, unit, _currency(context), exact=exact, reason=reason)


@register.simple_tag(takes_context=True)
def change(
    context: Context,
    after: float | None,
    before: float | None,
    unit: str = "",
    direction: str = "up",
    against: str = "the period before",
) -> SafeString:
    """`+3.2 % vs the week before, better`; nothing when either value is unknown."""
    # In a template, the value of a reading that is not there is an empty text.
    known = isinstance(after, int | float) and isinstance(before, int | float)
    found = formats.change(after, before, unit, direction, _currency(context)) if known else None
    if found is None:
        return mark_safe("")
    arrow = draw_icon({True: "up", False: "down", None: "level"}[found.up])
    return format_html(
        '<span class="change {}">{}{} <span class="muted">vs {}{}</span></span>',
        found.word,
        arrow,
        found.text,
        against,
        f", {found.word}" if found.word else "",
    )


@register.simple_tag
def progress(share: float | None, expected: float | None = None) -> SafeString:
    """A bar of progress with a mark where it should be by now."""
    if share is None:
        return format_html('<span class="muted">{}</span>', "no progress known")
    words = f"{formats.way(share)} of the way"
    if expected is not None:
        words += f", {formats.way(expected)} expected by now"
    return mark_safe(bar(share, expected, words))  # noqa: S308 - numbers, and words made of them


@register.simple_tag
def sparkline(
    points: Sequence[Any], target: float | None = None, label: str = "", style: str = ""
) -> SafeString:
    """Draws anything that has `value` and `complete`, oldest first."""
    values = [(p.value, p.complete) for p in points]
    return mark_safe(draw(values, target=target, label=label, style=style))  # noqa: S308 - numbers only


@register.filter
def sentence(definition: Definition) -> str:
    return phrases.sentence(definition)


@register.filter
def percent(share: float | None) -> str:
    return formats.UNKNOWN if share is None else formats.percent(share)


@register.filter
def way(share: float | None) -> str:
    return formats.UNKNOWN if share is None else formats.way(share)


@register.filter
def number(amount: float | None) -> str:
    return formats.UNKNOWN if amount is None else formats.number(amount)


@register.filter
def faults(count: int) -> str:
    return formats.unused(count)


@register.simple_tag(takes_context=True)
def number_link(
    context: Context, metric: Metric, grain: str, start: date, segment_by: str = "",
    segment: str = "", via: str = "",
) -> str:  # fmt: skip
    """The address of the page that says what a number rests on."""
    return trail.address(
        context["here"], "point", metric.key, grain, start, segment_by, segment, via
    )


@register.simple_tag(takes_context=True)
def numbers(
    context: Context, metric: Metric, grain: str, split: str, points: Sequence[Point], interval: str
) -> SafeString:
    """The rows of a table of numbers, each with the way to what it rests on."""
    here: Here = context["here"]
    rows = [
        number_row(
            point,
            trail.address(here, "point", metric.key, grain, point.start, split, point.segment),
            grain,
            metric.unit,
            here.workspace.currency,
            split=bool(split),
            interval=bool(interval),
        )
        for point in points
    ]
    return mark_safe("".join(rows))  # noqa: S308 - each row is escaped


@register.filter
def cells(row: Sequence[Cell]) -> SafeString:
    return mark_safe("".join(cell.drawn for cell in row))  # noqa: S308 - each cell is escaped


@register.filter
def day(moment: date | None) -> str:
    return formats.day(moment) if moment else ""


@register.filter
def last_day(end: date) -> str:
    """The last day before an end that is not included."""
    return formats.day(end - timedelta(days=1))


@register.filter
def size(count: float) -> str:
    return formats.size(count)


@register.filter
def direction(word: str) -> str:
    return formats.direction_words(word)


@register.simple_tag
def period(start: date, grain: str, end: date | None = None) -> str:
    return formats.period(start, grain, end)


@register.simple_tag
def days(first: date, last: date) -> str:
    return formats.days(first, last)


@register.simple_tag
def part_bar(size: float, good: str) -> SafeString:
    """What a part made of a change, beside its neighbours: to the left what it took away."""
    width = abs(size) * 49
    return format_html(
        '<svg class="part-bar {}" viewBox="0 0 100 12" preserveAspectRatio="none" '
        'aria-hidden="true"><path class="axis" d="M50 0V12"/>'
        '<rect x="{}" y="2" width="{}" height="8" rx="1"/></svg>',
        good,
        f"{50 if size > 0 else 50 - width:.2f}",
        f"{width:.2f}",
    )


@register.simple_tag
def between(points: Sequence[Point]) -> str:
    """The days that complete periods cover, from the first to the last of them."""
    return formats.days(points[0].start, points[-1].end - timedelta(days=1)) if points else ""


@register.filter
def lookup(words: Mapping[str, str], key: str) -> str:
    return words[key]


@register.filter
def given(words: Mapping[int, str], key: int) -> str:
    """What is said of a row; nothing for most."""
    return words.get(key, "")


@register.simple_tag(takes_context=True)
def ago(context: Context, moment: date | None) -> str:
    """A day or an instant, seen from the workspace's present.

    What happened after a stopped clock is seen from the clock on the wall.
    """
    if moment is None:
        return "never"
    here: Here = context["here"]
    if not isinstance(moment, datetime):
        return formats.ago(moment, here.today)
    day_of = here.workspace.calendar.day_of
    now = timezone.now() if moment > here.now else here.now
    seconds = (now - moment).total_seconds()
    if 0 <= seconds < 3600:
        return formats.just_now(seconds)
    return formats.ago(day_of(moment), day_of(now))


@register.simple_tag(takes_context=True)
def link(context: Context, name: str, *args: object, **query: object) -> str:
    """The address of a page of this workspace, with the chosen cycle and team kept."""
    found: str = context["here"].url(name, *args, **query)
    return found


@register.simple_tag(takes_context=True)
def query(context: Context, **changes: object) -> str:
    """This page's own query with some values changed; an empty value removes one."""
    request: HttpRequest = context["request"]
    asked = request.GET.copy()
    for name, new in changes.items():
        asked.pop(name, None)
        if new not in (None, ""):
            asked[name] = str(new)
    return f"?{asked.urlencode()}"


@register.inclusion_tag("components/kept.html", takes_context=True)
def keep(context: Context) -> dict[str, object]:
    """Hidden inputs that carry the chosen cycle and team through a form sent by GET."""
    return {"kept": context["here"].kept}


@register.inclusion_tag("components/field.html")
def field(bound: BoundField) -> dict[str, object]:
    """A form field: label, help, the control, and its errors, tied together for screen readers."""
    described = [
        name
        for name, there in (
            (f"{bound.id_for_label}_helptext", bound.help_text),
            (f"{bound.id_for_label}_error", bound.errors),
        )
        if there
    ]
    attrs: dict[str, str | bool] = {}
    if described:
        attrs["aria-describedby"] = " ".join(described)
    if bound.errors:
        attrs["aria-invalid"] = "true"
    checkbox = isinstance(bound.field.widget, CheckboxInput)
    return {"field": bound, "control": bound.as_widget(attrs=attrs), "checkbox": checkbox}


@register.filter
def choice_lines(bound: BoundField) -> list[SafeString]:
    return [choice_line(choice.data) for choice in bound.subwidgets]


@register.simple_tag(takes_context=True)
def tile(context: Context, reading: Reading) -> SafeString:
    """A board has hundreds of them, and few change from one request to the next."""
    return draw_tile(context["here"], reading)


@register.inclusion_tag("components/exports.html", takes_context=True)
def exports(context: Context) -> dict[str, object]:
    """Links to this page's data as CSV and JSON."""
    return {"request": context["request"]}


@register.inclusion_tag("components/empty.html")
def empty(
    title: str, text: str, url: str = "", button: str = "", example: str = ""
) -> dict[str, object]:
    """What belongs on an empty page, an example, and the button that makes one."""
    return {"title": title, "text": text, "url": url, "button": button, "example": example}


@register.inclusion_tag("components/chart.html", takes_context=True)
def chart(context: Context, picture: Picture, url: str, titled: bool = True) -> dict[str, object]:
    """A picture under its title; `url` draws it when it has not been drawn before."""
    found = ready(picture)
    if not found and not context["here"].comes_back and picture.dots:
        found = drawn(picture)
    return {"picture": picture, "url": url, "drawn": found, "titled": titled}


@register.filter
def code(text: str) -> SafeString:
    """Words between backticks as code."""
    parts = [conditional_escape(part) for part in text.split("`")]
    return mark_safe(  # noqa: S308 - each part is escaped
        "".join(f"<code>{part}</code>" if i % 2 else part for i, part in enumerate(parts))
    )


@register.filter
def as_json(found: object) -> str:
    return json.dumps(found, ensure_ascii=False, default=str)


def _currency(context: Context) -> str:
    """What is drawn once for many pages stands in none of them, and names its currency itself."""
    here = context.get("here")
    return str(here.workspace.currency if here else context.get("currency", ""))
