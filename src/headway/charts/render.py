"""Specifications drawn to SVG on this machine, and kept by what they say."""

from __future__ import annotations

import hashlib
import json
import re
import tempfile
import time
from collections.abc import Callable, Iterable
from html import escape
from pathlib import Path

from headway.charts.colours import plain, themed
from headway.charts.picture import Picture
from headway.charts.spec import SIZES, Spec, spec

LOOK = 4
"""Part of every kept chart's name: raise it when the drawing changes, and old ones are redrawn."""

LABELLED = re.compile(r'aria-label="([^"]*)" role="graphics-symbol" aria-roledescription="point"')
SPOKEN = re.compile(r' (?:aria-label|aria-roledescription|role|aria-hidden)="[^"]*"')
OPENING = re.compile(r"<svg [^>]*?viewBox=\"([^\"]*)\"[^>]*>")


def kept(picture: Picture, size: str, folder: Path) -> str | None:
    """The chart for a page, if it has been drawn before."""
    try:
        return _file(spec(picture, size), folder).read_text("utf-8")
    except FileNotFoundError:
        return None


def draw(picture: Picture, size: str, folder: Path) -> str:
    """The chart as SVG to stand inside a page: no styles, scripts or fonts of its own."""
    found = kept(picture, size, folder)
    return found if found is not None else _keep(picture, size, folder)


def warm(
    pictures: Iterable[Picture], folder: Path, enough: Callable[[], bool] = lambda: False
) -> int:
    """Draws what is not there yet, until `enough`; says how many it drew."""
    drawn = 0
    for picture, size in ((p, size) for p in pictures for size in SIZES):
        if enough():
            break
        if kept(picture, size, folder) is None:
            _keep(picture, size, folder)
            drawn += 1
    return drawn


def sweep(folder: Path, days: int) -> None:
    """Removes the charts drawn more than so many days ago."""
    oldest = time.time() - days * 86_400
    for file in folder.glob("*.svg"):
        if file.stat().st_mtime < oldest:
            file.unlink(missing_ok=True)


def standalone(picture: Picture, size: str = "wide") -> str:
    """The chart as a file of its own, in the light colours."""
    return plain(_svg(spec(picture, size)))


def _keep(picture: Picture, size: str, folder: Path) -> str:
    drawing = spec(picture, size)
    text = inlined(_svg(drawing), picture.title, picture.summary)
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(
        "w", dir=folder, suffix=".part", delete=False, encoding="utf-8"
    ) as file:
        file.write(text)
    Path(file.name).replace(_file(drawing, folder))
    return text


def inlined(svg: str, title: str, summary: str) -> str:
    """Points keep their label for the pointer; everything else is told once, by title and text."""
    svg = LABELLED.sub(r'class="dot" data-label="\1"', svg)
    svg = SPOKEN.sub("", svg)
    svg = re.sub(r' font-family="[^"]*"', "", svg)
    words = f"<title>{escape(title)}</title><desc>{escape(summary)}</desc>"
    opening = rf'<svg class="drawing" viewBox="\1" role="img" aria-label="{_quoted(summary)}">'
    return themed(OPENING.sub(opening + _quoted_words(words), svg, count=1))


def _quoted(text: str) -> str:
    return escape(text).replace("\\", "\\\\")


def _quoted_words(words: str) -> str:
    return words.replace("\\", "\\\\")


def _svg(drawing: Spec) -> str:
    # Loading the renderer takes a third of a second, which only a process that draws shall pay.
    import vl_convert

    return str(vl_convert.vegalite_to_svg(drawing))


def _file(drawing: Spec, folder: Path) -> Path:
    text = json.dumps([LOOK, drawing], sort_keys=True)
    return folder / f"{hashlib.sha256(text.encode()).hexdigest()[:40]}.svg"
