"""What is wrong with a document, and where: all of it at once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from headway.engine.errors import DefinitionError


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """`field` is the path with keys for positions: `metrics[mrr].unit`.

    `file` is empty for what came as values, not in a file.
    """

    file: str
    line: int
    field: str
    message: str
    fix: str = ""

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}: " if self.file else ""
        field = f"{self.field}: " if self.field else ""
        return f"{place}{field}{self.message} {self.fix}".rstrip()


class DocumentError(DefinitionError):
    """Carries every problem that was found, ordered by file and line."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = sorted(set(problems))
        super().__init__(headed(len(self.problems)))

    def __str__(self) -> str:
        return "\n".join([*map(str, self.problems), self.message])


def headed(count: int) -> str:
    return f"{'1 problem' if count == 1 else f'{count} problems'}; nothing was changed."
