"""Polars, written by hand: columns are read once, people and events are numbers from then on."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import polars as pl

from bench.board import BOARD, LAGS, LIMIT_DAYS, MONTH, MOVES, STEPS, WEEK, Answers, spread
from bench.clock import Clock
from bench.data import Data
from bench.events import CODE, EVENTS, FIRST
from bench.funnels import A_DAY, NEVER, WINDOW

FOLLOW = LAGS - 1
U, D, T = pl.col("u"), pl.col("d"), pl.col("t")


def run(data: Data, clock: Clock) -> Answers:
    with clock.lap("build", "read"):
        frames = Frames(_read(data.files), data.days)
    found = {}
    for name in BOARD:
        with clock.lap("board", name):
            answer = frames.questions[name]()
        columns = [answer[column].to_numpy() for column in answer.columns]
        found[name] = spread(name, columns, data.days)
    return found


def _read(files: list[str]) -> pl.DataFrame:
    zero = pl.lit(FIRST).cast(pl.Datetime("us", "UTC"))
    at = (pl.col("happened_at") - zero).dt.total_microseconds()
    return (
        pl.scan_parquet(files)
        .select(
            u=pl.col("user_id").str.slice(1).str.to_integer(base=16, dtype=pl.Int64),
            t=at,
            d=(at // A_DAY).cast(pl.Int16),
            e=pl.col("event").cast(pl.Enum(EVENTS)).to_physical(),
            amount="p:amount",
            mrr="p:mrr",
            score="p:score",
        )
        .collect(engine="streaming")
    )


class Frames:
    def __init__(self, events: pl.DataFrame, days: int) -> None:
        self.events, self.days = events, days
        self.questions: dict[str, Callable[[], pl.DataFrame]] = {
            "dau": lambda: _done(self._lazy.group_by("d").agg(U.n_unique())),
            "wau": lambda: _done(self._trailing(WEEK)),
            "mau": lambda: _done(self._trailing(MONTH)),
            "lifecycle": self.lifecycle,
            "retention": self.retention,
            "rolling retention": self.rolling,
            "recurring retention": self.recurring,
            "adoption": lambda: _done(self._trailing(MONTH, "e")).select("x", "e", "u"),
            "funnel": self.funnel,
            "revenue": self.revenue,
            "mrr": self.mrr,
            "nps": self.nps,
            "time to value": self.time_to_value,
        }

    @property
    def _lazy(self) -> pl.LazyFrame:
        return self.events.lazy()

    def _active(self, *more: str) -> pl.LazyFrame:
        return self._lazy.select("u", "d", *more).unique()

    def _trailing(self, window: int, *by: str) -> pl.LazyFrame:
        """Every active day is repeated for the days that it counts for."""
        last = pl.min_horizontal(D + window, pl.lit(self.days, dtype=pl.Int16))
        spans = self._active(*by).with_columns(x=pl.int_ranges(D, last, dtype=pl.Int16))
        return spans.explode("x").group_by(*by, "x").agg(U.n_unique()).select("x", *by, "u")

    def lifecycle(self) -> pl.DataFrame:
        gaps = self._active().sort("u", "d").with_columns(
            p=D.shift(1).over("u"), n=D.shift(-1).over("u")
        )  # fmt: skip
        state = pl.when(pl.col("p").is_null()).then(0).when(pl.col("p") == D - 1).then(1)
        came = gaps.select(D, s=state.otherwise(2).cast(pl.Int8))
        goes = pl.col("n").is_null() | (pl.col("n") != D + 1)
        went = gaps.filter(goes).select(D + 1, s=pl.lit(3, dtype=pl.Int8))
        return _done(pl.concat([came, went]).group_by("d", "s").agg(pl.len()))

    def _followed(self) -> pl.LazyFrame:
        return (
            self._active()
            .with_columns(f=D.min().over("u"))
            .with_columns(lag=D - pl.col("f"))
            .filter(pl.col("lag") <= FOLLOW)
        )

    def retention(self) -> pl.DataFrame:
        return _done(self._followed().group_by("f", "lag").agg(pl.len()))

    def rolling(self) -> pl.DataFrame:
        last = self._followed().group_by("u", "f").agg(pl.col("lag").max())
        reached = last.with_columns(n=pl.int_ranges(0, pl.col("lag") + 1)).explode("n")
        return _done(reached.group_by("f", "n").agg(pl.len()))

    def recurring(self) -> pl.DataFrame:
        active = self._active()
        last = pl.min_horizontal(D + LAGS, pl.lit(self.days, dtype=pl.Int16))
        ahead = active.with_columns(x=pl.int_ranges(D, last, dtype=pl.Int16)).explode("x")
        met = ahead.join(active.rename({"d": "x"}), on=["u", "x"])
        return _done(met.group_by("d", (pl.col("x") - D).alias("lag")).agg(pl.len()))

    def funnel(self) -> pl.DataFrame:
        steps = [self._step(name) for name in STEPS]
        found = steps[0].with_columns(t1="t")
        for k, step in enumerate(steps[1:], 2):
            found = found.sort("t").join_asof(
                step.with_columns(**{f"t{k}": T}),
                on="t", by="u", strategy="forward", check_sortedness=False,
            ).with_columns(t=pl.col(f"t{k}").fill_null(NEVER))  # fmt: skip
        took = [pl.col(f"t{k}") - pl.col("t1") <= WINDOW for k in (2, 3, 4)]
        level = pl.sum_horizontal(x.fill_null(value=False).cast(pl.Int8) for x in took)
        best = found.group_by("u", d=pl.col("t1") // A_DAY).agg(level.max().alias("level"))
        counts = [(pl.col("level") >= k).sum().alias(f"c{k}") for k in range(len(STEPS))]
        return best.group_by("d").agg(counts)

    def _step(self, name: str) -> pl.DataFrame:
        return self.events.filter(_is(name)).select("u", "t").sort("t")

    def revenue(self) -> pl.DataFrame:
        bought = self._lazy.filter(_is("purchase"))
        return _done(bought.group_by("d").agg(pl.col("amount").sum()))

    def mrr(self) -> pl.DataFrame:
        moves = self._lazy.filter(_is(*MOVES)).sort("t")
        last = moves.group_by("u", "d", maintain_order=True).agg(pl.col("mrr").last()).sort("d")
        before = pl.col("mrr").shift(1).over("u").fill_null(0)
        return _done(last.with_columns(x=pl.col("mrr") - before).group_by("d").agg(pl.sum("x")))

    def nps(self) -> pl.DataFrame:
        score = pl.col("score")
        counts = ((score >= 9).sum().alias("p"), (score <= 6).sum().alias("q"), pl.len())
        return _done(self._lazy.filter(_is("nps")).group_by("d").agg(counts))

    def time_to_value(self) -> pl.DataFrame:
        """Who is not done in time counts as slower than anybody who is."""
        start, end = self._first("signup"), self._first("activate")
        took = (pl.col("t_right") - T) / 1e6
        in_time = took.is_between(0, LIMIT_DAYS * 86_400)
        each = start.join(end, on="u", how="left").with_columns(
            d=T // A_DAY, x=pl.when(in_time).then(took).otherwise(np.inf)
        )
        places = [(pl.len() + 1) // 2 - 1, (pl.len() * 9 + 9) // 10 - 1]
        values = [pl.col("x").sort().get(at).alias(f"p{i}") for i, at in enumerate(places)]
        found = _done(each.group_by("d").agg(values))
        return found.with_columns(
            pl.when(pl.col(c).is_finite()).then(pl.col(c)).alias(c) for c in ("p0", "p1")
        )

    def _first(self, name: str) -> pl.LazyFrame:
        return self._lazy.filter(_is(name)).group_by("u").agg(T.min())


def _is(*names: str) -> pl.Expr:
    return pl.col("e").is_in([CODE[name] for name in names])


def _done(frame: pl.LazyFrame) -> pl.DataFrame:
    return frame.collect(engine="streaming")
