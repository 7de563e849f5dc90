"""What an experiment says: were people split as planned, which variant is better, what was harmed.

While it runs, intervals hold at every look at once. Only a run that ended as planned beforehand is
judged by the narrower interval of one look.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from scipy.stats import chisquare

from headway.engine.errors import InputError
from headway.engine.tally import Tally
from headway.engine.written import grouped
from headway.stats.arms import Arm, Contrast, Measure, contrast, those, value_of, weight
from headway.stats.sequential import PLANNED, corrected, p_value, reach

Direction = Literal["up", "down"]
Verdict = Literal["better", "worse", "no clear difference", "cannot tell", "not comparable"]
Safety = Literal["safe", "harmed", "cannot tell"]

FEWEST = 100
"""Subjects that each variant needs: the intervals rest on means of many being nearly normal."""
RARE = 10
"""So many subjects would do it in each variant, and so many would not, if both were alike, before
shares are compared. None at all in one of them is told then."""
FEW = 20
"""Where so few subjects weigh as much as all together, that is said: sums are theirs."""
MISMATCH = 0.001
"""A split that chance makes less often than this was not made by chance."""


@dataclass(frozen=True, slots=True)
class Allocation:
    """How many subjects each variant got, how many it should have got, and how odd that is."""

    names: tuple[str, ...]
    got: tuple[int, ...]
    expected: tuple[float, ...]
    p: float

    @property
    def fair(self) -> bool:
        return self.p >= MISMATCH


@dataclass(frozen=True, slots=True)
class Result:
    """One variant against the control; `low` and `high` are the interval that decides.

    `p` is that of the same interval: below 1 − level exactly where 0 lies outside. `found` holds
    the comparison at one look, with the difference as a share of the control. `note` is what one
    should know beside it.
    """

    name: str
    found: Contrast | None
    low: float
    high: float
    p: float
    verdict: Verdict
    reason: str = ""
    note: str = ""


@dataclass(frozen=True)
class Guardrail:
    """A metric that must not get worse by more than `tolerance`, a share of the control's value; or
    by more than `margin`, in its own unit, if that is given.
    """

    name: str
    arms: Sequence[Arm]
    measure: Measure = "mean"
    direction: Direction = "up"
    tolerance: float = 0.02
    margin: float | None = None

    @property
    def allowed(self) -> float:
        if self.margin is not None:
            return self.margin
        return self.tolerance * abs(value_of(self.arms[0].tally, self.measure))


@dataclass(frozen=True, slots=True)
class Guarded:
    """A guardrail under one variant."""

    name: str
    variant: str
    found: Contrast | None
    low: float
    high: float
    verdict: Safety
    reason: str = ""


@dataclass(frozen=True)
class ReadOut:
    """`rests_on` says in words which intervals decided, and on how many subjects."""

    split: Allocation
    results: tuple[Result, ...]
    guardrails: tuple[Guarded, ...]
    reason: str
    rests_on: str

    @property
    def winners(self) -> tuple[str, ...]:
        """Better than the control, with no guardrail harmed."""
        harmed = {guarded.variant for guarded in self.guardrails if guarded.verdict == "harmed"}
        return tuple(r.name for r in self.results if r.verdict == "better" and r.name not in harmed)


@dataclass(frozen=True, slots=True)
class Rules:
    """What was decided before the first look."""

    level: float
    planned: float
    finished: bool

    def interval(self, found: Contrast, subjects: int) -> tuple[float, float, float]:
        """Low, high, and the p-value that belongs to them."""
        if self.finished:
            return found.low, found.high, found.p
        half = reach(subjects, self.level, self.planned) * found.error
        z = found.difference / found.error if found.error else 0.0
        p = p_value(z, subjects, self.level, self.planned)
        return found.difference - half, found.difference + half, p


def experiment(
    arms: Sequence[Arm],
    *,
    measure: Measure = "mean",
    direction: Direction = "up",
    shares: Sequence[float] = (),
    guardrails: Sequence[Guardrail] = (),
    level: float = 0.95,
    planned: float = PLANNED,
    finished: bool = False,
) -> ReadOut:
    """The first arm is the control. `shares` says how subjects were to be split; evenly if empty.

    `planned` subjects, in all arms, make the intervals tightest, and have to be chosen before the
    first look. `finished`: it ran to the end that was fixed beforehand, and nobody acted before.
    Of several variants each is held to a stricter level, so that all verdicts together are right
    with the probability `level`. Raises InputError for what is no experiment.
    """
    if len(arms) < 2:
        raise InputError(
            "An experiment has a control and at least one variant.",
            where="variants",
            fix="Name both, the control first.",
        )
    split = sample_ratio(arms, shares)
    rules = Rules(corrected(level, len(arms)), planned, finished)
    reason = "" if split.fair else _uneven(split)
    results = tuple(_result(arms[0], arm, measure, direction, rules, reason) for arm in arms[1:])
    guarded = tuple(_guard(g, arm, rules, reason) for g in guardrails for arm in g.arms[1:])
    return ReadOut(split, results, guarded, reason, _rests_on(split, rules))


def sample_ratio(arms: Sequence[Arm], shares: Sequence[float] = ()) -> Allocation:
    """Pearson's chi-squared test of how subjects were split."""
    wanted = list(shares) or [1.0] * len(arms)
    if len(wanted) != len(arms) or min(wanted) <= 0:
        fix = f"Give {len(arms)} numbers above 0."
        raise InputError("Each variant needs its share of subjects.", where="shares", fix=fix)
    got = tuple(arm.tally.n for arm in arms)
    expected = tuple(sum(got) * share / sum(wanted) for share in wanted)
    p = float(chisquare(got, expected).pvalue) if sum(got) else 1.0
    return Allocation(tuple(arm.name for arm in arms), got, expected, p)


def _result(
    control: Arm, arm: Arm, measure: Measure, direction: Direction, rules: Rules, reason: str
) -> Result:
    nothing = arm.name, None, float("nan"), float("nan"), 1.0
    if why := reason or _too_little((control, arm), measure):
        return Result(*nothing, "cannot tell", why)
    if why := _unlike(control, arm, measure, rules):
        return Result(*nothing, "not comparable", why)
    found = contrast(control, arm, measure, rules.level)
    low, high, p = rules.interval(found, control.tally.n + arm.tally.n)
    note = _heavy((control, arm), measure)
    if low <= 0 <= high:
        why = "The interval of the difference holds 0."
        return Result(arm.name, found, low, high, p, "no clear difference", why, note)
    better = (low > 0) == (direction == "up")
    return Result(arm.name, found, low, high, p, "better" if better else "worse", "", note)


def _guard(guardrail: Guardrail, arm: Arm, rules: Rules, reason: str) -> Guarded:
    """Harmed: worse for certain. Safe: not worse by as much as the tolerance, for certain."""
    control, name = guardrail.arms[0], guardrail.name
    measure = guardrail.measure
    why = reason or _too_little((control, arm), measure) or _unlike(control, arm, measure, rules)
    if why:
        return Guarded(name, arm.name, None, float("nan"), float("nan"), "cannot tell", why)
    found = contrast(control, arm, measure, rules.level)
    low, high, _ = rules.interval(found, control.tally.n + arm.tally.n)
    worst, best = (low, high) if guardrail.direction == "up" else (-high, -low)
    if best < 0:
        return Guarded(name, arm.name, found, low, high, "harmed")
    if worst > -guardrail.allowed:
        return Guarded(name, arm.name, found, low, high, "safe")
    allowed = f"{guardrail.tolerance:.0%}" if guardrail.margin is None else f"{guardrail.margin:g}"
    why = f"It may still be worse by more than {allowed}."
    return Guarded(name, arm.name, found, low, high, "cannot tell", why)


def _too_little(arms: Sequence[Arm], measure: Measure) -> str:
    for arm in arms:
        tally = those(arm.tally) if measure == "rate" else arm.tally
        if tally.n < FEWEST:
            who = "subjects of whom it can be said" if measure == "rate" else "subjects"
            return f"{arm.name} has {tally.n} {who}; {FEWEST} are the least."
        if measure == "ratio" and tally.y <= 0:
            return f"In {arm.name} the denominator has not happened."
        if measure == "ratio" and weight(Tally(tally.n, tally.y, 0.0, tally.yy)) < RARE:
            return f"In {arm.name} fewer than {RARE} subjects make the denominator."
    if measure in ("mean", "adjusted") and not any(map(_varies, arms)):
        return "It was the same for everybody so far."
    return _too_rare(arms, measure) if measure in ("share", "rate") else ""


def _varies(arm: Arm) -> bool:
    return arm.tally.xx * arm.tally.n > arm.tally.x**2 * (1 + 1e-12)


def _too_rare(arms: Sequence[Arm], measure: Measure) -> str:
    tallies = [those(arm.tally) if measure == "rate" else arm.tally for arm in arms]
    n, did = sum(t.n for t in tallies), sum(t.x for t in tallies)
    if min(t.n for t in tallies) * min(did, n - did) / n >= RARE:
        return ""
    return f"{grouped(did)} of {grouped(n)} did it: too few did, or did not, to compare."


def _unlike(control: Arm, arm: Arm, measure: Measure, rules: Rules) -> str:
    """Where a variant changes of whom a rate is said, those who are compared are not alike."""
    if measure != "rate" or min(a.tally.n - a.tally.y for a in (control, arm)) < RARE:
        return ""
    began = [Arm(a.name, Tally(a.tally.n, a.tally.y)) for a in (control, arm)]
    found = contrast(began[0], began[1], "share")
    _, _, p = Rules(1 - MISMATCH, rules.planned, finished=False).interval(
        found, control.tally.n + arm.tally.n
    )
    if p >= MISMATCH:
        return ""
    return (
        f"It changes who is counted: {found.treatment:.1%} of its subjects instead of "
        f"{found.control:.1%}. Compare shares of all subjects instead."
    )


def _heavy(arms: Sequence[Arm], measure: Measure) -> str:
    """Sums that a few subjects make: right, but the interval is wide, and they may be machines."""
    if measure not in ("mean", "adjusted"):
        return ""
    light = [arm.name for arm in arms if 0 < weight(arm.tally) < FEW]
    names = " and ".join(light)
    return f"In {names} a few subjects make most of it: are they real?" if light else ""


def _uneven(split: Allocation) -> str:
    pairs = zip(split.names, split.got, split.expected, strict=True)
    parts = ", ".join(
        f"{name} {grouped(got)} instead of {grouped(ask)}" for name, got, ask in pairs
    )
    return f"People were not split as planned: {parts}. Something decides who is counted."


def _rests_on(split: Allocation, rules: Rules) -> str:
    looks = "one look, fixed beforehand" if rules.finished else "any number of looks"
    return (
        f"{grouped(sum(split.got))} subjects; intervals of {rules.level:.4g} that hold for {looks}."
    )
