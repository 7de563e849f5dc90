"""The least value of a property."""

from __future__ import annotations

import builtins
from collections.abc import Callable, Iterable
from typing import ClassVar

from headway.engine.extreme import Extreme


class Min(Extreme, frozen=True, kw_only=True, tag="min"):
    personal: ClassVar[bool] = False
    summary: ClassVar[str] = "The least number among events. Missing numbers are skipped."
    column: ClassVar[str] = "low"
    pick: ClassVar[Callable[[Iterable[float]], float]] = builtins.min
    called: ClassVar[str] = "Least"
