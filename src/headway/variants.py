"""`headway.arms`: the variants of an experiment as sums, from definitions and a file of events."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from headway.engine.ask import Ask
from headway.engine.assignment import Assigned, Measure, assigned
from headway.engine.definition import Definition
from headway.engine.errors import DefinitionError, nearest
from headway.engine.measure import scope_of
from headway.engine.period import Calendar, Grain
from headway.engine.tally import Tally
from headway.goals.experiment.design import Experiment, experiment
from headway.oneshot import Definitions, Events, definitions_of, document_of, events_of, exchange_of
from headway.stores.given import given
from headway.stores.reading import Reject

if TYPE_CHECKING:
    from headway.files.document import Document
    from headway.stats.experiment import Guardrail


@dataclass(frozen=True)
class Arms:
    """What `headway.experiment` asks for: `tallies` by variant, the control first.

    `mixed` subjects were seen in several variants and are in none; `others` are those of variants
    that have no part in the split.
    """

    tallies: Mapping[str, Tally]
    measure: Measure
    shares: tuple[float, ...]
    guardrails: tuple[Guardrail, ...]
    mixed: int
    others: Mapping[str, int]
    rejects: tuple[Reject, ...]


def arms(
    definitions: Definitions,
    events: Events,
    *,
    assignment: Mapping[str, Any] | str,
    timezone: str = "UTC",
    as_of: datetime | None = None,
    currency: str = "",
    rates: Mapping[str, Mapping[str | date, float]] | None = None,
    store: str = "local",
    store_address: str = "",
) -> Arms:
    """The variants by the end of the last day that is over as of `as_of` (default: now).

    `assignment` is what a definition file calls the `experiment` of an output, or the key of an
    output in it; the rest is as for `headway.measure`.
    Raises DefinitionError, InputError or StoreError.
    """
    document = document_of(definitions)
    found = _experiment(assignment, document)
    known = definitions_of(document.metrics)
    at = as_of or datetime.now(UTC)
    table, rejects = events_of(events, at)
    calendar = Calendar.of(timezone, "monday")
    today = calendar.day_of(at)
    scope = scope_of(
        found.starts, max(today, found.starts + timedelta(days=1)), Grain.all, calendar=calendar,
        as_of=calendar.instant(today),
        exchange=exchange_of(currency, rates, document.workspace),
    )  # fmt: skip
    with given(table, store, store_address) as opened:
        read = {
            key: _read(found, _definition(key, known), Ask(known, opened, scope), today)
            for key in found.metrics
        }
    return replace(_arms(found, known, read, today), rejects=tuple(rejects))


def _experiment(given: Mapping[str, Any] | str, document: Document) -> Experiment:
    if not isinstance(given, str):
        found = experiment(given)
    else:
        outputs = {o.key: o for o in document.outputs if o.experiment}
        if given not in outputs:
            fix = nearest(given, outputs) or "Give the experiment itself."
            raise DefinitionError(f"No output `{given}` is an experiment.", fix=fix)
        found = outputs[given].experiment
    if found is None:
        raise DefinitionError("There is no assignment.", fix="Say who gets which variant.")
    return found


def _definition(key: str, known: Mapping[str, Definition]) -> Definition:
    if key not in known:
        fix = nearest(key, known) or "Define it."
        raise DefinitionError(f"There is no metric `{key}`.", where="assignment", fix=fix)
    return known[key]


def _read(found: Experiment, definition: Definition, ask: Ask, today: date) -> Assigned:
    return assigned(definition, found.assignment(today), ask)


def _arms(
    found: Experiment, known: Mapping[str, Definition], read: Mapping[str, Assigned], today: date
) -> Arms:
    from headway.stats.arms import Arm
    from headway.stats.experiment import Guardrail

    main = read[found.metric].by(today)
    names = [found.control, *sorted(n for n in found.split or main if n != found.control)]
    guards = [
        Guardrail(
            guard.metric,
            [Arm(n, read[guard.metric].by(today).get(n, Tally())) for n in names],
            read[guard.metric].measure,
            "down" if known[guard.metric].direction == "down" else "up",
            guard.tolerance,
        )
        for guard in found.guardrails
    ]
    return Arms(
        tallies={name: main.get(name, Tally()) for name in names},
        measure=read[found.metric].measure,
        shares=tuple(found.split[name] for name in names) if found.split else (),
        guardrails=tuple(guards),
        mixed=read[found.metric].mixed_by(today),
        others={name: tally.n for name, tally in main.items() if name not in names},
        rejects=(),
    )
