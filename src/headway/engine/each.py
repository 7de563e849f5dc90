"""What a metric counts of every single subject, so that groups of subjects can be compared."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Literal

from headway.engine.errors import DefinitionError

if TYPE_CHECKING:
    from headway.engine.attempt import Attempt
    from headway.engine.definition import Definition
    from headway.engine.selection import Added

Compared = Literal["share", "rate", "mean", "ratio"]
"""`share`: which subjects did it. `rate`: which of those of whom y is 1, so that x is 0 while y is.
`mean`: x of a subject. `ratio`: Σx / Σy over subjects."""


@dataclass(frozen=True)
class Each:
    """`x` and, for a rate or a ratio, `y` of one subject. Of an attempt, y is whether it began, and
    x whether it succeeded; it is known once its time is over, at most `open` after it began.

    `by` is what the subjects have to be; "" where any will do. Events are those of `source`.
    """

    compared: Compared
    x: Added | Attempt
    y: Added | None = None
    by: str = ""
    source: str | None = None
    open: timedelta = timedelta()


def alone(definition: Definition) -> str:
    """Where one may say whose events count; raises DefinitionError where a cohort says so."""
    if definition.who is not None:
        raise DefinitionError(
            f"`{definition.key}` counts a cohort (`who`), and an assignment makes groups itself.",
            where=f"metric `{definition.key}`",
            fix="Use a metric with the same events and without `who`.",
        )
    return definition.by


def refused(
    definition: Definition, instead: str, what: str = "says nothing of one subject alone"
) -> DefinitionError:
    return DefinitionError(
        f"`{definition.key}` is of kind `{definition.kind}`, which {what}.",
        where=f"metric `{definition.key}`",
        fix=instead,
    )
