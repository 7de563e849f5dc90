"""YAML files as plain values, remembering the line on which each value stands."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path as FilePath
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from headway.engine.errors import NotFound
from headway.engine.shape import Fault, Path
from headway.engine.written import grouped
from headway.files.problems import Problem

SUFFIXES = (".yml", ".yaml")
TAG = "tag:yaml.org,2002:"
TAGS = ("map", "seq", "str", "int", "float", "bool", "null", "timestamp", "merge")
MERGE = f"{TAG}merge"
DEEPEST = 100
LARGEST = 10**300
MOST = 500_000
"""Values of all files together: a short file of aliases can stand for any number of them."""
MENDS = {
    "mapping values are not allowed": "Put a text that holds `: ` in quotes.",
    "'\\t' that cannot start": "Indent with spaces in place of tabs.",
    "that cannot start any token": "Put a text that begins so in quotes.",
    "but found '<block mapping start>'": "Let fields of one thing begin in the same column.",
    "expected <block end>": "Let fields of one thing begin in the same column.",
    "unexpected end of stream": "Close the quote or bracket.",
    "undefined alias": "Mark the first one with `&` and this name.",
    "expected a single document": "Take the `---` out, or make it two files.",
}
"""What the reader says → how to mend it."""
NAMES = ("key", "parent", "cycle", "team", "teams", "supports")
"""Fields whose values are names of things: a cycle `2026` is no number."""


@dataclass
class Sheet:
    """Several files as one document: lists of the same name follow each other."""

    values: dict[str, Any] = field(default_factory=dict)
    places: dict[Path, tuple[str, int]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    count: int = 0

    def problem(self, fault: Fault) -> Problem:
        file, line = self._place(fault.path)
        return Problem(file, line, self.named(fault.path), fault.message, fault.fix)

    def _place(self, path: Path) -> tuple[str, int]:
        while path and path not in self.places:
            path = path[:-1]
        return self.places.get(path, ("", 1))

    def at(self, path: Path) -> Any:
        """What stands there; None where nothing does."""
        value: Any = self.values
        for step in path:
            value = _item(value, step)
        return value

    def named(self, path: Path) -> str:
        """`objectives[fast-start].title`: items are named by their key, else by their position."""
        text, value = "", self.values
        for step in path:
            value = _item(value, step)
            if isinstance(step, int):
                key = value.get("key") if isinstance(value, dict) else None
                text += f"[{key if isinstance(key, str) else step + 1}]"
            else:
                text += f".{step}" if text else step
        return text


def load(path: FilePath) -> Sheet:
    """One file, or every *.yml and *.yaml of a folder and the folders in it, by name."""
    sheet = Sheet()
    for file in _files(path):
        _Page(sheet, file, str(file)).read()
    return sheet


def loads(text: str, name: str = "document") -> Sheet:
    sheet = Sheet()
    _Page(sheet, text, name).read()
    return sheet


def _files(path: FilePath) -> list[FilePath]:
    if path.is_file():
        return [path]
    if not path.exists():
        raise NotFound(f"There is no `{path}`.", fix="Give a YAML file, or a folder of .yml files.")
    found = sorted(p for p in path.rglob("*") if p.suffix in SUFFIXES and p.is_file())
    if not found:
        raise NotFound(
            f"`{path}` holds no definitions.", fix="Give a YAML file, or a folder of .yml files."
        )
    return found


class _Page:
    """One file on its way into the sheet."""

    def __init__(self, sheet: Sheet, stream: FilePath | str, name: str) -> None:
        self.sheet, self.stream, self.name = sheet, stream, name
        self.yaml = YAML(typ="safe", pure=True)

    def read(self) -> None:
        self.sheet.places.setdefault((), (self.name, 1))
        root = self._compose()
        try:
            self._take(root)
        except _TooMuch:
            said = f"The files hold, or their aliases stand for, more than {grouped(MOST)} values."
            self._at(1, said, fix="Make several workspaces, or fewer aliases.")

    def _take(self, root: Node | None) -> None:
        if isinstance(root, MappingNode):
            for key, node in self._pairs(root, ()):
                self._merge(key, node)
        elif root is not None:
            self._report(root, "A file of definitions is a mapping such as `metrics: [...]`.")

    def _compose(self) -> Node | None:
        try:
            text = self.stream if isinstance(self.stream, str) else self.stream.read_text("utf-8")
            node: Node | None = self.yaml.compose(text)
        except MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            said = ", ".join(filter(None, (error.context, error.problem)))
            fix = next((fix for part, fix in MENDS.items() if part in said), "")
            self._at(mark.line + 1 if mark else 1, f"This is not YAML: {said}.", fix=fix)
        except UnicodeDecodeError:
            self._at(1, "This is not text in UTF-8.", fix="Save it in that encoding.")
        except YAMLError as error:
            self._at(1, f"This is not YAML: {str(error).splitlines()[0]}.")
        except RecursionError:
            self._at(1, "This is nested too deeply.", fix=f"Use at most {DEEPEST} levels.")
        else:
            return node
        return None

    def _merge(self, key: str, node: Node) -> None:
        values = self.sheet.values
        if key not in values:
            values[key] = self._value(node, (key,))
        elif isinstance(values[key], list) and isinstance(node, SequenceNode):
            start = len(values[key])
            values[key] += [
                self._value(item, (key, start + n)) for n, item in enumerate(node.value)
            ]
        else:
            file, line = self.sheet.places[(key,)]
            self._report(node, f"`{key}` is given a second time; first in {file}:{line}.")

    def _value(self, node: Node, path: Path, inside: tuple[int, ...] = ()) -> Any:
        self._count(node)
        self.sheet.places.setdefault(path, (self.name, node.start_mark.line + 1))
        if id(node) in inside:
            return self._report(node, "An alias holds itself.")
        if len(inside) == DEEPEST:
            return self._report(node, "This is nested too deeply.")
        inside = (*inside, id(node))
        if isinstance(node, MappingNode):
            return {k: self._value(v, (*path, k), inside) for k, v in self._pairs(node, path)}
        if isinstance(node, SequenceNode):
            return [self._value(v, (*path, n), inside) for n, v in enumerate(node.value)]
        named = next((step for step in reversed(path) if isinstance(step, str)), "") in NAMES
        return node.value if named and node.tag != f"{TAG}null" else self._scalar(node)

    def _count(self, node: Node) -> None:
        self.sheet.count += 1
        if self.sheet.count > MOST:
            raise _TooMuch
        tag = str(node.tag)
        if tag.removeprefix(TAG) not in TAGS:
            fix = "Leave it out."
            self._report(node, f"The tag `{tag.replace(TAG, '!!')}` is not understood.", fix)
        if isinstance(node, ScalarNode) and "\0" in node.value:
            self._report(node, "A text holds the character NUL.", "Take `\\0` out.")

    def _scalar(self, node: Node) -> Any:
        """Dates stay text, so that one that does not exist is reported like any other mistake."""
        construct = self.yaml.constructor
        try:
            match str(node.tag).removeprefix(TAG):
                case "int":
                    found = construct.construct_yaml_int(node)
                    return found if abs(found) < LARGEST else node.value
                case "float":
                    found = construct.construct_yaml_float(node)
                    return found if math.isfinite(found) else node.value
                case "bool":
                    return construct.construct_yaml_bool(node)
                case "null":
                    return None
        except ValueError:
            pass
        return node.value

    def _pairs(
        self, node: MappingNode, path: Path, inside: tuple[int, ...] = ()
    ) -> Iterator[tuple[str, Node]]:
        """What is merged with `<<` comes last, as far as it is not given."""
        lines: dict[str, int] = {}
        merged: list[Node] = []
        for key_node, value in node.value:
            line = key_node.start_mark.line + 1
            if key_node.tag == MERGE:
                merged += value.value if isinstance(value, SequenceNode) else [value]
                continue
            key = key_node.value if isinstance(key_node, ScalarNode) else "?"
            if key in lines:
                where = self.sheet.named((*path, key))
                self._at(line, f"`{key}` is given twice, first on line {lines[key]}.", where)
                continue
            lines[key] = line
            if _is_empty(value):
                self.sheet.places[*path, key] = (self.name, line)
            yield key, value
        for other in merged:
            for key, value in self._merged(other, path, (*inside, id(node))):
                if key not in lines:
                    lines[key] = other.start_mark.line + 1
                    yield key, value

    def _merged(
        self, node: Node, path: Path, inside: tuple[int, ...]
    ) -> Iterator[tuple[str, Node]]:
        if not isinstance(node, MappingNode) or id(node) in inside:
            self._report(node, "`<<` takes in a mapping.", "Name one that is marked with `&`.")
        else:
            yield from self._pairs(node, path, inside)

    def _report(self, node: Node, message: str, fix: str = "") -> None:
        self._at(node.start_mark.line + 1, message, fix=fix)

    def _at(self, line: int, message: str, field: str = "", fix: str = "") -> None:
        self.sheet.problems.append(Problem(self.name, line, field, message, fix))


class _TooMuch(Exception):
    """More values than any document of people holds."""


def _is_empty(node: Node) -> bool:
    """Nothing stands after the colon: where that is, is where the next line begins."""
    return isinstance(node, ScalarNode) and node.value == "" and node.style is None


def _item(value: Any, step: str | int) -> Any:
    if isinstance(step, int):
        return value[step] if isinstance(value, list) and step < len(value) else None
    return value.get(step) if isinstance(value, dict) else None
