"""Controls are drawn without templates, and are what the templates of Django would have given."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from django import forms
from django.forms.renderers import DjangoTemplates

from headway.web.forms.controls import Controls

PEOPLE = [("", "Nobody"), ("1", "Ada <ada@example.com>"), ("Others", [("2", "Bo & Co")])]


class Everything(forms.Form):
    name = forms.CharField(max_length=9, initial='"quoted" & <b>', disabled=True)
    size = forms.IntegerField(min_value=1, initial=3, help_text="A number.")
    email = forms.EmailField(required=False)
    day = forms.DateField(initial="2026-03-01")
    secret = forms.CharField(widget=forms.PasswordInput)
    kept = forms.CharField(widget=forms.HiddenInput, initial="x")
    file = forms.FileField()
    agreed = forms.BooleanField(initial=True)
    why = forms.CharField(widget=forms.Textarea(attrs={"rows": 2}), initial="because <i>")
    one = forms.ChoiceField(choices=PEOPLE, initial="2")
    none = forms.ChoiceField(choices=[])
    some = forms.MultipleChoiceField(
        choices=PEOPLE[:2], widget=forms.CheckboxSelectMultiple, initial=["1"]
    )
    radio = forms.ChoiceField(choices=PEOPLE[:2], widget=forms.RadioSelect, initial="1")
    many = forms.MultipleChoiceField(choices=PEOPLE[:2], initial=["", "1"])


class Tags(HTMLParser):
    """Tags with their attributes, in any order, and the texts between them."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[object] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, sorted(attrs, key=str)))

    def handle_endtag(self, tag: str) -> None:
        self.found.append(tag)

    def handle_data(self, data: str) -> None:
        if data.strip():
            self.found.append(data.strip())


def tags(text: object) -> list[object]:
    parser = Tags()
    parser.feed(str(text))
    return parser.found


@pytest.mark.parametrize("name", list(Everything.base_fields))
@pytest.mark.parametrize("data", [None, {"name": "<", "size": "many", "one": "1", "some": ["1"]}])
def test_a_control_is_what_its_template_gives(name: str, data: dict[str, object] | None):
    ours, theirs = (Everything(data, renderer=r)[name] for r in (Controls(), DjangoTemplates()))
    assert tags(ours) == tags(theirs)
    assert [tags(w.tag()) for w in ours.subwidgets] == [tags(w.tag()) for w in theirs.subwidgets]


def test_forms_are_drawn_so(settings):
    assert settings.FORM_RENDERER == "headway.web.forms.controls.Controls"
    assert isinstance(Everything().renderer, Controls)
