"""What items say about each other: names that must exist, loops, dates and targets."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby

from headway.coach.finding import Rule
from headway.coach.rules import BY_CODE, KEY_RESULT_RULES, KPI_RULES, OBJECTIVE_RULES
from headway.engine.definition import DESCRIPTIVE, Definition
from headway.engine.errors import DefinitionError, nearest
from headway.engine.kinds.formula import Formula
from headway.engine.shape import Fault, Path
from headway.files.annotations import faults as annotation_faults
from headway.files.document import Annotation, Cycle, KeyResult, Objective, Output
from headway.files.draft import SECTIONS, Draft
from headway.files.graph import loops
from headway.files.paces import pace_faults
from headway.files.targets import target_faults
from headway.goals.experiment.design import Experiment

NOUNS = {
    "sources": "source",
    "teams": "team",
    "metrics": "metric",
    "cycles": "cycle",
    "objectives": "objective",
    "outputs": "output",
    "launches": "launch",
    "people": "person",
}
Days = tuple[date, date]
EARLIEST, LATEST = 1970, 2200
"""Years in which a cycle may lie: others are slips of the finger."""


@dataclass(frozen=True)
class Known:
    """What a workspace has beside its files, so that files may name it."""

    sources: Collection[str] = ()
    teams: Collection[str] = ()
    objectives: Collection[str] = ()
    people: Collection[str] = ()
    launches: Collection[str] = ()
    units: Mapping[str, str] = field(default_factory=dict)
    cycles: Mapping[str, Days] = field(default_factory=dict)
    currency: str = ""


class References:
    def __init__(self, draft: Draft, known: Known) -> None:
        self.draft = draft
        self.known = known
        self.units = {**known.units, **{m.key: m.unit for m in self._items("metrics")}}
        cycles = (c for c in self._items("cycles") if c.starts <= c.ends)
        self.days = {**known.cycles, **{c.key: (c.starts, c.ends) for c in cycles}}
        people = {email.lower() for team in self._items("teams") for email in team.members}
        self.names: dict[str, Collection[str]] = {
            "sources": {*known.sources, *self._keys("sources")},
            "teams": {*known.teams, *self._keys("teams")},
            "metrics": {*known.units, *self._keys("metrics")},
            "cycles": {*known.cycles, *self._keys("cycles")},
            "objectives": {*known.objectives, *self._keys("objectives")},
            "people": {*known.people, *people},
            "launches": {*known.launches, *self._launches()},
        }

    def faults(self) -> Iterator[Fault]:
        yield from self._settings()
        for section in SECTIONS:
            yield from _twice(self.draft.keys[section])
        for section in ("surveys", "checks"):
            for path, item in self.draft.items[section]:
                yield from self._names(path, source=("sources", item.source))
        for path, team in self.draft.items["teams"]:
            yield from self._names(path, parent=("teams", team.parent))
        for path, cycle in self.draft.items["cycles"]:
            yield from self._cycle(path, cycle)
        for path, metric in self.draft.items["metrics"]:
            yield from self._metric(path, metric)
        for path, objective in self.draft.items["objectives"]:
            yield from self._objective(path, objective)
        for path, output in self.draft.items["outputs"]:
            yield from self._output(path, output)
        for path, annotation in self.draft.items["annotations"]:
            yield from self._annotation(path, annotation)
        yield from self._closes()
        for path, item, cycle in self.draft.key_results:
            yield from self._key_result(path, item, cycle)
        for _, siblings in groupby(self.draft.key_results, lambda placed: placed[0][:2]):
            yield from _twice([(path, item.key) for path, item, _ in siblings])
        yield from self._loops()

    def _launches(self) -> Iterator[str]:
        """What a cohort may be counted since: outputs that went out, and what else happened."""
        yield from (output.key for output in self._items("outputs") if output.launched)
        yield from self._keys("annotations")

    def _settings(self) -> Iterator[Fault]:
        off = self.draft.workspace.coach_off if self.draft.workspace else []
        for n, code in enumerate(off if isinstance(off, list) else []):
            if code not in BY_CODE:
                fix = nearest(code, BY_CODE) or "The documentation of the coach lists them."
                message = f"The coach has no rule `{code}`."
                yield Fault(("workspace", "coach_off", n), message, fix)

    def _items(self, section: str) -> list:  # type: ignore[type-arg]
        return [item for _, item in self.draft.items[section]]

    def _keys(self, section: str) -> list[str]:
        return [key for _, key in self.draft.keys[section]]

    def _names(
        self, path: Path, **fields: tuple[str, str | Iterable[str] | None]
    ) -> Iterator[Fault]:
        """Faults for the names in these fields that are not in the section they belong to."""
        for name, (section, given) in fields.items():
            if not given:
                continue
            at = [((*path, name), given)] if isinstance(given, str) else _each((*path, name), given)
            for where, word in at:
                yield from self._name(where, section, word)

    def _name(self, path: Path, section: str, word: str) -> Iterator[Fault]:
        names = self.names[section]
        if (word.lower() if section == "people" else word) in names:
            return
        fix = nearest(word, names) or _listed(NOUNS[section], names)
        if section == "people":
            yield Fault(path, f"`{word}` is no member of the workspace.", fix)
        else:
            yield Fault(path, f"There is no {NOUNS[section]} `{word}`.", fix)

    def _cycle(self, path: Path, cycle: Cycle) -> Iterator[Fault]:
        yield from self._names(path, parent=("cycles", cycle.parent))
        if cycle.ends < cycle.starts:
            message = f"The cycle ends on {cycle.ends}, before it starts on {cycle.starts}."
            yield Fault((*path, "ends"), message, "Give an end that is not before the start.")
        for name in ("starts", "ends"):
            if not EARLIEST <= getattr(cycle, name).year <= LATEST:
                message = f"The year is {getattr(cycle, name).year}."
                yield Fault((*path, name), message, f"Give one from {EARLIEST} to {LATEST}.")

    def _metric(self, path: Path, metric: Definition) -> Iterator[Fault]:
        yield from self._names(
            path,
            source=("sources", metric.source),
            owner=("people", metric.owner),
            drives=("metrics", metric.drives),
        )
        yield from _rules((*path, "waived"), metric.waived, KPI_RULES)
        if metric.who and metric.who.launch:
            yield from self._name((*path, "who", "within"), "launches", metric.who.launch)
        for name in metric.inputs():
            yield from self._name((*path, _naming(metric, name)), "metrics", name)
        if metric.tree:
            yield from self._tree((*path, "tree"), Formula(key=metric.key, formula=metric.tree))

    def _tree(self, path: Path, tree: Formula) -> Iterator[Fault]:
        try:
            tree.check()
        except DefinitionError as error:
            yield Fault(path, error.message, error.fix)
            return
        for name in tree.inputs():
            yield from self._name(path, "metrics", name)

    def _objective(self, path: Path, objective: Objective) -> Iterator[Fault]:
        yield from self._names(
            path,
            cycle=("cycles", objective.cycle),
            team=("teams", objective.team),
            owner=("people", objective.owner),
            supports=("objectives", objective.supports),
            guardrails=("metrics", objective.guardrails),
        )
        yield from _rules((*path, "waived"), objective.waived, OBJECTIVE_RULES)

    def _output(self, path: Path, output: Output) -> Iterator[Fault]:
        yield from self._names(
            path,
            team=("teams", output.team),
            owner=("people", output.owner),
            moves=("metrics", output.moves),
            controls=("metrics", output.controls),
        )
        if output.experiment:
            yield from self._experiment((*path, "experiment"), output.experiment)

    def _experiment(self, path: Path, found: Experiment) -> Iterator[Fault]:
        yield from self._names(path, metric=("metrics", found.metric))
        for n, guard in enumerate(found.guardrails):
            yield from self._names((*path, "guardrails", n), metric=("metrics", guard.metric))
        try:
            found.check()
        except DefinitionError as error:
            field = error.where.partition(".")[2]
            yield Fault((*path, field), error.message, error.fix)

    def _annotation(self, path: Path, annotation: Annotation) -> Iterator[Fault]:
        yield from self._names(path, metrics=("metrics", annotation.metrics))
        for fault in annotation_faults(annotation):
            yield Fault((*path, *fault.path), fault.message, fault.fix)

    def _closes(self) -> Iterator[Fault]:
        yield from _twice([(path, close.key) for path, close in self.draft.items["closes"]])
        for path, close in self.draft.items["closes"]:
            yield from self._names(path, team=("teams", close.team), cycle=("cycles", close.cycle))
            for n, one in enumerate(close.objectives):
                where = (*path, "objectives", n, "key")
                yield from self._name(where, "objectives", one.key)

    def _key_result(self, path: Path, item: KeyResult, cycle: str) -> Iterator[Fault]:
        yield from self._names(
            path,
            metric=("metrics", item.metric),
            cycle=("cycles", item.cycle),
            owner=("people", item.owner),
            delegate=("people", item.delegate),
            teams=("teams", item.teams),
        )
        yield from _rules((*path, "waived"), item.waived, KEY_RESULT_RULES)
        unit = self.units.get(item.metric or "", item.unit)
        for fault in target_faults(item, unit, self._currency()):
            yield Fault((*path, *fault.path), fault.message, fault.fix)
        yield from self._addable(path, item)
        starts, ends = self.days.get(cycle, (date.min, date.max))
        for fault in pace_faults(item, starts, item.due or ends):
            yield Fault((*path, *fault.path), fault.message, fault.fix)
        if item.due is not None and not starts <= item.due <= ends:
            message = f"{item.due} is outside the cycle `{cycle}`, {starts} to {ends}."
            yield Fault((*path, "due"), message, "Give a day of the cycle, or another cycle.")

    def _addable(self, path: Path, item: KeyResult) -> Iterator[Fault]:
        metric = next((m for m in self._items("metrics") if m.key == item.metric), None)
        sums = item.over == "cycle_to_date" or getattr(item.over, "trailing", None) is not None
        if sums and metric is not None and not metric.additive:
            message = f"Days of `{metric.key}` cannot be added up: its kind is `{metric.kind}`."
            yield Fault((*path, "over"), message, "Use `latest` or `{mean: 4}`.")

    def _currency(self) -> str:
        chosen = self.draft.workspace.currency if self.draft.workspace else ""
        return chosen if isinstance(chosen, str) else self.known.currency

    def _loops(self) -> Iterator[Fault]:
        teams = {t.key: _one(t.parent) for t in self._items("teams")}
        cycles = {c.key: _one(c.parent) for c in self._items("cycles")}
        metrics = {m.key: m.inputs() for m in self._items("metrics")}
        objectives = {o.key: o.supports for o in self._items("objectives")}
        yield from self._loop("teams", "parent", teams, "stands below itself")
        yield from self._loop("cycles", "parent", cycles, "stands below itself")
        yield from self._loop("metrics", "", metrics, "is computed from itself")
        yield from self._loop("objectives", "supports", objectives, "supports itself")

    def _loop(
        self, section: str, name: str, needs: Mapping[str, Iterable[str]], said: str
    ) -> Iterator[Fault]:
        for loop in loops(needs):
            path, item = next((p, i) for p, i in self.draft.items[section] if i.key == loop[0])
            at = name or _naming(item, loop[1])
            fix = f"Take one {NOUNS[section]} out of the loop."
            yield Fault((*path, at), f"`{loop[0]}` {said}: {' → '.join(loop)}.", fix)


def _rules(path: Path, waived: Iterable[str], rules: Iterable[Rule]) -> Iterator[Fault]:
    known = [rule.code for rule in rules]
    for code in waived:
        if code not in known:
            fix = nearest(code, known) or "Its findings name their codes."
            yield Fault((*path, code), f"The coach has no rule `{code}` here.", fix)


def _each(path: Path, words: Iterable[str]) -> list[tuple[Path, str]]:
    return [((*path, n), word) for n, word in enumerate(words)]


def _one(key: str | None) -> tuple[str, ...]:
    return (key,) if key else ()


def _listed(noun: str, names: Collection[str]) -> str:
    if noun == "person":
        return "Invite them, or name them among the members of a team."
    shown = sorted(names)[:8]
    more = ", …" if len(names) > len(shown) else ""
    return f"There are: {', '.join(shown)}{more}." if shown else f"Define a {noun} first."


def _naming(metric: Definition, key: str) -> str:
    """The field of a metric in which the input is named."""
    computing = (f for f in metric.__struct_fields__ if f not in DESCRIPTIVE)
    return next((f for f in computing if getattr(metric, f) == key), metric.kind)


def _twice(keys: list[tuple[Path, str]]) -> Iterator[Fault]:
    count = Counter(key for _, key in keys)
    seen: set[str] = set()
    for path, key in keys:
        if count[key] > 1 and key in seen:
            message = f"`{key}` is defined {count[key]} times."
            yield Fault((*path, "key"), message, "Give each its own key.")
        seen.add(key)
