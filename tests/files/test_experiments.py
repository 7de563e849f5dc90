"""What is wrong with an experiment is said where it stands in the file."""

from __future__ import annotations

import pytest

from headway.files.problems import DocumentError
from headway.files.reading import reads

HEAD = """metrics: [{key: orders, kind: count, event: order}]
outputs:
  - key: buttons
    experiment:
      assigned: {event: viewed}
      variant: variant
      control: A
      metric: orders
      starts: 2026-11-02
"""


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("metric: order", "There is no metric `order`. Did you mean `orders`?"),
        ("guardrails: [{metric: revenue}]", "There is no metric `revenue`."),
        ("guardrails: [{metric: orders}]", "A metric stands here twice."),
        ("ends: 2026-11-01", "It ends on 2026-11-01, before it starts on 2026-11-02."),
        ("split: {B: 1, C: 1}", "The control `A` has no part."),
        ("effect: much", "`2 points` of a share"),
        ("within: a week", "a duration"),
        ("varient: x", "Did you mean `variant`?"),
    ],
)
def test_what_is_wrong(line: str, said: str) -> None:
    name = line.partition(":")[0]
    head = "".join(one for one in HEAD.splitlines(keepends=True) if one.strip() != line)
    if name == "metric":
        head = head.replace("      metric: orders\n", "")
    with pytest.raises(DocumentError) as refused:
        reads(f"{head}      {line}\n")
    assert said in str(refused.value)
    assert "outputs[buttons].experiment" in str(refused.value)


def test_what_is_right() -> None:
    (output,) = reads(HEAD).outputs
    assert output.experiment is not None
    assert output.experiment.metrics == ("orders",)


def test_amounts_are_numbers_or_words() -> None:
    lines = "      effect: 3\n      guardrails: [{metric: sales, worse_by: 0.5}]\n"
    more = "metrics: [{key: sales, kind: count, event: sale}, "
    (output,) = reads(HEAD.replace("metrics: [", more) + lines).outputs
    assert output.experiment is not None
    assert output.experiment.least(100.0) == 3
    assert output.experiment.guardrails[0].margin == 0.5
