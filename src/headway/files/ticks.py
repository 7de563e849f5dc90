"""The milestones of a document as `save_key_result` takes them."""

from __future__ import annotations

from headway.files.document import KeyResult, Milestone
from headway.goals.fields import MilestoneFields


def milestones_of(item: KeyResult) -> list[MilestoneFields]:
    return [_fields(m) for m in item.milestones]


def _fields(item: Milestone) -> MilestoneFields:
    """Without `done`, which then stays as it is, unless it is given."""
    found: MilestoneFields = {"name": item.name.strip(), "weight": item.weight, "due": item.due}
    if item.done is not None:
        found["done"] = item.done
    return found
