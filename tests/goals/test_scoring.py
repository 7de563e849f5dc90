"""How key results add up to their objective."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headway.goals.progress import Status
from headway.goals.scoring import WORST_FIRST, Part, clamp, roll_up, score, worst

S = Status
parts = st.builds(
    Part,
    status=st.sampled_from([s for s in Status if s is not S.unknown]),
    p=st.floats(-2, 3),
    weight=st.floats(0.1, 10),
)


@pytest.mark.parametrize(
    ("given_parts", "progress", "unknown"),
    [
        ([Part(S.behind, 0.5), Part(S.on_track, 0.7)], 0.6, 0),
        ([Part(S.behind, 0.5, 3), Part(S.achieved, 1.0, 1)], 0.625, 0),
        ([Part(S.achieved, 1.8), Part(S.at_risk, -0.4)], 0.5, 0),
        ([Part(S.on_track, 0.4), Part(S.unknown, None, 5)], 0.4, 1),
        ([Part(S.unknown, None), Part(S.unknown, None)], None, 2),
        ([], None, 0),
    ],
)
def test_progress_is_the_weighted_mean_of_what_is_known(
    given_parts: list[Part], progress: float | None, unknown: int
) -> None:
    whole = roll_up(given_parts)
    assert whole.progress == (None if progress is None else pytest.approx(progress))
    assert whole.unknown == unknown


@pytest.mark.parametrize(
    ("statuses", "status"),
    [
        ([S.achieved, S.achieved], S.achieved),
        ([S.achieved, S.achieved_aspirational], S.achieved_aspirational),
        ([S.achieved, S.on_track], S.on_track),
        ([S.on_track, S.behind], S.behind),
        ([S.behind, S.at_risk, S.achieved], S.at_risk),
        ([S.at_risk, S.missed], S.missed),
        ([S.on_track, S.unknown], S.behind),
        ([S.achieved, S.unknown], S.behind),
        ([S.at_risk, S.unknown], S.at_risk),
        ([S.unknown, S.unknown], S.unknown),
        ([S.unknown, S.not_started], S.unknown),
        ([S.not_started, S.not_started], S.not_started),
        ([S.achieved, S.not_started], S.on_track),
        ([], S.unknown),
    ],
)
def test_an_objective_is_as_well_as_its_worst_key_result(
    statuses: list[Status], status: Status
) -> None:
    assert worst(statuses) is status


@given(st.lists(parts, min_size=1, max_size=6))
def test_progress_stays_between_nothing_and_everything(found: list[Part]) -> None:
    progress = roll_up(found).progress
    assert progress is not None
    low, high = min(clamp(p.p or 0) for p in found), max(clamp(p.p or 0) for p in found)
    assert low - 1e-9 <= progress <= high + 1e-9


@given(st.lists(parts, max_size=6), st.floats(0.1, 10))
def test_an_unknown_part_changes_the_count_and_never_the_progress(
    found: list[Part], weight: float
) -> None:
    before, after = roll_up(found), roll_up([*found, Part(S.unknown, None, weight)])
    assert after.progress == before.progress
    assert after.unknown == 1
    assert after.status in (S.missed, S.at_risk, S.behind, S.unknown)


@given(st.lists(parts, min_size=1, max_size=6), st.floats(0.1, 10))
def test_only_the_proportions_of_weights_matter(found: list[Part], factor: float) -> None:
    scaled = [Part(p.status, p.p, p.weight * factor) for p in found]
    assert roll_up(scaled).progress == pytest.approx(roll_up(found).progress)


def test_every_judged_status_has_its_place() -> None:
    assert set(WORST_FIRST) == set(Status) - {S.unknown, S.not_started}
    for low, high in pairwise(WORST_FIRST):
        assert worst([high, low]) is low


@pytest.mark.parametrize(("p", "expected"), [(1.4, 1.0), (-0.2, 0.0), (0.62, 0.62), (None, None)])
def test_a_score_is_clamped_progress(p: float | None, expected: float | None) -> None:
    assert score(p) == expected


@pytest.mark.parametrize(
    ("statuses", "reason"),
    [
        ([], "It has no key result."),
        ([S.achieved, S.on_track], ""),
        ([S.not_started], ""),
        ([S.behind], "A is behind."),
        ([S.behind, S.unknown], "A is behind; B is unknown."),
        ([S.unknown, S.on_track], "A is unknown, which counts as behind."),
        ([S.unknown, S.unknown], "A and B are unknown."),
        ([S.at_risk, S.behind, S.at_risk, S.at_risk], "A, C and D are at risk."),
        ([S.missed] * 5, "A, B and 3 more are missed."),
    ],
)
def test_the_key_results_that_give_the_status_are_named(
    statuses: list[Status], reason: str
) -> None:
    named = [Part(s, None, name=name) for s, name in zip(statuses, "ABCDE", strict=False)]
    assert roll_up(named).reason == reason
