"""Headway: objectives and key results that measure themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"
__all__ = [
    "Results", "__version__", "alerts", "arms", "experiment", "forecast", "impact", "measure",
    "say",
]  # fmt: skip

if TYPE_CHECKING:
    from headway.foresight import alerts, experiment, forecast, impact, say
    from headway.oneshot import Results, measure
    from headway.variants import arms


def __getattr__(name: str) -> Any:
    """`headway.measure` and its like, loaded when they are first asked for."""
    if name in ("alerts", "experiment", "forecast", "impact", "say"):
        from headway import foresight

        return getattr(foresight, name)
    if name == "arms":
        from headway.variants import arms

        return arms
    if name in ("Results", "measure"):
        from headway import oneshot

        return getattr(oneshot, name)
    raise AttributeError(f"module 'headway' has no attribute {name!r}")
