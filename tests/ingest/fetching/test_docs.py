"""Each kind that is fetched is documented, with everything that it takes and says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from headway.ingest.fetching import FETCHERS, subscriptions
from headway.ingest.fetching.prometheus import EVENTS
from headway.ingest.kinds import KINDS

DOCS = Path(__file__).parents[3] / "docs"


def page(name: str) -> str:
    return (DOCS / f"{name}.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("kind", FETCHERS)
def test_a_kind_has_its_page_and_its_fields_are_told(kind: str) -> None:
    assert f"kind: {kind}\n" in page(kind) or f"kind: {kind}," in page(kind)
    told = set(re.findall(r"`([a-z_]+)`", page("fetching")))
    assert {*KINDS[kind].fields} <= told
    assert f"[`{kind}`]({kind}.md)" in page("fetching")


def test_what_comes_in_is_told() -> None:
    stripe = page("stripe")
    said = {name.rpartition(".")[2] for name in subscriptions.TYPES}
    assert all(name in stripe for name in said)
    assert all(f"`{name}`" in page("prometheus") for name in EVENTS.values())
