"""How often the coach is right about goals that it was not written for, by family of rules."""

from __future__ import annotations

import sys
from collections import defaultdict
from dataclasses import dataclass, field

import pytest

from headway.coach.review import look
from headway.coach.rules import BY_CODE, FAMILIES
from headway.coach.values import Objective
from tests.coach.labelled import GOALS, Labelled, labelled

SETS = [GOALS, GOALS / "second", GOALS / "third"]
HELD_OUT = GOALS / "held_out"
PRECISION, RECALL = 0.95, 0.9
UNLABELLED = frozenset(["key-result-no-distance", "key-result-milestones"])
"""No wording makes these: they are tested by themselves."""


@dataclass
class Count:
    right: int = 0
    wrong: int = 0
    missed: int = 0
    misses: list[str] = field(default_factory=list)

    @property
    def precision(self) -> float:
        return self.right / max(1, self.right + self.wrong)

    @property
    def recall(self) -> float:
        return self.right / max(1, self.right + self.missed)


def family_of(code: str) -> str:
    return next(name for name, rules in FAMILIES.items() if code in {r.code for r in rules})


def codes(one: Labelled) -> set[str]:
    """Of the goal itself; the key results around an objective are not what is labelled."""
    found = look([one.goal])
    aside = isinstance(one.goal, Objective)
    return {f.code for f in found if not aside or f.where == one.goal.subject}


def counted(goals: list[Labelled]) -> dict[str, Count]:
    found: dict[str, Count] = defaultdict(Count)
    for one in goals:
        said, wanted = codes(one), {one.fault} - {""}
        for code in said | wanted:
            count = found[family_of(code)]
            count.right += code in said & wanted
            count.wrong += code in said - wanted
            count.missed += code in wanted - said
            if code not in said & wanted:
                word = "missed" if code in wanted else "false alarm"
                count.misses.append(f"{word} {code}: {one.title}")
    return found


def report(name: str, goals: list[Labelled], found: dict[str, Count]) -> str:
    good = sum(not g.fault for g in goals)
    lines = [f"{name}: {len(goals)} goals, {good} good, {len(goals) - good} with one fault"]
    for family, count in sorted(found.items()):
        lines.append(
            f"  {family:15} precision {count.precision:.3f}  recall {count.recall:.3f}  "
            f"({count.right} right, {count.wrong} false alarms, {count.missed} missed)"
        )
        lines += [f"    {miss}" for miss in count.misses]
    return "\n".join(lines)


@pytest.mark.parametrize("folder", [*SETS, HELD_OUT], ids=lambda folder: folder.name)
def test_precision_and_recall(folder, capsys):
    goals = labelled(folder)
    found = counted(goals)
    with capsys.disabled():
        sys.stdout.write(f"\n{report(folder.name, goals, found)}\n")
    assert len(goals) >= (200 if folder == GOALS else 80)
    for family, count in found.items():
        assert count.precision >= PRECISION, (family, count.misses)
        assert count.recall >= RECALL, (family, count.misses)


def test_every_rule_has_a_goal_with_its_fault():
    faults = {one.fault for one in labelled(GOALS)}
    assert set(BY_CODE) - faults == UNLABELLED
    assert faults - set(BY_CODE) == {""}
