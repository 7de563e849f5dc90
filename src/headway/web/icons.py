"""The icons: drawn with the text's colour on a 16 × 16 grid, hidden from screen readers."""

from __future__ import annotations

from functools import cache

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

SHAPES = {
    "home": '<path d="M2.5 7.5 8 3l5.5 4.5V13a.8.8 0 0 1-.8.8H10V10H6v3.8H3.3a.8.8 0 0 1-.8-.8z"/>',
    "objectives": '<circle cx="8" cy="8" r="5.8"/><circle cx="8" cy="8" r="2.4"/>',
    "kpis": '<path d="M2.5 13.5h11M4.5 11V8M8 11V3.5M11.5 11V6"/>',
    "outcomes": '<circle cx="3.5" cy="8" r="1.8"/><circle cx="12.5" cy="4" r="1.8"/>'
    '<circle cx="12.5" cy="12" r="1.8"/><path d="m5.2 7.3 5.6-2.5M5.2 8.7l5.6 2.5"/>',
    "boards": '<path d="M2.5 3h3v10h-3zM7 3h3v7H7zM11.5 3h2v4h-2z"/>',
    "reviews": '<path d="M3.5 2.5h9v11h-9zM5.8 5.8h4.4M5.8 8.2h4.4M5.8 10.6h2.4"/>',
    "sources": '<ellipse cx="8" cy="4" rx="5" ry="1.9"/>'
    '<path d="M3 4v8c0 1 2.2 1.9 5 1.9s5-.9 5-1.9V4M3 8c0 1 2.2 1.9 5 1.9s5-.9 5-1.9"/>',
    "settings": '<path d="M2.5 4.5h6m3 0h2M2.5 11.5h2m3 0h6"/><circle cx="10" cy="4.5" r="1.5"/>'
    '<circle cx="6" cy="11.5" r="1.5"/>',
    "search": '<circle cx="7" cy="7" r="4.2"/><path d="m10.2 10.2 3.3 3.3"/>',
    "theme": '<circle cx="8" cy="8" r="5.5"/><path d="M8 2.5a5.5 5.5 0 0 1 0 11z" class="solid"/>',
    "plus": '<path d="M8 3v10M3 8h10"/>',
    "check": '<path d="m3 8.5 3.2 3L13 4.5"/>',
    "up": '<path d="M8 13V3.5M4 7l4-3.8L12 7"/>',
    "down": '<path d="M8 3v9.5M4 9l4 3.8L12 9"/>',
    "level": '<path d="M3 8h10"/>',
    "arrow": '<path d="M3 8h9.5M9 4l3.8 4L9 12"/>',
    "download": '<path d="M8 2.5v7M5 7l3 3 3-3M3 13h10"/>',
    "shield": '<path d="M8 2.2 13 4v3.8c0 3-2.1 5-5 6-2.9-1-5-3-5-6V4z"/>',
    "achieved": '<circle cx="8" cy="8" r="6" class="solid"/><path d="m5.2 8.2 2 1.9 3.6-4" '
    'class="knock"/>',
    "on-track": '<circle cx="8" cy="8" r="6"/><path d="m5.2 8.2 2 1.9 3.6-4"/>',
    "behind": '<circle cx="8" cy="8" r="6"/><path d="M8 4.8V8l2.2 1.6"/>',
    "at-risk": '<path d="M8 2.5 14 13.2H2z"/><path d="M8 6.5v3M8 11.3v.2"/>',
    "missed": '<circle cx="8" cy="8" r="6"/><path d="m5.8 5.8 4.4 4.4m0-4.4-4.4 4.4"/>',
    "not-started": '<circle cx="8" cy="8" r="6" stroke-dasharray="2 2.2"/>',
    "unknown": '<circle cx="8" cy="8" r="6"/><path d="M6.3 6.4c.1-2 3.4-2 3.4 0 0 1.3-1.7 1.3-1.7 '
    '2.5M8 11.2v.1"/>',
}


@cache
def icon(name: str) -> SafeString:
    # The shapes are the constants above, never input.
    shape = mark_safe(SHAPES[name])  # noqa: S308
    return format_html(
        '<svg class="icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">{}</svg>',
        shape,
    )
