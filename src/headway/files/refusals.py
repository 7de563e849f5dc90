"""What verbs refuse of a document that is right in itself: all of it, with what it is of."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from headway.engine.errors import DefinitionError, HeadwayError
from headway.engine.shape import Fault, Path
from headway.files.problems import DocumentError, headed
from headway.files.sheet import Sheet

SECTIONS = {"event": "tracking"}
"""What the section of a noun is called that is no plural."""

REASON = "reason"


@dataclass(frozen=True, slots=True)
class Refusal:
    """`subject` is that of the step that was refused: `key_result:start/more`."""

    subject: str
    error: HeadwayError

    @property
    def field(self) -> str:
        """The field out of `workspace.name`, "metric `m`, field `steps`" or `status`."""
        where = self.error.where
        named = re.search(r"field `([^`]+)`", where)
        return named[1] if named else where.rpartition(".")[2]

    def fault(self, sheet: Sheet) -> Fault:
        path = place_of(self.subject, sheet)
        item = sheet.at(path)
        field = (self.field,) if isinstance(item, dict) and self.field in item else ()
        how = " At the command line it is `--reason`." if self.field == REASON else ""
        return Fault((*path, *field), self.error.message, f"{self.error.fix}{how}")

    def __str__(self) -> str:
        return f"{self.subject.replace(':', ' ', 1)}: {self.error}"


class Refused(DefinitionError):
    """Nothing was changed; `refusals` are in the order of the steps."""

    def __init__(self, refusals: Iterable[Refusal]) -> None:
        self.refusals = list(refusals)
        super().__init__(headed(len(self.refusals)))

    def __str__(self) -> str:
        return "\n".join([*map(str, self.refusals), self.message])

    def located(self, sheet: Sheet) -> DocumentError:
        """The same, said with files and lines."""
        return DocumentError(sheet.problem(one.fault(sheet)) for one in self.refusals)


def place_of(subject: str, sheet: Sheet) -> Path:
    """Where a subject stands; the beginning of the document for what is not in it."""
    noun, _, key = subject.partition(":")
    if noun == "workspace":
        return ("workspace",)
    if noun == "key_result":
        objective, _, own = key.partition("/")
        path = place_of(f"objective:{objective}", sheet)
        return _item(path, "key_results", own, sheet) if path else ()
    return _item((), SECTIONS.get(noun, f"{noun}s"), key, sheet)


def _item(above: Path, section: str, key: str, sheet: Sheet) -> Path:
    for n, item in enumerate(sheet.at((*above, section)) or ()):
        own = f"{item.get('cycle')}/{item.get('team')}" if section == "closes" else None
        if key in (own, item.get("key"), item.get("event") if section == "tracking" else None):
            return (*above, section, n)
    return above
