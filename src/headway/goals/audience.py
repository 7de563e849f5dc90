"""Who gets an output."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec import Struct

from headway.engine import phrases
from headway.engine.definition import Where
from headway.engine.errors import DefinitionError


class Audience(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, kw_only=True):
    """By tests on properties; no tests: everybody."""

    where: Where = {}

    @property
    def words(self) -> str:
        """Such as "`country` is DE or AT"."""
        return phrases.filters(self.where).removeprefix(" where ") or "everybody"


def audience(given: Mapping[str, Any]) -> Audience:
    """Raises DefinitionError for what is no selector."""
    try:
        return msgspec.convert(given, Audience)
    except msgspec.ValidationError as error:
        raise DefinitionError(
            f"The audience cannot be read: {error}.",
            where="audience",
            fix="Write for example `{where: {country: {in: [DE, AT]}}}`.",
        ) from None
