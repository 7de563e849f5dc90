"""From a question to what is known: by the statistics, with the words for what they cannot tell."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import msgspec

from headway.charts import formats
from headway.goals.launch.question import FEWEST_AFTER, Question, amount
from headway.goals.launch.told import Block, Told, Try
from headway.stats.history import CannotTell, History

if TYPE_CHECKING:
    from headway.stats.effect import Impact

DAY = timedelta(days=1)
FEWEST_BEFORE = 8
EARLIER = "If it was measured earlier, import that."
CONTROL = (
    "Name a control on the output: a metric that rises and falls with it, and that the launch "
    "does not touch."
)
SOME_FIRST = "Launch to some customers first: the others then show what would have come."


def judged(question: Question) -> Told:
    """Those who got it against those who did not, where both are measured; else the past."""
    from headway.stats.effect import Impact, impact  # it takes long to load

    history, told = question.history, {"unsplit": question.reached}
    if split := question.groups:
        history, told = split.exposed, {"reached": question.reached}
        found = impact(split.exposed, question.day, unexposed=split.unexposed)
        if isinstance(found, Impact):
            return _numbers(found, question, way="unexposed", **told)
    found = impact(history, question.day, controls=question.controls)
    if isinstance(found, CannotTell):
        return _nothing(found, question, history, **told)
    way = "controls" if any(name in question.keys for name in found.beside) else "past"
    return _numbers(found, question, way=way, **told)


def _numbers(found: Impact, question: Question, **also: Any) -> Told:
    names = ("value", "expected", "effect", "low", "high", "shown", "widened")
    shares = ("relative", "relative_low", "relative_high")
    numbers: dict[str, Any] = {name: getattr(found, name) for name in names}
    numbers |= {name: _finite(getattr(found, name)) for name in shares}
    return Told(
        found.verdict,
        grain=question.history.grain,
        per=question.per,
        beside=[question.keys[name] for name in found.beside if name in question.keys],
        blocks=[
            Block(s.start, s.end - DAY, s.value, s.expected, s.low, s.high)
            for s in found.steps
        ],
        tries=[Try(placebo.day, placebo.seen) for placebo in found.placebos],
        rests_on=found.rests_on,
        **numbers,
        **also,
    )  # fmt: skip


def _finite(share: float) -> float | None:
    return share if share == share and abs(share) != float("inf") else None


def _nothing(found: CannotTell, question: Question, history: History, **also: Any) -> Told:
    """The reason, what can be done about it, and when it may be told."""
    from headway.stats.blocks import Blocks

    blocks = Blocks.around(history, question.day)
    before, after = blocks.first, len(blocks.starts) - blocks.first
    told = Told("cannot tell", grain=question.history.grain, reason=found.reason, **also)
    if before < FEWEST_BEFORE:
        return _with(told, mend=EARLIER)
    if after < FEWEST_AFTER:
        return _with(told, again=question.ready)
    if found.reason.startswith("Too noisy"):
        each = f"Each further week makes it clearer, until {formats.day(question.over)}."
        return _with(told, mend=each if after < 13 else SOME_FIRST)
    needs_control = amount(history) and not question.controls
    return _with(told, mend=CONTROL if needs_control else SOME_FIRST)


def _with(told: Told, **changes: Any) -> Told:
    return msgspec.structs.replace(told, **changes)
