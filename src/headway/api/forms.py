"""What is sent to actions, and to what no file holds."""

from __future__ import annotations

from datetime import date

from ninja import Schema
from pydantic import ConfigDict


class Form(Schema):
    """A field that is not known here is a mistake, not a thing to pass over."""

    model_config = ConfigDict(extra="forbid")


class CheckIn(Form):
    """`value` is for key results that are typed by hand; `confidence` goes from 0 to 10.

    `day` is today unless it is given. `done` names milestones that were reached.
    """

    value: float | None = None
    confidence: int | None = None
    note: str = ""
    done: list[str] = []
    day: date | None = None


class Comment(Form):
    """`key_result` is the key of the one it is about; empty: of the objective itself."""

    text: str
    key_result: str = ""


class Link(Form):
    """`page` is an address below the workspace's, such as `objectives/fast-start`."""

    page: str
    days: int = 30


class Mails(Form):
    """What is left out stays as it is."""

    reminder: bool | None = None
    digest: bool | None = None
    mention: bool | None = None
    alert: bool | None = None


class Tick(Form):
    """`done` is today unless it is given; `undo` opens the milestone again."""

    name: str
    done: date | None = None
    undo: bool = False
    note: str = ""


class HandBack(Form):
    """The range in which the KPI is healthy from now on; what is left out stays as it was."""

    at_least: float | None = None
    at_most: float | None = None
    note: str = ""


class Shares(Form):
    """`shares` are parts of 1, by key result; those left out share the rest as before."""

    shares: dict[str, float]
    reason: str = ""


class Entry(Form):
    day: date
    value: float


class Names(Form):
    """`events` gives events other names, such as `{"order_placed": "purchase"}`."""

    events: dict[str, str] = {}


class Start(Names):
    """`metrics` are the keys that are wanted; without them, all of the pack."""

    metrics: list[str] | None = None


class Role(Form):
    role: str


class Invitation(Form):
    """With an e-mail address, only that address may use the link."""

    role: str = "member"
    email: str = ""


class Token(Form):
    name: str


class WriteKey(Form):
    name: str


class Columns(Form):
    """Which column is what; empty: the one that is called like the field.

    `name` is one name for every event, in place of a column. Times without a zone are in
    `timezone`.
    """

    event: str = ""
    name: str = ""
    happened_at: str = ""
    time_format: str = ""
    timezone: str = "UTC"
    user_id: str = ""
    account_id: str = ""
    message_id: str = ""
