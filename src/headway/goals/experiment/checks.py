"""What an experiment has to be to be read: metrics that say something of each subject, events."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date, timedelta
from typing import Any

from headway.accounts.models import Workspace
from headway.charts import formats
from headway.engine import phrases
from headway.engine.ask import Ask, Scope
from headway.engine.assignment import check_subjects
from headway.engine.definition import Definition
from headway.engine.errors import DefinitionError, nearest
from headway.engine.event import MARKERS
from headway.engine.measure import scope_of
from headway.engine.period import Grain
from headway.goals.experiment.design import DAY, Experiment, experiment
from headway.goals.models import Output
from headway.ingest.manifest.store import store_for
from headway.ingest.models import Seen, Source
from headway.ingest.probe import NAMES_KEPT
from headway.metrics.definitions import definitions_of, documents_of, parsed
from headway.metrics.models import Metric
from headway.metrics.needs import own_name

SHOWN = 5
ANY_DAY = date(2026, 1, 1)


def readable(output: Output) -> None:
    """Raises DefinitionError for a metric that is not there, or says nothing of one subject."""
    found = experiment(output.experiment)
    if found is None:
        return
    definitions = definitions_of(output.workspace)
    ask = Ask(definitions, store_for(output.workspace), look_of(output.workspace, found.starts))
    for at, key in zip(_places(found), found.metrics, strict=True):
        if key not in definitions:
            fix = nearest(key, definitions) or "Define it, or name another."
            raise DefinitionError(f"There is no metric `{key}`.", where=at, fix=fix)
        try:
            each = definitions[key].each(ask)
            check_subjects(definitions[key], each, found.by)
        except DefinitionError as error:
            raise DefinitionError(error.message, where=at, fix=error.fix) from None


def open_of(
    workspace: Workspace, definitions: Mapping[str, Definition], found: Experiment
) -> timedelta:
    """How long after an assignment it is not known of a subject what it did."""
    ask = Ask(definitions, store_for(workspace), look_of(workspace, found.starts))
    known = [definitions[key] for key in found.metrics if key in definitions]
    return max((d.each(ask).open for d in known if _says(d, ask)), default=timedelta())


def comparable(workspace: Workspace) -> list[Metric]:
    """Metrics that say something of each subject, by name."""
    rows = documents_of(workspace)
    definitions, _ = parsed(rows)
    ask = Ask(definitions, store_for(workspace), look_of(workspace, ANY_DAY))
    return sorted(
        (m for m in rows if m.key in definitions and _says(definitions[m.key], ask)),
        key=lambda metric: metric.name.lower(),
    )


def _says(definition: Definition, ask: Ask) -> bool:
    try:
        definition.each(ask)
    except DefinitionError:
        return False
    return True


def summary(given: Mapping[str, Any]) -> str:
    """For the trail: who gets which variant, on which metrics, and when."""
    found = experiment(given)
    if found is None:
        return ""
    said = sentence(found)
    words = (
        f"{said[:1].lower()}{said[1:]}, {found.control} the control; on {', '.join(found.metrics)}"
    )
    return f"{words}; {span_of(found)}".replace("`", "")


def sentence(found: Experiment) -> str:
    said = phrases.events(found.assigned.event) + phrases.filters(found.assigned.where)
    return f"Assigned by {said}, the variant is their `{found.variant}`"


def span_of(found: Experiment) -> str:
    if found.ends is None:
        return f"from {formats.day(found.starts)}"
    return formats.days(found.starts, found.ends)


def unseen(workspace: Workspace, found: Experiment) -> tuple[str, ...]:
    """Of what the assignments need, what has not come in, with the nearest names that have."""
    tables = {s.key: s for s in workspace.sources.all() if s.is_warehouse}
    if tables:
        return tuple(_uncopied(workspace, found, tables))
    rows = Seen.objects.filter(source__workspace=workspace).exclude(name__in=MARKERS)
    seen: dict[str, set[str]] = {}
    for name, properties in rows.values_list("name", "properties"):
        seen.setdefault(name, set()).update(properties)
    return tuple(_unseen(found, seen)) if seen else ()


def _uncopied(
    workspace: Workspace, found: Experiment, tables: Mapping[str, Source]
) -> Iterator[str]:
    """Warehouses that metrics are read from, and that have no assignments."""
    read: dict[str, list[str]] = {}
    for metric, document in documents_of(workspace, found.metrics).items():
        read.setdefault(str(document.get("source")), []).append(f"“{metric}”")
    for key, metrics in read.items():
        table = tables.get(key)
        known = {name for name, _ in table.names} if table else set()
        missing = [f"`{name}`" for name in found.assigned.names if name not in known]
        if 0 < len(known) < NAMES_KEPT and missing:
            yield (
                f"`{key}` has no event {' or '.join(missing)}: send or copy the assignments there, "
                f"where {', '.join(metrics)} {'is' if len(metrics) == 1 else 'are'} read."
            )


def _unseen(found: Experiment, seen: Mapping[str, Collection[str]]) -> Iterator[str]:
    for name in found.assigned.names:
        if name not in seen:
            yield f"No event `{name}` has come in yet. {_nearest(name, seen)}"
    there = [seen[n] for n in (found.assigned.names or tuple(seen)) if n in seen]
    carried = {one for properties in there for one in properties}
    for name in (found.variant, *sorted(found.assigned.where)) if there else ():
        if name not in carried:
            event = " or ".join(f"`{n}`" for n in found.assigned.names) or "event"
            said = f"No {event} with the property `{name}` has come in yet."
            yield f"{said} {_nearest(name, carried)}"


def _nearest(name: str, known: Iterable[str]) -> str:
    known = sorted(known)
    if meant := own_name(name, known):
        return f"Did you mean `{meant}`?"
    shown = ", ".join(f"`{one}`" for one in known[:SHOWN])
    there = f"There are: {shown}{', …' if len(known) > SHOWN else ''}." if known else ""
    return nearest(name, known) or there


def _places(found: Experiment) -> Iterator[str]:
    yield "experiment.metric"
    yield from (f"experiment.guardrails[{n}]" for n in range(len(found.guardrails)))


def look_of(workspace: Workspace, day: date) -> Scope:
    """Only to look at definitions: nothing is read."""
    return scope_of(
        day, day + DAY, Grain.all, calendar=workspace.calendar,
        as_of=workspace.calendar.instant(day), exchange=workspace.exchange,
    )  # fmt: skip
