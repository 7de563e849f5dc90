"""A document's goals, looked at by the coach before they are applied."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from functools import cached_property
from pathlib import Path as FilePath
from typing import Any

import msgspec

from headway.accounts.models import Workspace
from headway.coach import values
from headway.coach.finding import Finding
from headway.coach.review import Review, Silence, review
from headway.coach.values import Board, Days, History, Measure, TeamCycle
from headway.engine.errors import DefinitionError, NotFound, nearest
from headway.engine.period import Grain
from headway.engine.shape import Path
from headway.files.document import Cycle, Document, KeyResult, Objective, Team
from headway.files.sheet import Sheet, load
from headway.files.state import title_of
from headway.files.targets import target_of
from headway.goals import models as goals
from headway.goals.advice.coaching import LOOKING_BACK, history_of, key_result_of, kpis, points_of
from headway.goals.advice.measures import measure, measures_of
from headway.goals.refresh import DAILY

Places = Mapping[str, tuple[str, int]]
FIELDS = {"baseline": "from", "target": "to", "change": "increase_by", "at_least": "keep"}
"""How a document calls what the coach names."""


def coached(document: Document, workspace: Workspace | None, *, now: datetime) -> Review:
    """With what the workspace has measured, where there is one."""
    today = workspace.calendar.day_of(workspace.at(now)) if workspace else now.date()
    page = _Page(document, workspace, today)
    return review([*page.objectives, *page.teams, *page.kpis, *page.boards], page.silence)


def drafted(
    workspace: Workspace, written: Mapping[str, Any], cycle: str, *, now: datetime
) -> Review:
    """Of an objective in the words of a document, of which anything may still be missing.

    Raises DefinitionError for what cannot be read.
    """
    results = written.get("key_results", [])
    named = [
        {"key": f"{n}", **r} if isinstance(r, Mapping) else r for n, r in enumerate(results, 1)
    ]
    values = {"key": "draft", "title": "", "team": "draft", "cycle": cycle, **written}
    try:
        item = msgspec.convert({**values, "key_results": named}, Objective)
    except msgspec.ValidationError as error:
        raise DefinitionError(f"The draft cannot be read: {error}.", where="objective") from None
    page = _Page(Document(objectives=[item]), workspace, workspace.calendar.day_of(now))
    page.check(item)
    [goal] = page.objectives
    return review([goal], page.silence)


def places(folder: FilePath) -> Places:
    """File and line of each goal and metric, and of each of its fields: `objective:start.title`."""
    sheet = load(folder)
    found: dict[str, tuple[str, int]] = {}
    for subject, path in _subjects(sheet):
        found.setdefault(subject, sheet.places[path])
        for field, at in sheet.places.items():
            if field[:-1] == path:
                found.setdefault(f"{subject}.{field[-1]}", at)
    return found


def place(places: Places, finding: Finding) -> tuple[str, int]:
    field = FIELDS.get(finding.field, finding.field)
    return places.get(f"{finding.where}.{field}") or places.get(finding.where) or ("", 0)


def _subjects(sheet: Sheet) -> Iterator[tuple[str, Path]]:
    """Of a document without faults. A team's cycle stands where its first objective does."""
    for section, noun in (("metrics", "metric"), ("teams", "team")):
        for n, item in enumerate(sheet.values.get(section, ())):
            yield f"{noun}:{item['key']}", (section, n)
    for n, item in enumerate(sheet.values.get("objectives", ())):
        path: Path = ("objectives", n)
        yield f"objective:{item['key']}", path
        yield f"team:{item['team']}/{item['cycle']}", path
        for m, key_result in enumerate(item.get("key_results", ())):
            subject = f"key_result:{item['key']}/{key_result['key']}"
            yield subject, (*path, "key_results", m)


@dataclass
class _Page:
    """The document beside what its workspace has."""

    document: Document
    workspace: Workspace | None
    today: date

    def check(self, item: Objective) -> None:
        """Raises NotFound for a cycle or metric that is nowhere."""
        for key in (item.cycle, *(k.cycle for k in item.key_results if k.cycle)):
            if key not in self.cycles:
                raise NotFound(f"There is no cycle `{key}`.", fix=nearest(key, self.cycles))
        for key in (k.metric for k in item.key_results if k.metric):
            if key not in self.measures:
                raise NotFound(f"There is no metric `{key}`.", fix=nearest(key, self.measures))

    @cached_property
    def definitions(self) -> dict[str, Measure]:
        written = {m.key: m for m in self.document.metrics}
        return {key: measure(definition, written) for key, definition in written.items()}

    @cached_property
    def measures(self) -> dict[str, Measure]:
        there = measures_of(self.workspace) if self.workspace else {}
        return {**there, **self.definitions}

    @cached_property
    def cycles(self) -> Mapping[str, Days]:
        rows = self.workspace.cycles.all() if self.workspace else ()
        there = {c.key: Days(c.starts, c.ends) for c in rows}
        return {**there, **{c.key: Days(c.starts, c.ends) for c in self.document.cycles}}

    @cached_property
    def names(self) -> dict[str, str]:
        """Of teams and cycles."""
        rows: list[Team | Cycle] = [*self.document.teams, *self.document.cycles]
        return {row.key: row.name or title_of(row.key) for row in rows}

    @cached_property
    def parents(self) -> dict[str, str | None]:
        rows = self.workspace.teams.select_related("parent") if self.workspace else ()
        there = {t.key: t.parent.key if t.parent else None for t in rows}
        return {**there, **{t.key: t.parent for t in self.document.teams}}

    @cached_property
    def present(self) -> list[Objective]:
        since = self.today - LOOKING_BACK
        return [o for o in self.document.objectives if self.cycles[o.cycle].last >= since]

    @cached_property
    def objectives(self) -> list[values.Objective]:
        return [self._objective(o) for o in self.present]

    def _objective(self, item: Objective) -> values.Objective:
        parent = self.parents.get(item.team)
        return values.Objective(
            subject=f"objective:{item.key}",
            title=item.title,
            why=item.why,
            owner=item.owner or "",
            team=self.names.get(item.team, item.team),
            cycle=self.names.get(item.cycle, item.cycle),
            company=parent is None and item.team in self.parents.values(),
            nested=parent is not None,
            supports=len(item.supports),
            supported=sum(item.key in o.supports for o in self.document.objectives),
            key_results=tuple(self._key_result(item, k) for k in item.key_results),
            guardrails=tuple(self.measures[key] for key in item.guardrails if key in self.measures),
        )

    def _key_result(self, objective: Objective, item: KeyResult) -> values.KeyResult:
        metric = self.measures.get(item.metric or "")
        cycle = self.cycles[item.cycle or objective.cycle]
        target = asdict(target_of(item, metric.unit if metric else item.unit, self._currency()))
        asked = goals.KeyResult(
            title=item.title, unit=item.unit, due=item.due or cycle.last, **target
        )
        subject = f"key_result:{objective.key}/{item.key}"
        return key_result_of(subject, asked, metric, cycle, self._history(item, asked, cycle))

    def _currency(self) -> str:
        written = self.document.workspace.currency if self.document.workspace else ""
        there = self.workspace.currency if self.workspace else ""
        return written if isinstance(written, str) and written else there

    def _history(self, item: KeyResult, asked: goals.KeyResult, cycle: Days) -> History:
        """Without a workspace nothing is known, and the baseline may still be measured."""
        row = self.workspace and self.workspace.metrics.filter(key=item.metric or "").first()
        if not row or not self.workspace:
            return History(pending=item.metric is not None)
        own = item.grain or row.profile.get("grain") or self.workspace.grain
        grain = Grain.day if asked.over in DAILY else Grain(own)
        points = points_of({(row.pk, grain)}, self.today).get((row.pk, grain), [])
        return history_of(points, asked, cycle, grain, self.today)

    @cached_property
    def teams(self) -> Iterator[TeamCycle]:
        found: dict[tuple[str, str], list[values.Objective]] = defaultdict(list)
        for item, objective in zip(self.present, self.objectives, strict=True):
            found[item.team, item.cycle].append(objective)
        for (team, cycle), objectives in found.items():
            yield TeamCycle(
                f"team:{team}/{cycle}",
                self.names.get(team, team),
                self.names.get(cycle, cycle),
                tuple(objectives),
                kpis=tuple(self.measures.values()),
            )

    @cached_property
    def kpis(self) -> list[values.Kpi]:
        used = {k.metric.key for o in self.objectives for k in o.key_results if k.metric}
        used |= {key for o in self.document.objectives for key in o.guardrails}
        return [k for k in kpis(self.measures, used) if k.measure.key in self.definitions]

    @cached_property
    def boards(self) -> list[Board]:
        watched = [m for m in self.definitions.values() if m.level == "kpi"]
        return [
            Board(f"team:{t.key}", t.name, tuple(m.key for m in watched if m.owner in t.members))
            for t in self.document.teams
        ]

    @cached_property
    def silence(self) -> Silence:
        item = self.document.workspace
        off = item.coach_off if item else None
        there = self.workspace.coach_off if self.workspace else []
        waived = {(c, f"objective:{o.key}") for o in self.document.objectives for c in o.waived}
        waived |= {(c, f"metric:{m.key}") for m in self.document.metrics for c in m.waived}
        waived |= {
            (code, f"key_result:{o.key}/{k.key}")
            for o in self.document.objectives
            for k in o.key_results
            for code in k.waived
        }
        return Silence(frozenset(off if isinstance(off, list) else there), frozenset(waived))
