"""What a source that is fetched would bring, before anything of it is saved."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from itertools import islice

import pyarrow.compute as pc

from headway.engine.errors import HeadwayError
from headway.ingest.definition import SourceDefinition
from headway.ingest.fetching import FETCHERS
from headway.ingest.manifest.exchange import expected
from headway.ingest.opening import secret_of
from headway.ingest.probe import Glance, told
from headway.stores.mapped import Extent

STEPS = 3


def tried(definition: SourceDefinition, *, now: datetime) -> Glance:
    """The first step with events, which of most is a page; nothing is raised or written down."""
    try:
        with expected(definition.key):
            fetch = FETCHERS[definition.kind].fetch
            steps = islice(fetch(definition, secret_of(definition), {}, now), STEPS)
            found = next((step.table for step in steps if step.table is not None), None)
    except HeadwayError as error:
        return Glance((told(error),))
    if found is None or not found.num_rows:
        return Glance((), Extent(None, None, 0))
    ends = pc.min_max(found["happened_at"]).as_py()
    names = Counter(found["event"].to_pylist()).most_common()
    return Glance((), Extent(ends["min"], ends["max"], found.num_rows), tuple(names))
