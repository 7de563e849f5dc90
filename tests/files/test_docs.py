"""The example that the guide shows is one that works."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec
import pytest

from headway.files import document
from headway.files.reading import reads

GUIDE = (Path(__file__).parents[2] / "docs" / "definitions.md").read_text(encoding="utf-8")


def test_the_example_is_right() -> None:
    example = re.search(r"```yaml\n(workspace:.+?)```", GUIDE, re.DOTALL)
    assert example is not None
    assert [k.key for k in reads(example[1]).objectives[0].key_results] == [
        "active",
        "happy",
        "sales",
    ]


@pytest.mark.parametrize(
    "item",
    [
        document.Workspace,
        document.Source,
        document.PlannedEvent,
        document.PlannedProperty,
        document.Team,
        document.Cycle,
        document.Objective,
        document.KeyResult,
    ],
)
def test_every_field_is_in_the_guide(item: type[msgspec.Struct]) -> None:
    missing = [f.encode_name for f in msgspec.structs.fields(item) if f.encode_name not in GUIDE]
    assert missing == []
