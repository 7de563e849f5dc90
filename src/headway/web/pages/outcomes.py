"""Does what we ship matter? Outputs, the product outcomes they move, the business behind them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from django.http import HttpResponse

from headway.goals.launches import living
from headway.goals.models import OutputStatus
from headway.goals.outcomes import Node, OutcomeMap, outcome_map
from headway.web import exports, maps
from headway.web.context import Here, inside
from headway.web.readings import Reading

TITLES = {"output": "Outputs", "product": "Product outcomes", "business": "Business outcomes"}


@dataclass(frozen=True)
class Shown:
    """A node with its numbers in words."""

    node: Node
    reading: Reading | None
    drives: Sequence[Node]


@inside
def page(here: Here) -> HttpResponse:
    whole = _map(here)
    every = here.request.GET.get("show") == "all" or not whole.outputs
    found = whole if every else whole.shipped()
    shown = [_shown(here, node, whole) for node in found.nodes]
    return exports.data(here.request, "outcomes", whole.rows()) or here.show(
        "outcomes.html",
        title="Outcomes",
        whole=whole,
        map=_drawn(shown),
        rows=shown,
        every=every,
        loose=[(words, list(nodes)) for words, nodes in _loose(whole)],
    )


def _map(here: Here) -> OutcomeMap:
    outputs = living(here.workspace).exclude(status=OutputStatus.stopped)
    if here.team:
        outputs = outputs.filter(team__in=here.team_ids)
    return outcome_map(here.workspace, here.today, outputs)


def _shown(here: Here, node: Node, whole: OutcomeMap) -> Shown:
    tile, known = node.tile, {n.key: n for n in (*whole.product, *whole.business)}
    reading = (
        Reading(tile.metric, tile.grain, tile.points, here.workspace.currency) if tile else None
    )
    return Shown(node, reading, [known[key] for key in node.to if key in known])


def _drawn(shown: Sequence[Shown]) -> maps.Map:
    columns = [
        maps.Column(title, [(_key(s.node), s) for s in shown if s.node.column == column])
        for column, title in TITLES.items()
    ]
    return maps.drawn(
        columns, ((_key(s.node), f"metric:{key}") for s in shown for key in s.node.to)
    )


def _key(node: Node) -> str:
    return f"{'output' if node.column == 'output' else 'metric'}:{node.key}"


def _loose(found: OutcomeMap) -> Iterator[tuple[str, Iterator[Node]]]:
    ordered = sorted(found.loose, key=lambda node: node.warning)
    yield from groupby(ordered, key=lambda node: node.warning)
