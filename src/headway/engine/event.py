"""One shape of fact: somebody did something at an instant."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType

Scalar = str | int | float | bool | None

COLUMNS = ("message_id", "event", "happened_at", "user_id", "account_id", "received_at")
"""The columns every store has; each other column is a property, stored as `p:<name>`."""

PROPERTY = "p:"
"""Prefix of a property's column, so that no property can shadow a column of Headway's."""

ALIAS = "$alias"
"""Joins two ids: `user_id` and the property `previous_id`."""

IDENTIFY = "$identify"
"""Says who an anonymous id (property `previous_id`) is, and carries traits."""

GROUP = "$group"
"""Says to which account a user belongs, and carries traits of the account."""

MARKERS = (ALIAS, IDENTIFY, GROUP)
"""Events that say who somebody is. They are not something that a person did."""


@dataclass(frozen=True, slots=True)
class Event:
    """`happened_at` and `received_at` are in UTC; `message_id` identifies the event for ever."""

    message_id: str
    event: str
    happened_at: datetime
    user_id: str | None = None
    account_id: str | None = None
    received_at: datetime | None = None
    properties: Mapping[str, Scalar] = field(default_factory=lambda: MappingProxyType({}))
