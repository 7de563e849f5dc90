"""What Headway's own script says of surveys: shown, dismissed, answered.

An answer has the name and the property that the templates of the catalogue read.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from headway.engine.errors import InputError
from headway.engine.event import Scalar
from headway.ingest.dialects import answers, keys
from headway.ingest.dialects.batch import Entry, parsed, readable, unreadable
from headway.ingest.dialects.bodies import FIX, loaded
from headway.ingest.dialects.dialect import Delivery, Dialect, Parsed
from headway.ingest.dialects.properties import Flat, flat, scalar
from headway.ingest.dialects.saying import Saying, id_of, identity
from headway.ingest.dialects.times import happened, instant

SHOWN, DISMISSED = "survey_shown", "survey_dismissed"
LONGEST_KEY = 50


@dataclass(frozen=True, slots=True)
class Scale:
    """What is asked: `event` is the name of an answer, from `low` to `high`; None: a text."""

    event: str
    low: int | None = None
    high: int | None = None


SCALES = {
    "nps": Scale("recommendation_answered", 0, 10),
    "csat": Scale("satisfaction_answered", 1, 5),
    "ces": Scale("effort_answered", 1, 7),
    "text": Scale("feedback_written"),
}


@dataclass(frozen=True)
class Upload:
    """`sent` is when, by the clock of the browser."""

    entries: list[Any]
    sent: datetime | None
    received: datetime


def opened(delivery: Delivery) -> Upload:
    body = loaded(delivery.body)
    found = body.get("events") if isinstance(body, dict) else None
    if not isinstance(found, list):
        raise InputError("`events` is no list of events.", fix=FIX)
    return Upload(found, instant(body.get("sent")), delivery.received_at)


def key(delivery: Delivery) -> str:
    return keys.inside(keys.read(delivery), "key")


def check(delivery: Delivery) -> None:
    readable(opened(delivery).entries)


def parse(delivery: Delivery) -> Parsed:
    try:
        upload = opened(delivery)
    except InputError as error:
        return unreadable(error)

    def read(entry: Entry, place: str) -> Iterator[Saying]:
        yield _saying(entry, place, upload)

    return parsed(upload.entries, read, upload.received)


def _saying(entry: Entry, place: str, upload: Upload) -> Saying:
    at, kind = instant(entry.get("at")), entry.get("kind")
    if not isinstance(kind, str) or kind not in SCALES:
        raise InputError(f"There is no survey of the kind `{str(kind)[:40]}`.")
    event, answer = _said(entry, SCALES[kind])
    own: Flat = {"survey": _survey(entry), "kind": kind, **answer, **_about(entry)}
    return Saying(
        id=id_of(entry.get("id"), entry, "" if at else place),
        event=event,
        at=happened(at, upload.sent, upload.received),
        user=identity(entry.get("user")),
        anonymous=identity(entry.get("person")),
        account=identity(entry.get("account")),
        properties=flat(entry.get("properties")) | own,
    )


def _said(entry: Entry, scale: Scale) -> tuple[str, Flat]:
    """The event, and what was answered."""
    what = entry.get("what")
    if what == "shown":
        return SHOWN, {}
    if what == "dismissed":
        return DISMISSED, {}
    if what != "answered":
        raise InputError(f"`{str(what)[:40]}` is nothing that happens to a survey.")
    text = _text(entry.get("text"))
    if scale.low is None or scale.high is None:
        if not text:
            raise InputError("The answer has no text.")
        return scale.event, {"text": text}
    answer: Flat = {"score": _score(entry.get("score"), scale.low, scale.high)}
    return scale.event, answer | ({"text": text} if text else {})


def _score(value: Any, low: int, high: int) -> int:
    whole = isinstance(value, int) and not isinstance(value, bool)
    if not whole or not low <= value <= high:
        raise InputError(f"`{str(value)[:40]}` is no score from {low} to {high}.")
    return int(value)


def _survey(entry: Entry) -> str:
    found = entry.get("survey")
    if not isinstance(found, str) or not 0 < len(found) <= LONGEST_KEY:
        raise InputError("It does not say which survey it belongs to.")
    return str(scalar(found))


def _about(entry: Entry) -> dict[str, Scalar]:
    given = {name: _text(entry.get(name)) for name in ("page", "language")}
    return {name: text for name, text in given.items() if text}


def _text(value: Any) -> str:
    return str(scalar(value)).strip() if isinstance(value, str) else ""


SURVEY = Dialect(
    name="survey",
    title="Surveys of Headway",
    paths=("/survey",),
    key=key,
    check=check,
    parse=parse,
    accepted=answers.taken,
    refused=answers.denied,
)
