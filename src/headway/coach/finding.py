"""What the coach says: a rule that looked, and what it saw."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Severity(StrEnum):
    """error: cannot be measured or scored. warning: likely to mislead. information: a thought."""

    error = "error"
    warning = "warning"
    information = "information"

    @property
    def rank(self) -> int:
        return list(Severity)[::-1].index(self)


@dataclass(frozen=True, slots=True)
class Finding:
    """`where` is a subject of the feed, such as `key_result:fast-start/ttv`; `field` one of its
    fields.
    """

    code: str
    severity: Severity
    saw: str
    why: str
    fix: str
    where: str
    field: str = ""


@dataclass(frozen=True, slots=True)
class Seen:
    """`field` is where it was seen; `fix` how to mend this one, where more can be said."""

    saw: str
    field: str = "title"
    fix: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """`absence`: it speaks of what is not there yet, so it waits until a form is sent."""

    code: str
    severity: Severity
    title: str
    why: str
    fix: str
    look: Callable[[Any], Iterator[Seen]]
    absence: bool = False

    def findings(self, thing: Any) -> Iterator[Finding]:
        for seen in self.look(thing):
            yield Finding(
                self.code,
                self.severity,
                seen.saw,
                self.why,
                seen.fix or self.fix,
                thing.subject,
                seen.field,
            )
