"""Recent launches, and the words for what is known and not known of their effects."""

from __future__ import annotations

from datetime import date
from typing import Any

import msgspec
import pytest

from headway.accounts.models import Workspace
from headway.goals.launch.launches import Launch, Move, launches, living, recent, upcoming
from headway.goals.launch.told import Block, Told, Try, stored
from headway.goals.models import Effect, Output
from headway.goals.outputs import save_output
from headway.metrics.models import Metric
from tests.goals.conftest import make_metric, moment

DAY = date(2026, 3, 3)
BLOCK = Block(date(2026, 3, 9), date(2026, 3, 15), 0.62, 0.58, 0.55, 0.61)
UP = Told(
    "up", grain="week", value=0.62, expected=0.58, effect=0.04, low=0.012, high=0.068,
    relative=0.07, relative_low=0.02, relative_high=0.12, shown=date(2026, 3, 22),
    blocks=[BLOCK], tries=[Try(date(2025, 6, 2), seen=False)], widened=1.3,
)  # fmt: skip


def launch(workspace: Workspace, *moves: Metric, day: date = DAY, n: int = 90) -> Output:
    return save_output(
        workspace, name="Guided setup", launched=day, moves=moves, by=None, now=moment(n)
    )


@pytest.mark.parametrize(
    ("told", "direction", "verdict", "sentence"),
    [
        (
            UP, "up", "moved",
            "Tries: 4.0\u202fpoints higher than it would have been without the launch. "
            "It has shown since 22 Mar 2026, 19 days after the launch.",
        ),
        (UP, "none", "moved", "Tries: 4.0\u202fpoints higher than"),
        (UP, "down", "wrong way", "Tries: 4.0\u202fpoints higher than"),
        (
            Told("no clear effect", effect=0.01, low=-0.02, high=0.04), "up", "no clear effect",
            "Tries: No clear effect: it lies between −2.0\u202fpoints and +4.0\u202fpoints.",
        ),
        (
            Told("cannot tell", reason="Only 2 weeks.", again=date(2026, 4, 1)), "up", "too early",
            "Tries: Only 2 weeks. It can be told from 1 Apr 2026 on.",
        ),
        (Told("cannot tell", reason="Too noisy."), "up", "cannot tell", "Tries: Too noisy."),
        (None, "up", "not judged yet", "Tries: The next pass of the worker judges it."),
    ],
)  # fmt: skip
def test_what_is_known_is_said_in_words(
    told: Told | None, direction: str, verdict: str, sentence: str
) -> None:
    metric = Metric(key="tries", name="Tries", direction=direction, unit="percent")
    move = Move(metric, DAY, told)
    assert move.verdict == verdict
    assert move.sentence.startswith(sentence)


def test_amounts_are_told_with_their_share_and_the_check_with_what_it_cost() -> None:
    money = Metric(key="revenue", name="Revenue", unit="money")
    words = Move(money, DAY, UP, "EUR").words
    assert words.size == "€0.04 (7\u202f%)"
    assert words.relative_interval == "+2\u202f% and +12\u202f%"
    each = Move(money, DAY, msgspec.structs.replace(UP, per="a week"), "EUR").words
    assert (each.size, each.came) == (
        "€0.04 a week (7\u202f%)",
        "€0.62 a week came, €0.58 would have",
    )
    assert words.judged == "1 week, 9 – 15 Mar 2026"
    assert words.check.startswith("1 day without a launch, reckoned in the same way: none of them")
    assert "1.3 times as wide" in words.check


def test_lists_of_what_came_and_what_comes(acme: Workspace, django_assert_num_queries: Any) -> None:
    metrics = [make_metric(acme, f"m{i}", profile={"grain": "week"}) for i in range(4)]
    new = launch(acme, *metrics)
    newer = launch(acme, metrics[0], day=date(2026, 3, 20))
    launch(acme, day=date(2025, 11, 1))
    Effect.objects.create(
        output=new, metric=metrics[2], verdict="up", found=stored(UP), computed_at=moment(90)
    )
    for day in (date(2026, 3, 1), date(2026, 4, 20), date(2026, 9, 1)):
        save_output(acme, name=f"Plan {day}", planned=day, by=None, now=moment(90))
    today = date(2026, 4, 1)
    with django_assert_num_queries(3):
        found = recent(acme, today)
        assert [one.output for one in found] == [newer, new]
        assert [m.verdict for m in found[1].moves] == [
            *("not judged yet", "not judged yet", "moved", "not judged yet")
        ]
    row = found[1].to_dict()["moves"][2]
    assert (row["metric"], row["effect"], row["first"]) == ("m2", 0.04, "2026-03-09")
    assert [one.name for one in upcoming(acme, today)] == ["Plan 2026-03-01", "Plan 2026-04-20"]
    overdue = Launch(upcoming(acme, today)[0], ())
    assert overdue.overdue(today)
    assert not Launch(new, ()).overdue(today)
    assert launches(living(acme).filter(pk=new.pk))[0].moves[2].told == UP
