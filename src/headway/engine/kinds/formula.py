"""Arithmetic over other metrics."""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar, Protocol

from headway.engine.ask import Ask
from headway.engine.definition import Definition
from headway.engine.errors import DefinitionError
from headway.engine.remnant import Remnant
from headway.engine.series import Answer, Point, Series
from headway.engine.shape import shown
from headway.engine.written import grouped

TYPED = str.maketrans({"×": "*", "÷": "/", "−": "-", "–": "-"})
FUNCTIONS: dict[str, Callable[..., float]] = {"min": min, "max": max, "log10": math.log10}
OPERATORS: dict[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: lambda a, b: a + b,
    ast.Sub: lambda a, b: a - b,
    ast.Mult: lambda a, b: a * b,
    ast.Div: lambda a, b: a / b,
}
FURTHEST = 1000
ALLOWED = (
    "Use numbers, metric keys, parts of metrics such as onboarding.dropoff, + − × ÷, parentheses, "
    "min, max, log10 and lag(key, periods)."
)


class Values(Protocol):
    """What a formula reads: a metric's number, perhaps so many periods back."""

    def value(self, key: str, lag: int = 0) -> float: ...


class NoValue(Exception):
    """An input has no value, so the formula has none; the message is the reason."""


@dataclass(frozen=True)
class Row:
    """The inputs' points of one segment, and the period that is asked."""

    points: Mapping[str, tuple[Point, ...]]
    at: int

    def value(self, key: str, lag: int = 0) -> float:
        at = self.at - lag
        if at < 0:
            raise NoValue(f"{key} is not known {lag} period{'s' * (lag > 1)} before.")
        point = self.points[key][at]
        if point.value is None:
            raise NoValue(f"{key} has no value: {point.reason}")
        return point.value


class Formula(Definition, frozen=True, kw_only=True, tag="formula"):
    without: ClassVar[tuple[str, ...]] = ("where", "who", "by")
    instead: ClassVar[str] = "Compare the metrics that it is computed from."
    summary: ClassVar[str] = "Arithmetic over other metrics, period by period."

    formula: str

    def check(self) -> None:
        _check(self.expression)

    @property
    def expression(self) -> ast.expr:
        return parsed(self.formula)

    def inputs(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(name.partition(".")[0] for name in self.reads()))

    def reads(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(_names(self.expression)))

    def made_of(self) -> str:
        return self.formula

    @property
    def lags(self) -> int:
        """The greatest number of periods the formula looks back."""
        calls = (n for n in ast.walk(self.expression) if isinstance(n, ast.Call))
        return max((_periods(c) for c in calls if _name(c.func) == "lag"), default=0)

    def answer(self, ask: Ask) -> Answer:
        wider = ask.earlier(self.lags) if self.lags else ask
        asked = slice(len(wider.scope.periods) - len(ask.scope.periods), None)
        points = [
            point
            for segment, inputs in wider.inputs(self).items()
            for point in self._points(inputs, segment, wider)[asked]
        ]
        return self.reply(Series(self.key, ask.scope.grain, tuple(points), ask.scope.segment))

    def _points(
        self, inputs: Mapping[str, tuple[Point, ...]], segment: str, ask: Ask
    ) -> tuple[Point, ...]:
        periods = range(len(ask.scope.periods))
        return tuple(self._point(Row(inputs, i), segment, ask) for i in periods)

    def without_events(self, ask: Ask, segment: str) -> tuple[Point, ...]:
        inputs = {key: ask.definition(key).without_events(ask, segment) for key in self.reads()}
        return self._points(inputs, segment, ask)

    def _point(self, row: Row, segment: str, ask: Ask) -> Point:
        value, reason = self._value(row)
        period = ask.scope.periods[row.at]
        complete = ask.complete(self, period)
        n = min((points[row.at].n for points in row.points.values()), default=0)
        return Point(
            period.start, period.end, value, segment, n=n, complete=complete, reason=reason
        )

    def value_at(
        self, points: Mapping[str, tuple[Point, ...]], at: int
    ) -> tuple[float | None, str]:
        """Its value in that period of its inputs' points, or None with the reason."""
        return self._value(Row(points, at))

    def _value(self, row: Row) -> tuple[float | None, str]:
        try:
            return float(evaluate(self.expression, row)), ""
        except NoValue as error:
            reason = str(error)
        except ZeroDivisionError:
            reason = "Divided by zero."
        except ValueError:
            reason = "The logarithm of a number that is not above zero."
        return (self.fill, "") if self.fill is not None else (None, reason)

    def influence(self) -> tuple[int, int | None]:
        return 0, None if self.lags else 0

    def remnants(self) -> tuple[Remnant, ...]:
        """Of earlier periods it reads the stored values."""
        return ()

    def words(self) -> str:
        return f"`{self.formula}`, period by period."


@lru_cache(maxsize=4096)
def parsed(formula: str) -> ast.expr:
    try:
        return ast.parse(formula.translate(TYPED).strip(), mode="eval").body
    except SyntaxError as error:
        raise DefinitionError(
            f"{shown(formula)} cannot be read: {error.msg}{_place(error)}.",
            where="formula",
            fix=ALLOWED,
        ) from None


def _place(error: SyntaxError) -> str:
    return f" at character {error.offset}" if error.offset else ""


def evaluate(node: ast.expr, row: Values) -> float:
    match node:
        case ast.Constant(value=int() | float() as number):
            return float(number)
        case ast.Name() | ast.Attribute():
            return row.value(_name(node))
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -evaluate(operand, row)
        case ast.BinOp(left=left, op=op, right=right):
            return OPERATORS[type(op)](evaluate(left, row), evaluate(right, row))
        case ast.Call(func=ast.Name(id="lag"), args=[of, _]):
            return row.value(_name(of), _periods(node))
        case ast.Call(func=ast.Name(id=name), args=args):
            return FUNCTIONS[name](*(evaluate(a, row) for a in args))
    raise AssertionError(ast.dump(node))


def driver_of(node: ast.expr) -> tuple[str, int] | None:
    """The metric or part of one that a node reads, and how many periods back it does."""
    match node:
        case ast.Name() | ast.Attribute():
            return _name(node), 0
        case ast.Call(func=ast.Name(id="lag"), args=[of, _]):
            return _name(of), _periods(node)
    return None


def _check(node: ast.expr) -> None:
    """Refuses whatever `evaluate` cannot do."""
    match node:
        case ast.Constant(value=bool()):
            _refuse(node)
        case ast.Constant(value=int() | float()) | ast.Name() | ast.Attribute(value=ast.Name()):
            pass
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            _check(operand)
        case ast.BinOp(left=left, op=op, right=right) if type(op) in OPERATORS:
            _check(left)
            _check(right)
        case ast.Call(
            func=ast.Name(id="lag"),
            args=[ast.Name() | ast.Attribute(value=ast.Name()), ast.Constant(value=int(periods))],
            keywords=[],
        ):
            if periods > FURTHEST:
                raise DefinitionError(
                    f"`lag` looks back at most {grouped(FURTHEST)} periods.",
                    where="formula",
                    fix="Give a smaller number, or a longer grain.",
                )
        case ast.Call(func=ast.Name(id="log10"), args=[argument], keywords=[]):
            _check(argument)
        case ast.Call(func=ast.Name(id="min" | "max"), args=[_, *_] as args, keywords=[]):
            for argument in args:
                _check(argument)
        case _:
            _refuse(node)


def _refuse(node: ast.expr) -> None:
    raise DefinitionError(
        f"{shown(ast.unparse(node))} is not allowed in a formula.", where="formula", fix=ALLOWED
    )


def _names(node: ast.expr) -> list[str]:
    """Metrics and parts of metrics, as the formula writes them."""
    nodes = list(ast.walk(node))
    inside = {id(n.func) for n in nodes if isinstance(n, ast.Call)}
    inside |= {id(n.value) for n in nodes if isinstance(n, ast.Attribute)}
    found = (n for n in nodes if isinstance(n, ast.Name | ast.Attribute) and id(n) not in inside)
    return [_name(n) for n in found]


def _name(node: ast.expr) -> str:
    match node:
        case ast.Name(id=key):
            return key
        case ast.Attribute(value=ast.Name(id=key), attr=part):
            return f"{key}.{part}"
    return ""


def _periods(call: ast.Call) -> int:
    last = call.args[-1]
    return last.value if isinstance(last, ast.Constant) and isinstance(last.value, int) else 0
