"""The rows of goals, by what they are of."""

from __future__ import annotations

from headway.goals.models.closes import Choice, Close, ClosedKeyResult, ClosedObjective
from headway.goals.models.goals import (
    Ambition,
    CheckIn,
    Cycle,
    KeyResult,
    Milestone,
    Objective,
    Over,
    Pace,
    Prospect,
    Shape,
)
from headway.goals.models.outputs import Effect, Output, OutputStatus, ReadOut, Trial
from headway.goals.models.talk import Comment, Mention, Waiver

__all__ = [
    "Ambition",
    "CheckIn",
    "Choice",
    "Close",
    "ClosedKeyResult",
    "ClosedObjective",
    "Comment",
    "Cycle",
    "Effect",
    "KeyResult",
    "Mention",
    "Milestone",
    "Objective",
    "Output",
    "OutputStatus",
    "Over",
    "Pace",
    "Prospect",
    "ReadOut",
    "Shape",
    "Trial",
    "Waiver",
]
