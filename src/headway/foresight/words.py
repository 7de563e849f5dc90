"""What statistics found, in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from headway.engine.period import Grain
from headway.engine.written import figure, grouped
from headway.stats.history import CannotTell

if TYPE_CHECKING:
    from headway.stats.alerts import Alert
    from headway.stats.chance import Chance
    from headway.stats.effect import Impact
    from headway.stats.experiment import Guarded, ReadOut, Result
    from headway.stats.forecast import Forecast

LIKELY, NEARLY_SURE = 0.8, 0.95


@dataclass(frozen=True, repr=False)
class Prospect:
    """A forecast and, where something is aimed at, the chance of it."""

    forecast: Forecast
    grain: Grain
    chance: Chance | CannotTell | None = None
    aim: str = ""

    def say(self) -> str:
        return "\n".join(self._lines())

    __repr__ = __str__ = say

    def rows(self) -> list[dict[str, Any]]:
        """A row a period: its middle, and the intervals that hold 80 % and 95 %."""
        likely, nearly = self.forecast.interval(LIKELY), self.forecast.interval(NEARLY_SURE)
        columns = zip(
            self.forecast.starts, self.forecast.middle, likely.low, likely.high, nearly.low,
            nearly.high, strict=True,
        )  # fmt: skip
        names = ("start", "middle", "low", "high", "low_95", "high_95")
        return [dict(zip(names, row, strict=True)) for row in columns]

    def to_dict(self) -> dict[str, Any]:
        rests, found = self.forecast.rests, self.chance
        told: dict[str, Any] = {"grain": str(self.grain), "points": self.rows()}
        if isinstance(found, CannotTell):
            told["chance"] = {"aim": self.aim, "p": None, "reason": found.reason}
        elif found is not None:
            told["chance"] = {"aim": self.aim, "p": found.p, "likely": found.likely}
        return told | {"rests_on": rests.sentence, "notes": list(rests.notes)}

    def _lines(self) -> list[str]:
        last = self.rows()[-1]
        ahead = len(self.forecast.starts)
        what = f"{ahead} {self.grain}s ahead" if ahead > 1 else f"One {self.grain} ahead"
        lines = [
            f"{what}, the {self.grain} that starts on {last['start']}: about {_n(last['middle'])}. "
            f"Likely (80 %) {_n(last['low'])} to {_n(last['high'])}, "
            f"nearly sure (95 %) {_n(last['low_95'])} to {_n(last['high_95'])}."
        ]
        if isinstance(self.chance, CannotTell):
            lines.append(f"The chance of {self.aim} cannot be told: {self.chance.reason}")
        elif self.chance is not None:
            lines.append(f"The chance of {self.aim} is {_share(self.chance.p)}.")
        return [*lines, self.forecast.rests.sentence, *self.forecast.rests.notes]


def say(found: Any) -> str:
    """What `forecast`, `alerts`, `impact` or `experiment` answered, in words."""
    from headway.stats.effect import Impact
    from headway.stats.experiment import ReadOut

    if isinstance(found, CannotTell):
        return f"Cannot tell: {found.reason}"
    if isinstance(found, Prospect):
        return found.say()
    if isinstance(found, Impact):
        return _impact(found)
    if isinstance(found, ReadOut):
        return _read_out(found)
    if isinstance(found, tuple | list):
        return "\n".join(map(_alert, found)) or "Nothing is wrong as of the last period."
    return str(found)


def alert_dict(alert: Alert) -> dict[str, Any]:
    low, high = alert.expected or (None, None)
    return {
        "kind": alert.kind, "since": alert.since, "value": alert.value, "low": low, "high": high,
        "reason": alert.reason,
    }  # fmt: skip


def _alert(alert: Alert) -> str:
    return f"{alert.kind.capitalize()} since {alert.since}: {alert.reason}"


def _impact(found: Impact) -> str:
    steps = len(found.steps)
    verdict = {"up": "It went up", "down": "It went down"}.get(found.verdict, "No clear effect")
    lines = [
        f"{verdict}: {_signed(found.relative)} against what would have come "
        f"(95 % between {_signed(found.relative_low)} and {_signed(found.relative_high)}), over "
        f"{steps} periods: {_n(found.value)} where {_n(found.expected)} was to be expected."
    ]
    if found.shown:
        lines.append(f"It has been clear since {found.shown}.")
    if found.beside:
        lines.append(f"Held against {', '.join(found.beside)}.")
    return "\n".join([*lines, found.rests_on])


def _read_out(found: ReadOut) -> str:
    lines = [found.reason] if found.reason else []
    lines += [_result(result) for result in found.results]
    lines += [_guarded(guarded) for guarded in found.guardrails]
    if found.winners:
        lines.append(f"Better, and harming nothing: {', '.join(found.winners)}.")
    return "\n".join([*lines, found.rests_on])


def _result(result: Result) -> str:
    if result.found is None:
        return f"{result.name}: cannot tell. {result.reason}"
    found = result.found
    return (
        f"{result.name}: {result.verdict}. {_n(found.treatment)} against {_n(found.control)}, a "
        f"difference of {_n(found.difference)} (between {_n(result.low)} and {_n(result.high)}, "
        f"p = {result.p:.3g})."
    )


def _guarded(guarded: Guarded) -> str:
    said = f"{guarded.name} under {guarded.variant}: {guarded.verdict}."
    return f"{said} {guarded.reason}".rstrip()


def cannot_tell(found: CannotTell) -> Mapping[str, str]:
    return {"cannot_tell": found.reason}


def _n(value: float) -> str:
    return f"{figure(value, 4)}" if abs(value) < 1000 else f"{grouped(value)}"


def _share(p: float) -> str:
    return f"{100 * p:.0f} %"


def _signed(value: float) -> str:
    return f"{100 * value:+.1f} %"
