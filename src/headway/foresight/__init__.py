"""Statistics as plain functions on a series: no server, no workspace."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from headway.engine.errors import InputError, nearest
from headway.engine.tally import Tally
from headway.engine.written import figure
from headway.foresight.columns import day_of
from headway.foresight.series import Series, history_of
from headway.foresight.words import Prospect, say
from headway.stats.history import CannotTell, History, Known

if TYPE_CHECKING:
    from headway.stats import effect
    from headway.stats.alerts import Alert
    from headway.stats.arms import Measure
    from headway.stats.chance import Chance, Keep, Reach
    from headway.stats.experiment import Direction, Guardrail, ReadOut

__all__ = ["Prospect", "alerts", "experiment", "forecast", "history_of", "impact", "say"]

Day: TypeAlias = date | str
Over: TypeAlias = Literal["latest", "mean", "sum"]
Sums: TypeAlias = Tally | Mapping[str, float]
"""n, x, y, xx, yy, xy of a variant's subjects; what is left out is 0."""
PLANNED = 10_000


def forecast(
    series: Series,
    *,
    until: Day | None = None,
    steps: int | None = None,
    at_least: float | None = None,
    at_most: float | None = None,
    keep: bool = False,
    over: Over = "latest",
    since: Day | None = None,
    launches: Iterable[Day] = (),
    incidents: Iterable[tuple[Day, Day]] = (),
    grain: str | None = None,
) -> Prospect | CannotTell:
    """What the series will be, with intervals, or why that cannot be told.

    Ahead are all periods that end by the day `until`, or so many `steps`. With `at_least` or
    `at_most` it says how likely that is: of the last period, of the mean, or of the sum of all
    periods `since` a day that are over then (`over`); with `keep` of at least nine in ten of them,
    between both bounds. Raises InputError for what is no series.
    """
    from headway.stats import forecast as stats
    from headway.stats.chance import chance

    history = history_of(series, _known(launches, incidents), grain=grain)
    found = stats.forecast(history, _steps(history, until, steps))
    aim = _aim(at_least, at_most, keep=keep, over=over)
    if isinstance(found, CannotTell) or aim is None:
        return found if isinstance(found, CannotTell) else Prospect(found, history.grain)
    done = _since(history, since)
    told: Chance | CannotTell = chance(found, _whole(aim, len(done) + len(found.starts)), done)
    return Prospect(found, history.grain, told, _aim_in_words(at_least, at_most, keep, over))


def alerts(
    series: Series,
    *,
    healthy: Any = None,
    past: bool = False,
    before: Iterable[Alert] = (),
    launches: Iterable[Day] = (),
    incidents: Iterable[tuple[Day, Day]] = (),
    grain: str | None = None,
) -> tuple[Alert, ...]:
    """What is wrong as of the last period, or with `past` all that ever would have been raised.

    `healthy` is a range: a pair of which one may be None, or `{"at_least": …, "at_most": …}`.
    `before` is what held as of the period before: an alert ends later than it begins.
    """
    from headway.stats import alerts as stats

    history = history_of(series, _known(launches, incidents), grain=grain)
    wanted = stats.Range(*_range(healthy)) if healthy is not None else None
    if past:
        return tuple(stats.replayed(history, wanted))
    return stats.alerts(history, wanted, tuple(before))


def impact(
    series: Series,
    day: Day,
    *,
    controls: Mapping[str, Series] | None = None,
    unexposed: Series | None = None,
    launches: Iterable[Day] = (),
    incidents: Iterable[tuple[Day, Day]] = (),
) -> effect.Impact | CannotTell:
    """What a launch on the day did to the series, or why that cannot be told.

    `controls` are series that the launch does not touch; with `unexposed`, `series` is that of
    those who were exposed. Incidents are a first day and the day after the last one.
    """
    from headway.stats import effect

    known = _known(launches, incidents)
    others = {name: history_of(one, known) for name, one in (controls or {}).items()}
    return effect.impact(
        history_of(series, known), day_of(day), controls=others,
        unexposed=None if unexposed is None else history_of(unexposed, known),
    )  # fmt: skip


def experiment(
    variants: Mapping[str, Sums],
    *,
    measure: Measure = "mean",
    direction: Direction = "up",
    shares: Iterable[float] = (),
    guardrails: Iterable[Guardrail] = (),
    level: float = 0.95,
    planned: float = PLANNED,
    finished: bool = False,
) -> ReadOut:
    """The first variant is the control. Raises InputError for what is no experiment."""
    from headway.stats import experiment as trial
    from headway.stats.arms import Arm

    arms = [Arm(name, tally_of(name, sums)) for name, sums in variants.items()]
    return trial.experiment(
        arms, measure=measure, direction=direction, shares=list(shares),
        guardrails=list(guardrails), level=level, planned=planned, finished=finished,
    )  # fmt: skip


def tally_of(name: str, sums: Sums) -> Tally:
    """Raises InputError for a sum that there is not."""
    if isinstance(sums, Tally):
        return sums
    fields = ("n", "x", "y", "xx", "yy", "xy")
    for key in sums:
        if key not in fields:
            fix = nearest(str(key), fields) or f"Use {', '.join(fields)}."
            raise InputError(f"`{key}` is no sum.", where=f"variant {name}", fix=fix)
    x, y, xx, yy, xy = (float(sums.get(field, 0)) for field in fields[1:])
    return Tally(int(sums.get("n", 0)), x, y, xx, yy, xy)


def _known(launches: Iterable[Day], incidents: Iterable[tuple[Day, Day]]) -> list[Known]:
    known = [Known(day_of(day, "launches")) for day in launches]
    return known + [Known(day_of(a, "incidents"), day_of(b, "incidents")) for a, b in incidents]


def _steps(history: History, until: Day | None, steps: int | None) -> int:
    if (until is None) == (steps is None):
        fix = "Give a day `until`, or a number of `steps`."
        raise InputError("How far ahead?", where="until", fix=fix)
    return steps if steps is not None else history.steps_until(day_of(until, "until"))


def _aim(
    at_least: float | None, at_most: float | None, *, keep: bool, over: Over
) -> Reach | Keep | None:
    from headway.stats.chance import Keep, Reach

    if at_least is None and at_most is None:
        return None
    if keep:
        return Keep(at_least, at_most)
    if at_least is not None and at_most is not None:
        fix = "Give one of them, or `keep` it between both."
        raise InputError("Both a least and a greatest value.", where="at_least", fix=fix)
    reads = {"latest": "latest", "mean": "mean", "sum": "cycle_to_date"}
    if over not in reads:
        raise InputError(f"`{over}`?", where="over", fix=f"Use one of {', '.join(reads)}.")
    target = at_most if at_least is None else at_least
    assert target is not None
    return Reach(target, at_least is not None, reads[over])


def _whole(aim: Reach | Keep, n: int) -> Reach | Keep:
    """A mean is that of all periods that count."""
    from dataclasses import replace

    from headway.stats.chance import Reach

    return replace(aim, n=n) if isinstance(aim, Reach) else aim


def _since(history: History, since: Day | None) -> list[float | None]:
    if since is None:
        return []
    first = day_of(since, "since")
    pairs = zip(history.starts, history.values, strict=True)
    return [value for start, value in pairs if start >= first]


def _aim_in_words(at_least: float | None, at_most: float | None, keep: bool, over: Over) -> str:
    bounds = [("at least", at_least), ("at most", at_most)]
    said = " and ".join(f"{word} {figure(value, 6)}" for word, value in bounds if value is not None)
    if keep:
        return f"{said} at the end and in nine of ten periods"
    what = {"latest": "in the last period", "mean": "on average", "sum": "in total"}[over]
    return f"{said} {what}"


def _range(healthy: Any) -> tuple[float | None, float | None]:
    """Also of a definition's `healthy`, with its other fields."""
    if isinstance(healthy, Mapping):
        return healthy.get("at_least"), healthy.get("at_most")
    if hasattr(healthy, "at_least"):
        return healthy.at_least, healthy.at_most
    try:
        low, high = healthy
    except (TypeError, ValueError):
        fix = "Give the least and the greatest healthy value, such as (40, None)."
        raise InputError(f"`{healthy}` is no range.", where="healthy", fix=fix) from None
    return low, high
