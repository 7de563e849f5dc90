"""A healthy range in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from headway.charts import formats


def healthy_words(healthy: Mapping[str, Any], unit: str, currency: str) -> str:
    """Empty when there is none."""
    low, high = healthy.get("at_least"), healthy.get("at_most")
    if low is not None and high is not None:
        return " to ".join(formats.value(v, unit, currency) for v in (low, high))
    if low is not None:
        return f"at least {formats.value(low, unit, currency)}"
    return f"at most {formats.value(high, unit, currency)}" if high is not None else ""
