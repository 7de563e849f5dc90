"""The controls of forms, drawn at once: a template for each of hundreds of options takes long."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from html import escape
from typing import Any

from django.forms.renderers import DjangoTemplates
from django.utils.safestring import SafeString, mark_safe

Widget = Mapping[str, Any]


class Controls(DjangoTemplates):
    """What is not in DRAWN is rendered by its template, as Django does."""

    def render(self, template_name: str, context: dict[str, Any], request: Any = None) -> str:
        draw, widget = DRAWN.get(template_name), context.get("widget", {})
        if draw is None or widget.get("wrap_label"):
            return super().render(template_name, context, request)
        return _safe(draw(widget))


def choice_line(choice: Widget) -> SafeString:
    """A check box or a radio button with its label."""
    label = f'<label for="{_text(choice["attrs"]["id"])}">{_text(choice["label"])}</label>'
    return _safe(f'<div class="choice-line">{_input(choice)}{label}</div>')


def _safe(text: str) -> SafeString:
    return mark_safe(text)  # noqa: S308 - every value in it goes through `_text`


def _input(widget: Widget) -> str:
    value = widget.get("value")
    given = "" if value is None else f' value="{_text(value)}"'
    name = _text(widget["name"])
    return f'<input type="{widget["type"]}" name="{name}"{given}{_attributes(widget["attrs"])}>'


def _textarea(widget: Widget) -> str:
    head = f'<textarea name="{_text(widget["name"])}"{_attributes(widget["attrs"])}>'
    return f"{head}\n{_text(widget['value'] or '')}</textarea>"


def _select(widget: Widget) -> str:
    inside = "".join(_group(name, options) for name, options, _ in widget["optgroups"])
    head = f'<select name="{_text(widget["name"])}"{_attributes(widget["attrs"])}>'
    return f"{head}{inside}\n</select>"


def _group(name: str | None, options: list[Widget]) -> str:
    inside = "".join(map(_option, options))
    return f'\n<optgroup label="{_text(name)}">{inside}\n</optgroup>' if name else inside


def _option(option: Widget) -> str:
    value, attributes = _text(option["value"]), _attributes(option["attrs"])
    return f'\n<option value="{value}"{attributes}>{_text(option["label"])}</option>'


def _attributes(attrs: Mapping[str, Any]) -> str:
    return "".join(
        f" {name}" if value is True else f' {name}="{_text(value)}"'
        for name, value in attrs.items()
        if value is not False
    )


def _text(value: object) -> str:
    """Escaped, unless it says that it is safe already."""
    text = str(value)
    return text if isinstance(value, SafeString) else escape(text)


BUILT_IN = "django/forms/widgets/{}.html"
INPUTS = (
    *("input", "text", "number", "email", "url", "password", "hidden", "date", "file"),
    *("checkbox", "checkbox_option", "radio_option"),
)
DRAWN: dict[str, Callable[[Widget], str]] = {
    **{BUILT_IN.format(name): _input for name in INPUTS},
    BUILT_IN.format("select"): _select,
    BUILT_IN.format("textarea"): _textarea,
}
