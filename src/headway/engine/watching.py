"""How a KPI is watched: what is raised of it, and how readily."""

from __future__ import annotations

from typing import Annotated, Literal, get_args

from msgspec import Meta, Struct

AlertKind = Literal[
    "silent",
    "burning",
    "out of range",
    "unusual",
    "worse than before",
    "worse than last year",
    "slipping",
]
"""The gravest first."""

ALERT_KINDS: tuple[AlertKind, ...] = get_args(AlertKind)

Sensitivity = Literal["off", "low", "usual", "high"]

Target = Annotated[
    float, Meta(gt=0, lt=1, description="a share between 0 and 1, such as `0.999`, which is 99.9 %")
]


class Watching(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, kw_only=True):
    """How readily alerts are raised, which kinds are not, and the target of an error budget."""

    sensitivity: Sensitivity = "usual"
    mute: list[AlertKind] = []
    target: Target | None = None
