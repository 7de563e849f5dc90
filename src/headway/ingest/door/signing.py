"""Deliveries that are signed: with which secret, and what of its source they are read with."""

from __future__ import annotations

from dataclasses import replace

from headway.engine.errors import DefinitionError, StoreError
from headway.ingest.dialects.dialect import Delivery, Dialect
from headway.ingest.dialects.stripe import ACCOUNT
from headway.ingest.models import Source
from headway.ingest.opening import variable_of


def verified(source_id: int, dialect: Dialect, delivery: Delivery) -> Delivery:
    """Raises InputError for a signature that is not right, StoreError where none can be checked."""
    if dialect.signed is None:
        return delivery
    definition = Source.objects.get(pk=source_id).definition
    if definition.kind != dialect.name:
        raise DefinitionError(
            f"The source `{definition.key}` is not of kind `{dialect.name}`.",
            fix="Make a write key of one that is.",
        )
    if not definition.webhook_env:
        raise StoreError(
            f"The source `{definition.key}` has no `webhook_env`.",
            fix="Give the name of the variable that holds the endpoint's signing secret.",
        )
    secret = variable_of(definition, definition.webhook_env, "the endpoint's signing secret")
    dialect.signed(delivery, secret)
    return replace(delivery, query={**delivery.query, ACCOUNT: definition.account})
