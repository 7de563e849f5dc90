"""Saves single objects in the format of the files, as the API gets them: nothing is archived."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from headway.accounts import gate
from headway.accounts.models import Member, Workspace
from headway.engine.errors import Conflict
from headway.files.apply import Hand
from headway.files.plan import Step, plan
from headway.files.reading import checked
from headway.files.sheet import Sheet
from headway.files.state import known_in


@transaction.atomic
def put(
    workspace: Workspace,
    values: Mapping[str, Any],
    *,
    by: Member | None,
    now: datetime,
    reason: str = "",
) -> list[Step]:
    """Makes or changes what `values` names, such as `{"teams": [{"key": "growth"}]}`.

    Raises DocumentError with every problem, Conflict for what is archived or managed in code;
    then nothing is saved.
    """
    gate.require(by, "write", workspace)
    known = known_in(workspace, managed=True)
    document = checked(Sheet(values=dict(values)), lambda _: known)
    steps = plan(workspace, document, known=known)
    _refuse_archived(steps)
    hand = Hand(workspace, document, by, now, managed=False, reason=reason)
    done = [step for step in steps if step.action in ("create", "change")]
    for step in done:
        hand.do(step)
    for _, finish in hand.later:
        finish()
    return done


def _refuse_archived(steps: list[Step]) -> None:
    for step in steps:
        if step.action == "restore":
            noun = step.noun.replace("_", " ")
            raise Conflict(f"The {noun} `{step.key}` is archived.", fix="Restore it first.")
