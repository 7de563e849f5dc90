"""The example that the guide shows is one that works."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec
import pytest

from headway.files import document
from headway.files.reading import reads
from headway.surveys.definition import Texts

GUIDE = (Path(__file__).parents[2] / "docs" / "definitions.md").read_text(encoding="utf-8")


def test_the_example_is_right() -> None:
    example = re.search(r"```yaml\n(workspace:.+?)```", GUIDE, re.DOTALL)
    assert example is not None
    assert [k.key for k in reads(example[1]).objectives[0].key_results] == [
        "active",
        "happy",
        "sales",
    ]


METRICS = "metrics: [{key: revenue, kind: sum, event: order_placed, property: amount}]"


@pytest.mark.parametrize(
    ("item", "page"),
    [
        (document.Survey, "surveys.md"),
        (Texts, "surveys.md"),
        (document.Check, "uptime.md"),
        (document.Annotation, "annotations.md"),
    ],
)
def test_every_field_is_on_its_page(item: type[msgspec.Struct], page: str) -> None:
    text = (Path(__file__).parents[2] / "docs" / page).read_text(encoding="utf-8")
    example = re.search(r"```yaml\n(.+?)```", text, re.DOTALL)
    assert example is not None
    names = [field.encode_name for field in msgspec.structs.fields(item)]
    assert [name for name in names if f"{name}:" not in example[1]] == []
    source = "uptime" if page == "uptime.md" else "app"
    assert reads(f"sources: [{{key: {source}}}]\n{METRICS}\n{example[1]}")


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
