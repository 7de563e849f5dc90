"""Saves single objects in the format of the files, as the API gets them: nothing is archived."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from headway.accounts import gate
from headway.accounts.models import Member, Workspace
from headway.files.apply import Hand
from headway.files.document import Document
from headway.files.plan import Step, plan
from headway.files.reading import checked
from headway.files.sheet import Sheet
from headway.files.state import known_in


@transaction.atomic
def put(
    workspace: Workspace, values: Mapping[str, Any], *, by: Member | None, now: datetime
) -> list[Step]:
    """Makes or changes what `values` names, such as `{"teams": [{"key": "growth"}]}`.

    Raises DocumentError with every problem; then nothing is saved.
    """
    gate.require(by, "write", workspace)
    document = read_values(workspace, values)
    known = known_in(workspace, managed=True)
    steps = [s for s in plan(workspace, document, known=known) if s.action in ("create", "change")]
    hand = Hand(workspace, document, by, now, managed=False)
    for step in steps:
        hand.do(step)
    for finish in hand.later:
        finish()
    return steps


def read_values(workspace: Workspace, values: Mapping[str, Any]) -> Document:
    sheet = Sheet(values=dict(values))
    return checked(sheet, lambda _: known_in(workspace, managed=True))
