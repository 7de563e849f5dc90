"""Does what we ship matter? Outputs, the product outcomes they move, the business behind them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from django.http import HttpResponse

from headway.goals.boards.outcomes import Node, OutcomeMap, outcome_map
from headway.goals.experiment.view import verdicts
from headway.goals.launch.launches import Launch, Move, launches, living
from headway.goals.models import OutputStatus
from headway.outlook.links import Link, Tie, ties
from headway.web import exports, maps
from headway.web.context import Here, inside
from headway.web.maps import Said
from headway.web.readings import Reading

TITLES = {"output": "Outputs", "product": "Product outcomes", "business": "Business outcomes"}
RECENT = 5
"""So many launches stand on the page; the others have one of their own."""

Words = Mapping[tuple[str, str], Said]
"""By the cards at both ends of a line."""


@dataclass(frozen=True)
class Shown:
    """A node with its numbers in words; `leads` are what it drives, and whether it does."""

    node: Node
    reading: Reading | None
    leads: Sequence[tuple[Node, str]]


@inside
def page(here: Here) -> HttpResponse:
    whole = _map(here)
    every = here.request.GET.get("show") == "all" or not whole.outputs
    found = whole if every else whole.shipped()
    known, shipped = ties(here.workspace), _launches(whole)
    said = {**dict(_tied(known)), **dict(_launched(shipped))}
    shown = [_shown(here, node, whole, said) for node in found.nodes]
    return exports.data(here.request, "outcomes", _rows(whole, known)) or here.show(
        "outcomes.html",
        title="Outcomes",
        whole=whole,
        map=_drawn(shown, said),
        rows=shown,
        every=every,
        loose=[(words, list(nodes)) for words, nodes in _loose(whole)],
        recent=sorted(shipped, key=_newest, reverse=True)[:RECENT],
        tied=bool(known),
        tests=verdicts([n.output for n in found.outputs if n.output], here.today),
    )


def _map(here: Here) -> OutcomeMap:
    outputs = living(here.workspace).exclude(status=OutputStatus.stopped)
    if here.team:
        outputs = outputs.filter(team__in=here.team_ids)
    return outcome_map(here.workspace, here.today, outputs)


def _launches(whole: OutcomeMap) -> list[Launch]:
    return launches(node.output for node in whole.outputs if node.output and node.output.launched)


def _newest(launch: Launch) -> str:
    return str(launch.output.launched)


def _tied(known: Iterable[Tie]) -> Iterator[tuple[tuple[str, str], Said]]:
    for tie in known:
        link = tie.link
        label = _label(link) if link and link.linked else ""
        words = f"{tie.cause} → {tie.result}: {tie.words}. {tie.rests}"
        kind = "is-linked" if label else "no-evidence"
        yield (_metric(tie.cause.key), _metric(tie.result.key)), Said(words, tie.words, label, kind)


def _label(link: Link) -> str:
    return f"{link.lag} wk, {link.force}" if link.lag else f"same wk, {link.force}"


def _launched(shipped: Iterable[Launch]) -> Iterator[tuple[tuple[str, str], Said]]:
    for launch in shipped:
        for move in launch.moves:
            ends = f"output:{launch.output.key}", _metric(move.metric.key)
            yield ends, Said(f"{launch.output} → {move.sentence}", _some(move), _effect(move))


def _some(move: Move) -> str:
    return f"{move.verdict}, {move.words.effect}" if move.told.known else move.verdict


def _effect(move: Move) -> str:
    return move.words.effect if move.verdict in ("moved", "wrong way") else ""


def _shown(here: Here, node: Node, whole: OutcomeMap, said: Words) -> Shown:
    tile, known = node.tile, {n.key: n for n in (*whole.product, *whole.business)}
    reading = (
        Reading(tile.metric, tile.grain, tile.points, here.workspace.currency) if tile else None
    )
    found = ((known[key], said.get((_key(node), _metric(key)))) for key in node.to if key in known)
    return Shown(node, reading, [(other, words.some if words else "") for other, words in found])


def _drawn(shown: Sequence[Shown], said: Words) -> maps.Map:
    columns = [
        maps.Column(title, [(_key(s.node), s) for s in shown if s.node.column == column])
        for column, title in TITLES.items()
    ]
    links = ((_key(s.node), _metric(key)) for s in shown for key in s.node.to)
    return maps.drawn(columns, links, said)


def _rows(whole: OutcomeMap, known: Sequence[Tie]) -> Iterator[dict[str, object]]:
    """With what is known of the links, in the order in which `drives` names them."""
    words = {(tie.cause.key, tie.result.key): tie.words for tie in known}
    for row in whole.rows():
        yield {**row, "evidence": [words.get((row["key"], key), "") for key in row["drives"]]}


def _key(node: Node) -> str:
    return f"output:{node.key}" if node.column == "output" else _metric(node.key)


def _metric(key: str) -> str:
    return f"metric:{key}"


def _loose(found: OutcomeMap) -> Iterator[tuple[str, Iterator[Node]]]:
    ordered = sorted(found.loose, key=lambda node: node.warning)
    yield from groupby(ordered, key=lambda node: node.warning)
