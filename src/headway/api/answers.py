"""What comes out beside the objects of the files."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from ninja import Schema

from headway.accounts.models import Member as MemberRow
from headway.accounts.models import Person
from headway.engine.kinds import parse
from headway.metrics.needs import needs


class Problem(Schema):
    """Every error: what was found, where, and how to mend it; `problems` when there are several."""

    message: str
    where: str = ""
    fix: str = ""
    problems: list[str] = []


class By(Schema):
    """`by` is an e-mail address; empty for the operator at the command line, and the worker."""

    by: str | None

    @staticmethod
    def resolve_by(row: Any) -> str | None:
        person: Person | None = row.by
        return person.email if person else None


class Change(By):
    """`subject` is for example `key_result:fast-start/ttv`; `what` a field, or what happened."""

    subject: str
    title: str
    what: str
    before: str
    after: str
    why: str
    at: datetime


class CheckIn(By):
    day: date
    value: float | None
    confidence: int | None
    note: str
    at: datetime


class Comment(By):
    """`mentions` are the e-mail addresses of those whom it names and who are told."""

    id: int
    text: str
    mentions: list[str]
    at: datetime
    edited_at: datetime | None

    @staticmethod
    def resolve_mentions(row: Any) -> list[str]:
        return sorted(found.member.person.email for found in row.mentions.all())


class Link(By):
    """A page that anybody with the link may read: `page` is its address below the workspace's."""

    id: int
    page: str
    title: str
    made_at: datetime
    expires_at: datetime
    opened_at: datetime | None

    @staticmethod
    def resolve_page(row: Any) -> str:
        return f"{row.path}?{row.query}" if row.query else str(row.path)


class NewLink(Schema):
    """`link` is shown in this answer alone."""

    id: int
    title: str
    expires_at: datetime
    link: str


class Version(By):
    """`definition` holds the fields that decide the numbers."""

    version: int
    definition: dict[str, Any]
    note: str
    at: datetime

    @staticmethod
    def resolve_definition(row: Any) -> dict[str, Any]:
        body: dict[str, Any] = row.body
        return body


class Entry(Schema):
    day: date
    value: float


class Import(Schema):
    """`known` counts events that were there already; `reject_sample` has the first rejects."""

    filename: str
    read: int
    added: int
    known: int
    rejected: int
    reject_sample: list[dict[str, Any]]
    finished_at: datetime


class WriteKey(Schema):
    """Whoever has the `value` may send events to the source."""

    id: int
    name: str
    value: str
    created_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None


class Refusal(Schema):
    """What of a delivery was no event; `at` is its place in it, counted from 0."""

    dialect: str
    received_at: datetime
    at: int
    reason: str
    text: str


class Point(Schema):
    """From `start` to the day before `end`. Without a value there is a reason for it.

    `low` and `high` bound the 95 % interval; `faults` events of the period could not be used.
    """

    start: date
    end: date
    value: float | None
    numerator: float | None
    denominator: float | None
    n: int
    low: float | None
    high: float | None
    complete: bool
    reason: str
    faults: int
    segment: str


class Restated(Schema):
    """A complete period that had another value before; `why`: identities, traits, events."""

    start: date
    end: date
    before: float
    after: float
    why: list[str]
    at: datetime


class Step(Schema):
    """A period to come: with a chance of 80 % it lies between `low` and `high`."""

    start: date
    through: date
    middle: float
    low: float
    high: float


class Forecast(Schema):
    """`reason` says why there are no steps; `rests` what they rest on."""

    grain: str
    words: list[str]
    reason: str
    rests: str
    notes: list[str]
    steps: list[Step]


class Prospect(Schema):
    """`chance` is null together with a `reason`. The steps are as the key result reads its metric.

    `apart` is a sentence where the owner's latest confidence is more than 40 points off the chance.
    """

    chance: float | None
    confidence: int | None
    words: str
    apart: str
    reason: str
    rests: str
    notes: list[str]
    steps: list[Step]


class Series(Schema):
    """`steps` of a funnel and `cohorts` of a retention stand in `tables`."""

    key: str
    kind: str
    unit: str
    definition_version: int
    grain: str
    segment_by: str
    points: list[Point]
    restated: list[Restated]
    tables: dict[str, list[dict[str, Any]]]


class Suggestion(Schema):
    value: float | None
    words: str


class Stretch(Schema):
    """Both days belong to it."""

    start: date
    through: date


class Way(Schema):
    """What each part brings, and where it stands by its end; `problem`: why it cannot be said."""

    name: str
    brings: list[float]
    standing: list[float]
    problem: str


class Driver(Schema):
    metric: str
    now: float
    suggested: float


class Breakdown(Schema):
    """`flow`: the target is a sum over the parts; else it stands at a height by their ends."""

    flow: bool
    parts: list[Stretch]
    ways: list[Way]
    drivers: list[Driver]


class Level(Schema):
    """`chance` is how often, of `moves` past moves of equal length, it got there unchanged."""

    name: str
    value: float | None
    chance: float | None
    moves: int
    words: str


class Draft(Schema):
    """`key_result` can be put as it is when a target was found; the rest says where it is from."""

    key_result: dict[str, Any]
    baseline: Suggestion
    target: Suggestion
    levels: list[Level]
    guardrails: list[str]


class Template(Schema):
    """`document` is a metric that can be put under any key.

    `needs` are the properties of each event it is computed from; `inputs` are other metrics.
    """

    key: str
    name: str
    family: str
    question: str
    meaning: str
    guardrails: list[str]
    warning: str
    document: dict[str, Any]
    needs: dict[str, list[str]]
    inputs: list[str]

    @staticmethod
    def resolve_needs(row: Any) -> dict[str, list[str]]:
        return {event: sorted(names) for event, names in needs(parse(row.document)).items()}

    @staticmethod
    def resolve_inputs(row: Any) -> list[str]:
        return list(dict.fromkeys(parse(row.document).inputs()))


class Tracked(Schema):
    """An event to send: `types` says what its properties take, `example` is a row of a file."""

    event: str
    when: str
    ids: list[str]
    types: dict[str, str]
    also: list[str]
    example: dict[str, Any]


class PackLine(Schema):
    """`who` says for whom it is."""

    key: str
    name: str
    who: str


class Pack(PackLine):
    """`metrics` are documents; `tracking` lists every event that they are computed from."""

    why: str
    north_star: str
    value_event: str
    metrics: list[dict[str, Any]]
    guardrails: dict[str, list[str]]
    tracking: list[Tracked]


class Started(Schema):
    """`kept` are keys that had a metric already, which stays as it is."""

    made: list[str]
    kept: list[str]


class Member(Schema):
    email: str
    name: str
    role: str

    @staticmethod
    def resolve_email(row: MemberRow) -> str:
        return row.person.email

    @staticmethod
    def resolve_name(row: MemberRow) -> str:
        return row.person.name


class Invitation(Schema):
    id: int
    role: str
    email: str
    created_at: datetime
    expires_at: datetime


class NewInvitation(Invitation):
    """The link is in this answer and nowhere else."""

    link: str


class Token(Schema):
    id: int
    name: str
    prefix: str
    created_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None


class NewToken(Token):
    """The token is in this answer and nowhere else."""

    token: str


class SurveyComment(Schema):
    """`who` is the id of the person, for those who may see people."""

    at: datetime
    text: str
    score: int | None
    who: str | None
    page: str


class SurveyResults(Schema):
    """`distribution` counts the answers by score; comments come newest first."""

    days: int
    shown: int
    dismissed: int
    answered: int
    response_rate: float | None
    score: float | None
    low: float | None
    high: float | None
    unit: str
    distribution: dict[str, int]
    comments: list[SurveyComment]


class Outage(Schema):
    """Without `ended_at` it goes on; `looks` is how many looks in a row were bad."""

    began_at: datetime
    ended_at: datetime | None
    reason: str
    looks: int


class MadeKpis(Schema):
    """Keys of the metrics."""

    metrics: list[str]
