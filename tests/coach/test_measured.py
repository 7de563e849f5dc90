"""What history says of a target."""

from __future__ import annotations

from dataclasses import replace

from headway.coach.measured import farthest, noise
from headway.coach.review import Silence, look, review
from headway.coach.values import History
from tests.coach.labelled import key_result, measure, objective


def codes(goal, *, drafting=False):
    return [f.code for f in look([goal], drafting=drafting)]


def test_how_far_it_moved_in_such_a_time():
    assert farthest([1, 2, 4, 3], 1, up=True) == (2, 2)
    assert farthest([1, 2, 4, 3], 2, up=True) == (3, 4)
    assert farthest([4, 3, 4], 2, up=False) == (1, 4 / 3)
    assert farthest([5, 4, 3], 2, up=True) == (0, 1)


def test_a_shorter_history_is_stretched_and_one_under_half_says_nothing():
    assert farthest([1, 2, 3], 4, up=True) == (4, 9)
    assert farthest([1, 2, 3], 5, up=True) is None


def test_a_steady_trend_is_no_noise():
    assert noise([1, 2, 3, 4, 5, 6, 7, 8]) == 0
    assert noise([10, 12, 10, 12, 10, 12, 10, 12, 10]) > 2


def test_a_sum_over_the_cycle_starts_from_nothing_and_is_not_met():
    history = History((100.0,) * 20, 100.0, 13, "week")
    summed = key_result(over="cycle_to_date", baseline=None, target=90.0, history=history)
    assert codes(summed) == []


def test_the_same_baseline_and_target_cannot_be_scored():
    assert codes(key_result(baseline=2.0, target=2.0)) == ["key-result-no-distance"]


def test_milestones_are_worth_a_thought():
    milestones = key_result(
        title="Open in Vienna and launch the app",
        shape="milestones",
        baseline=None,
        target=None,
        metric=None,
    )
    assert codes(milestones) == ["key-result-milestones"]


def test_a_measured_baseline_is_a_baseline():
    measured = key_result(baseline=None, history=History((), 1.0, 13, "week"))
    assert codes(measured) == []


def test_what_is_missing_is_not_said_while_somebody_types():
    empty = objective(owner="", key_results=(), title="Increase revenue")
    assert "objective-owner" in codes(empty)
    assert codes(empty, drafting=True) == ["objective-metric"]


def test_off_and_waived_are_silent_and_the_gravest_comes_first():
    bad = objective(owner="", key_results=())
    every = review([bad], Silence())
    assert [f.code for f in every.findings] == ["objective-empty", "objective-owner"]
    assert review([bad], Silence(off=frozenset(["objective-empty"]))).waived == ()
    waived = review([bad], Silence(waived=frozenset([("objective-owner", bad.subject)])))
    assert [f.code for f in waived.findings] == ["objective-empty"]
    assert [f.code for f in waived.waived] == ["objective-owner"]


def test_the_fix_keeps_the_result_and_moves_the_work():
    said = key_result(title="Launch the referral page and reach 10 % adoption", metric=measure())
    [found] = look([replace(said, baseline=0.0, target=0.1)])
    assert "Keep “reach 10 % adoption”" in found.fix
    assert "“Launch the referral page” among the outputs" in found.fix


def test_a_share_moves_by_points():
    history = History((0.10, 0.11, 0.12, 0.11, 0.10, 0.12, 0.13, 0.144) * 3, 0.144, 4, "week")
    share = key_result(baseline=0.144, target=0.35, metric=measure(unit="percent"), history=history)
    [found] = [f for f in look([share]) if f.code == "key-result-out-of-reach"]
    assert "move by 20.6\u202fpoints in 4 periods" in found.saw
