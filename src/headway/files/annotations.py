"""Annotations as a document writes them. Launches of outputs are told with the outputs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from headway.engine.shape import Fault
from headway.files.document import Annotation

if TYPE_CHECKING:
    from headway.accounts.models import Workspace
    from headway.metrics.models import Annotation as Row

Fields = dict[str, Any]


def wanted(item: Annotation) -> Fields:
    """As a document asks for it, in one spelling."""
    fields = {name: getattr(item, name) for name in item.__struct_fields__}
    days = {name: str(fields[name]) for name in ("starts", "ends") if fields[name]}
    words = {name: fields[name].strip() for name in ("title", "description", "product", "link")}
    return _given({**fields, **days, **words, "metrics": sorted(set(item.covered))})


def kept(workspace: Workspace) -> Iterator[tuple[Row, Fields, bool]]:
    """With whether it is put away: itself, or with each metric that it was about."""
    rows = workspace.annotations.filter(origin="").prefetch_related("metrics")
    for row in rows.order_by("key"):
        fields = written(row)
        lost = row.covers == "metrics" and "metrics" not in fields
        yield row, fields, lost or row.archived_at is not None


def written(row: Row) -> Fields:
    """Needs its metrics; those that are archived are left out."""
    days = {"starts": str(row.starts), "ends": str(row.ends) if row.ends else None}
    names = ("key", "kind", "title", "description", "product", "link")
    metrics = sorted(m.key for m in row.metrics.all() if m.archived_at is None)
    return _given({n: getattr(row, n) for n in names} | days | {"metrics": metrics})


def faults(item: Annotation) -> Iterator[Fault]:
    """What is wrong with one that is well-formed."""
    if item.ends is not None and item.ends < item.starts:
        message = f"It ends on {item.ends}, before it starts on {item.starts}."
        yield Fault(("ends",), message, "Both days belong to it; leave the last one out.")
    if item.product and item.covered:
        message = "It covers a product or some metrics, not both."
        yield Fault(("product",), message, "Take the product out, or the metrics.")


def _given(fields: Fields) -> Fields:
    order = ("key", "kind", "title", "starts", "ends", "description", "product", "metrics", "link")
    return {name: fields[name] for name in order if fields[name] not in (None, "", [])}
