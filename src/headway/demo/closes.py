"""CDNOW's second quarter of 1998, looked back on: one team has closed it, another has begun to."""

from __future__ import annotations

from datetime import datetime

from headway.accounts.models import Workspace
from headway.goals.close import closing
from headway.goals.close.answers import KeyResultAnswers, ObjectiveAnswers
from headway.goals.models import Choice

CYCLE, CLOSED, BEGUN = "1998-q2", "merchandising", "loyalty"
LEARNT = "Orders grow when there is something to add to the basket, not when prices fall."
ANSWERS: dict[str, KeyResultAnswers] = {
    "revenue": {"choice": Choice.carry_over},
    "order-value": {"choice": Choice.carry_over, "reason": "It guards the others."},
    "discs": {"choice": Choice.carry_over},
    "per-customer": {"choice": Choice.drop, "reason": "Revenue and order value say it together."},
}


def look_back(workspace: Workspace, now: datetime) -> None:
    """By the owner of the objective, who is also the one that may."""
    cycle = workspace.cycles.get(key=CYCLE)
    closing.start(workspace.teams.get(key=BEGUN), cycle, by=None, now=now)
    found = closing.start(workspace.teams.get(key=CLOSED), cycle, by=None, now=now)
    for row in closing.objectives_of(found):
        by = row.objective.owner
        given: ObjectiveAnswers = {"learnt": LEARNT, "key_results": ANSWERS}
        closing.answer(found, row.objective.key, given, by=by, now=now)
        closing.close(found, by=by, now=now)
