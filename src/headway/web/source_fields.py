"""The form of a source: what every one has, and the fields of its kind."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.http import QueryDict

from headway.accounts import gate
from headway.engine.errors import DefinitionError
from headway.ingest.definition import SLUG, SourceDefinition
from headway.ingest.kinds import KINDS
from headway.web.context import Here

WORDS: dict[str, tuple[str, str]] = {
    "dsn_env": (
        "Variable with the address",
        "The name of an environment variable, such as ORDERS_DSN. Whoever runs Headway sets it to "
        "the address with its password, which is kept nowhere else.",
    ),
    "master": ("Master", "local[2] unless given, or for example spark://host:7077."),
    "table": ("Table or view", "For example shop.orders."),
    "at": ("Time column", "When it happened."),
    "id": ("Id column", "Rows with the same one count once."),
    "event": ("Event", "The name of all rows, such as order_placed."),
    "event_column": ("Or event column", "When rows are different events."),
    "user": ("User column", "Who did it."),
    "account": ("Account column", "For which customer."),
    "properties": (
        "Properties",
        "Columns that metrics filter, segment and add up, with commas: amount, country. "
        "Under another name: page = url_path.",
    ),
    "timeout": ("Time-out of a query", "30 s unless given."),
    "every": ("Look for changes every", "15 minutes unless given."),
}
EXAMPLES = {"spark": {"table": "For example shop.orders, or parquet:/data/events."}}
FINE_POINTS = ("timeout", "every", "usual_gap_days")


class SourceForm(forms.Form):
    """Reads and writes the document of one source of a given kind."""

    name = forms.CharField(required=False, max_length=120, help_text="As people call it.")
    key = forms.RegexField(SLUG, max_length=50, help_text="In metrics, such as orders.")
    usual_gap_days = forms.IntegerField(
        required=False,
        min_value=1,
        max_value=366,
        label="Usual gap, in days",
        help_text="The longest silence that is normal. Empty: learnt from the data.",
    )

    def __init__(
        self, kind: str, posted: QueryDict | None, known: SourceDefinition | None = None
    ) -> None:
        super().__init__(posted, initial=_initial(known) if known else {})
        self.kind = kind
        self.known = known
        for name in KINDS[kind].fields:
            self.fields[name] = _field(name, kind)
        if known:
            del self.fields["key"]

    @property
    def key_of(self) -> str:
        return self.known.key if self.known else str(self.cleaned_data["key"])

    @property
    def fields_given(self) -> dict[str, Any]:
        """As files write them. Raises DefinitionError for properties that cannot be told apart."""
        found = {n: v for n, v in self.cleaned_data.items() if v not in ("", None) and n != "key"}
        if "properties" in found:
            found["properties"] = read_columns(found["properties"])
        return {"kind": self.kind, **found}

    @property
    def connecting(self) -> list[forms.BoundField]:
        return self._bound("dsn_env", "master", "table")

    @property
    def mapping(self) -> list[forms.BoundField]:
        return self._bound("event", "event_column", "at", "id", "user", "account")

    @property
    def fine_points(self) -> list[forms.BoundField]:
        return self._bound(*FINE_POINTS)

    def _bound(self, *names: str) -> list[forms.BoundField]:
        return [self[name] for name in names if name in self.fields]


def may_change(here: Here, kind: str) -> bool:
    """Whose table is read is for admins to say."""
    return gate.allows(here.member, "administer" if KINDS[kind].is_table else "write")


def read_columns(text: str) -> dict[str, str]:
    """`amount, page = url_path` → property → column."""
    found: dict[str, str] = {}
    for item in filter(None, (piece.strip() for piece in re.split(r"[,\n]", text))):
        name, equals, column = (side.strip() for side in item.partition("="))
        if not name or bool(equals) != bool(column):
            raise DefinitionError(
                f"`{item}` is no property.",
                where="properties",
                fix="Write for example amount, or page = url_path.",
            )
        found[name] = column or name
    return found


def written_columns(columns: dict[str, str]) -> str:
    return ", ".join(n if n == column else f"{n} = {column}" for n, column in columns.items())


def _initial(known: SourceDefinition) -> dict[str, Any]:
    return {**known.written(), "properties": written_columns(known.columns)}


def _field(name: str, kind: str) -> forms.Field:
    label, hint = WORDS[name]
    required = name in KINDS[kind].needs
    hint = EXAMPLES.get(kind, {}).get(name, hint)
    widget = forms.Textarea(attrs={"rows": 2}) if name == "properties" else forms.TextInput()
    return forms.CharField(required=required, label=label, help_text=hint, widget=widget)
