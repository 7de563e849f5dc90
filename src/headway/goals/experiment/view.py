"""An experiment as pages, the command line and the API read it: kept rows in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Exists, OuterRef

from headway.accounts.models import Workspace
from headway.charts import formats
from headway.charts.picture import Dot, Level, Picture
from headway.goals.experiment.checks import sentence, span_of, unseen
from headway.goals.experiment.design import Experiment, experiment
from headway.goals.experiment.told import Guarded, Plan, Said, Variant, kept, plan, said
from headway.goals.experiment.words import ALWAYS, Voice, stage
from headway.goals.models import Output, ReadOut, Trial
from headway.metrics.models import Metric
from headway.metrics.picture import SCALES, axis


@dataclass(frozen=True)
class Row:
    """A variant as a line of a table."""

    name: str
    subjects: int
    value: str
    difference: str
    between: str
    verdict: str


@dataclass(frozen=True)
class Shown:
    """`looks` are what was said by the end of each day, the latest last."""

    output: Output
    found: Experiment
    voice: Voice
    trial: Trial | None
    looks: Sequence[tuple[date, Said]]
    today: date
    unseen: tuple[str, ...] = ()

    @property
    def said(self) -> Said | None:
        return self.looks[-1][1] if self.looks else None

    @property
    def day(self) -> date | None:
        """By the end of which the latest is said."""
        return self.looks[-1][0] if self.looks else None

    @property
    def problem(self) -> str:
        return self.trial.problem if self.trial else ""

    @property
    def plan(self) -> Plan | None:
        return plan(self.trial.plan) if self.trial else None

    @property
    def plan_words(self) -> list[str]:
        return self.voice.before(self.plan) if self.plan else []

    @property
    def set_up(self) -> str:
        return f"{sentence(self.found)}; `{self.found.control}` is the control"

    @property
    def span(self) -> str:
        return span_of(self.found)

    @property
    def over(self) -> bool:
        last = self.found.last(timedelta(self.said.open if self.said else 0))
        return last is not None and last < self.today

    @property
    def verdict(self) -> str:
        return stage(self.found, self.today, self.said)

    @property
    def findings(self) -> list[str]:
        """Sentences, the most important first."""
        return [*self.differences, *self.harms]

    @property
    def differences(self) -> list[str]:
        return list(self.voice.findings(self.said)) if self.said else [self._nothing()]

    @property
    def harms(self) -> list[str]:
        """Of guardrails that got worse."""
        return [words for one, words in self._guarded if one.verdict == "harmed"]

    @property
    def headline(self) -> str:
        return self.findings[0]

    def _nothing(self) -> str:
        if self.today < self.found.starts:
            return f"It starts on {formats.day(self.found.starts)}."
        if self.today == self.found.starts:
            return "Nothing to read yet: the first day is not over."
        return "Nobody has been assigned to a variant beside another yet."

    @property
    def rows(self) -> list[Row]:
        """The control first."""
        found = self.said
        if found is None:
            return []
        control, *others = found.variants
        against = {one.name: one for one in found.against}
        first = Row(
            control.name, control.subjects, self.voice.value(control.value, found), "", "",
            "control",
        )  # fmt: skip
        return [first, *(self._row(one, against[one.name], found) for one in others)]

    def _row(self, one: Variant, against: Any, found: Said) -> Row:
        return Row(
            one.name, one.subjects, self.voice.value(one.value, found),
            self.voice.step(against.difference, found) if against.difference is not None else "",
            self.voice.ends(against.low, against.high, found) if against.low is not None else "",
            against.verdict,
        )  # fmt: skip

    @property
    def of_what(self) -> str:
        words = self.voice.of_what(self.said) if self.said else ""
        return words[:1].upper() + words[1:]

    @property
    def sends(self) -> str:
        """The event that has to come, such as “`viewed` with `variant`”."""
        names = " or ".join(f"`{name}`" for name in self.found.assigned.names) or "an event"
        return f"{names} with `{self.found.variant}`"

    @property
    def guarded(self) -> list[tuple[Guarded, str]]:
        """Guardrails that did not get worse, in words."""
        return [(one, words) for one, words in self._guarded if one.verdict != "harmed"]

    @property
    def _guarded(self) -> list[tuple[Guarded, str]]:
        if self.said is None or self.said.uneven:
            return []
        return [(one, self.voice.guarded(one)) for one in self.said.guardrails]

    @property
    def notes(self) -> list[str]:
        return list(self._notes(self.said)) if self.said else []

    def _notes(self, found: Said) -> Iterator[str]:
        who = f"{self.found.by}s"
        if found.mixed:
            share = formats.percent(found.mixed / (found.mixed + found.subjects))
            yield (
                f"{formats.number(found.mixed)} {who} ({share}) were seen in several variants "
                "and count in none."
            )
        for name, count in found.others.items():
            yield f"{formats.number(count)} {who} saw `{name}`, which has no part in the split."
        yield from (one.note for one in found.against if one.note)
        if found.open:
            days = f"{found.open} day{'s' if found.open != 1 else ''}"
            yield f"Counts {who} assigned at least {days} ago: before that nobody knows."
        if self.found.within:
            yield f"What {who} do within {self.found.within} of the assignment counts."
        if found.adjusted:
            yield (
                f"Adjusted by what the same {who} did in the {self.found.adjust} before (CUPED)."
            )
        elif self.found.adjust:
            kind = "rate" if found.compared == "rate" else "ratio"
            yield f"A {kind} is not adjusted by what was before."

    @property
    def rests_on(self) -> str:
        found = self.said
        if found is None or self.day is None:
            return ""
        count = formats.number(found.subjects)
        together = ""
        if len(found.against) > 1:
            level = 1 - 0.05 / len(found.against)
            together = (
                f" Each of {len(found.against)} variants is held to {formats.percent(level)}, so "
                "that all that is said holds together (Bonferroni)."
            )
        return f"{count} {self.found.by}s by the end of {formats.day(self.day)}. {ALWAYS}{together}"

    @property
    def picture(self) -> Picture:
        """The differences day by day, with the intervals that hold at every look."""
        unit = self.voice.unit(self.said) if self.said else ""
        times, unit = (100, "points") if unit == "percent" else (1, unit)
        dots = tuple(
            Dot(
                day, times * one.difference,
                f"{formats.day(day)}: {one.name} {self._said_of(one, found)}", True,
                times * (one.low or 0.0), times * (one.high or 0.0), one.name,
            )
            for day, found in self.looks
            for one in found.against
            if one.difference is not None
        )  # fmt: skip
        return Picture(
            title=self.headline.rstrip("."),
            unit=axis(unit, self.voice.currency),
            dots=dots,
            scale=SCALES.get(unit, "number"),
            currency=self.voice.currency,
            levels=(Level(0.0, "no difference", "baseline"),),
            note="The difference from the control by the end of each day, with its interval.",
        )

    def _said_of(self, one: Any, found: Said) -> str:
        ends = self.voice.ends(one.low, one.high, found)
        return f"{self.voice.step(one.difference, found)} ({ends})"

    def to_dict(self) -> dict[str, Any]:
        return {
            "key": self.output.key,
            "name": self.output.name,
            "verdict": self.verdict,
            "findings": self.findings,
            "plan": kept(self.plan) if self.plan else None,
            "plan_words": self.plan_words,
            "unseen": list(self.unseen),
            "problem": self.problem,
            "day": self.day.isoformat() if self.day else None,
            "read_out": kept(self.said) if self.said else None,
            "rests_on": self.rests_on,
            "notes": self.notes,
            "days": [row for day, one in self.looks for row in _days(day, one)],
        }


def view(output: Output, workspace: Workspace, today: date) -> Shown | None:
    """None for an output that is no experiment."""
    found = experiment(output.experiment)
    if found is None:
        return None
    metrics = {m.key: m for m in workspace.metrics.filter(key__in=found.metrics)}
    looks = [(row.day, said(row.said)) for row in output.read_outs.defer("sums")]
    return Shown(
        output, found, _voice(found, metrics, workspace),
        Trial.objects.filter(output=output).first(), looks, today,
        () if looks else unseen(workspace, found),
    )  # fmt: skip


def usual_pictures(workspace: Workspace, today: date) -> Iterator[Picture]:
    """What the pages of experiments show, to be drawn before anybody asks."""
    for output in workspace.outputs.filter(archived_at=None).exclude(experiment={}):
        shown = view(output, workspace, today)
        if shown is not None and shown.looks:
            yield shown.picture


def verdicts(outputs: Iterable[Output], today: date) -> dict[int, str]:
    """Of those that are experiments, in a word: one query however many there are."""
    known = {o.pk: found for o in outputs if (found := experiment(o.experiment))}
    if not known:
        return {}
    newer = ReadOut.objects.filter(output=OuterRef("output"), day__gt=OuterRef("day"))
    rows = ReadOut.objects.filter(~Exists(newer), output__in=known)
    latest = {pk: said(body) for pk, body in rows.values_list("output_id", "said")}
    return {pk: stage(found, today, latest.get(pk)) for pk, found in known.items()}


def _voice(found: Experiment, metrics: Mapping[str, Metric], workspace: Workspace) -> Voice:
    missing = [key for key in found.metrics if key not in metrics]
    named = dict(metrics) | {key: Metric(key=key, name=key) for key in missing}
    return Voice(found, named[found.metric], named, workspace.currency)


def _days(day: date, found: Said) -> Iterator[dict[str, Any]]:
    for one in found.against:
        yield {
            "day": day.isoformat(), "variant": one.name, "difference": one.difference,
            "low": one.low, "high": one.high, "p": one.p, "verdict": one.verdict,
        }  # fmt: skip
