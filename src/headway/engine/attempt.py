"""What a subject sets out to do and may succeed in, for as long as its time is not over."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from headway.engine.selection import Match


@dataclass(frozen=True)
class Path:
    """From the first step through the others, within `window` µs. It succeeds with step `depth`,
    or, `lost`, where the last is not reached.

    Of several attempts of a subject the `first` counts, else the best.
    """

    steps: tuple[Match, ...]
    exclude: tuple[Match, ...]
    window: int
    strict: bool
    depth: int
    lost: bool
    first: bool


@dataclass(frozen=True)
class Return:
    """From a start to a return in the buckets `at` to `last`: as in `Returns`.

    The first start of a subject counts.
    """

    start: Match
    returns: Match
    bucket: Literal["day", "week", "month"]
    rolling: bool
    edges: tuple[int, ...]
    at: int
    last: int


Attempt = Path | Return
