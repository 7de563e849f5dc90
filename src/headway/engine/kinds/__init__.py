"""The kinds of metric. A new kind is one file here and one line in KINDS."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, Union

import msgspec

from headway.engine.definition import Definition
from headway.engine.errors import DefinitionError, nearest
from headway.engine.kinds.count import Count
from headway.engine.kinds.csat import Csat
from headway.engine.kinds.elapsed import Elapsed
from headway.engine.kinds.formula import Formula
from headway.engine.kinds.frequency import Frequency
from headway.engine.kinds.funnel import Funnel
from headway.engine.kinds.lifecycle import Lifecycle
from headway.engine.kinds.manual import Manual
from headway.engine.kinds.max import Max
from headway.engine.kinds.mean import Mean
from headway.engine.kinds.min import Min
from headway.engine.kinds.movement import Movement
from headway.engine.kinds.nps import Nps
from headway.engine.kinds.quantile import Quantile
from headway.engine.kinds.query import Query
from headway.engine.kinds.rate import Rate
from headway.engine.kinds.ratio import Ratio
from headway.engine.kinds.retention import Retention
from headway.engine.kinds.session import Session
from headway.engine.kinds.share import Share
from headway.engine.kinds.steps import Steps
from headway.engine.kinds.stock import Stock
from headway.engine.kinds.sum import Sum
from headway.engine.kinds.unique import Unique
from headway.engine.kinds.uptime import Uptime
from headway.engine.plain import default, plain
from headway.engine.shape import faults, shape_of

KINDS: dict[str, type[Definition]] = {
    "count": Count,
    "sum": Sum,
    "mean": Mean,
    "min": Min,
    "max": Max,
    "quantile": Quantile,
    "unique": Unique,
    "share": Share,
    "ratio": Ratio,
    "retention": Retention,
    "funnel": Funnel,
    "elapsed": Elapsed,
    "steps": Steps,
    "session": Session,
    "lifecycle": Lifecycle,
    "frequency": Frequency,
    "stock": Stock,
    "movement": Movement,
    "nps": Nps,
    "csat": Csat,
    "uptime": Uptime,
    "rate": Rate,
    "formula": Formula,
    "manual": Manual,
    "query": Query,
}

AnyDefinition = Union[tuple(KINDS.values())]  # type: ignore[valid-type]  # noqa: UP007
"""The tagged union of all kinds, for msgspec: decoding it picks the kind."""


def parse(document: Mapping[str, Any]) -> Definition:
    """A definition from its document. Raises DefinitionError with the field and how to mend it."""
    definition = _converted(document)
    try:
        _check_unused(definition)
        _check_common(definition)
        definition.check()
    except DefinitionError as error:
        raise DefinitionError(
            error.message, where=_place(document, error.where), fix=error.fix
        ) from None
    return definition


def _check_unused(definition: Definition) -> None:
    usual = _fields(type(definition))
    for name in definition.without:
        if getattr(definition, name) != default(usual[name]):
            raise DefinitionError(
                f"A metric of kind `{definition.kind}` makes no use of `{name}`.",
                where=name,
                fix="Leave it out, or give it to the metrics this one is computed from."
                if definition.inputs()
                else "Leave it out.",
            )


def _check_common(definition: Definition) -> None:
    if definition.healthy:
        definition.healthy.check()
    if not definition.by:
        raise DefinitionError(
            "It says of nothing whose number it is.",
            where="by",
            fix="Give `user`, `account` or a property, or leave it out.",
        )
    if len(set(definition.segments)) < len(definition.segments) or "" in definition.segments:
        raise DefinitionError(
            "A segment is given twice, or has no name.",
            where="segments",
            fix="Name each property once.",
        )


@cache
def _fields(kind: type[Definition]) -> dict[str, msgspec.structs.FieldInfo]:
    return {f.name: f for f in msgspec.structs.fields(kind)}


def to_document(definition: Definition) -> dict[str, Any]:
    """The shortest document that parses to this definition."""
    document = plain(definition)
    key = document.pop("key")
    return {"key": key, **document}


def check_inputs(definitions: Mapping[str, Definition]) -> None:
    """Raises DefinitionError when an input is missing or a metric is computed from itself."""
    for key in definitions:
        _walk(key, definitions, ())


def _walk(key: str, definitions: Mapping[str, Definition], path: tuple[str, ...]) -> None:
    if key in path:
        loop = " → ".join([*path[path.index(key) :], key])
        raise DefinitionError(
            f"`{key}` is computed from itself: {loop}.",
            where=f"metric `{path[-1]}`",
            fix="Take one of these metrics out of the loop.",
        )
    if key not in definitions:
        raise DefinitionError(
            f"There is no metric `{key}`.",
            where=f"metric `{path[-1]}`",
            fix=nearest(key, definitions) or "Define it, or name another.",
        )
    for name in definitions[key].inputs():
        _walk(name, definitions, (*path, key))
    check_parts(key, definitions[key], definitions)


def check_parts(key: str, of: Definition, definitions: Mapping[str, Definition]) -> None:
    """Raises DefinitionError where what `of` reads names a part that its metric does not have."""
    for name in of.reads():
        owner, _, part = name.partition(".")
        try:
            definitions[owner].of_part(part) if part else None
        except DefinitionError as error:
            raise DefinitionError(error.message, where=f"metric `{key}`", fix=error.fix) from None


def _converted(document: Mapping[str, Any]) -> Definition:
    kind = document.get("kind")
    if kind not in KINDS:
        found = f"`{kind}` is not a kind of metric." if kind else "The metric has no `kind`."
        fix = nearest(str(kind), KINDS) or f"Use one of {', '.join(KINDS)}."
        raise DefinitionError(found, where=_place(document, "kind"), fix=fix)
    for fault in faults(dict(document), shape_of(KINDS[kind]), ()):
        where = _place(document, _dotted(fault.path))
        raise DefinitionError(fault.message, where=where, fix=fault.fix)
    return msgspec.convert(dict(document), KINDS[kind])


def _dotted(path: tuple[str | int, ...]) -> str:
    """Such as `steps[1].event`."""
    steps = (f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return "".join(steps).lstrip(".")


def _place(document: Mapping[str, Any], field: str) -> str:
    place = f"metric `{document.get('key', '?')}`"
    return f"{place}, field `{field}`" if field else place
