"""YAML files as plain values, remembering the line on which each value stands."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path as FilePath
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from headway.engine.errors import NotFound
from headway.engine.shape import Fault, Path
from headway.files.problems import Problem

SUFFIXES = (".yml", ".yaml")
TAG = "tag:yaml.org,2002:"
NAMES = ("key", "parent", "cycle", "team", "teams", "supports")
"""Fields whose values are names of things: a cycle `2026` is no number."""


@dataclass
class Sheet:
    """Several files as one document: lists of the same name follow each other."""

    values: dict[str, Any] = field(default_factory=dict)
    places: dict[Path, tuple[str, int]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def problem(self, fault: Fault) -> Problem:
        file, line = self._place(fault.path)
        return Problem(file, line, self.named(fault.path), fault.message, fault.fix)

    def _place(self, path: Path) -> tuple[str, int]:
        while path and path not in self.places:
            path = path[:-1]
        return self.places.get(path, ("", 1))

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
            self._at(mark.line + 1 if mark else 1, f"This is not YAML: {said}.")
        except (YAMLError, UnicodeDecodeError) as error:
            self._at(1, f"This is not YAML: {str(error).splitlines()[0]}.")
        else:
            return node
        return None

    def _merge(self, key: str, node: Node) -> None:
        values = self.sheet.values
        if key not in values:
            self.sheet.places[(key,)] = (self.name, node.start_mark.line + 1)
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
        self.sheet.places[path] = (self.name, node.start_mark.line + 1)
        if id(node) in inside:
            return self._report(node, "An alias holds itself.")
        inside = (*inside, id(node))
        if isinstance(node, MappingNode):
            return {k: self._value(v, (*path, k), inside) for k, v in self._pairs(node, path)}
        if isinstance(node, SequenceNode):
            return [self._value(v, (*path, n), inside) for n, v in enumerate(node.value)]
        named = next((step for step in reversed(path) if isinstance(step, str)), "") in NAMES
        return node.value if named and node.tag != f"{TAG}null" else self._scalar(node)

    def _scalar(self, node: Node) -> Any:
        """Dates stay text, so that one that does not exist is reported like any other mistake."""
        construct = self.yaml.constructor
        try:
            match str(node.tag).removeprefix(TAG):
                case "int":
                    return construct.construct_yaml_int(node)
                case "float":
                    return construct.construct_yaml_float(node)
                case "bool":
                    return construct.construct_yaml_bool(node)
                case "null":
                    return None
        except ValueError:
            pass
        return node.value

    def _pairs(self, node: MappingNode, path: Path) -> Iterator[tuple[str, Node]]:
        lines: dict[str, int] = {}
        for key_node, value in node.value:
            line = key_node.start_mark.line + 1
            key = key_node.value if isinstance(key_node, ScalarNode) else "?"
            if key in lines:
                where = self.sheet.named((*path, key))
                self._at(line, f"`{key}` is given twice, first on line {lines[key]}.", where)
                continue
            lines[key] = line
            yield key, value

    def _report(self, node: Node, message: str) -> None:
        self._at(node.start_mark.line + 1, message)

    def _at(self, line: int, message: str, field: str = "") -> None:
        self.sheet.problems.append(Problem(self.name, line, field, message))


def _item(value: Any, step: str | int) -> Any:
    if isinstance(step, int):
        return value[step] if isinstance(value, list) and step < len(value) else None
    return value.get(step) if isinstance(value, dict) else None
