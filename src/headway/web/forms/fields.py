"""What the forms of pages share: fields that read what people type, and errors beside fields."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from django import forms
from django.db.models import Model

from headway.accounts.models import Workspace
from headway.engine.errors import DefinitionError, HeadwayError, NotAllowed
from headway.files.amounts import PERCENT, format_amount, parse_amount

if TYPE_CHECKING:
    RowField = forms.ModelChoiceField[Model]
else:
    RowField = forms.ModelChoiceField

Saved = TypeVar("Saved")

MOST_WITHOUT_SIGN = 2.0
"""A larger percentage is written with its sign: 85 would be 8,500 %."""


class DayField(forms.DateField):
    """A calendar day, with the browser's own picker."""

    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class Chosen(forms.CheckboxSelectMultiple):
    """Check boxes, each with its label on a line."""


class Depending(forms.Field):
    """Asked for like any field; whether it may be empty is for the form to say."""

    def validate(self, value: object) -> None: ...


class DependingText(Depending, forms.CharField): ...


class DependingNumber(Depending, forms.IntegerField): ...


class DependingChoice(Depending, forms.ChoiceField): ...


class DependingRow(Depending, RowField): ...


class OwnerField(RowField):
    """A member, named by their e-mail address in the form."""

    def __init__(self, workspace: Workspace, **options: Any) -> None:
        members = workspace.members.select_related("person").order_by("person__name")
        people = members.only("workspace_id", "person__name", "person__email")
        super().__init__(
            people, to_field_name="pk", required=False, empty_label="Nobody yet", **options
        )

    def label_from_instance(self, obj: Model) -> str:
        return str(obj)


def attempt(form: forms.BaseForm, write: Callable[[], Saved]) -> Saved | None:
    """Writes when the form is right; an error of the tree lands beside the field it names."""
    if not form.is_valid():
        return None
    form.cleaned_data.pop("seen", None)
    try:
        return write()
    except NotAllowed:
        raise
    except HeadwayError as error:
        refuse(form, error)
        return None


def refuse(form: forms.BaseForm, error: HeadwayError, field: str = "") -> None:
    named = field or error.where
    text = f"{error.message} {error.fix}".strip()
    form.add_error(named if named in form.fields else None, text)


def plain(text: str) -> str:
    """An amount as our own pages write it, with the characters of a keyboard."""
    return text.strip().replace("−", "-").replace("\u202f", " ").replace("\u00a0", " ")


def read_amount(text: str, unit: str, currency: str) -> float:
    """What was typed, in the unit of its metric.

    Raises DefinitionError for a percentage that is written as another number: whoever types 85
    means 85 %, which is 0.85.
    """
    typed = plain(text)
    found = parse_amount(typed, unit, currency)
    if unit == PERCENT and abs(found) > MOST_WITHOUT_SIGN and not typed.endswith(("%", PERCENT)):
        raise DefinitionError(
            f"Is `{typed}` a percentage?", fix=f"Write `{typed} %`, or `{found / 100:g}`."
        )
    return found


def written(value: float | None, unit: str) -> str:
    """An amount as somebody would have typed it."""
    return "" if value is None else str(format_amount(value, unit))
