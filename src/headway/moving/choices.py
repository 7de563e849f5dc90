"""What somebody decided about files that are to be moved in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from headway.engine.errors import DefinitionError
from headway.moving.cells import Style


@dataclass(frozen=True)
class Choices:
    """`columns`: table → field → heading, `sorts`: table → sort of rows, both only where somebody
    changed the guess. `team`, `cycle` and `key_result` stand in where rows say none; `add_people`
    makes members of those whom rows name. None: as the file itself tells."""

    columns: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    sorts: Mapping[str, str] = field(default_factory=dict)
    team: str = ""
    cycle: str = ""
    key_result: str = ""
    day_first: bool | None = None
    comma_decimal: bool | None = None
    add_people: bool = False

    def style(self, told: Style) -> Style:
        day_first = told.day_first if self.day_first is None else self.day_first
        comma = told.comma_decimal if self.comma_decimal is None else self.comma_decimal
        return Style(day_first, comma)


def pairs(given: tuple[str, ...]) -> dict[str, str]:
    """`("target=Goal", …)` → `{"target": "Goal"}`. Raises DefinitionError."""
    found = {}
    for one in given:
        name, sign, heading = one.partition("=")
        if not sign:
            raise DefinitionError(
                f"`{one}` is no column.", where="column", fix="Write for example `target=Goal`."
            )
        found[name.strip().replace("-", "_")] = heading.strip()
    return found
