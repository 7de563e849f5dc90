"""Every template is a definition that computes, and refers only to others that exist."""

from __future__ import annotations

import pytest

from headway.engine.errors import NotFound
from headway.engine.kinds import KINDS, check_inputs, parse
from headway.metrics.catalogue import Template, template, templates

ALL = templates()


@pytest.mark.parametrize("one", ALL, ids=[t.key for t in ALL])
def test_template_is_a_definition_and_explains_itself(one: Template) -> None:
    definition = parse(one.document)
    assert definition.words()
    assert one.meaning.endswith(".")
    assert one.question.endswith("?")
    assert one.direction in ("up", "down", "none")
    assert one.unit in ("", "percent", "money", "duration", "ms", "GB")
    for guardrail in one.guardrails:
        assert template(guardrail).key != one.key


def test_formulas_find_their_inputs_and_have_no_loop() -> None:
    check_inputs({one.key: parse(one.document) for one in ALL})


def test_keys_are_unique_and_every_kind_is_there() -> None:
    assert len({one.key for one in ALL}) == len(ALL) > 100
    assert {one.measure["kind"] for one in ALL} == KINDS.keys()


def test_an_unknown_template_is_corrected() -> None:
    with pytest.raises(NotFound, match="Did you mean `stickiness`"):
        template("stickyness")
