"""Colours of charts: in a specification a stand-in, on a page a token, elsewhere a colour.

A page draws one picture for light and dark: each stand-in becomes `var(--token)`, and the style
sheet decides. Where there is no style sheet, the light colours stand.
"""

from __future__ import annotations

INK, SOFT, LINE, PAPER = "#0a0001", "#0a0002", "#0a0003", "#0a0004"
SERIES = ("#0a0011", "#0a0012", "#0a0013", "#0a0014", "#0a0015", "#0a0016")

TOKENS = {
    INK: ("--ink", "#171a21"),
    SOFT: ("--soft", "#565d6b"),
    LINE: ("--line", "#e4e6eb"),
    PAPER: ("--paper", "#ffffff"),
    SERIES[0]: ("--chart-1", "#3454d1"),
    SERIES[1]: ("--chart-2", "#c2410c"),
    SERIES[2]: ("--chart-3", "#0f766e"),
    SERIES[3]: ("--chart-4", "#9333a8"),
    SERIES[4]: ("--chart-5", "#a16207"),
    SERIES[5]: ("--chart-6", "#4b5563"),
}


def themed(svg: str) -> str:
    """For a page of ours: colours follow its light or dark tokens."""
    for stand_in, (token, _) in TOKENS.items():
        svg = svg.replace(stand_in, f"var({token})")
    return svg


def plain(svg: str) -> str:
    """For everywhere else: the light colours."""
    for stand_in, (_, colour) in TOKENS.items():
        svg = svg.replace(stand_in, colour)
    return svg
