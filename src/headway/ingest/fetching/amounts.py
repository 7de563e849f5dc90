"""Amounts as payment services write them: whole numbers of the smallest unit of a currency."""

from __future__ import annotations

WITHOUT_CENTS = frozenset(
    [
        "BIF",
        "CLP",
        "DJF",
        "GNF",
        "JPY",
        "KMF",
        "KRW",
        "MGA",
        "PYG",
        "RWF",
        "VND",
        "VUV",
        "XAF",
        "XOF",
        "XPF",
    ]
)
"""https://docs.stripe.com/currencies#zero-decimal. ISK and UGX have no cents either, but Stripe
writes them as if they had."""

THOUSANDTHS = frozenset(["BHD", "JOD", "KWD", "OMR", "TND"])


def amount(smallest: float, currency: str) -> float:
    """`amount(1999, "USD")` is 19.99, `amount(1999, "JPY")` is 1999."""
    code = currency.upper()
    return smallest / (1 if code in WITHOUT_CENTS else 1000 if code in THOUSANDTHS else 100)
