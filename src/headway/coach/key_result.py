"""What is said of one key result, by its words and its numbers."""

from __future__ import annotations

from collections.abc import Iterator

from headway.coach.deeds import deed
from headway.coach.finding import Rule, Seen, Severity
from headway.coach.joins import two_results
from headway.coach.measures import vanity
from headway.coach.numbers import quantity
from headway.coach.pay import KEY_RESULT as PAY
from headway.coach.values import KeyResult

MILESTONES = ("milestones", "milestone")


def has_aim(key_result: KeyResult) -> bool:
    given = (key_result.target, key_result.change, key_result.at_least, key_result.at_most)
    return key_result.shape in MILESTONES or any(value is not None for value in given)


def _no_number(key_result: KeyResult) -> Iterator[Seen]:
    if not has_aim(key_result) and not quantity(key_result.text):
        yield Seen("Neither its words nor its fields hold a number.")


def _no_target(key_result: KeyResult) -> Iterator[Seen]:
    said = quantity(key_result.text)
    if said and not has_aim(key_result):
        yield Seen(f"“{said}” stands in the title, and there is no target.", "target")


def _no_baseline(key_result: KeyResult) -> Iterator[Seen]:
    moves = key_result.shape not in ("keep", *MILESTONES)
    unknown = key_result.start is None and not key_result.history.pending
    if moves and has_aim(key_result) and unknown:
        yield Seen("It has a target and no value to start from.", "baseline")


def _no_distance(key_result: KeyResult) -> Iterator[Seen]:
    moves = key_result.shape not in ("keep", *MILESTONES)
    if moves and key_result.start is not None and key_result.aim == key_result.start:
        yield Seen("It ends where it starts.", "target")


def _no_date(key_result: KeyResult) -> Iterator[Seen]:
    if key_result.due is None:
        yield Seen("It has no due date.", "due")


def _outside(key_result: KeyResult) -> Iterator[Seen]:
    due, cycle = key_result.due, key_result.cycle
    if due and cycle and due not in cycle:
        yield Seen(f"It is due on {due}; its cycle runs from {cycle.first} to {cycle.last}.", "due")


def _output(key_result: KeyResult) -> Iterator[Seen]:
    found = deed(key_result.text, result=True)
    if found and key_result.shape not in MILESTONES:
        fix = ""
        if found.rest:
            fix = f"Keep “{found.rest}” as the key result; list “{found.said}” among the outputs."
        yield Seen(f"“{found.said}” is work, not what it brings about.", fix=fix)


def _two(key_result: KeyResult) -> Iterator[Seen]:
    found = two_results(key_result.text)
    if found and not deed(key_result.text, result=True):
        fix = f"Make two of it: “{found[0]}” and “{found[1]}”."
        yield Seen(f"“{found[0]}” is one result, “{found[1]}” another.", fix=fix)


def _vanity(key_result: KeyResult) -> Iterator[Seen]:
    if deed(key_result.text, result=True):
        return
    if said := vanity(key_result.text, key_result.counts_in):
        yield Seen(f"“{said}” counts attention or only ever grows.")


def _no_source(key_result: KeyResult) -> Iterator[Seen]:
    milestones = key_result.shape in MILESTONES
    if key_result.metric is None and not milestones and not deed(key_result.text, result=True):
        yield Seen("Its value is typed by hand.", "metric")


def _milestones(key_result: KeyResult) -> Iterator[Seen]:
    if key_result.shape in MILESTONES:
        yield Seen("It is a list of milestones.", "shape")


def _ambiguous(key_result: KeyResult) -> Iterator[Seen]:
    said = quantity(key_result.title)
    percent = key_result.counts_in == "percent" and key_result.change_in == "percent"
    if key_result.shape == "relative" and percent and key_result.change and key_result.start:
        by = abs(key_result.change)
        aim = key_result.aim or 0.0
        yield Seen(
            f"{said or f'{by:.3g}'} of a percentage: from {key_result.start:.1%}, "
            f"{by:.1%} is {aim:.1%}, and as points it would be "
            f"{key_result.start + key_result.change:.1%}.",
            "change",
        )


ERROR, WARNING, THOUGHT = Severity.error, Severity.warning, Severity.information
RULES = (
    Rule(
        "key-result-no-number",
        ERROR,
        "No number",
        "Without a number two people can differ on whether it was reached.",
        "Choose what measures it, where it stands and where it should be.",
        _no_number,
        absence=True,
    ),
    Rule(
        "key-result-no-target",
        ERROR,
        "No target",
        "Progress is the part of the way to the target; without one there is none.",
        "Give the value to reach, or the bounds to keep.",
        _no_target,
        absence=True,
    ),
    Rule(
        "key-result-no-baseline",
        ERROR,
        "No baseline",
        "Progress is the part of the way from the baseline; without one there is none.",
        "Measure where it stands, or type it.",
        _no_baseline,
        absence=True,
    ),
    Rule(
        "key-result-no-distance",
        ERROR,
        "Baseline and target are the same",
        "There is no way to go, so no progress can be told.",
        "Change the target; to hold a value, keep it within bounds.",
        _no_distance,
    ),
    Rule(
        "key-result-no-date",
        ERROR,
        "No date",
        "Without a date nobody can say whether it is on course.",
        "Give a day within the cycle.",
        _no_date,
        absence=True,
    ),
    Rule(
        "key-result-date-outside",
        ERROR,
        "Due outside the cycle",
        "It would be judged before it is due, or after everybody has moved on.",
        "Choose a day of the cycle, or another cycle.",
        _outside,
    ),
    Rule(
        "key-result-output",
        WARNING,
        "An output or a task",
        "It can be done without anything getting better; a result says what the work changed.",
        "Ask what should change once it is done, and measure that; list the work among outputs.",
        _output,
    ),
    Rule(
        "key-result-two-results",
        WARNING,
        "Two results in one",
        "One number cannot tell how far two results have come.",
        "Make two key results of it.",
        _two,
    ),
    Rule(
        "key-result-vanity",
        WARNING,
        "A vanity measure",
        "It can be bought or only ever grows, and says nothing about what people got out of it.",
        "Measure what these people do next: the share that comes back, buys or finishes.",
        _vanity,
    ),
    Rule(
        "key-result-no-source",
        THOUGHT,
        "Typed by hand",
        "Typed values come late, and nobody can look behind them.",
        "Choose a metric that measures it; if there is none, say at check-ins where it comes from.",
        _no_source,
    ),
    Rule(
        "key-result-milestones",
        THOUGHT,
        "A list of milestones",
        "Milestones tell what was done, not whether it helped.",
        "Keep it for what cannot be measured; else choose the measure that the work should move.",
        _milestones,
    ),
    Rule(
        "key-result-percent-or-points",
        WARNING,
        "Percent of a percentage",
        "Readers take it for points, and the target is another one.",
        "Say points, or give the value to reach.",
        _ambiguous,
    ),
    PAY,
)
