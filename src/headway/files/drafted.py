"""A drafted key result in the words of a document."""

from __future__ import annotations

from typing import Any

from headway.files.targets import Target, written
from headway.goals.promote import Draft


def document_of(draft: Draft) -> dict[str, Any]:
    """Without a key, which is chosen by who saves it, and without a target where none was found."""
    target = Target(
        shape="reach" if draft.shape == "reach" else "keep",
        baseline_typed=draft.fields["baseline_typed"],
        target=draft.target.value,
        at_least=draft.at_least,
        at_most=draft.at_most,
        over=draft.over,
        over_n=draft.over_n,
    )
    return {
        "title": draft.title,
        "metric": draft.metric.key,
        **written(target, draft.metric.unit),
        "grain": draft.grain.value,
        "cycle": draft.cycle.key,
        "due": draft.due.isoformat(),
    }
