"""The chain from what is shipped over product outcomes to business outcomes, and its loose ends."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

from headway.accounts.models import Workspace
from headway.goals.launch.launches import living
from headway.goals.models import Output, OutputStatus
from headway.metrics.models import Metric
from headway.metrics.reading import Tile, latest_tiles

Column = Literal["output", "product", "business"]
Loose = Literal["moves nothing", "moves no outcome", "no business outcome", "nothing drives it"]

WORDS: Mapping[Loose, str] = {
    "moves nothing": "Names no metric that it should move.",
    "moves no outcome": "Moves only numbers that lead to no outcome.",
    "no business outcome": "No business outcome stands behind it.",
    "nothing drives it": "Nothing that is shipped or measured drives it.",
}


@dataclass(frozen=True)
class Node:
    """An output, or a metric with its numbers. `to` are the keys of the metrics that it drives.

    A metric that is no outcome stands among the product outcomes when an output moves it.
    """

    column: Column
    key: str
    to: tuple[str, ...]
    output: Output | None = None
    tile: Tile | None = None
    loose: Loose | None = None

    @property
    def name(self) -> str:
        return str(self.output or (self.tile.metric if self.tile else self.key))

    @property
    def warning(self) -> str:
        return WORDS[self.loose] if self.loose else ""


@dataclass(frozen=True)
class OutcomeMap:
    outputs: tuple[Node, ...]
    product: tuple[Node, ...]
    business: tuple[Node, ...]

    @property
    def nodes(self) -> tuple[Node, ...]:
        return (*self.outputs, *self.product, *self.business)

    @property
    def loose(self) -> tuple[Node, ...]:
        return tuple(node for node in self.nodes if node.loose)

    def shipped(self) -> OutcomeMap:
        """Only what outputs move, directly or through others."""
        reached = _reached(self, (key for node in self.outputs for key in node.to))
        return OutcomeMap(
            self.outputs,
            tuple(n for n in self.product if n.key in reached),
            tuple(n for n in self.business if n.key in reached),
        )

    def rows(self) -> Iterator[dict[str, Any]]:
        for node in self.nodes:
            tile = node.tile
            yield {
                "kind": node.column,
                "key": node.key,
                "name": node.name,
                "drives": list(node.to),
                "value": tile.value if tile else None,
                "before": tile.before.value if tile and tile.before else None,
                "health": tile.health if tile else "",
                "status": node.output.status if node.output else "",
                "loose": node.warning,
            }


def outcome_map(
    workspace: Workspace, today: date, outputs: Iterable[Output] | None = None
) -> OutcomeMap:
    """Of all outputs that were not stopped, unless some are given."""
    shown = living(workspace).exclude(status=OutputStatus.stopped) if outputs is None else outputs
    metrics = workspace.metrics.filter(archived_at=None).select_related("owner__person")
    chain = Chain.of(list(shown), list(metrics))
    tiles = {t.metric.key: t for t in latest_tiles(workspace, today, chain.shown)}
    return chain.drawn(tiles)


@dataclass(frozen=True)
class Chain:
    """Which metrics lead to which; of metrics that are no outcome, what they lead to in turn."""

    outputs: Sequence[Output]
    metrics: Mapping[str, Metric]
    drives: Mapping[str, tuple[str, ...]]
    moved: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @staticmethod
    def of(outputs: Sequence[Output], metrics: Sequence[Metric]) -> Chain:
        known = {m.key: m for m in metrics}
        drives = {
            m.key: tuple(k for k in m.profile.get("drives", []) if k in known) for m in metrics
        }
        moved = {
            o.key: tuple(sorted(m.key for m in o.moves.all() if m.key in known)) for o in outputs
        }
        return Chain(outputs, known, drives, moved)

    @property
    def shown(self) -> list[Metric]:
        """The outcomes, and what outputs move."""
        moved = {key for keys in self.moved.values() for key in keys}
        return [m for m in self.metrics.values() if m.key in moved or _outcome(m) != "none"]

    def drawn(self, tiles: Mapping[str, Tile]) -> OutcomeMap:
        driven = {key for keys in (*self.drives.values(), *self.moved.values()) for key in keys}
        nodes = [self._metric(tile, driven) for tile in tiles.values()]
        business = _ordered(n for n in nodes if n.column == "business")
        product = _ordered((n for n in nodes if n.column == "product"), business)
        outputs = _ordered((self._output(o) for o in self.outputs), product)
        return OutcomeMap(tuple(outputs), tuple(product), tuple(business))

    def next_of(self, key: str) -> tuple[str, ...]:
        """The next outcomes on the way, past metrics that are none."""
        found: dict[str, None] = {}
        waiting, seen = list(self.drives.get(key, ())), {key}
        while waiting:
            other = waiting.pop(0)
            if other in seen:
                continue
            seen.add(other)
            if _outcome(self.metrics[other]) == "none":
                waiting += self.drives[other]
            else:
                found[other] = None
        return tuple(found)

    def _output(self, output: Output) -> Node:
        moves = self.moved[output.key]
        leads = any(_outcome(self.metrics[k]) != "none" or self.next_of(k) for k in moves)
        loose: Loose | None = "moves nothing" if not moves else None
        if moves and not leads:
            loose = "moves no outcome"
        return Node("output", output.key, moves, output=output, loose=loose)

    def _metric(self, tile: Tile, driven: set[str]) -> Node:
        key, to = tile.metric.key, self.next_of(tile.metric.key)
        if _outcome(tile.metric) == "business":
            loose: Loose | None = None if key in driven else "nothing drives it"
            return Node("business", key, to, tile=tile, loose=loose)
        if not self._business_behind(key):
            return Node("product", key, to, tile=tile, loose="no business outcome")
        return Node(
            "product", key, to, tile=tile, loose=None if key in driven else "nothing drives it"
        )

    def _business_behind(self, key: str) -> bool:
        waiting, seen = [key], set()
        while waiting:
            one = waiting.pop()
            if one in seen:
                continue
            seen.add(one)
            if _outcome(self.metrics[one]) == "business":
                return True
            waiting += self.drives[one]
        return False


def _outcome(metric: Metric) -> str:
    return str(metric.profile.get("outcome", "none"))


def _ordered(nodes: Iterable[Node], beside: Sequence[Node] = ()) -> list[Node]:
    """Near what they lead to in the column beside, so that few lines cross; then by name."""
    places = {node.key: i for i, node in enumerate(beside)}

    def place(node: Node) -> tuple[float, str]:
        found = [places[key] for key in node.to if key in places]
        return (sum(found) / len(found) if found else len(places), node.name.lower())

    return sorted(nodes, key=place)


def _reached(found: OutcomeMap, keys: Iterable[str]) -> set[str]:
    to = {node.key: node.to for node in (*found.product, *found.business)}
    waiting, seen = list(keys), set()
    while waiting:
        key = waiting.pop()
        if key not in seen:
            seen.add(key)
            waiting += to.get(key, ())
    return seen
