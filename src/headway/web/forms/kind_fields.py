"""The fields of a kind of metric as fields of a form, made from the kind's own types."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import msgspec
from django import forms
from django.utils.datastructures import MultiValueDict
from msgspec import inspect

from headway.engine.definition import KEY_PATTERN, Amount, Definition, Selector
from headway.engine.errors import DefinitionError
from headway.engine.kinds.funnel import MOST
from headway.web.forms import phrases

SHARED = frozenset(f.name for f in msgspec.structs.fields(Definition))
Said = TypeVar("Said")
LONG = 1000
"""Texts that may be so long are asked for in an area."""

ROWS = 3
"""Empty rows that a list shows beyond those that are filled."""

PROMINENT = frozenset({"bucket"})
"""Choices with a default that everybody should look at."""

FINE = frozenset({"lifetime"})
"""Texts that few people give."""

WORDS: dict[str, tuple[str, str]] = {
    "event": ("Event", "Several names with commas; “any” is whatever people do."),
    "weight": ("Weight", "A property to add up, for counts that were added up before."),
    "property": ("Property", "The number that the event carries."),
    "q": ("Which quantile", "0.5 is the median, 0.95 the value that 5 % exceed."),
    "per": ("Over", "Single events, or the sum of each person first."),
    "window": ("Window", "For example 7 days. Empty for unique counts: the calendar period."),
    "at_least": ("At least so many times", "2 counts those who did it again."),
    "of": ("Out of", "The whole, for example “parcel_delivered”. Empty: the event without filter."),
    "count": ("Count", ""),
    "numerator": ("Numerator", "A metric of this workspace."),
    "denominator": ("Denominator", "A metric of this workspace."),
    "start": ("Begins with", "The event that makes somebody part of a cohort."),
    "returns": ("Comes back with", "The event that counts as coming back."),
    "bucket": ("Counted in", ""),
    "brackets": ("Brackets", "Days, with commas, for example 1, 3, 7, 14, 30."),
    "mode": ("A return counts", ""),
    "clock": ("Days begin", ""),
    "cohort": ("A cohort is", ""),
    "horizon": ("Up to", "The last bucket in which a return counts."),
    "at": ("The metric's value is bucket", "1 is the first one after the start."),
    "steps": (
        "Steps",
        "In order, for example “trial_started” then “paid where plan in pro, team”.",
    ),
    "entry": ("An entry is", ""),
    "order": ("Between two steps", ""),
    "exclude": ("Not if this happens between", ""),
    "part": ("The value is", ""),
    "value": ("Property with the new value", "Each subject keeps it until its next event."),
    "plus": ("Adds", "Without a new value: “item_added: amount”, or the event alone for one each."),
    "minus": ("Takes away", ""),
    "stat": ("The value is", ""),
    "top": ("Top scores", "With commas, for example 4, 5."),
    "valid": ("Scores that count", "From, to: for example 0, 10. Others are counted as faults."),
    "from": ("From", "For example “trial_started where plan is pro”."),
    "to": ("To", "The event that ends it."),
    "steps.event": ("What is counted", "“any” is whatever people do between the two."),
    "gap": ("Ends with a pause of more than", "For example 30 min."),
    "limit": ("Not finished after", "For example 30 days. A period is final when this has passed."),
    "ok": ("Good", "For checks: the property that says whether one was good, true or false."),
    "duration": ("Seconds", "For checks: the property with the seconds that one stands for."),
    "incidents": ("Outage", "Instead of checks: the property with the seconds that it lasted."),
    "by_time": ("Share of", ""),
    "maintenance": ("Planned where", "Left out: “planned = true” or “reason in upgrade, backup”."),
    "customer": ("Customer", "account, user, or a property. One customer may have several."),
    "measure": ("Counted in", ""),
    "frequency.of": ("Per person, over", ""),
    "lifetime": (
        "What customers are worth, for",
        "For example 12 months: what they paid by cohort, and what is to come. Empty: not asked.",
    ),
    "formula": ("Formula", "Over other metrics: “revenue / customers”; lag(revenue, 1) is before."),
    "sql": (
        "Query",
        "One SELECT over events that returns period and value, or numerator and denominator: "
        "“SELECT period, COUNT(DISTINCT account_id) AS value FROM events GROUP BY period”.",
    ),
    "where": ("Only where", "Filters on properties: “plan in pro, team and amount > 10”."),
}

CHOICES: dict[str, dict[str, str]] = {
    "per": {"event": "single events", "subject": "people's sums"},
    "count": {"events": "events", "subjects": "people"},
    "bucket": {"day": "days", "week": "weeks", "month": "months"},
    "mode": {"on": "in exactly that bucket", "on_or_after": "in that bucket or later"},
    "clock": {"calendar": "at midnight", "rolling": "24 hours after the start"},
    "cohort": {"first": "the first time ever", "each": "every start"},
    "entry": {"first": "the first time", "any": "the best attempt"},
    "order": {"loose": "anything may happen", "strict": "no other of the steps may happen"},
    "funnel.count": {"subjects": "people", "attempts": "attempts"},
    "funnel.part": {
        "conversion": "the share that arrives",
        "dropoff": "the share that is lost",
        **{f"step_{k}": f"the share that gets to step {k}" for k in range(1, MOST + 1)},
    },
    "by_time": {"": "time, if it is known", "True": "the time", "False": "the checks"},
    "measure": {"amount": "amounts", "customers": "customers"},
    "movement.part": {
        "all": "the net change",
        "new": "what came for the first time",
        "expansion": "what grew",
        "contraction": "what shrank",
        "churned": "what went",
        "reactivated": "what came back",
        "opening": "what was there before",
        "closing": "what is there after",
    },
    "frequency.count": {"days": "days with the event", "events": "events"},
    "frequency.of": {"active": "those who are active", "all": "everybody seen so far"},
    "lifecycle.part": {
        "all": "all who are active",
        "new": "who is here for the first time",
        "returning": "who was here in the period before too",
        "resurrected": "who comes back after a break",
        "dormant": "who has gone since the period before",
    },
    "stat": {
        "sum": "the sum",
        "count": "how many are above 0",
        "mean": "the mean",
        "peak": "the busiest minute",
        "median": "the median",
        "p90": "what all but a tenth stay below",
    },
    "session.stat": {
        "count": "how many there are",
        "mean": "their mean length",
        "median": "their median length",
    },
}


class Rows(forms.Widget):
    """A list, one text input a row; empty rows are left out."""

    template_name = "components/rows_input.html"

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        filled = value or []
        context["widget"]["rows"] = [*filled, *[""] * max(ROWS - len(filled), 1)]
        return context

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> list[str]:
        given = data.getlist(name) if isinstance(data, MultiValueDict) else data.get(name, [])
        return [row for row in given if row.strip()]

    def use_required_attribute(self, initial: Any) -> bool:
        return False


class RowsField(forms.Field):
    widget = Rows

    def __init__(self, read: Callable[[str], Any], **options: Any) -> None:
        super().__init__(**options)
        self.read = read

    def to_python(self, value: Any) -> list[Any]:
        return [_read(self.read, row) for row in value or []]


class PhraseField(forms.CharField):
    """Text that stands for a part of a document."""

    def __init__(self, read: Callable[[str], Any], **options: Any) -> None:
        super().__init__(**options)
        self.read = read

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        return _read(self.read, text) if text else None


def _read(read: Callable[[str], Any], text: str) -> Any:
    try:
        return read(text)
    except DefinitionError as error:
        raise forms.ValidationError(f"{error.message} {error.fix}") from None


@dataclass(frozen=True)
class Asked:
    """One field of a kind: how the form asks for it, and how a document's value is typed."""

    name: str
    field: forms.Field
    typed: Callable[[Any], Any] = lambda value: value

    @property
    def fine(self) -> bool:
        """Whether most people leave it as it stands."""
        chosen = isinstance(self.field, forms.ChoiceField | RowsField)
        usual = chosen and not self.field.required and self.name not in PROMINENT
        return usual or self.name in FINE


def fields_of(kind: type[Definition]) -> Iterator[Asked]:
    for found in inspect.type_info(kind).fields:  # type: ignore[attr-defined]
        if found.name not in SHARED:
            yield _asked(found, str(kind.__struct_config__.tag))


def selects(kind: type[Definition]) -> bool:
    """Whether the kind reads events itself, so that a filter, a subject and a source matter."""
    return any(a.field.widget.attrs.get("list") == "events" for a in fields_of(kind))


def usual_subject(kind: type[Definition]) -> str:
    """Who is counted when nobody is named."""
    return next(str(f.default) for f in msgspec.structs.fields(kind) if f.name == "by")


def _asked(found: inspect.Field, kind: str) -> Asked:
    name = found.encode_name
    label, help_text = _said(WORDS, kind, name, (name.capitalize(), ""))
    options = {"required": found.required, "label": label, "help_text": help_text}
    plain = _plain(found.type)
    if isinstance(plain, inspect.LiteralType):
        return _choice(name, plain, found.default, options, _said(CHOICES, kind, name, {}))
    if isinstance(plain, inspect.BoolType):
        return Asked(name, _truth(_said(CHOICES, kind, name, {}), options))
    return _field(name, plain, found.default, options)


def _said(words: Mapping[str, Said], kind: str, name: str, otherwise: Said) -> Said:
    """The kind's own words for a field come before those for all kinds."""
    return words.get(f"{kind}.{name}", words.get(name, otherwise))


def _plain(kind: inspect.Type) -> inspect.Type:
    """Without what only says that the field may be missing, and without its description."""
    if isinstance(kind, inspect.Metadata):
        return _plain(kind.type)
    if isinstance(kind, inspect.UnionType):
        some = [t for t in kind.types if not isinstance(t, inspect.NoneType)]
        texts = [t for t in some if not isinstance(t, inspect.ListType)]
        return _plain(some[0]) if len(some) == 1 else inspect.UnionType(tuple(some or texts))
    return kind


def _field(name: str, kind: inspect.Type, default: Any, options: dict[str, Any]) -> Asked:
    if isinstance(kind, inspect.StructType):
        field = PhraseField(phrases.read_selector, widget=_input("events"), **options)
        return Asked(name, field, phrases.write_selector)
    if isinstance(kind, inspect.DictType):
        return Asked(name, PhraseField(phrases.read_where, **options), phrases.write_where)
    if isinstance(kind, inspect.ListType):
        return _list(name, kind, options)
    if isinstance(kind, inspect.UnionType):
        field = PhraseField(phrases.read_names, widget=_input("events"), **options)
        return Asked(name, field, phrases.write_names)
    return Asked(name, _scalar(kind, default, options))


def _choice(
    name: str,
    kind: inspect.LiteralType,
    default: Any,
    options: dict[str, Any],
    words: Mapping[str, str],
) -> Asked:
    ordered = sorted(kind.values, key=lambda v: list(words).index(str(v)) if v in words else 99)
    choices = [(str(v), words.get(str(v), str(v))) for v in ordered]
    options = options | {"required": False}
    return Asked(name, forms.ChoiceField(choices=choices, initial=default, **options))


def _truth(words: Mapping[str, str], options: dict[str, Any]) -> forms.Field:
    usual = {"": "as usual", "True": "yes", "False": "no"}
    return forms.TypedChoiceField(
        choices=list((words or usual).items()),
        coerce=lambda value: value == "True",
        empty_value=None,
        **options | {"required": False},
    )


def _list(name: str, kind: inspect.ListType, options: dict[str, Any]) -> Asked:
    item = _plain(kind.item_type)
    if not isinstance(item, inspect.StructType):
        return Asked(name, PhraseField(_numbers, **options), _numbers_typed)
    read = phrases.read_amount if issubclass(item.cls, Amount) else phrases.read_selector
    assert issubclass(item.cls, Selector)
    field = RowsField(read, widget=Rows(attrs={"list": "events"}), **options)
    return Asked(name, field, lambda rows: [phrases.write_selector(row) for row in rows])


def _scalar(kind: inspect.Type, default: Any, options: dict[str, Any]) -> forms.Field:
    initial = None if default in (msgspec.NODEFAULT, None) else default
    if isinstance(kind, inspect.IntType):
        return forms.IntegerField(initial=initial, min_value=kind.ge, **options)
    if isinstance(kind, inspect.FloatType):
        field = forms.FloatField(initial=initial, **options)
        field.widget.attrs["step"] = "any"
        return field
    if isinstance(kind, inspect.StrType) and (kind.max_length or 0) >= LONG:
        return forms.CharField(initial=initial, widget=forms.Textarea(attrs={"rows": 8}), **options)
    pattern = kind.pattern if isinstance(kind, inspect.StrType) else None
    names = {KEY_PATTERN: "metrics", None: "properties"}.get(pattern)
    return forms.CharField(initial=initial, widget=_input(names), **options)


def _input(names: str | None) -> forms.TextInput:
    return forms.TextInput(attrs={"list": names} if names else {})


def _numbers(text: str) -> list[float]:
    try:
        return [_number(part.strip()) for part in text.split(",") if part.strip()]
    except ValueError:
        raise DefinitionError(f"`{text}` are not numbers.", fix="Write 1, 3, 7.") from None


def _number(text: str) -> float:
    return int(text) if text.lstrip("+-").isdigit() else float(text)


def _numbers_typed(numbers: list[float]) -> str:
    return ", ".join(f"{number:g}" for number in numbers)
