"""A bar of progress: plain SVG, coloured by the style sheet."""

from __future__ import annotations

from html import escape

MARK = '<line class="progress-mark" x1="{0}" x2="{0}" y1="0" y2="10"/>'


def bar(share: float, expected: float | None, label: str) -> str:
    """`share` and `expected` of the whole; what lies outside it is drawn at its edge."""
    words = escape(label)
    mark = "" if expected is None else MARK.format(_place(expected))
    return (
        '<svg class="progress" viewBox="0 0 100 10" preserveAspectRatio="none" role="img" '
        f'aria-label="{words}"><title>{words}</title>'
        '<rect class="progress-track" y="2" width="100" height="6"/>'
        f'<rect class="progress-fill" y="2" width="{_place(share)}" height="6"/>{mark}</svg>'
    )


def _place(share: float) -> float:
    return round(100 * min(max(share, 0.0), 1.0), 1)
