from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from ruamel.yaml import YAML

from headway.engine.kinds import KINDS
from headway.files.schema import schema
from headway.files.sheet import load, loads

WORKSPACE = Path(__file__).parent / "workspace"


@pytest.fixture(scope="module")
def validator() -> Draft202012Validator:
    Draft202012Validator.check_schema(schema())
    return Draft202012Validator(schema())


def test_a_right_workspace_is_valid(validator: Draft202012Validator) -> None:
    assert list(validator.iter_errors(load(WORKSPACE).values)) == []


@pytest.mark.parametrize("file", ["docs/definitions.md", "src/headway/demo/cdnow.yml"])
def test_an_editor_finds_nothing_in_what_is_right(
    validator: Draft202012Validator, file: str
) -> None:
    """It reads names that look like numbers as numbers, and days as text."""
    text = (WORKSPACE.parents[2] / file).read_text(encoding="utf-8")
    text = text.partition("```yaml\n")[2].partition("```")[0] or text
    assert list(validator.iter_errors(seen(YAML(typ="safe").load(text)))) == []


def seen(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): seen(one) for key, one in value.items()}
    if isinstance(value, list):
        return [seen(one) for one in value]
    return str(value) if isinstance(value, date) else value


@pytest.mark.parametrize(
    "text",
    [
        "outputs: [{key: o, launched: soon}]",
        "teams: [{key: Growth}]",
        "metrics: [{key: m, kind: count, event: ''}]",
        "metrics: [{key: m, kind: count, event: e, window: 7 days}]",
        "metrics: [{key: m, kind: funnel, steps: [{event: a}], window: 1 day}]",
        "objectives: [{key: o, cycle: q, team: t, title: T, key_results: [{key: k, too: 5}]}]",
        "teams: [{key: a, nme: A}]",
        "cycles: [{key: q4, starts: 2026-10-01}]",
        "metrics: [{key: m, kind: sun}]",
        "metrics: [{key: m, kind: count, event: e, where: {plan: {inn: [pro]}}}]",
        "workspace: {key: w, week_starts: mondy}",
        "alerts: []",
    ],
)
def test_what_reading_refuses_the_schema_refuses(
    validator: Draft202012Validator, text: str
) -> None:
    assert list(validator.iter_errors(loads(text).values))


def test_every_kind_of_metric_is_described(validator: Draft202012Validator) -> None:
    metrics: dict[str, Any] = schema()["$defs"]["Document"]["properties"]["metrics"]
    assert set(metrics["items"]["discriminator"]["mapping"]) == set(KINDS)
