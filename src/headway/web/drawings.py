"""Charts on pages: drawn before, they stand in the page; otherwise the page loads them after."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from headway.charts.picture import Picture
from headway.charts.render import draw, kept
from headway.charts.spec import SIZES

MANY = 400
"""A picture of more dots is loaded after its page: even to find what was drawn takes long."""


def ready(picture: Picture) -> dict[str, str]:
    """SVG by size; empty when a size has yet to be drawn, or when there are many dots."""
    if len(picture.dots) > MANY:
        return {}
    found = {size: kept(picture, size, settings.DATA / "charts") for size in SIZES}
    there = {size: svg for size, svg in found.items() if svg is not None}
    return there if len(there) == len(SIZES) else {}


def answer(request: HttpRequest, picture: Picture) -> HttpResponse:
    """The chart itself, drawn now if need be."""
    return render(request, "components/drawing.html", {"drawn": drawn(picture)})


def drawn(picture: Picture) -> dict[str, str]:
    """SVG by size, drawn now if need be."""
    return {size: draw(picture, size, settings.DATA / "charts") for size in SIZES}
