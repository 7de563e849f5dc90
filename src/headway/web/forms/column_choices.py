"""How files that move in are read: a choice for each column, and for what rows leave out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms import BoundField

from headway.moving.actions import Sheet
from headway.moving.cells import text
from headway.moving.choices import DAYS, DECIMALS, Choices
from headway.moving.mapping import FIELDS, OF_SORT, SORTS
from headway.web.context import Here

EXAMPLES = 2
LONGEST = 60


@dataclass(frozen=True)
class Column:
    heading: str
    examples: str
    bound: BoundField


@dataclass(frozen=True)
class Shown:
    sheet: Sheet
    sort: BoundField
    columns: list[Column]


class Reading(forms.Form):
    """`sheets` decide which fields there are."""

    team = forms.CharField(
        required=False,
        label="Team of objectives that name none",
        widget=forms.TextInput(attrs={"list": "teams"}),
        help_text="One that is here, or the name of a new one.",
    )
    cycle = forms.CharField(
        required=False,
        label="Cycle of objectives that name none",
        widget=forms.TextInput(attrs={"list": "cycles"}),
        help_text="One that is here, or for example Q3 2026.",
    )
    key_result = forms.CharField(
        required=False,
        label="Key result of check-ins that name none",
        widget=forms.TextInput(attrs={"list": "key-results"}),
        help_text="Its title, or objective/key-result by their keys.",
    )
    days = forms.ChoiceField(
        required=False,
        label="Days such as 03/04/2026",
        choices=[
            ("", "As the files tell"),
            ("day-first", "Day first: 3 April"),
            ("month-first", "Month first: 4 March"),
        ],
    )
    decimals = forms.ChoiceField(
        required=False,
        label="Numbers such as 1,250",
        choices=[
            ("", "As the files tell"),
            ("point", "1,250.5: the point divides"),
            ("comma", "1.250,5: the comma divides"),
        ],
    )
    add_people = forms.BooleanField(
        required=False,
        label="Make members of those whom rows name by e-mail",
        help_text="They can sign in once you invite them or they ask for a password.",
    )

    def __init__(
        self, here: Here, sheets: Sequence[Sheet], choices: Choices, data: Any = None
    ) -> None:
        super().__init__(data, initial=_initial(choices))
        self.sheets = sheets
        if not here.may_administer:
            del self.fields["add_people"]
        if not any(sheet.mapping.sort == "check-ins" for sheet in sheets):
            del self.fields["key_result"]
        for n, sheet in enumerate(sheets):
            self._add(n, sheet)

    def _add(self, n: int, sheet: Sheet) -> None:
        self.fields[f"sort{n}"] = forms.ChoiceField(
            label="Its rows are", choices=list(SORTS.items()), initial=sheet.mapping.sort
        )
        names = {heading: name for name, heading in sheet.mapping.columns.items()}
        known = OF_SORT.get(sheet.mapping.sort, tuple(FIELDS))
        offered = [("", "– left out –"), *((name, FIELDS[name].label) for name in known)]
        for i, heading in enumerate(sheet.table.headings):
            self.fields[f"column{n}-{i}"] = forms.ChoiceField(
                required=False,
                label=heading or f"Column {i + 1}",
                choices=offered,
                initial=names.get(heading, ""),
                disabled=not heading,
            )

    def clean(self) -> dict[str, Any]:
        """Two columns cannot be the same thing."""
        for n, sheet in enumerate(self.sheets):
            seen: dict[str, str] = {}
            for name, heading in self._columns(n, sheet):
                if name in seen:
                    said = f"“{seen[name]}” is read as this already; choose one of them."
                    place = sheet.table.headings.index(heading)
                    self.add_error(f"column{n}-{place}", said)
                seen.setdefault(name, heading)
        return self.cleaned_data

    def _columns(self, n: int, sheet: Sheet) -> Iterator[tuple[str, str]]:
        for i, heading in enumerate(sheet.table.headings):
            if name := self.cleaned_data.get(f"column{n}-{i}"):
                yield name, heading

    def choices(self) -> Choices:
        """Of a form that is right. A sheet whose sort changes is guessed anew as that sort."""
        data = self.cleaned_data
        columns: dict[str, dict[str, str]] = {}
        sorts = {}
        for n, sheet in enumerate(self.sheets):
            sorts[sheet.table.name] = data[f"sort{n}"]
            if data[f"sort{n}"] == sheet.mapping.sort:
                chosen = dict(self._columns(n, sheet))
                columns[sheet.table.name] = {name: chosen.get(name, "") for name in FIELDS}
        return Choices(
            columns=columns,
            sorts=sorts,
            team=data["team"].strip(),
            cycle=data["cycle"].strip(),
            key_result=data.get("key_result", "").strip(),
            day_first=DAYS.get(data["days"]),
            comma_decimal=DECIMALS.get(data["decimals"]),
            add_people=data.get("add_people", False),
        )

    def shown(self) -> list[Shown]:
        return [
            Shown(
                sheet,
                self[f"sort{n}"],
                [
                    Column(
                        heading or f"Column {i + 1}", _examples(sheet, i), self[f"column{n}-{i}"]
                    )
                    for i, heading in enumerate(sheet.table.headings)
                ],
            )
            for n, sheet in enumerate(self.sheets)
        ]


def _initial(choices: Choices) -> dict[str, Any]:
    words = {v: k for k, v in DAYS.items()}, {v: k for k, v in DECIMALS.items()}
    return {
        "team": choices.team,
        "cycle": choices.cycle,
        "key_result": choices.key_result,
        "days": words[0].get(choices.day_first is True) if choices.day_first is not None else "",
        "decimals": words[1].get(choices.comma_decimal is True)
        if choices.comma_decimal is not None
        else "",
        "add_people": choices.add_people,
    }


def _examples(sheet: Sheet, position: int) -> str:
    said = (" ".join(text(row.at(position)).split()) for row in sheet.table.rows)
    found = list(dict.fromkeys(word for word in said if word))[:EXAMPLES]
    return " · ".join(word if len(word) <= LONGEST else f"{word[:LONGEST]}…" for word in found)
