"""Stages and capabilities of the customer's journey, as a workspace may write them."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from headway.engine.definition import Key

Slug = Annotated[str, Meta(pattern="^[a-z0-9][a-z0-9_-]*$", max_length=50)]
Name = Annotated[str, Meta(min_length=1, max_length=80)]


class Capability(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, kw_only=True):
    """`job` is what surveys call it; its key unless given. `metrics` are the KPIs that show it."""

    key: Slug
    name: Name
    metrics: list[Key] = []
    job: str = ""


class Stage(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, kw_only=True):
    """Holds the KPIs of its `family`, and those that its capabilities name."""

    key: Slug
    name: Name
    question: str = ""
    family: str = ""
    capabilities: list[Capability] = []
