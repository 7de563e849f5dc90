"""A survey as it is written: in files, the API and forms alike, with the names of its fields."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

from headway.engine.errors import DefinitionError
from headway.engine.plain import plain
from headway.engine.shape import Fault, faults, shape_of
from headway.ingest.definition import Slug

Kind = Literal["nps", "csat", "ces", "text"]
KINDS: dict[Kind, str] = {
    "nps": "Net promoter score, 0 to 10",
    "csat": "Satisfaction, 1 to 5",
    "ces": "Effort, 1 to 7",
    "text": "Free text",
}
OWN = ("key", "name", "kind", "source")
"""What has a column of its own."""

LANGUAGE = r"^[a-zA-Z]{2,3}(-[a-zA-Z0-9]{2,8})*$"
MOST_LANGUAGES = 40

Language = Annotated[str, Meta(pattern=LANGUAGE, description="A language tag: `en`, `pt-BR`.")]
Words = Annotated[str, Meta(max_length=300)]
Short = Annotated[str, Meta(max_length=60)]
Days = Annotated[int, Meta(ge=0, le=3650)]
Pattern = Annotated[str, Meta(min_length=1, max_length=300)]
Wanted = str | int | float | bool


class Texts(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, kw_only=True):
    """`low` and `high` stand at the ends of the scale; without `comment` none is asked for."""

    question: Annotated[str, Meta(min_length=1, max_length=300)]
    low: Short = ""
    high: Short = ""
    comment: Words = ""
    send: Short = "Send"
    close: Short = "Close"
    thanks: Words = "Thank you!"


class SurveyDefinition(
    Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, kw_only=True
):
    """`share` is the part of all people who are ever asked, always the same ones.

    Once `enough` have answered nobody is asked any more (0: however many).
    Nobody is asked the same survey again for `again_days`, nor any within `rest_days` of another.
    `pages` are paths with `*`, or whole addresses; `where` is what the page says of the person.
    It appears `after_seconds` on such a page; with `event`, once the page says that it happened.
    """

    key: Slug
    name: Annotated[str, Meta(max_length=120)] = ""
    kind: Kind
    source: Slug
    asking: bool = True
    share: Annotated[float, Meta(ge=0, le=1)] = 1.0
    again_days: Days = 90
    rest_days: Days = 14
    enough: Annotated[int, Meta(ge=0, le=1_000_000)] = 0
    after_seconds: Annotated[int, Meta(ge=0, le=3600)] = 5
    event: Annotated[str, Meta(max_length=200)] = ""
    pages: list[Pattern] = []
    where: dict[str, Wanted | list[Wanted]] = {}
    texts: dict[Language, Texts]

    @property
    def title(self) -> str:
        return self.name or self.key

    def written(self) -> dict[str, Any]:
        return plain(self)

    def body(self) -> dict[str, Any]:
        return {name: value for name, value in self.written().items() if name not in OWN}

    def offer(self) -> dict[str, Any]:
        """What the script in the page needs to know."""
        return {
            "key": self.key,
            "kind": self.kind,
            "share": self.share,
            "again": self.again_days,
            "rest": self.rest_days,
            "after": self.after_seconds,
            "event": self.event,
            "pages": self.pages,
            "where": {n: v if isinstance(v, list) else [v] for n, v in self.where.items()},
            "texts": {tag: msgspec.structs.asdict(texts) for tag, texts in self.texts.items()},
        }


def parse(document: Mapping[str, Any]) -> SurveyDefinition:
    """Raises DefinitionError for the first fault, with its field as `where`."""
    for fault in faults_of(document):
        where = str(fault.path[0]) if fault.path else ""
        raise DefinitionError(fault.message, where=where, fix=fault.fix)
    return read(document)


def read(document: Mapping[str, Any]) -> SurveyDefinition:
    """Of a document without faults."""
    return msgspec.convert(dict(document), SurveyDefinition)


def faults_of(document: Mapping[str, Any]) -> list[Fault]:
    found = [*faults(dict(document), shape_of(SurveyDefinition), ()), *_languages(document)]
    return found or list(_faults(read(document)))


def _languages(document: Mapping[str, Any]) -> Iterator[Fault]:
    texts = document.get("texts")
    for tag in texts if isinstance(texts, dict) else ():
        if not re.match(LANGUAGE, str(tag)):
            message = f"`{tag}` is no language."
            yield Fault(("texts", tag), message, "Write a tag such as `en`, `de` or `pt-BR`.")


def _faults(survey: SurveyDefinition) -> Iterator[Fault]:
    if not survey.texts:
        fix = "Write the question: `texts: {en: {question: …}}`."
        yield Fault(("texts",), "Nobody can read a survey without a text.", fix)
    if len(survey.texts) > MOST_LANGUAGES:
        message = f"{len(survey.texts)} languages are more than a page should load."
        yield Fault(("texts",), message, f"Give {MOST_LANGUAGES} or fewer.")
    for n, pattern in enumerate(survey.pages):
        if not pattern.startswith(("/", "*")) and "://" not in pattern:
            message = f"`{pattern}` is neither a path nor an address."
            yield Fault(("pages", n), message, f"Write for example `/{pattern}*`.")
