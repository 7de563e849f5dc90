"""What is left of somebody outside of the parts: refusals, rejected rows, what was set aside."""

from __future__ import annotations

import base64
import binascii
import csv
import secrets
from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import parse_qsl, unquote_plus

from django.conf import settings

from headway.ingest.models import Delivered, Import, Refusal, Rewrite


def forget(job: Rewrite, ids: Sequence[str]) -> None:
    """Whatever mentions one of the ids goes; call it in a transaction. Again, it does nothing."""
    account = job.account
    account["deliveries"] = account.get("deliveries", 0) + _set_aside(job, ids)
    account["refusals"] = account.get("refusals", 0) + _refusals(job, ids)
    account["rejects"] = account.get("rejects", 0) + sum(
        _rejects(run, ids) for run in Import.objects.filter(source__workspace=job.workspace)
    )


def mentions(text: str, ids: Sequence[str]) -> bool:
    """Whether the text has an id as a word of its own: `u1` is not in `u12`."""
    return any(_alone(text, id_) for id_ in ids)


def _alone(text: str, id_: str) -> bool:
    start = text.find(id_)
    while start >= 0:
        before, after = text[start - 1 : start], text[start + len(id_) : start + len(id_) + 1]
        if not (before.isalnum() or after.isalnum()):
            return True
        start = text.find(id_, start + 1)
    return False


def _set_aside(job: Rewrite, ids: Sequence[str]) -> int:
    rows = Delivered.objects.filter(source__workspace=job.workspace).exclude(problem="")
    hit = [row.pk for row in rows.iterator(100) if any(mentions(t, ids) for t in _texts(row))]
    return Delivered.objects.filter(pk__in=hit).delete()[0]


def _texts(row: Delivered) -> Iterator[str]:
    """The body and the query as they are, unquoted, and what is Base64 in them."""
    try:
        body = row.content.decode("utf-8", "replace")
    except (OSError, ValueError):
        body = ""
    for text in (body, row.query):
        yield text
        yield unquote_plus(text)
        for _, value in parse_qsl(text):
            yield from _decoded(value)


def _decoded(text: str) -> Iterator[str]:
    try:
        padded = text + "=" * (-len(text) % 4)
        yield base64.b64decode(padded, altchars=b"-_").decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        return


def _refusals(job: Rewrite, ids: Sequence[str]) -> int:
    rows = Refusal.objects.filter(source__workspace=job.workspace)
    found = rows.values_list("pk", "text", "reason")
    hit = [pk for pk, text, reason in found if mentions(f"{text} {reason}", ids)]
    gone = 0
    for start in range(0, len(hit), 500):
        gone += Refusal.objects.filter(pk__in=hit[start : start + 500]).delete()[0]
    return gone


def _rejects(run: Import, ids: Sequence[str]) -> int:
    """Rows of the sample, and of the file of all."""
    kept = [row for row in run.reject_sample if not mentions(str(row["text"]), ids)]
    gone = len(run.reject_sample) - len(kept)
    if gone:
        run.reject_sample = kept
        run.save(update_fields=["reject_sample"])
    path = settings.DATA / run.reject_path
    if run.reject_path and path.is_file():
        return max(gone, _rewritten(path, ids))
    return gone


def _rewritten(path: Path, ids: Sequence[str]) -> int:
    draft = path.with_suffix(f".{secrets.token_hex(4)}")
    gone = 0
    with (
        path.open(newline="", encoding="utf-8") as old,
        draft.open("w", newline="", encoding="utf-8") as new,
    ):
        rows = csv.writer(new)
        for row in csv.reader(old):
            if mentions(row[-1] if row else "", ids):
                gone += 1
            else:
                rows.writerow(row)
    if gone:
        draft.replace(path)
    else:
        draft.unlink()
    return gone
