"""The form of a survey: whom it asks, and its texts in each language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.http import QueryDict

from headway.engine.errors import DefinitionError
from headway.ingest.definition import SLUG
from headway.surveys.definition import KINDS, LANGUAGE, MOST_LANGUAGES, SurveyDefinition, Texts
from headway.web.context import Here

USUAL = Texts(question="-")
FIRST_SOURCE = "surveys"


class TextsForm(forms.Form):
    """One language. Without a question it is left out."""

    language = forms.RegexField(LANGUAGE, max_length=20, required=False, help_text="Such as en.")
    question = forms.CharField(
        max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    low = forms.CharField(max_length=60, required=False, label="At the low end")
    high = forms.CharField(max_length=60, required=False, label="At the high end")
    comment = forms.CharField(
        max_length=300,
        required=False,
        label="Then asked in words",
        help_text="Empty: nothing is asked.",
    )
    send = forms.CharField(max_length=60, required=False, label="Button")
    close = forms.CharField(max_length=60, required=False, label="Name of the ×")
    thanks = forms.CharField(max_length=300, required=False)

    def __init__(self, *args: Any, first: bool = False, **more: Any) -> None:
        super().__init__(*args, **more)
        for name in ("language", "question"):
            self.fields[name].required = first

    def clean(self) -> dict[str, Any]:
        found: dict[str, Any] = super().clean() or {}
        if found.get("question") and not found.get("language"):
            self.add_error("language", "Say which language this is.")
        return found

    @property
    def texts(self) -> dict[str, str]:
        return {n: v for n, v in self.cleaned_data.items() if v and n != "language"}


class SurveyForm(forms.Form):
    kind = forms.ChoiceField(choices=list(KINDS.items()), label="What is asked")
    name = forms.CharField(max_length=120, help_text="For yourselves: nobody who is asked sees it.")
    key = forms.RegexField(SLUG, max_length=50, help_text="In events and files, such as pulse.")
    source = forms.ChoiceField(label="Answers go into")
    asking = forms.BooleanField(required=False, initial=True, label="Ask people now")
    share = forms.IntegerField(
        min_value=0,
        max_value=100,
        initial=100,
        label="Percent of people",
        help_text="Always the same ones are asked.",
    )
    again_days = forms.IntegerField(
        min_value=0, max_value=3650, initial=90, label="Not again for, in days"
    )
    rest_days = forms.IntegerField(
        min_value=0,
        max_value=3650,
        initial=14,
        label="After any other survey, in days",
        help_text="So long nobody is asked this one.",
    )
    enough = forms.IntegerField(
        min_value=0,
        max_value=1_000_000,
        initial=0,
        required=False,
        label="Until so many have answered",
        help_text="0 or nothing: however many.",
    )
    pages = forms.CharField(
        required=False,
        label="On which pages",
        help_text="One a line: /pricing, /app/*, https://shop.example/*. Empty: everywhere.",
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    where = forms.CharField(
        required=False,
        label="To whom",
        help_text="What your page says of them, one a line: plan = pro, team. Empty: everybody.",
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    after_seconds = forms.IntegerField(
        min_value=0, max_value=3600, initial=5, label="After so many seconds"
    )
    event = forms.CharField(
        required=False,
        max_length=200,
        label="Or when this happens",
        help_text="Your page says it: headway('event', 'report_exported').",
    )

    def __init__(
        self, here: Here, posted: QueryDict | None, known: SurveyDefinition | None = None
    ) -> None:
        super().__init__(posted, initial=_initial(known) if known else {})
        self.known = known
        source: Any = self.fields["source"]
        source.choices = sources_of(here)
        if known:
            del self.fields["key"], self.fields["kind"]
        self.languages = _languages(posted, known)

    def is_valid(self) -> bool:
        wrong = [one for one in self.languages if not one.is_valid()]
        return super().is_valid() and not wrong

    @property
    def kind_of(self) -> str:
        return self.known.kind if self.known else str(self.cleaned_data["kind"])

    @property
    def key_of(self) -> str:
        return self.known.key if self.known else str(self.cleaned_data["key"])

    @property
    def fields_given(self) -> dict[str, Any]:
        """As files write them. Raises DefinitionError for what cannot be read."""
        found = dict(self.cleaned_data)
        found.pop("key", None)
        return found | {
            "kind": self.kind_of,
            "share": found["share"] / 100,
            "enough": found["enough"] or 0,
            "pages": [line.strip() for line in found["pages"].splitlines() if line.strip()],
            "where": read_where(found["where"]),
            "texts": {
                one.cleaned_data["language"]: one.texts
                for one in self.languages
                if one.cleaned_data.get("question")
            },
        }


def sources_of(here: Here) -> list[tuple[str, str]]:
    """Those to which can be sent; where there is none, a new one."""
    rows = here.workspace.sources.order_by("name", "key")
    found = [(row.key, str(row)) for row in rows if not row.is_warehouse]
    known = [key for key, _ in found]
    return found if FIRST_SOURCE in known else [*found, (FIRST_SOURCE, "A new source, Surveys")]


def read_where(text: str) -> dict[str, list[str]]:
    """`plan = pro, team` → property → values."""
    found: dict[str, list[str]] = {}
    for line in filter(None, map(str.strip, text.splitlines())):
        name, _, values = (side.strip() for side in line.partition("="))
        given = [value.strip() for value in values.split(",") if value.strip()]
        if not name or not given:
            raise DefinitionError(
                f"`{line}` says nothing.", where="where", fix="Write for example plan = pro, team."
            )
        found[name] = given
    return found


def written_where(where: Mapping[str, Any]) -> str:
    def values(given: Any) -> str:
        return ", ".join(map(str, given if isinstance(given, list) else [given]))

    return "\n".join(f"{name} = {values(given)}" for name, given in where.items())


def _initial(known: SurveyDefinition) -> dict[str, Any]:
    return {
        **{name: getattr(known, name) for name in known.__struct_fields__},
        "share": round(known.share * 100),
        "pages": "\n".join(known.pages),
        "where": written_where(known.where),
    }


def _languages(posted: QueryDict | None, known: SurveyDefinition | None) -> list[TextsForm]:
    """One for each language there is, and one more to fill in."""
    if posted is not None:
        count = sum(f"t{n}-question" in posted for n in range(MOST_LANGUAGES + 1))
        return [TextsForm(posted, prefix=f"t{n}", first=n == 0) for n in range(count)]
    blank = {"send": USUAL.send, "close": USUAL.close, "thanks": USUAL.thanks}
    there: list[dict[str, Any]] = [] if known is None else [
        {"language": tag, **{n: getattr(texts, n) for n in texts.__struct_fields__}}
        for tag, texts in known.texts.items()
    ]  # fmt: skip
    first = {"language": "en", "low": "Not at all likely", "high": "Very likely"}
    first |= {"question": "How likely are you to recommend us?", "comment": "What is the reason?"}
    shown = [*there, {}] if there else [first]
    return [
        TextsForm(prefix=f"t{n}", initial=blank | one, first=n == 0) for n, one in enumerate(shown)
    ]
