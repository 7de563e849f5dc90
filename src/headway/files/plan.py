"""What would have to change in a workspace for it to be as its document says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from headway.accounts.models import Workspace
from headway.engine.kinds import parse
from headway.files import closes
from headway.files.document import Document
from headway.files.graph import in_order
from headway.files.references import Known
from headway.files.state import Fields, Kept, kept, known_in, setting, settings_of, ticked, wanted

Action = Literal["create", "change", "restore", "archive", "release"]
ORDER = (
    "workspace",
    "source",
    "event",
    "survey",
    "check",
    "team",
    "cycle",
    "metric",
    "objective",
    "key_result",
    "output",
    "annotation",
    "close",
)
STAYS = ("source", "event", "team", "cycle")
"""Other things hang on these, so they are not archived: they stay, and the web may edit them."""


@dataclass(frozen=True, slots=True)
class FieldChange:
    """As the document writes the values; None where the field is not given."""

    field: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class Step:
    """`adopts`: made in the web until now, kept in files from here on."""

    action: Action
    subject: str
    changes: tuple[FieldChange, ...] = ()
    adopts: bool = False

    @property
    def noun(self) -> str:
        return self.subject.partition(":")[0]

    @property
    def key(self) -> str:
        return self.subject.partition(":")[2]


def plan(
    workspace: Workspace | None,
    document: Document,
    *,
    adopt: bool = False,
    known: Known | None = None,
) -> list[Step]:
    """In an order in which it can be done. No workspace: all of it is to be made.

    Something of the web with the same key and content stays the web's, so that what was exported
    can be applied without a trace; `adopt` takes it over all the same.
    """
    asked = ordered(wanted(document, known or known_in(workspace)))
    there = kept(workspace) if workspace else {}
    return [
        *_workspace_steps(workspace, document),
        *(s for subject, fields in asked.items() for s in _steps(subject, fields, there, adopt)),
        *_left_behind(there, asked),
    ]


def ordered(asked: Mapping[str, Fields]) -> dict[str, Fields]:
    """Each after those it names: parents, inputs of metrics, supported objectives."""
    needs = {subject: _needs(subject, fields) for subject, fields in asked.items()}
    subjects = sorted(in_order(needs), key=lambda s: ORDER.index(s.partition(":")[0]))
    return {subject: asked[subject] for subject in subjects}


def _needs(subject: str, fields: Fields) -> list[str]:
    noun = subject.partition(":")[0]
    if noun in ("team", "cycle"):
        return [f"{noun}:{fields['parent']}"] if fields.get("parent") else []
    if noun == "close":
        return []
    if noun == "metric":
        return [f"metric:{key}" for key in parse(fields).inputs()]
    return [f"objective:{key}" for key in fields.get("supports", [])]


def _workspace_steps(workspace: Workspace | None, document: Document) -> Iterator[Step]:
    item = document.workspace
    if item is None:
        return
    settings = settings_of(item)
    if workspace is None:
        yield Step("create", f"workspace:{item.key}", _changes({}, settings))
        return
    present = {name: setting(getattr(workspace, name)) for name in settings}
    if changes := _changes(present, settings):
        yield Step("change", f"workspace:{workspace.key}", changes)


def _steps(subject: str, fields: Fields, there: Mapping[str, Kept], adopt: bool) -> Iterator[Step]:
    """A close is history: nothing takes it over from the web, and a closed one never changes."""
    present = there.get(subject)
    if present is None or not subject.startswith("close:"):
        yield from _step(subject, fields, there, adopt)
        return
    after = closes.settled(fields, present.fields)
    closes.refuse_changes(subject.partition(":")[2], present.fields, after)
    if changes := _changes(present.fields, after):
        yield Step("change", subject, changes)


def _step(subject: str, fields: Fields, there: Mapping[str, Kept], adopt: bool) -> Iterator[Step]:
    present = there.get(subject)
    if present is None:
        yield Step("create", subject, _changes({}, fields))
        return
    changes = _changes(present.fields, ticked(fields, present.fields))
    adopts = not present.managed and (bool(changes) or adopt or present.archived)
    if present.archived:
        yield Step("restore", subject, changes, adopts)
    elif changes or adopts:
        yield Step("change", subject, changes, adopts)


def _left_behind(there: Mapping[str, Kept], asked: Mapping[str, Fields]) -> list[Step]:
    """What files made and do not have any more; what others need goes last."""
    gone = {
        subject: present.fields
        for subject, present in there.items()
        if present.managed and not present.archived and subject not in asked
    }
    return [
        Step("release" if subject.startswith(STAYS) else "archive", subject)
        for subject in reversed(ordered(gone))
    ]


def _changes(before: Fields, after: Fields) -> tuple[FieldChange, ...]:
    names = dict.fromkeys([*after, *before])
    names.pop("key", None)
    return tuple(
        FieldChange(name, before.get(name), after.get(name))
        for name in names
        if before.get(name) != after.get(name)
    )
