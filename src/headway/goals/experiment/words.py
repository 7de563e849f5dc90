"""What an experiment says, in words: the finding first, then what it rests on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from headway.charts import formats
from headway.engine.written import THIN, grouped
from headway.goals.experiment.design import Experiment
from headway.goals.experiment.told import Against, Guarded, Plan, Said
from headway.metrics.models import Metric

SHARES = ("share", "rate")
ALWAYS = "The intervals hold at every look at once: safe to look at any day."


@dataclass(frozen=True)
class Voice:
    """Knows what is measured, and in what."""

    found: Experiment
    metric: Metric
    guards: dict[str, Metric]
    currency: str

    def value(self, amount: float | None, said: Said | Plan) -> str:
        return formats.value(amount, self.unit(said), self.currency)

    def unit(self, said: Said | Plan) -> str:
        """That of the value: what shares are taken of are subjects."""
        return "percent" if said.compared in SHARES else self.metric.unit

    def of_what(self, said: Said | Plan) -> str:
        """What the value is of a variant."""
        who = f"{self.found.by}s"
        if said.compared == "share":
            return f"share of {who} with {self.metric}"
        return f"{self.metric}, mean of {who}" if said.compared == "mean" else str(self.metric)

    def guard_unit(self, one: Guarded) -> str:
        return "percent" if one.compared in SHARES else self.guards[one.metric].unit

    def findings(self, said: Said) -> Iterator[str]:
        """Sentences, the one that matters most first."""
        if not said.variants[0].subjects:
            yield self._no_control(said)
            return
        if said.uneven:
            yield f"Do not read this. {said.uneven}{self._hint(said)}"
            return
        for one in said.against:
            yield self.finding(one, said)

    def _no_control(self, said: Said) -> str:
        seen = [f"“{v.name}”" for v in said.variants[1:] if v.subjects]
        seen += [f"“{name}”" for name in said.others]
        return (
            f"Nobody was given “{said.variants[0].name}”, the control: {', '.join(seen)} were "
            "seen. Name one of them as the control."
        )

    def _hint(self, said: Said) -> str:
        """Without a split, a variant that is there by mistake makes all of it uneven."""
        if self.found.split:
            return ""
        return " No split is set, so all variants that were seen should have equal parts."

    def finding(self, one: Against, said: Said) -> str:
        if one.verdict == "not comparable":
            return f"Do not compare {called(one.name)} by {self.metric}: {one.reason}"
        if one.difference is None:
            return f"Too early to say: {one.reason}"
        if one.verdict not in ("better", "worse"):
            return self._unclear(one, said)
        each = f" a {self.found.by}" if said.compared == "mean" else ""
        moved = "raised" if one.difference > 0 else "lowered"
        by = f"{self._size(one.difference, said)}{each}"
        ends = self.ends(one.low, one.high, said).removesuffix(f"{THIN}points")
        as_share = f", {_relative(one.relative)}" if one.relative is not None else ""
        words = f"{called(one.name)} {moved} {self.metric} by {by} ({ends}){as_share}"
        return f"{words}: {one.verdict}."

    def _unclear(self, one: Against, said: Said) -> str:
        low, high = one.low or 0.0, one.high or 0.0
        lies = f"The difference of {called(one.name)} is {self.ends(low, high, said)}"
        if said.least is None:
            return f"No clear difference so far. {lies}."
        least = self._size(said.least, said)
        if max(-low, high) < said.least:
            return f"No difference as large as {least}. {lies}."
        if said.days_left == 0:
            return f"No clear difference, and enough subjects to have seen {least}. {lies}."
        if said.days_left is None:
            return f"Cannot tell yet. {lies}; nobody new has come to see {least}."
        days = f"{said.days_left} more day{'s' if said.days_left != 1 else ''}"
        return f"Cannot tell yet: about {days} at this pace to see {least}. {lies}."

    def guarded(self, one: Guarded) -> str:
        metric = self.guards[one.metric]
        if one.difference is None:
            return f"{metric} under {called(one.name)}: {one.reason}"
        unit = self.guard_unit(one)
        each = f" a {self.found.by}" if one.compared == "mean" else ""
        size = _amount(one.difference, unit, self.currency) + each
        ends = f"{_between(one.low, one.high, unit, self.currency)}{each}"
        if one.verdict == "harmed":
            moved = "rose" if one.difference > 0 else "fell"
            return f"{metric} got worse under {called(one.name)}: it {moved} by {size} ({ends})."
        if one.verdict == "safe":
            return f"{metric} is safe under {called(one.name)}: the difference is {ends}."
        allowed = formats.percent(one.worse_by)
        if one.margin is not None:
            allowed = _amount(one.margin, unit, self.currency)
        worse = f"may still be worse under {called(one.name)} by more than {allowed}"
        return f"{metric} {worse}: the difference is {ends}."

    def before(self, plan: Plan) -> list[str]:
        """What can be told before the start."""
        if plan.reason:
            return [f"{plan.reason} So nobody can tell how long it takes."]
        who = f"{formats.number(round(plan.a_week))} {self.found.by}s a week"
        the = "the " if plan.compared == "share" else ""
        now = f"{the}{self.of_what(plan)} is {self.value(plan.value, plan)}"
        found = []
        if plan.least and plan.needed:
            least = self._size(plan.least, plan)
            if plan.days_needed is None:
                found.append(f"With {who}, a change of {least} is never seen: nobody new comes.")
            else:
                long = _weeks(plan.days_needed)
                found.append(
                    f"With {who} you need {long} to see a change of {least}: "
                    f"{formats.number(plan.needed)} in all."
                )
        if plan.days and plan.detectable is not None:
            found.append(
                f"Until its planned end ({_weeks(plan.days)}) it shows a change of "
                f"{self._size(plan.detectable, plan)} or more, four times of five."
            )
        elif plan.days:
            found.append("Until its planned end too few would come to see anything.")
        found.append(f"In the last {plan.weeks} weeks, {now}.")
        return found

    def _size(self, difference: float, said: Said | Plan) -> str:
        return _amount(difference, self.unit(said), self.currency)

    def ends(self, low: float | None, high: float | None, said: Said) -> str:
        return _between(low, high, self.unit(said), self.currency)

    def step(self, difference: float | None, said: Said) -> str:
        """With its sign."""
        if difference is None:
            return formats.UNKNOWN
        return _signed(difference, self.unit(said), self.currency)


def called(name: str) -> str:
    """A variant in a sentence: a word that could be one of the sentence stands in quotes."""
    return name if len(name) == 1 or name[:1].isupper() else f"“{name}”"


def verdict(said: Said) -> str:
    """In a few words, for lists."""
    if said.uneven:
        return "unevenly split"
    harmed = sorted({g.metric for g in said.guardrails if g.verdict == "harmed"})
    better = [a.name for a in said.against if a.verdict == "better"]
    worse = [a.name for a in said.against if a.verdict == "worse"]
    if better:
        return f"{_and(better)} better" + (f", harms {_and(harmed)}" if harmed else "")
    if harmed:
        return f"harms {_and(harmed)}"
    if worse:
        return f"{_and(worse)} worse"
    if any(a.verdict == "not comparable" for a in said.against):
        return "not comparable"
    told = any(a.verdict == "no clear difference" for a in said.against)
    return "no clear difference" if told else "too early"


def stage(found: Experiment, today: date, said: Said | None) -> str:
    """Where it stands, for lists: the verdict once there is one."""
    if said is not None:
        return verdict(said)
    if today < found.starts:
        return f"starts {formats.day(found.starts)}"
    return "first read-out tomorrow" if today == found.starts else "nobody assigned yet"


def _and(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _amount(difference: float, unit: str, currency: str) -> str:
    """Its size: points for shares."""
    if unit == "percent":
        size = f"{_digits(abs(difference) * 100)}{THIN}point"
        return size if size == f"1{THIN}point" else f"{size}s"
    return formats.value(abs(difference), unit, currency)


def _signed(difference: float, unit: str, currency: str) -> str:
    sign = "−" if difference < 0 else "+" if difference > 0 else ""
    return sign + _amount(difference, unit, currency)


def _between(low: float | None, high: float | None, unit: str, currency: str) -> str:
    if low is None or high is None:
        return formats.UNKNOWN
    if unit == "percent":
        ends = [("−" if v < 0 else "") + _digits(abs(v) * 100) for v in (low, high)]
        return f"{ends[0]} to {ends[1]}{THIN}points"
    values = [formats.value(v, unit, currency) for v in (low, high)]
    return f"{values[0]} to {values[1]}"


def _digits(size: float) -> str:
    """One digit behind the point, two where it is small."""
    text = grouped(size, 1 if size >= 1 else 2)
    return text.rstrip("0").rstrip(".") if "." in text else text


def _relative(share: float | None) -> str:
    if share is None:
        return ""
    return f"{'−' if share < 0 else '+'}{formats.percent(abs(share))} of the control"


def _weeks(days: int) -> str:
    if days < 14:
        return f"{days} day{'s' if days != 1 else ''}"
    weeks = -(-days // 7)
    return f"{weeks} weeks"
