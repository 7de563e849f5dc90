"""What closed cycles say of how a team aims: silent until there is enough to go by."""

from __future__ import annotations

from datetime import timedelta

import pytest

from headway.accounts import actions as accounts
from headway.accounts.models import Member, Team, Workspace
from headway.engine.errors import DefinitionError
from headway.goals import actions
from headway.goals.close import closing
from headway.goals.close.calibration import calibration, judged
from headway.goals.models import Cycle
from tests.goals.conftest import LAST, moment
from tests.goals.test_actions import MANUAL


@pytest.mark.parametrize(
    ("scores", "words"),
    [
        ([1.0, 1.0], None),
        ([0.95, 1.0, 0.97], "always reached"),
        ([0.94, 1.0, 1.0], "safe"),
        ([0.2, 0.4, 0.6], "too ambitious, or under-resourced"),
        ([0.5, 0.5, 0.5], "well judged"),
        ([0.7, 0.7, 0.7], "well judged"),
        ([0.71, 0.7, 0.7], "safe"),
    ],
)
def test_words_follow_from_the_scores(scores: list[float], words: str | None) -> None:
    found = judged(scores)
    assert (found and found.words) == words


def test_a_team_is_judged_by_what_it_closed(
    acme: Workspace, team: Team, cycle: Cycle, member: Member
) -> None:
    """Three aspirational goals reached 0.6 in a cycle that is closed; a committed one all of it."""
    assert calibration(acme) == []
    after = moment(102)
    for number, value in enumerate((6, 6, 6, 10)):
        ambition = "aspirational" if number < 3 else "committed"
        made = actions.save_objective(
            acme, title=f"Goal {number}", team=team, cycle=cycle, ambition=ambition,
            owner=member, by=None, now=moment(0),
        )  # fmt: skip
        row = actions.save_key_result(made, by=None, now=moment(0), **MANUAL)
        actions.check_in(row, value=value, day=LAST, by=None, now=after)
    close = closing.start(team, cycle, by=None, now=after)
    for row in close.objectives.all():
        closing.answer(
            close,
            row.objective.key,
            {"learnt": "It works.", "key_results": {"sign-partners": {"choice": "carry_over"}}},
            by=None,
            now=after,
        )
    assert calibration(acme) == [], "a draft says nothing"
    closing.close(close, by=None, now=after)
    (found,) = calibration(acme)
    assert (found.mean, found.goals, found.words) == (pytest.approx(0.6), 3, "well judged")
    assert judged([0.6] * 3, 0.6) is judged([0.55] * 3), "0.6 to 0.7 after other schools"
    accounts.save_settings(acme, {"well_judged_from": 0.65}, by=None, now=after)
    assert calibration(acme)[0].words == "too ambitious, or under-resourced"
    with pytest.raises(DefinitionError, match=r"below 0\.7"):
        accounts.save_settings(acme, {"well_judged_from": 0.7}, by=None, now=after)
    assert (found.committed, found.kept, found.cycles) == (1, 1, 1)
    assert "member" not in str(found.to_dict()), "of teams, not of people"
    closing.reopen(close, "Again.", by=None, now=after + timedelta(days=1))
    assert calibration(acme) == []
