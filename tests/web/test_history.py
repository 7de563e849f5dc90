"""Changes of the feed as sentences."""

import pytest

from headway.feed.models import Change
from headway.web.history import Happening


@pytest.mark.parametrize(
    ("what", "before", "after", "said"),
    [
        ("created", "", "", "was created"),
        ("imported", "", "1,200 events", "was sent events: 1,200 events"),
        ("closed", "", "", "was closed"),
        ("closed", "", "Drop", "was closed: Drop"),
        ("reopened", "", "", "was reopened"),
        ("status", "unknown", "on track", "is now on track"),
        ("status", "on track", "at risk", "went from on track to at risk"),
        (
            "milestone",
            "Pilot: open",
            "Pilot: done on 3 Mar",
            "has news of a milestone: Pilot: done on 3 Mar",
        ),
        ("target", "5", "7", "has another target: 7 instead of 5"),
        ("launched", "", "2026-06-29", "now has the launch day 29 Jun 2026"),
        ("owner", "", "Ada", "now has the owner Ada"),
        ("owner", "Ada", "", "lost the owner Ada"),
    ],
)
def test_a_change_is_a_sentence(what: str, before: str, after: str, said: str) -> None:
    assert Happening(Change(what=what, before=before, after=after)).words == said
