"""The greatest value of a property."""

from __future__ import annotations

import builtins
from collections.abc import Callable, Iterable
from typing import ClassVar

from headway.engine.extreme import Extreme


class Max(Extreme, frozen=True, kw_only=True, tag="max"):
    personal: ClassVar[bool] = False
    summary: ClassVar[str] = "The greatest number among events. Missing numbers are skipped."
    column: ClassVar[str] = "high"
    pick: ClassVar[Callable[[Iterable[float]], float]] = builtins.max
    called: ClassVar[str] = "Greatest"
