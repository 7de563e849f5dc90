from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

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


@pytest.mark.parametrize(
    "text",
    [
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
