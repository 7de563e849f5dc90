"""What a metric counts of every single subject, so that groups of subjects can be compared."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from headway.engine.errors import DefinitionError

if TYPE_CHECKING:
    from headway.engine.definition import Definition
    from headway.engine.selection import Added

Compared = Literal["share", "mean", "ratio"]
"""`share`: which subjects did it. `mean`: x of a subject. `ratio`: Σx / Σy over subjects."""


@dataclass(frozen=True)
class Each:
    """`x` and, for a ratio, `y` of one subject; `nested`: x is 0 while y is.

    `by` is what the subjects have to be; "" where any will do. Events are those of `source`.
    """

    compared: Compared
    x: Added
    y: Added | None = None
    by: str = ""
    nested: bool = False
    source: str | None = None


def alone(definition: Definition) -> str:
    """Where one may say whose events count; raises DefinitionError where a cohort says so."""
    if definition.who is not None:
        raise DefinitionError(
            f"`{definition.key}` counts a cohort (`who`), and an assignment makes groups itself.",
            where=f"metric `{definition.key}`",
            fix="Use a metric with the same events and without `who`.",
        )
    return definition.by


def refused(definition: Definition, instead: str) -> DefinitionError:
    return DefinitionError(
        f"`{definition.key}` is of kind `{definition.kind}`, which says nothing of one subject "
        "alone.",
        where=f"metric `{definition.key}`",
        fix=instead,
    )
