"""Numbers as all sentences write them."""

from __future__ import annotations

THIN = "\u202f"
"""A narrow space that does not break: between thousands, and between a number and its unit."""


def grouped(amount: float, digits: int = 0) -> str:
    """`12345.6` → `12 346`, with so many digits after the point."""
    return _spaced(f"{amount:,.{digits}f}")


def figure(amount: float, digits: int = 12) -> str:
    """With the digits it has, of which at most so many count: `1234.5` → `1 234.5`."""
    return _spaced(f"{amount:,.{digits}g}")


def _spaced(text: str) -> str:
    return text.replace(",", THIN).replace("-", "−")
