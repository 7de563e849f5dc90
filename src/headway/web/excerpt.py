"""A page cut down to what it says: no links, no controls, nothing that only members see."""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import escape
from html.parser import HTMLParser

CONTROLS = frozenset(
    {"nav", "form", "button", "script", "style", "dialog", "noscript", "template", "iframe"}
    | {"input", "select", "textarea", "object", "embed", "link", "meta", "base", "img"}
)
EMPTY = frozenset({"br", "hr", "img", "input", "link", "meta", "base", "wbr", "col", "embed"})
NOT_SHARED = frozenset({"no-print", "members-only", "skip"})
"""Classes of elements that are left out with all that is in them."""


class _Cutter(HTMLParser):
    """Keeps what is inside `main`, element by element."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.kept: list[str] = []
        self.inside = False
        self.left_out: list[str] = []
        """The open elements, from one that is left out inwards."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "main" and not self.inside:
            self.inside = True
        elif self.left_out or (self.inside and _is_left_out(tag, attrs)):
            self.left_out += [] if tag in EMPTY else [tag]
        elif self.inside and tag != "a":
            self.kept.append(_written(tag, attrs))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self.inside and not self.left_out and tag != "a" and not _is_left_out(tag, attrs):
            self.kept.append(_written(tag, attrs, closed=True))

    def handle_endtag(self, tag: str) -> None:
        if tag == "main":
            self.inside = False
        elif self.left_out:
            while self.left_out and self.left_out.pop() != tag:
                continue
        elif self.inside and tag != "a":
            self.kept.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        self._keep(data)

    def handle_entityref(self, name: str) -> None:
        self._keep(f"&{name};")

    def handle_charref(self, name: str) -> None:
        self._keep(f"&#{name};")

    def _keep(self, text: str) -> None:
        if self.inside and not self.left_out:
            self.kept.append(text)


def excerpt(page: str, private: Iterable[str]) -> str:
    """What is in the page's `main`; `private` texts, such as e-mail addresses, are blotted out."""
    cutter = _Cutter()
    cutter.feed(page)
    cutter.close()
    html = "".join(cutter.kept)
    hidden = [re.escape(escape(text)) for text in sorted(private, key=len, reverse=True)]
    return re.sub("|".join(hidden), "a member", html, flags=re.IGNORECASE) if hidden else html


def _is_left_out(tag: str, attrs: list[tuple[str, str | None]]) -> bool:
    classes = (dict(attrs).get("class") or "").split()
    return tag in CONTROLS or not NOT_SHARED.isdisjoint(classes)


def _written(tag: str, attrs: list[tuple[str, str | None]], *, closed: bool = False) -> str:
    said = "".join(
        f" {name}" if value is None else f' {name}="{escape(value)}"'
        for name, value in attrs
        if _is_harmless(name, value or "")
    )
    return f"<{tag}{said}{'/' if closed else ''}>"


def _is_harmless(name: str, value: str) -> bool:
    """No attribute that leads anywhere: no address, and nothing that is fetched or run."""
    if name.startswith("xmlns"):
        return True
    leads = value.strip().lower().startswith(("/", "?", ".", "http:", "https:", "javascript:"))
    return not leads and not name.startswith(("hx-", "on", "data-hx"))
