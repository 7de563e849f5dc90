"""What happened on a day, and to which metrics: written down, changed, put away."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import TypedDict, Unpack

from django.db import transaction
from django.db.models import QuerySet
from django.utils.text import slugify

from headway.accounts import gate
from headway.accounts.keeping import refuse_managed, refuse_reserved
from headway.accounts.models import Member, Workspace
from headway.engine.errors import Conflict, DefinitionError, NotFound, nearest
from headway.feed.record import record
from headway.metrics.models import Annotation, AnnotationKind, Metric

OUTPUT = "output"
"""The origin of launches that are outputs."""
RESERVED = frozenset(["new", "import", "export"])
KEY = re.compile(r"^[a-z0-9][a-z0-9_-]{0,79}$")
LINK = re.compile(r"^https?://[^\s/]+\S*$")


class AnnotationFields(TypedDict, total=False):
    """What is left out keeps its value; a new one needs `kind`, `title` and `starts`.

    `ends` is the last day. Without a product and metrics it covers all metrics.
    """

    kind: str
    title: str
    description: str
    starts: date
    ends: date | None
    product: str
    metrics: Iterable[Metric]
    link: str


FIELDS = tuple(AnnotationFields.__annotations__)


@transaction.atomic
def save_annotation(
    workspace: Workspace,
    *,
    key: str | None = None,
    by: Member | None,
    now: datetime,
    managed: bool = False,
    **fields: Unpack[AnnotationFields],
) -> Annotation:
    """Makes an annotation, or changes the one with this key; without a key it gets one."""
    gate.require(by, "write", workspace)
    found = _written(workspace).filter(key=key).first() if key else None
    row = found or Annotation(workspace=workspace, created_at=now, by=by.person if by else None)
    if found:
        row.workspace = workspace
        _refuse(row, managed)
        if row.archived_at is not None:
            raise Conflict(f"“{row}” is archived.", fix="Restore it first.")
    before = _said(row)
    metrics = _assign(row, fields)
    row.managed_in_code = row.managed_in_code or managed
    _check(row)
    row.key = row.key or _checked(key or _free_key(row))
    row.save()
    if metrics is not None:
        row.metrics.set(metrics)
    _record_difference(row, before, by=by, now=now)
    return row


def archive_annotation(
    row: Annotation, *, by: Member | None, now: datetime, managed: bool = False
) -> None:
    """No chart and no model knows of it any more; `restore_annotation` brings it back."""
    _put_away(row, now, by=by, now=now, managed=managed)


def restore_annotation(
    row: Annotation, *, by: Member | None, now: datetime, managed: bool = False
) -> None:
    _put_away(row, None, by=by, now=now, managed=managed)


def mark_launch(
    workspace: Workspace,
    key: str,
    title: str,
    day: date | None,
    metrics: Iterable[Metric],
    *,
    by: Member | None,
    now: datetime,
) -> None:
    """Keeps the launch of an output in step with it; without a day there is none.

    Call it in the transaction of the verb that changes the output: that one asks and records.
    """
    rows = workspace.annotations.filter(origin=OUTPUT, key=key)
    if day is None:
        rows.delete()
        return
    row, _ = rows.update_or_create(
        defaults={"title": title, "starts": day},
        create_defaults={
            "workspace": workspace, "origin": OUTPUT, "key": key, "title": title, "starts": day,
            "kind": AnnotationKind.launch, "covers": "metrics", "created_at": now,
            "by": by.person if by else None,
        },
    )  # fmt: skip
    row.metrics.set(metrics)


def subject(row: Annotation) -> str:
    """Whose page says more: its own, or that of the output whose launch it is."""
    return f"{row.origin or 'annotation'}:{row.key}"


def _written(workspace: Workspace) -> QuerySet[Annotation]:
    return workspace.annotations.filter(origin="")


def _refuse(row: Annotation, managed: bool) -> None:
    if row.origin == OUTPUT:
        raise Conflict(f"“{row}” is the launch of an output.", fix="Change its launch day there.")
    refuse_managed(f"“{row}”", row.managed_in_code, row.workspace, managed)


def _assign(row: Annotation, fields: AnnotationFields) -> list[Metric] | None:
    """Returns the metrics it is to have; None leaves them."""
    for name, value in fields.items():
        if name != "metrics":
            setattr(row, name, value.strip() if isinstance(value, str) else value)
    metrics = list(fields["metrics"]) if "metrics" in fields else None
    for metric in metrics or ():
        if metric.workspace_id != row.workspace_id:
            raise NotFound(f"“{metric}” is not in the workspace.", where="metrics")
    _cover(row, metrics)
    return metrics


def _cover(row: Annotation, metrics: list[Metric] | None) -> None:
    some = bool(row.pk and row.metrics.exists()) if metrics is None else bool(metrics)
    if some and row.product:
        raise DefinitionError(
            "It covers a product or some metrics, not both.",
            where="product",
            fix="Leave the product empty, or the metrics.",
        )
    row.covers = "metrics" if some else "product" if row.product else "all"


def _check(row: Annotation) -> None:
    """Raises DefinitionError with the field as `where`."""
    if row.kind not in AnnotationKind.values:
        kinds = ", ".join(AnnotationKind.values)
        raise DefinitionError(
            f"`{row.kind}` is no kind of annotation.",
            where="kind",
            fix=nearest(row.kind, AnnotationKind.values) or f"Use one of {kinds}.",
        )
    if not row.title:
        raise DefinitionError("It has no title.", where="title", fix="Say what happened.")
    _short(row, "title", 160)
    _short(row, "product", 80)
    _days(row)
    _check_link(row)


def _days(row: Annotation) -> None:
    if row.starts is None:
        raise DefinitionError(
            "It has no day.", where="starts", fix="Give the day on which it happened or began."
        )
    if row.ends is not None and row.ends < row.starts:
        raise DefinitionError(
            f"It ends on {row.ends}, before it starts on {row.starts}.",
            where="ends",
            fix="Both days belong to it; leave the last one out if it is one day.",
        )


def _short(row: Annotation, name: str, most: int) -> None:
    length = len(getattr(row, name))
    if length > most:
        raise DefinitionError(
            f"The {name} has {length} characters; {most} fit.", where=name, fix="Shorten it."
        )


def _check_link(row: Annotation) -> None:
    _short(row, "link", 500)
    if row.link and not LINK.match(row.link):
        raise DefinitionError(
            f"`{row.link}` is no address of a page.",
            where="link",
            fix="Give all of it, such as https://status.example.com/incidents/7.",
        )


def _checked(key: str) -> str:
    if not KEY.match(key):
        raise DefinitionError(
            f"`{key}` cannot be a key.",
            where="key",
            fix="Use up to 80 lower case letters, digits, - and _.",
        )
    refuse_reserved(key, RESERVED)
    return key


def usual_key(title: str, starts: date) -> str:
    """What it is called when nobody gives a key: the same words on the same day are the same."""
    return f"{slugify(title)[:69].strip('-_') or 'annotation'}-{starts}"


def _free_key(row: Annotation) -> str:
    stem = usual_key(row.title, row.starts)
    keys = set(_written(row.workspace).filter(key__startswith=stem).values_list("key", flat=True))
    if stem not in keys:
        return stem
    return next(k for n in range(2, len(keys) + 3) if (k := f"{stem[:76]}-{n}") not in keys)


def _said(row: Annotation) -> dict[str, str]:
    """Each field in words; nothing for a row that is not saved yet."""
    if not row.pk:
        return {}
    words = {name: str(getattr(row, name) or "") for name in FIELDS if name != "metrics"}
    return words | {"metrics": ", ".join(sorted(str(metric) for metric in row.metrics.all()))}


def _record_difference(
    row: Annotation, before: Mapping[str, str], *, by: Member | None, now: datetime
) -> None:
    if not before:
        _record(row, "created", by=by, now=now)
        return
    for name, after in _said(row).items():
        if after != before[name]:
            _record(row, name, before=before[name], after=after, by=by, now=now)


@transaction.atomic
def _put_away(
    row: Annotation, at: datetime | None, *, by: Member | None, now: datetime, managed: bool
) -> None:
    gate.require(by, "write", row.workspace)
    _refuse(row, managed)
    if (row.archived_at is None) == (at is None):
        return
    row.archived_at = at
    row.save(update_fields=["archived_at"])
    _record(row, "archived" if at else "restored", by=by, now=now)


def _record(
    row: Annotation,
    what: str,
    *,
    before: str = "",
    after: str = "",
    by: Member | None,
    now: datetime,
) -> None:
    record(
        row.workspace, subject=subject(row), title=row.title, what=what, before=before,
        after=after, by=by, now=now,
    )  # fmt: skip
