"""The form of a source: what every one has, and the fields of its kind."""

from __future__ import annotations

import re
from itertools import zip_longest
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
    "url": ("Address", "It begins with https://."),
    "secret_env": (
        "Variable with the secret",
        "The name of an environment variable, such as STRIPE_KEY. Whoever runs Headway sets it to "
        "the key or token, which is kept nowhere else.",
    ),
    "webhook_env": (
        "Variable with the webhook's secret",
        "The name of the one that holds the signing secret, which begins with whsec_.",
    ),
    "query": ("Expression", "In PromQL, such as probe_success."),
    "measure": ("What it measures", "It says what an event holds: ok, milliseconds or value."),
    "step": ("One event every", "1 minute unless given."),
    "changed": (
        "Column that only grows",
        "By which new rows are found, such as id. The time column unless given.",
    ),
    "since": ("From when on", "A day such as 2026-01-01. Empty: all there is."),
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
EXAMPLES = {
    "spark": {"table": "For example shop.orders, or parquet:/data/events."},
    "stripe": {
        "url": "Only for a Stripe elsewhere than at https://api.stripe.com.",
        "account": "A key of your subscriptions' metadata that holds your own id of the account. "
        "Empty: Stripe's customer is the account.",
    },
    "desk": {
        "url": "For example https://acme.zendesk.com.",
        "secret_env": "The name of an environment variable with agent@example.com/token:KEY, or "
        "with a token for OAuth.",
    },
    "prometheus": {
        "url": "For example http://prometheus:9090.",
        "event": "health_checked for availability, task_done for latency unless given.",
        "since": "A day such as 2026-01-01. Empty: 15 days ago.",
    },
    "file": {
        "url": "For example https://example.com/orders.csv, or the path of a file.",
        "id": "Rows with the same one count once. Empty: rows that say the same are told apart "
        "by their number.",
        "properties": "Empty: all other columns.",
    },
    "sheet": {
        "url": "In Google Sheets: File, Share, Publish to web, comma-separated values.",
        "id": "What tells the rows apart, such as deal_id.",
        "at": "When a row began to be there. Empty: when it was first seen.",
        "properties": "Empty: all other columns.",
    },
}
LABELS = {"stripe": {"account": "Account, in the metadata"}}
MEASURES = (
    ("value", "Something else"),
    ("availability", "Availability: above 0 is up"),
    ("latency", "Latency, in seconds"),
)
CONNECTING = (
    "url", "dsn_env", "secret_env", "webhook_env", "master", "table", "query", "measure", "step",
    "since",
)  # fmt: skip
MAPPING = ("event", "event_column", "at", "id", "user", "account", "changed")
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
        return self._bound(*(name for name in CONNECTING if name not in self._fine))

    @property
    def mapping(self) -> list[tuple[forms.BoundField, forms.BoundField | None]]:
        """Two in a row."""
        found = self._bound(*MAPPING)
        return list(zip_longest(found[::2], found[1::2]))

    @property
    def fine_points(self) -> list[forms.BoundField]:
        return self._bound(*self._fine)

    @property
    def _fine(self) -> tuple[str, ...]:
        """An address that is nearly always the same one is among them."""
        known = "url" not in KINDS[self.kind].needs
        return ("url", *FINE_POINTS) if known else FINE_POINTS

    @property
    def has_properties(self) -> bool:
        return "properties" in self.fields

    def _bound(self, *names: str) -> list[forms.BoundField]:
        return [self[name] for name in names if name in self.fields]


def may_change(here: Here, kind: str) -> bool:
    """Whose table is read is for admins to say."""
    return gate.allows(here.member, "administer" if KINDS[kind].is_theirs else "write")


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
    label, hint = LABELS.get(kind, {}).get(name, WORDS[name][0]), WORDS[name][1]
    required = name in KINDS[kind].needs
    hint = EXAMPLES.get(kind, {}).get(name, hint)
    if name == "measure":
        return forms.ChoiceField(choices=MEASURES, label=label, help_text=hint)
    if name == "since":
        day = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
        return forms.DateField(required=False, label=label, help_text=hint, widget=day)
    widget = forms.Textarea(attrs={"rows": 2}) if name == "properties" else forms.TextInput()
    return forms.CharField(required=required, label=label, help_text=hint, widget=widget)
