"""The metrics that a formula names and the workspace lacks: the catalogue has most of them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from headway.engine.errors import HeadwayError
from headway.engine.kinds import parse
from headway.metrics.catalogue import templates
from headway.metrics.choice import Documents, events_in, with_inputs
from headway.metrics.needs import renamed
from headway.metrics.starting import make_missing
from headway.web.context import Here
from headway.web.own_names import OwnName, mapping, own_names

MAKE = "make_inputs"


@dataclass(frozen=True)
class Inputs:
    """`missing` are their documents, inputs first, over the names that events have here.

    `wanted`: they are to be made with the metric.
    """

    missing: Documents
    rows: list[OwnName]
    wanted: bool

    @staticmethod
    def of(
        here: Here,
        document: Mapping[str, Any],
        events: Collection[str],
        asked: Mapping[str, Any] | None,
    ) -> Inputs:
        """`asked` is what was posted; None while nothing was."""
        found = _missing(here, document)
        rows = own_names(events_in(found), events, asked or {})
        names = mapping(rows)
        missing = {key: renamed(one, names) for key, one in found.items()}
        return Inputs(missing, rows, asked is None or MAKE in asked)

    @property
    def made(self) -> Documents:
        return self.missing if self.wanted else {}

    def make(self, here: Here, now: datetime) -> None:
        if self.made:
            make_missing(here.workspace, self.made, by=here.member, now=now)


def _missing(here: Here, document: Mapping[str, Any]) -> Documents:
    try:
        inputs = parse(document).inputs()
    except HeadwayError:
        return {}
    if not inputs:
        return {}
    known = {t.key: {**t.document, "level": "metric"} for t in templates()}
    there = set(here.workspace.metrics.values_list("key", flat=True))
    return {k: d for k, d in with_inputs(known, inputs).items() if k not in there}
