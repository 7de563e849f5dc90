"""The form of a metric: the kind's own fields, and how the number is read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django import forms

from headway.engine.definition import Definition
from headway.engine.errors import DefinitionError, nearest
from headway.engine.kinds import KINDS
from headway.engine.period import STORED_GRAINS
from headway.web.context import Here
from headway.web.forms import phrases
from headway.web.forms.fields import read_amount, refuse, written
from headway.web.forms.kind_fields import WORDS, PhraseField, fields_of, selects, usual_subject

UNITS = [
    ("", "a plain number"),
    ("percent", "percent"),
    ("money", "money"),
    ("duration", "a time, in seconds"),
    ("ms", "milliseconds"),
    ("points", "points"),
]

OUTCOMES = [
    ("none", "neither outcome"),
    ("product", "a product outcome: what people do"),
    ("business", "a business outcome: what the company gets"),
]
EDGES = ("at_least", "at_most", "floor", "goal")
PLACE = ("outcome", "drives", "tree", "product")

AMOUNT = "For example 85 %, 5 min or 1,000."


def names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


class MetricForm(forms.Form):
    """Reads and writes the document of one metric of a given kind."""

    name = forms.CharField(max_length=160)
    description = forms.CharField(
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="What it means, for somebody who sees it for the first time.",
    )
    unit = forms.ChoiceField(choices=UNITS, required=False)
    direction = forms.ChoiceField(
        choices=[("up", "higher"), ("down", "lower"), ("none", "neither way")],
        label="Better when",
    )
    level = forms.ChoiceField(
        choices=[("kpi", "a KPI, with a healthy range"), ("metric", "a metric")],
        label="It is",
    )
    family = forms.CharField(
        required=False,
        help_text="Where it stands on the board, for example capture/activation.",
        widget=forms.TextInput(attrs={"list": "families"}),
    )
    owner = forms.ChoiceField(required=False)
    healthy_at_least = forms.CharField(required=False, label="Healthy from", help_text=AMOUNT)
    healthy_at_most = forms.CharField(required=False, label="Healthy up to", help_text=AMOUNT)
    healthy_floor = forms.CharField(required=False, label="Worth 0", help_text=AMOUNT)
    healthy_goal = forms.CharField(required=False, label="Worth 100", help_text=AMOUNT)
    outcome = forms.ChoiceField(choices=OUTCOMES, required=False, label="It tells")
    drives = PhraseField(
        names,
        required=False,
        label="It drives",
        help_text="Keys of the metrics that follow it, with commas: what customers do drives what "
        "the business gets.",
        widget=forms.TextInput(attrs={"list": "metrics"}),
    )
    tree = forms.CharField(
        required=False,
        label="Made of",
        help_text="A formula over its drivers: customers * average_revenue. It is checked against "
        "what is measured.",
    )
    product = forms.CharField(
        required=False, max_length=60, help_text="Which of your products it is about."
    )
    key = forms.RegexField(
        r"^[a-z][a-z0-9_]*$",
        required=False,
        help_text="For files and the API; made from the name when empty. It stays.",
        error_messages={"invalid": "Small letters, digits and _ only, a letter first."},
    )
    grain = forms.ChoiceField(
        choices=[("", "as the workspace"), *[(g.value, g.value) for g in STORED_GRAINS]],
        required=False,
        label="Usually read by",
    )
    note = forms.CharField(
        required=False,
        max_length=300,
        label="Why this change",
        help_text="Kept with the version, when the change moves the numbers.",
    )

    def __init__(
        self,
        here: Here,
        kind: str,
        posted: Any,
        *,
        known: Mapping[str, Any],
        saved: bool,
    ) -> None:
        self.saved = saved
        self.currency = here.workspace.currency
        self.workspace = here.workspace
        self.kind: type[Definition] = KINDS[kind]
        self.known = dict(known)
        super().__init__(posted, initial=self._typed())
        self.asked = list(fields_of(self.kind))
        self.fields |= {a.name: a.field for a in self.asked}
        self.fields |= _selecting(usual_subject(self.kind)) if selects(self.kind) else {}
        people = here.workspace.members.order_by("person__name")
        named = people.values_list("person__email", "person__name")
        listed = [(email, name or email) for email, name in named]
        self.fields["owner"].choices = [("", "Nobody yet"), *listed]  # type: ignore[attr-defined]
        if self.known.get("unit", "") not in dict(UNITS):
            unit = (self.known["unit"], self.known["unit"])
            self.fields["unit"].choices = [*UNITS, unit]  # type: ignore[attr-defined]
        for field in self.fields.values():
            field.widget.attrs.setdefault("autocomplete", "off")

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        for name in (f"healthy_{edge}" for edge in EDGES):
            text = given.get(name)
            try:
                given[name] = (
                    read_amount(text, given.get("unit", ""), self.currency) if text else None
                )
            except DefinitionError as error:
                refuse(self, error, name)
        return given

    @property
    def measuring(self) -> list[forms.BoundField]:
        """What decides the number and has no sensible default."""
        own = [self[a.name] for a in self.asked if not a.fine]
        return [*own, self["where"]] if "where" in self.fields else own

    @property
    def fine_points(self) -> list[forms.BoundField]:
        """Choices that are right for most people as they stand."""
        return [self[a.name] for a in self.asked if a.fine]

    @property
    def further(self) -> list[forms.BoundField]:
        names = ("by", "who", "segments", "source", "grain", "key")
        return [self[n] for n in names if n in self.fields]

    @property
    def place(self) -> list[forms.BoundField]:
        """Where it stands among the outcomes."""
        return [self[name] for name in PLACE]

    @property
    def placed(self) -> bool:
        """Whether its place is worth a look at once."""
        return any(self[name].errors or self.known.get(name) for name in PLACE)

    def clean_drives(self) -> list[str]:
        given: list[str] = self.cleaned_data["drives"] or []
        own = str(self.known.get("key", ""))
        live = self.workspace.metrics.filter(archived_at=None)
        there = set(live.values_list("key", flat=True)) if given else set()
        for key in given:
            if key == own or key not in there:
                why = (
                    "A metric does not drive itself."
                    if key == own
                    else (f"There is no metric `{key}`. {nearest(key, there)}")
                )
                raise forms.ValidationError(why)
        return given

    @property
    def document(self) -> dict[str, Any]:
        """The metric as typed. What the form does not ask for stays as it was."""
        given = self.cleaned_data
        own = {a.name: given.get(a.name) for a in self.asked}
        read = {n: given.get(n) for n in ("name", "description", "unit", "direction", "level")}
        read |= {n: given.get(n) for n in ("family", "owner", "grain", *PLACE)}
        chosen = {n: given.get(n) for n in ("where", "who", "by", "segments", "source")}
        document = self.known | own | read | chosen
        document |= {"key": self.chosen_key, "healthy": self._healthy()}
        return {"kind": self.known["kind"]} | {
            k: v for k, v in document.items() if v not in (None, "", [], {})
        }

    @property
    def chosen_key(self) -> str:
        """The key stays once there are numbers under it; before, it may be typed."""
        if self.saved:
            return str(self.known["key"])
        return self.cleaned_data.get("key") or key_from(self.cleaned_data["name"])

    def _healthy(self) -> dict[str, float]:
        kept: dict[str, float] = dict(self.known.get("healthy") or {})
        for edge in EDGES:
            kept.pop(edge, None)
            if (typed := self.cleaned_data.get(f"healthy_{edge}")) is not None:
                kept[edge] = typed
        return kept

    def _typed(self) -> dict[str, Any]:
        """The known document as the form shows it."""
        known = self.known
        healthy = known.get("healthy") or {}
        unit = str(known.get("unit", ""))
        typed: dict[str, Any] = {
            f"healthy_{edge}": written(healthy.get(edge), unit) for edge in EDGES
        }
        typed |= {a.name: a.typed(known[a.name]) for a in fields_of(self.kind) if known.get(a.name)}
        typed["where"] = phrases.write_where(known.get("where") or {})
        typed["who"] = phrases.write_who(known["who"]) if known.get("who") else ""
        for name in ("segments", "drives"):
            typed[name] = ", ".join(known.get(name) or [])
        own = typed.keys()
        return {k: v for k, v in known.items() if k not in own} | typed


def _selecting(subject: str) -> dict[str, forms.Field]:
    label, help_text = WORDS["where"]
    return {
        "where": PhraseField(phrases.read_where, required=False, label=label, help_text=help_text),
        "by": forms.CharField(
            required=False,
            label="Who is counted",
            help_text="user, account, or a property such as ticket_id.",
            widget=forms.TextInput(attrs={"list": "subjects", "placeholder": subject}),
        ),
        "who": PhraseField(
            phrases.read_who,
            required=False,
            label="Only of those who did",
            help_text="For example “report_shared at least 2 times within 30 days before”, or an "
            "event and “since 2026-01-31”, or “since guided-setup”: the key of an output that was "
            "launched. Empty: everybody.",
        ),
        "segments": PhraseField(
            names,
            required=False,
            help_text="Properties to split by, with commas.",
            widget=forms.TextInput(attrs={"list": "properties"}),
        ),
        "source": forms.SlugField(
            required=False,
            help_text="Only events of this source. Empty: all of them.",
            widget=forms.TextInput(attrs={"list": "sources"}),
        ),
    }


def key_from(name: str) -> str:
    """`Average order value` → `average_order_value`."""
    key = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")
    return key if key[:1].isalpha() else f"m_{key}"
