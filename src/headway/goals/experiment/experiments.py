"""Experiments as the worker keeps them: read once a day, and whenever the past has changed."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from django.db import transaction

from headway.accounts.models import Workspace
from headway.engine.definition import Definition
from headway.engine.errors import DefinitionError, HeadwayError, NotFound
from headway.engine.event import MARKERS
from headway.engine.kinds import to_document
from headway.feed.record import record
from headway.goals.experiment.checks import open_of
from headway.goals.experiment.design import Experiment, experiment
from headway.goals.experiment.looking import Look
from headway.goals.experiment.plan import planned, subjects_by
from headway.goals.experiment.told import Said, kept, plan, said
from headway.goals.experiment.words import verdict
from headway.goals.models import Output, OutputStatus, ReadOut, Trial
from headway.ingest.manifest.exchange import Exchange
from headway.ingest.manifest.store import store_for
from headway.ingest.models import Rewrite, Seen
from headway.metrics.definitions import closure, definitions_of
from headway.metrics.kept import Kept
from headway.metrics.needs import needs

log = logging.getLogger(__name__)

VERSION = 2
"""Another one reads every experiment anew."""
SETTLES = timedelta(hours=1)
"""What belongs to a day has come in so long after it."""
LATE = timedelta(days=30)
"""What comes in later than that after the end changes nothing."""
AGAIN = timedelta(hours=1)
"""So long after a problem it is tried once more."""


@dataclass(frozen=True, slots=True)
class Looked:
    """How many experiments there are, how many were read, and the problems by key."""

    experiments: int = 0
    read: int = 0
    problems: tuple[tuple[str, str], ...] = ()


def look(
    workspace: Workspace, *, now: datetime, stopped: Callable[[], bool] = lambda: False
) -> Looked:
    """Running it again reads nothing: only what rests on other events is read anew."""
    rows = workspace.outputs.filter(archived_at=None).exclude(experiment={})
    outputs = list(rows.exclude(status=OutputStatus.stopped).select_related("trial"))
    if not outputs:
        return Looked()
    desk = _Desk(workspace, definitions_of(workspace), now)
    due = [(o, marks) for o in outputs if (marks := desk.due(o)) is not None]
    problems: list[tuple[str, str]] = []
    with store_for(workspace) as store:
        for output, marks in due:
            if stopped():
                break
            if problem := desk.read(output, marks, store):
                problems.append((output.key, problem))
    return Looked(len(outputs), len(due), tuple(problems))


@dataclass(frozen=True)
class _Desk:
    """What one pass knows of a workspace."""

    workspace: Workspace
    definitions: Mapping[str, Definition]
    now: datetime

    @property
    def at(self) -> datetime:
        return self.workspace.at(self.now)

    @property
    def today(self) -> date:
        return self.workspace.calendar.day_of(self.at)

    def due(self, output: Output) -> tuple[str, str] | None:
        """What it is asked, and what that rests on; None when both are as they were."""
        found = experiment(output.experiment)
        if found is None:
            return None
        asked = self._asked(found)
        seen = self._seen(found)
        trial: Trial | None = getattr(output, "trial", None)
        if trial is None or (trial.asked, trial.seen) != (asked, seen):
            return asked, seen
        tried = trial.problem and not trial.read_at <= self.now < trial.read_at + AGAIN
        return (asked, seen) if tried else None

    def read(self, output: Output, marks: tuple[str, str], store: Exchange) -> str:
        """Returns the problem that there was."""
        found = experiment(output.experiment)
        assert found is not None
        trial: Trial | None = getattr(output, "trial", None)
        made = trial or Trial(output=output, asked="")
        again = made.asked != marks[0]
        made.asked, made.seen = marks
        made.read_at, made.problem = self.now, ""
        rows: list[ReadOut] | None = None
        try:
            self._require_metric(found)
            self._require_events(found)
            self._before(made, found, store, again=again)
            if found.starts < self.today:
                look = Look(
                    self.workspace, found, self.definitions, store, self.today, made.planned
                )  # fmt: skip
                rows = self._rows(output, look, again=again)
                made.problem = " ".join(look.broken.values())
        except HeadwayError as error:
            made.problem = str(error)
        except (ArithmeticError, ValueError) as error:  # it does not hold the others up
            log.exception("The experiment %s could not be read", output.key)
            made.problem = f"It could not be reckoned: {error}."
        with transaction.atomic():
            made.save()
            if rows is not None:
                self._write(output, rows)
        return made.problem

    def _require_metric(self, found: Experiment) -> None:
        """The plan needs it too; guardrails are looked for when they are read."""
        if found.metric not in self.definitions:
            fix = "Restore it, or name another in the experiment."
            raise NotFound(
                f"The metric `{found.metric}` is archived, or cannot be computed.", fix=fix
            )

    def _require_events(self, found: Experiment) -> None:
        """What was read stays where the events are no longer kept."""
        since = Kept.of(self.workspace).since
        if since and found.starts < since:
            raise DefinitionError(
                f"It began on {found.starts}, and raw events are kept since {since}: what it says "
                "is what was read before."
            )

    def _before(self, trial: Trial, found: Experiment, store: Exchange, *, again: bool) -> None:
        """The plan is made until the start; what it fixes stays from the first look on."""
        known = plan(trial.plan)
        if found.starts <= self.today and known and not known.reason and not again:
            return
        made = planned(self.workspace, found, self.definitions, store, self.today)
        trial.plan = kept(made)
        if trial.planned is None or self.today <= found.starts:
            trial.planned = made.needed or _at_the_end(made.coming, made.days)

    def _rows(self, output: Output, look: Look, *, again: bool) -> list[ReadOut]:
        """All days, those whose sums are as they were with what was said of them."""
        there = {} if again else {row.day: row for row in output.read_outs.all()}
        rows: list[ReadOut] = []
        for day in look.days():
            sums, before = look.sums(day), there.get(day)
            same = before is not None and before.sums == json.loads(json.dumps(sums))
            rows.append(
                before if before is not None and same
                else ReadOut(output=output, day=day, sums=sums, said=kept(look.said(day)))
            )  # fmt: skip
        return rows

    def _write(self, output: Output, rows: list[ReadOut]) -> None:
        last = output.read_outs.last()
        before = verdict(said(last.said)) if last else ""
        output.read_outs.exclude(pk__in=[row.pk for row in rows if row.pk]).delete()
        ReadOut.objects.bulk_create(row for row in rows if not row.pk)
        after = verdict(_said(rows[-1])) if rows else ""
        if after and after != before:
            record(
                self.workspace, subject=f"output:{output.key}", title=output.name,
                what="read-out", before=before, after=after, by=None, now=self.now,
            )  # fmt: skip

    def _asked(self, found: Experiment) -> str:
        behind = [
            to_document(one)
            for key in found.metrics
            for one in closure(key, self.definitions).values()
        ]
        place = self.workspace.timezone, self.workspace.currency, self.workspace.rates
        return _digest([VERSION, repr(found), behind, place])

    def _seen(self, found: Experiment) -> str:
        """The days that are over, and how many events of these names they have."""
        last = found.last(open_of(self.workspace, self.definitions, found))
        if last is not None and self.today > last + LATE:
            return _digest("settled")
        today = self.workspace.calendar.instant(self.today)
        days = self.today, self.at >= today + SETTLES
        return _digest([days, list(self._events(found, today.astimezone(UTC).date()))])

    def _events(self, found: Experiment, until: date) -> Iterator[object]:
        names = {*found.assigned.names, *MARKERS}
        for key in found.metrics:
            for one in closure(key, self.definitions).values():
                names |= set(needs(one))
        rows = Seen.objects.filter(source__workspace=self.workspace)
        if found.assigned.names and "any" not in names:
            rows = rows.filter(name__in=names)
        for source, name, count, by_day in rows.order_by("source", "name").values_list(
            "source_id", "name", "rows", "days"
        ):
            later = sum(n for day, n in by_day.items() if day >= until.isoformat())
            yield source, name, count - later
        for table in self.workspace.sources.order_by("key"):
            if table.is_warehouse:
                yield table.key, table.names, table.identities, table.problem
        yield Rewrite.objects.filter(workspace=self.workspace, finished_at__isnull=False).count()


def _at_the_end(coming: list[int], days: int | None) -> int | None:
    return round(subjects_by(coming, days)) or None if days else None


def _said(row: ReadOut) -> Said:
    return said(row.said)


def _digest(parts: object) -> str:
    return hashlib.sha256(repr(parts).encode()).hexdigest()
