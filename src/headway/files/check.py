"""What is wrong with definitions that are right in themselves: can their events be found?"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from headway.accounts.models import Workspace
from headway.engine.definition import ANY, Definition
from headway.engine.errors import HeadwayError, nearest
from headway.engine.event import MARKERS
from headway.files.document import Document
from headway.goals.experiment.checks import unseen
from headway.goals.experiment.design import experiment
from headway.ingest.definition import SourceDefinition
from headway.ingest.kinds import KINDS
from headway.ingest.manifest.store import local_store
from headway.ingest.probe import glance
from headway.metrics.definitions import documents_of, parsed
from headway.metrics.needs import needs, own_name

SHOWN = 5


@dataclass(frozen=True)
class Finding:
    """A problem keeps numbers from being computed; a notice leaves them perhaps empty."""

    subject: str
    message: str
    problem: bool = False


@dataclass(frozen=True)
class Seen:
    """What a source is known to have; `events` None where nothing can be said."""

    events: Collection[str] | None = None
    properties: Collection[str] | None = None


def check(workspace: Workspace | None, document: Document | None) -> list[Finding]:
    """Of a document, as if it was applied to the workspace; without one, of the workspace."""
    findings: list[Finding] = []
    seen = {"": _local(workspace, findings)}
    for source in _sources(workspace, document):
        is_table = KINDS[source.kind].is_table
        seen[source.key] = _table(source, findings) if is_table else seen[""]
    for definition in _definitions(workspace, document, findings):
        findings += _unseen(definition, seen.get(definition.source or "", Seen()))
    return [*findings, *_experiments(workspace, document)]


def _experiments(workspace: Workspace | None, document: Document | None) -> Iterator[Finding]:
    """Of the outputs that are A/B tests: what they are assigned by."""
    if workspace is None:
        return
    if document:
        found = {one.key: one.experiment for one in document.outputs}
    else:
        rows = workspace.outputs.filter(archived_at=None)
        found = {row.key: experiment(row.experiment) for row in rows}
    for key, one in found.items():
        for line in unseen(workspace, one) if one else ():
            yield Finding(f"output:{key}", line)


def _sources(workspace: Workspace | None, document: Document | None) -> list[SourceDefinition]:
    kept = {row.key: row.definition for row in workspace.sources.all()} if workspace else {}
    given = {source.key: source for source in document.sources} if document else {}
    return [source for _, source in sorted({**kept, **given}.items())]


def _definitions(
    workspace: Workspace | None, document: Document | None, findings: list[Finding]
) -> list[Definition]:
    if document:
        return list(document.metrics)
    good, bad = parsed(documents_of(workspace)) if workspace else ({}, {})
    findings += [Finding(f"metric:{key}", said, problem=True) for key, said in bad.items()]
    return list(good.values())


def _local(workspace: Workspace | None, findings: list[Finding]) -> Seen:
    """What was sent or imported. Where nothing was yet, every name would be new."""
    if workspace is None:
        return Seen()
    try:
        store = local_store(workspace)
        names = [name for name, _ in store.names]
    except HeadwayError as error:
        findings.append(Finding(f"workspace:{workspace.key}", str(error), problem=True))
        return Seen()
    return Seen(names or None, store.properties if names else None)


def _table(source: SourceDefinition, findings: list[Finding]) -> Seen:
    subject = f"source:{source.key}"
    found = glance(source)
    findings += [
        Finding(subject, line, problem=True) for said in found.problems for line in lines(said)
    ]
    if found.problems:
        return Seen()
    if not found.names:
        findings.append(Finding(subject, f"`{source.table}` has no events yet."))
        return Seen()
    return Seen([name for name, _ in found.names], source.columns)


def lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _unseen(definition: Definition, seen: Seen) -> Iterator[Finding]:
    where = f"in `{definition.source}`" if definition.source else "yet"
    wanted = needs(definition)
    for event in sorted({*wanted} - {ANY, *MARKERS}):
        if seen.events is not None and event not in seen.events:
            said = f"No event `{event}` has been seen {where}. {_nearest(event, seen.events)}"
            yield Finding(f"metric:{definition.key}", said)
    for name in sorted({name for names in wanted.values() for name in names}):
        if seen.properties is not None and name not in seen.properties:
            said = f"No property `{name}` has been seen {where}. {_nearest(name, seen.properties)}"
            yield Finding(f"metric:{definition.key}", said)


def _nearest(name: str, known: Collection[str]) -> str:
    if meant := own_name(name, known):
        return f"Did you mean `{meant}`?"
    shown = ", ".join(f"`{one}`" for one in list(known)[:SHOWN])
    return nearest(name, known) or f"There are: {shown}{', …' if len(known) > SHOWN else ''}."
