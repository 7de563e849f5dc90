"""What is odd about one watched metric, from its stored points."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from headway.alerting.watched import Watched
from headway.engine.period import Grain
from headway.engine.series import Series
from headway.engine.watching import ALERT_KINDS
from headway.metrics.models import Metric
from headway.metrics.past import histories, history_of
from headway.metrics.reading import series
from headway.stats.alerts import Alert, alerts, so_far
from headway.stats.history import CannotTell, History, Known

MOST_SEGMENTS = 6
"""The largest of each property are looked at."""

CATCHING_UP, OF_SEGMENTS = 10, 3
"""So many periods are looked at one after another where nobody looked for longer."""

Place = tuple[Grain, str, str]
"""The grain, the property that is split by, and the segment; both are empty for the whole."""

Pasts = Mapping[tuple[int, Grain], History | CannotTell]
Rule = Callable[[History, Sequence[Alert]], tuple[Alert, ...]]


@dataclass(frozen=True)
class Found:
    """A sign at its place. `last` is the last period in which it held; `over`: it does no more."""

    place: Place
    alert: Alert
    last: date
    over: bool


@dataclass(frozen=True)
class Before:
    """What was found at the last look: what is open at each place, and through which periods.

    `passed` are former oddities, of which nothing shall be learnt.
    """

    open: Mapping[Place, Sequence[Alert]] = field(default_factory=dict)
    through: Mapping[str, date] = field(default_factory=dict)
    passed: tuple[Known, ...] = ()


def pasts(watched: Sequence[Watched], today: date) -> Pasts:
    """The histories that looking at these needs: a few queries however many there are."""
    asked = [(one.metric, one.grain) for one in watched]
    asked += [(one.metric, Grain.day) for one in watched if one.target is not None]
    metrics = {one.metric.pk: one.metric for one in watched}
    found = histories(dict.fromkeys(asked))
    return {place: _overdue(own, metrics[place[0]], today) for place, own in found.items()}


def _overdue(own: History | CannotTell, metric: Metric, today: date) -> History | CannotTell:
    """Of what cannot be computed, with the periods that would be complete by now: without a value.

    Its numbers lag as far behind its days as they did when it was computed last.
    """
    if not (isinstance(own, History) and metric.problem and metric.refreshed_at):
        return own
    after, workspace = own.calendar.after, metric.workspace
    done = workspace.calendar.day_of(workspace.at(metric.refreshed_at))
    lag = max(done - after(own.starts[-1], own.grain), timedelta())
    starts = list(own.starts)
    while after(starts[-1], own.grain, 2) + lag <= today:
        starts.append(after(starts[-1], own.grain))
    more = len(starts) - len(own.starts)
    counts = None if own.counts is None else [*own.counts, *[0.0] * more]
    return replace(own, starts=starts, values=[*own.values, *[None] * more], counts=counts)


def look(one: Watched, pasts: Pasts, before: Before) -> list[Found]:
    """As of the last complete period; what came and went since the last look is in it too."""
    own, days = (pasts.get((one.metric.pk, grain)) for grain in (one.grain, Grain.day))
    found: list[Found] = []
    if isinstance(own, History):
        found += _at((one.grain, "", ""), own, one, before, _rule(one), ALERT_KINDS)
    if one.target is not None and one.grain is not Grain.day and isinstance(days, History):
        found += _at((Grain.day, "", ""), days, one, before, _budget(one), ["burning"])
    for place, history in _segments(one):
        found += _at(place, history, one, before, _rare, ["unusual"])
    return found


def through(one: Watched, pasts: Pasts) -> dict[str, str]:
    """By grain, the last complete period that there is."""
    found = {grain: pasts.get((one.metric.pk, grain)) for grain in (one.grain, Grain.day)}
    return {str(g): h.starts[-1].isoformat() for g, h in found.items() if isinstance(h, History)}


def _rule(one: Watched) -> Rule:
    def rule(history: History, before: Sequence[Alert]) -> tuple[Alert, ...]:
        return alerts(
            history, one.healthy, before, direction=one.definition.direction, target=one.target,
            leading=one.leading, sensitivity=one.watching.sensitivity,
        )  # fmt: skip

    return rule


def _budget(one: Watched) -> Rule:
    return lambda history, before: alerts(history, None, before, target=one.target)


def _rare(history: History, before: Sequence[Alert]) -> tuple[Alert, ...]:
    """There are many segments, so that each is called unusual less readily."""
    return alerts(history, None, before, sensitivity="low")


def _at(
    place: Place,
    history: History,
    one: Watched,
    before: Before,
    rule: Rule,
    kinds: Collection[str],
) -> Iterator[Found]:
    """Period after period since the last look."""
    asked = set(kinds) - set(one.watching.mute) - ({"silent"} if one.metric.silences else set())
    known = (*history.known, *one.known, *before.passed)
    open_ = tuple(a for a in before.open.get(place, ()) if a.kind in asked)
    last = before.through.get(place[0])
    most = OF_SEGMENTS if place[2] else CATCHING_UP
    for seen in so_far(replace(history, known=known), last, most):
        held = tuple(alert for alert in rule(seen, open_) if alert.kind in asked)
        yield from _ended(place, open_, held, seen)
        open_ = held
    yield from (Found(place, alert, history.starts[-1], over=False) for alert in open_)


def _ended(
    place: Place, open_: Sequence[Alert], held: Sequence[Alert], seen: History
) -> Iterator[Found]:
    still = {(alert.kind, alert.since) for alert in held}
    last = seen.starts[-2] if len(seen.starts) > 1 else seen.starts[-1]
    for alert in open_:
        if (alert.kind, alert.since) not in still:
            yield Found(place, alert, max(last, alert.since), over=True)


def _segments(one: Watched) -> Iterator[tuple[Place, History]]:
    """Of what has a target only the whole is watched: small parts fail as a whole now and then."""
    calendar = one.metric.workspace.calendar
    if one.target is not None:
        return
    for by in one.definition.segments:
        split = series(one.metric, one.grain, by)
        for name in _largest(split):
            history = history_of(split.of(name), one.definition, one.grain, calendar)
            if isinstance(history, History):
                yield (one.grain, by, name), history


def _largest(split: Series) -> list[str]:
    sizes: Counter[str] = Counter()
    for point in split.points:
        sizes[point.segment] += point.n
    return sorted(sizes, key=lambda name: (-sizes[name], name))[:MOST_SEGMENTS]
