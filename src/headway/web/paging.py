"""Long lists in pages: nobody reads a thousand rows at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from django.http import HttpRequest

from headway.engine.errors import InputError
from headway.web.whole import whole

T = TypeVar("T")


@dataclass(frozen=True)
class Paged(Generic[T]):
    """`rows` of the page with this `number`, from 1 on."""

    rows: Sequence[T]
    number: int
    size: int
    total: int

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // self.size))

    @property
    def first(self) -> int:
        return (self.number - 1) * self.size + 1

    @property
    def last(self) -> int:
        return min(self.number * self.size, self.total)

    @property
    def before(self) -> int:
        """The number of the page before; 0 where there is none."""
        return self.number - 1

    @property
    def after(self) -> int:
        return self.number + 1 if self.number < self.pages else 0


def paged(request: HttpRequest, rows: Sequence[T], size: int) -> Paged[T]:
    """The page that `?page=` names; one past the end is the last one."""
    asked = request.GET.get("page", "") or "1"
    wanted = whole(asked)
    if not wanted:
        raise InputError(f"`{asked[:20]}` is not a page.", where="page", fix="Pages are 1, 2, 3…")
    number = min(wanted, max(1, -(-len(rows) // size)))
    start = (number - 1) * size
    return Paged(rows[start : start + size], number, size, len(rows))
