"""Rows that a key result's form asks for: milestones, and values for certain days."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import zip_longest
from typing import Any

from django import forms
from django.utils.datastructures import MultiValueDict

from headway.engine.errors import DefinitionError
from headway.goals.fields import MilestoneFields
from headway.goals.models import KeyResult
from headway.web.forms.fields import refuse, written

EMPTY_ROWS = 2
"""So many empty rows stand below those that are filled."""

FEWEST_ROWS = 3


@dataclass(frozen=True, slots=True)
class Column:
    """One input of each row. `wide`: it takes the room that the others leave."""

    name: str
    label: str
    kind: str = "text"
    wide: bool = False


class RowsInput(forms.Widget):
    """A table of inputs; each column is sent as a list under its own name."""

    template_name = "components/rows_table.html"

    def __init__(self, columns: Sequence[Column]) -> None:
        super().__init__()
        self.columns = columns

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        filled = list(value or [])
        rows = [*filled, *[{}] * max(EMPTY_ROWS, FEWEST_ROWS - len(filled))]
        context["widget"]["columns"] = self.columns
        context["widget"]["rows"] = [
            [(column, row.get(column.name, "")) for column in self.columns] for row in rows
        ]
        return context

    def value_from_datadict(
        self, data: Mapping[str, Any], files: Any, name: str
    ) -> list[dict[str, str]]:
        """Rows in which something was typed."""
        lists = [_list(data, f"{name}_{column.name}") for column in self.columns]
        names = [column.name for column in self.columns]
        rows = [
            {n: cell.strip() for n, cell in zip(names, cells, strict=True)}
            for cells in zip_longest(*lists, fillvalue="")
        ]
        return [row for row in rows if any(row.values())]

    def value_omitted_from_data(self, data: Mapping[str, Any], files: Any, name: str) -> bool:
        return not any(f"{name}_{column.name}" in data for column in self.columns)

    def use_required_attribute(self, initial: Any) -> bool:
        return False


class RowsField(forms.Field):
    """Its value is a list of rows, each a text by the name of its column."""

    def __init__(self, columns: Sequence[Column], **options: Any) -> None:
        super().__init__(widget=RowsInput(columns), required=False, **options)

    def to_python(self, value: Any) -> list[dict[str, str]]:
        return list(value or [])


def _list(data: Mapping[str, Any], name: str) -> list[str]:
    if isinstance(data, MultiValueDict):
        return data.getlist(name)
    found = data.get(name, [])
    return [found] if isinstance(found, str) else list(found)


MILESTONE = (
    Column("name", "What is done then", wide=True),
    Column("weight", "Weight", "number"),
    Column("due", "By", "date"),
)
PHASE = (Column("day", "By the end of", "date"), Column("value", "Expected value", wide=True))


def read_milestones(form: forms.Form) -> list[MilestoneFields]:
    found: list[MilestoneFields] = []
    for row in form.cleaned_data.get("milestones", []):
        try:
            weight = float(row["weight"]) if row["weight"] else 1.0
            due = date.fromisoformat(row["due"]) if row["due"] else None
        except ValueError:
            form.add_error("milestones", f"“{row['name']}”: its weight or its day is none.")
        else:
            found.append({"name": row["name"], "weight": weight, "due": due})
    return found


def read_phases(form: forms.Form, amount: Callable[[str], float]) -> dict[str, float]:
    found: dict[str, float] = {}
    for row in form.cleaned_data.get("phases", []):
        try:
            found[date.fromisoformat(row["day"]).isoformat()] = amount(row["value"])
        except DefinitionError as error:
            refuse(form, error, "phases")
        except ValueError:
            form.add_error("phases", f"By which day is {row['value'] or 'it'} expected?")
    return dict(sorted(found.items()))


def milestone_rows(key_result: KeyResult) -> list[dict[str, str]]:
    return [
        {
            "name": m.name,
            "weight": "" if m.weight == 1 else f"{m.weight:g}",
            "due": m.due.isoformat() if m.due else "",
        }
        for m in key_result.milestones.all()
    ]


def phase_rows(key_result: KeyResult, unit: str) -> list[dict[str, str]]:
    return [{"day": day, "value": written(v, unit)} for day, v in key_result.phases.items()]
