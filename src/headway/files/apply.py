"""Makes a workspace as its document says, in one transaction, through the verbs of each room."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

import msgspec
from django.core.exceptions import ObjectDoesNotExist
from django.db import transaction

from headway.accounts import actions as accounts
from headway.accounts import gate
from headway.accounts.models import Member, Person, Role, Workspace
from headway.engine.definition import Definition
from headway.engine.errors import Conflict, DefinitionError, InputError, NotFound
from headway.engine.kinds import to_document
from headway.engine.plain import plain
from headway.feed.record import record
from headway.files import closes
from headway.files.document import (
    Annotation,
    Check,
    Close,
    Cycle,
    Document,
    KeyResult,
    Objective,
    Output,
    PlannedEvent,
    Source,
    Survey,
    Team,
)
from headway.files.plan import Step, plan
from headway.files.refusals import REASON, Refusal, Refused
from headway.files.state import known_in, setting, settings_of, title_of
from headway.files.targets import target_of
from headway.files.ticks import milestones_of
from headway.goals import actions as goals
from headway.goals import outputs
from headway.goals.advice.waivers import settle
from headway.goals.close.retelling import retell
from headway.ingest import actions as ingest
from headway.ingest.plan import planning
from headway.metrics import actions as metrics
from headway.metrics.happened.annotations import (
    archive_annotation,
    restore_annotation,
    save_annotation,
)
from headway.surveys import actions as surveys
from headway.uptime import actions as uptime

REFUSALS = (DefinitionError, Conflict, InputError, NotFound)
ARCHIVE: dict[str, Callable[..., Any]] = {
    "metric": metrics.archive_metric,
    "objective": goals.archive_objective,
    "key_result": goals.archive_key_result,
    "output": outputs.archive_output,
    "annotation": archive_annotation,
    "survey": surveys.archive_survey,
    "check": uptime.archive_check,
}
RESTORE: dict[str, Callable[..., Any]] = {
    "metric": metrics.restore_metric,
    "objective": goals.restore_objective,
    "key_result": goals.restore_key_result,
    "output": outputs.restore_output,
    "annotation": restore_annotation,
    "survey": surveys.restore_survey,
    "check": uptime.restore_check,
}


@transaction.atomic
def apply(
    workspace: Workspace | None,
    document: Document,
    *,
    by: Member | None,
    now: datetime,
    adopt: bool = False,
    reason: str = "",
) -> list[Step]:
    """What was done. Without a workspace, the operator makes the one that the document names.

    `reason` is kept beside each change; key results of cycles that have opened ask for one.

    `document` comes from `read` with what this workspace knows; if verbs still refuse something,
    nothing is changed, and Refused has all of it.
    """
    steps = plan(workspace, document, adopt=adopt)
    if workspace is None:
        try:
            workspace = _created(document, by, now)
        except REFUSALS as error:
            raise Refused([Refusal("workspace:", error)]) from None
    elif steps:
        gate.require(by, "write", workspace)
    hand = Hand(workspace, document, by, now, reason=reason)
    for step in steps:
        hand.attempt(step.subject, partial(hand.do, step))
    for subject, finish in hand.later:
        hand.attempt(subject, finish)
    if hand.refused:
        raise Refused(hand.refused)
    return steps


@dataclass(frozen=True)
class Rehearsal:
    """`unexplained` are the goals of a running cycle that change only with a reason."""

    steps: list[Step]
    unexplained: list[str]


def rehearse(
    workspace: Workspace | None, document: Document, *, now: datetime, adopt: bool = False
) -> Rehearsal:
    """What `apply` would do; it is done and undone, so that what it would refuse is known.

    Raises Refused like `apply`, but not for want of a reason.
    """
    steps = plan(workspace, document, adopt=adopt)
    unexplained: list[str] = []
    if not steps:
        return Rehearsal(steps, unexplained)
    try:
        with transaction.atomic():
            apply(workspace, document, by=None, now=now, adopt=adopt)
            transaction.set_rollback(True)
    except Refused as error:
        if others := [one for one in error.refusals if one.field != REASON]:
            raise Refused(others) from None
        unexplained = [one.subject for one in error.refusals]
    return Rehearsal(steps, unexplained)


def _created(document: Document, by: Member | None, now: datetime) -> Workspace:
    item = document.workspace
    if item is None:
        raise DefinitionError(
            "The files name no workspace.", fix="Add for example `workspace: {key: parcel}`."
        )
    if by is not None:
        gate.require(by, "administer")
    settings = _settings(document)
    name = settings.pop("name", "") or title_of(item.key)
    return accounts.create_workspace(item.key, name, now=now, **settings)


def _settings(document: Document) -> dict[str, Any]:
    item = document.workspace
    found = {name: getattr(item, name) for name in settings_of(item)} if item else {}
    if "journey" in found:
        found["journey"] = setting(found["journey"])
    return found


@dataclass
class Hand:
    """Does steps in a workspace, in the name of `by`.

    `managed`: the document is that of the files, which manage what is saved and give key results
    their order. Otherwise it holds single objects. Steps are done once `later` has run.
    """

    workspace: Workspace
    document: Document
    by: Member | None
    now: datetime
    managed: bool = True
    reason: str = ""
    later: list[tuple[str, Callable[[], Any]]] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.items = _items(self.document)
        self.units = {**known_in(self.workspace, managed=True).units}
        self.units |= {m.key: m.unit for m in self.document.metrics}

    def attempt(self, subject: str, act: Callable[[], Any]) -> None:
        """Keeps a refusal, so that all are told together; what rests on it is passed over."""
        try:
            with transaction.atomic():
                act()
        except REFUSALS as error:
            self.refused.append(Refusal(subject, error))
            self.workspace.refresh_from_db()
        except ObjectDoesNotExist:
            if not self.refused:
                raise

    def do(self, step: Step) -> None:
        if step.noun == "workspace":
            self._save_settings(step)
        elif step.action in ("archive", "release"):
            getattr(self, f"_{step.action}")(step)
        elif step.action == "restore":
            self._restore(step)
        else:
            self._save(step)

    def _save(self, step: Step) -> None:
        getattr(self, f"_save_{step.noun}")(step.key, self.items[step.subject])

    def _save_settings(self, step: Step) -> None:
        if step.action == "change":
            accounts.save_settings(self.workspace, _settings(self.document), **self._who)

    @property
    def _who(self) -> dict[str, Any]:
        return {"by": self.by, "now": self.now}

    @property
    def _managed(self) -> dict[str, Any]:
        return {**self._who, "managed": self.managed}

    def _save_source(self, _: str, item: Source) -> None:
        ingest.save_source(self.workspace, **msgspec.structs.asdict(item), **self._managed)

    def _save_survey(self, _: str, item: Survey) -> None:
        surveys.save_survey(self.workspace, **item.written(), **self._managed)

    def _save_check(self, _: str, item: Check) -> None:
        uptime.save_check(self.workspace, **item.written(), **self._managed)

    def _save_event(self, key: str, item: PlannedEvent) -> None:
        fields = plain(item)
        fields.pop("event")
        planning.declare(self.workspace, key, **fields, **self._managed)

    def _save_team(self, key: str, item: Team) -> None:
        accounts.save_team(
            self.workspace,
            key,
            item.name or title_of(key),
            parent=self._one("teams", item.parent),
            people=[self._member_or_new(email) for email in item.members],
            managed_in_code=self.managed,
            **self._who,
        )

    def _save_cycle(self, key: str, item: Cycle) -> None:
        """Days move in two steps: key results due by the old ones are saved in between."""
        present = self.workspace.cycles.filter(key=key).first()
        fields = {
            "key": key,
            "name": item.name,
            "parent": self._one("cycles", item.parent),
            **self._managed,
        }
        starts, ends = item.starts, item.ends
        if present and (present.starts < starts or present.ends > ends):
            starts, ends = min(starts, present.starts), max(ends, present.ends)
            days: dict[str, Any] = {"starts": item.starts, "ends": item.ends}
            finish = partial(goals.save_cycle, self.workspace, **days, **fields)
            self.later.append((f"cycle:{key}", finish))
        goals.save_cycle(self.workspace, starts=starts, ends=ends, **fields)

    def _save_metric(self, _: str, item: Definition) -> None:
        metrics.save_metric(self.workspace, to_document(item), **self._managed)

    def _save_objective(self, key: str, item: Objective) -> None:
        saved = goals.save_objective(
            self.workspace,
            key=key,
            title=item.title,
            why=item.why,
            team=self._one("teams", item.team),
            cycle=self._one("cycles", item.cycle),
            ambition=item.ambition,
            owner=self._member(item.owner),
            supports=self.workspace.objectives.filter(key__in=item.supports),
            guardrails=self.workspace.metrics.filter(key__in=item.guardrails),
            **self._managed,
        )
        settle(saved, item.waived, **self._managed)

    def _save_key_result(self, key: str, item: KeyResult) -> None:
        objective = self.workspace.objectives.get(key=key.partition("/")[0])
        cycle = self._one("cycles", item.cycle) or objective.cycle
        saved = goals.save_key_result(
            objective,
            key=item.key,
            title=item.title,
            metric=self._one("metrics", item.metric),
            cycle=cycle,
            due=item.due or self._last_day(cycle.key) or cycle.ends,
            grain=item.grain or "",
            weight=item.weight,
            unit=item.unit,
            owner=self._member(item.owner),
            delegate=self._member(item.delegate),
            teams=self.workspace.teams.filter(key__in=item.teams),
            milestones=milestones_of(item),
            reason=self.reason,
            **self._position(key),
            **asdict(target_of(item, self.units.get(item.metric or "", item.unit))),
            **self._managed,
        )
        settle(saved, item.waived, **self._managed)

    def _save_output(self, key: str, item: Output) -> None:
        outputs.save_output(
            self.workspace,
            key=key,
            name=item.name or title_of(key),
            description=item.description,
            status=item.status or "",
            planned=item.planned,
            launched=item.launched,
            team=self._one("teams", item.team),
            owner=self._member(item.owner),
            moves=self.workspace.metrics.filter(key__in=item.metrics),
            controls=self.workspace.metrics.filter(key__in=item.controls),
            audience=plain(item.audience),
            experiment=plain(item.experiment) if item.experiment else {},
            **self._managed,
        )

    def _save_annotation(self, _: str, item: Annotation) -> None:
        fields = msgspec.structs.asdict(item)
        fields |= {"metrics": self.workspace.metrics.filter(key__in=item.covered)}
        save_annotation(self.workspace, **fields, **self._managed)

    def _save_close(self, key: str, item: Close) -> None:
        team, cycle = self._one("teams", item.team), self._one("cycles", item.cycle)
        retell(team, cycle, closes.told(item, self.workspace), **self._who)

    def _last_day(self, cycle: str) -> Any:
        return next((c.ends for c in self.document.cycles if c.key == cycle), None)

    def _position(self, key: str) -> dict[str, Any]:
        """Beside others that a single object does not name, its key results stay where they are."""
        if not self.managed:
            return {}
        objective = self.items[f"objective:{key.partition('/')[0]}"]
        keys = [item.key for item in objective.key_results]
        return {"position": keys.index(key.partition("/")[2])}

    def _archive(self, step: Step) -> None:
        ARCHIVE[step.noun](self._row(step), **self._managed)

    def _restore(self, step: Step) -> None:
        """Goals cannot change while archived; a metric's old definition may not hold any more."""
        restore = RESTORE[step.noun]
        if step.noun == "metric":
            self._save(step)
            restore(self._row(step), **self._managed)
        else:
            restore(self._row(step), **self._managed)
            self._save(step)

    def _release(self, step: Step) -> None:
        row = self._row(step)
        row.managed_in_code = False
        row.save(update_fields=["managed_in_code"])
        record(
            self.workspace,
            subject=step.subject,
            title=str(row),
            what="managed_in_code",
            before="yes",
            after="no",
            **self._who,
        )

    def _row(self, step: Step) -> Any:
        if step.noun == "key_result":
            objective, _, key = step.key.partition("/")
            return self.workspace.objectives.get(key=objective).key_results.get(key=key)
        if step.noun == "annotation":
            return self.workspace.annotations.get(origin="", key=step.key)
        return self._one(f"{step.noun}s", step.key)

    def _one(self, rows: str, key: str | None) -> Any:
        return getattr(self.workspace, rows).get(key=key) if key else None

    def _member(self, email: str | None) -> Member | None:
        return self.workspace.members.get(person__email=email.lower()) if email else None

    def _member_or_new(self, email: str) -> Member:
        email = email.lower()
        member = self.workspace.members.filter(person__email=email).first()
        if member is not None:
            return member
        person = Person.objects.filter(email=email).first()
        person = person or accounts.create_person(email, None)
        return accounts.add_member(self.workspace, person, Role.member, **self._who)


def _items(document: Document) -> dict[str, Any]:
    found: dict[str, Any] = {f"source:{s.key}": s for s in document.sources}
    found |= {f"survey:{s.key}": s for s in document.surveys}
    found |= {f"check:{c.key}": c for c in document.checks}
    found |= {f"event:{e.key}": e for e in document.tracking}
    found |= {f"team:{t.key}": t for t in document.teams}
    found |= {f"cycle:{c.key}": c for c in document.cycles}
    found |= {f"metric:{m.key}": m for m in document.metrics}
    found |= {f"output:{o.key}": o for o in document.outputs}
    found |= {f"annotation:{a.key}": a for a in document.annotations}
    found |= {f"close:{c.key}": c for c in document.closes}
    for objective in document.objectives:
        found[f"objective:{objective.key}"] = objective
        found |= {f"key_result:{objective.key}/{k.key}": k for k in objective.key_results}
    return found
