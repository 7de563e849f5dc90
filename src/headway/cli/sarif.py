"""Findings as SARIF 2.1.0, which code hosts and editors show beside the lines they are about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import PurePath
from typing import Any
from urllib.parse import quote

from headway import __version__
from headway.coach.rules import BY_CODE

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
LEVELS = {"error": "error", "warning": "warning", "information": "note"}
OTHERS = {
    "document": "A file that cannot be read as definitions",
    "unmeasurable": "A metric or source that cannot be measured",
    "unseen": "An event or property that no source has shown yet",
}
"""The codes that are not the coach's."""


def sarif(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    codes = list(dict.fromkeys(row["code"] for row in rows))
    driver = {
        "name": "Headway",
        "version": __version__,
        "rules": [_rule(code) for code in codes],
    }
    results = [_result(row, codes.index(row["code"])) for row in rows]
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(code: str) -> dict[str, Any]:
    rule = BY_CODE.get(code)
    if rule is None:
        return {"id": code, "shortDescription": {"text": OTHERS[code]}}
    return {
        "id": code,
        "shortDescription": {"text": rule.title},
        "fullDescription": {"text": rule.why},
        "help": {"text": rule.fix},
        "defaultConfiguration": {"level": LEVELS[rule.severity]},
    }


def _result(row: Mapping[str, Any], index: int) -> dict[str, Any]:
    text = " ".join(filter(None, (row["message"], row["fix"])))
    return {
        "ruleId": row["code"],
        "ruleIndex": index,
        "level": LEVELS[row["severity"]],
        "message": {"text": text},
        "locations": [_location(row)],
    }


def _location(row: Mapping[str, Any]) -> dict[str, Any]:
    place: dict[str, Any] = {}
    if row["subject"]:
        place["logicalLocations"] = [{"fullyQualifiedName": row["subject"]}]
    if row["file"]:
        place["physicalLocation"] = {
            "artifactLocation": {"uri": _uri(row["file"])},
            "region": {"startLine": row["line"]},
        }
    return place


def _uri(file: str) -> str:
    path = PurePath(file)
    return path.as_uri() if path.is_absolute() else quote(path.as_posix())
