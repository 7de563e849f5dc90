"""Which metrics rest on which events."""

from __future__ import annotations

from collections import defaultdict

from headway.accounts.models import Workspace
from headway.metrics.definitions import closure, documents_of, parsed
from headway.metrics.models import Metric
from headway.metrics.needs import needs


def resting(workspace: Workspace) -> dict[str, list[Metric]]:
    """By event name, those that are computed from it, at however many steps."""
    documents = documents_of(workspace)
    definitions, _ = parsed(documents)
    rows = {metric.key: metric for metric in documents}
    found: dict[str, list[Metric]] = defaultdict(list)
    for key in definitions:
        events = {e for one in closure(key, definitions).values() for e in needs(one)}
        for event in sorted(events):
            found[event].append(rows[key])
    return dict(found)
