"""Every template is a definition that computes, and refers only to others that exist."""

from __future__ import annotations

import pytest

from headway.engine.errors import NotFound
from headway.engine.kinds import KINDS, check_inputs, parse
from headway.metrics.catalogue import Template, template, templates
from headway.metrics.choice import template_with_inputs
from headway.metrics.stages import STAGES

ALL = templates()
UNITS = ("", "percent", "money", "duration", "ms", "GB", "per s", "points")
EASILY_VAIN = (
    "impressions",
    "website_visits",
    "unique_visitors",
    "social_engagements",
    "downloads",
)
EASILY_GAMED = ("session_length_mean", "session_length_median")


@pytest.mark.parametrize("one", ALL, ids=[t.key for t in ALL])
def test_template_is_a_definition_and_explains_itself(one: Template) -> None:
    definition = parse(one.document)
    assert definition.words()
    assert one.meaning.endswith(".")
    assert one.question.endswith("?")
    assert one.family in {stage.family for stage in STAGES}
    assert one.family.endswith(f"/{one.stage}")
    assert one.direction in ("up", "down", "none")
    assert one.unit in UNITS
    assert not one.warning or one.warning.endswith(".")
    for guardrail in one.guardrails:
        assert template(guardrail).key != one.key


def test_formulas_find_their_inputs_and_have_no_loop() -> None:
    check_inputs({one.key: parse(one.document) for one in ALL})


def test_keys_questions_and_names_are_unique() -> None:
    assert len({one.key for one in ALL}) == len(ALL) > 200
    assert len({one.name for one in ALL}) == len(ALL)
    assert len({one.question for one in ALL}) == len(ALL)


def test_every_kind_is_there() -> None:
    """What is the least, the greatest or a query is nobody's usual KPI."""
    assert {one.kind for one in ALL} == KINDS.keys() - {"min", "max", "query"}


@pytest.mark.parametrize("key", [*EASILY_VAIN, *EASILY_GAMED])
def test_what_is_easily_vain_or_gamed_warns_and_has_a_guardrail(key: str) -> None:
    assert template(key).warning
    assert template(key).guardrails


def test_a_template_comes_after_all_that_it_is_computed_from() -> None:
    keys = list(template_with_inputs("ltv_to_cac", {}))
    assert keys[-1] == "ltv_to_cac"
    for at, key in enumerate(keys):
        assert set(template(key).inputs) <= set(keys[:at])
    assert {"mrr", "customers", "logo_movements", "direct_costs", "new_customers"} <= set(keys)


@pytest.mark.parametrize("one", ALL, ids=[t.key for t in ALL])
def test_a_template_can_be_saved_with_what_it_needs(one: Template) -> None:
    made = template_with_inputs(one.key, {})
    check_inputs({key: parse(document) for key, document in made.items()})
    assert [key for key, document in made.items() if document["level"] == "kpi"] == [one.key]


def test_an_unknown_template_is_corrected() -> None:
    with pytest.raises(NotFound, match="Did you mean `stickiness`"):
        template("stickyness")
