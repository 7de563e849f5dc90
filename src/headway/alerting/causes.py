"""What lies behind several symptoms."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from headway.alerting.peers import Peers
from headway.alerting.symptom import Symptom, before, together

Behind = Symptom | str
"""A silent source or event, or the symptom that leads: itself, if nothing else is behind it."""

Found = Mapping[str, Sequence[Symptom]]
Drivers = Mapping[str, Iterable[str]]


@dataclass(frozen=True, slots=True)
class Causes:
    """`common` is what those have in common that are led by a symptom and not driven by it."""

    behind: Mapping[Symptom, Behind]
    common: Mapping[Symptom, str]


def causes(symptoms: Iterable[Symptom], drivers: Drivers, peers: Peers) -> Causes:
    """What is behind each symptom.

    A silent source goes before all, then a silent event; then comes the driver that is odd since
    about the same time, or what lies behind that one in turn; then whatever else went off at once
    and has something in common with it.
    """
    found: dict[str, list[Symptom]] = defaultdict(list)
    for symptom in dict.fromkeys(symptoms):
        found[symptom.metric].append(symptom)
    first = {s: _cause(s, found, drivers, frozenset()) for own in found.values() for s in own}
    leads: dict[Symptom, Symptom] = {}
    common: dict[Symptom, str] = {}
    for name, group in peers.groups({b for b in first.values() if not isinstance(b, str)}):
        leader = min(group, key=lambda s: s.rank)
        leads |= dict.fromkeys(group, leader)
        common[leader] = name
    behind = {s: b if isinstance(b, str) else leads.get(b, b) for s, b in first.items()}
    return Causes(behind, common)


def _cause(own: Symptom, found: Found, drivers: Drivers, seen: frozenset[str]) -> Behind:
    if own.origin:
        return own.origin
    silent = sorted(s.origin for s in found[own.metric] if s.origin and not before(own, s))
    if silent:
        return silent[-1]
    odd = [d for d in drivers.get(own.metric, ()) if d in found and d not in seen | {own.metric}]
    near = [s for d in odd for s in found[d] if together(own, s)]
    if not near:
        return own
    first = min(near, key=lambda s: (s.since, s.metric))
    return _cause(first, found, drivers, seen | {own.metric})
