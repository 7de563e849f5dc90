"""Each dialect is documented, with its addresses and with everything that it keeps."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from headway.ingest.dialects import DIALECTS, amplitude, mixpanel, posthog, segment, snowplow
from headway.ingest.dialects.dialect import Dialect
from headway.ingest.dialects.properties import LONGEST_NAME, LONGEST_TEXT, MOST
from headway.ingest.dialects.saying import ACCOUNTS, LONGEST_EVENT, LONGEST_ID

PAGE = (Path(__file__).parents[3] / "docs" / "sdks.md").read_text(encoding="utf-8")


def section(title: str) -> str:
    return PAGE.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


@pytest.mark.parametrize("dialect", DIALECTS.values(), ids=list(DIALECTS))
def test_a_dialect_has_its_section_with_its_addresses(dialect: Dialect) -> None:
    own = section(dialect.title)
    shown = set(re.findall(r"`(/[^`\s]+)`", own.partition("\nAddresses: ")[2]))
    asked = {address.replace("*", "KEY") for address in dialect.asks}
    sent = {*dialect.paths, *dialect.shared, *asked}
    assert sent <= shown
    assert shown - sent <= {"/v1/batch"}
    for language in ("python", "javascript"):
        assert own.count(f"```{language}\n") >= 1
    assert own.count("```javascript\n") == 2


def test_the_context_that_is_kept_is_listed_and_no_other() -> None:
    kept = {
        f"context.{segment.NAMES.get(key, key)}" + (f".{name}" if name else "")
        for key, names in segment.CONTEXT.items()
        for name in names or ("",)
    }
    for names in (amplitude.FIELDS, amplitude.OWN, mixpanel.OWN, posthog.VIEWED, snowplow.CONTEXT):
        kept |= {name for name in names.values() if name.startswith("context.")}
    listed = set(re.findall(r"`(context\.[a-z_.]+)`", PAGE.partition("### What SDKs add")[2]))
    assert listed == kept


def test_bounds_and_groups_are_the_ones_that_hold() -> None:
    common = section("What all have in common").replace("\n", " ")
    assert f"at most {MOST} properties, whose names have at most {LONGEST_NAME} char" in common
    assert f"texts are cut off after {LONGEST_TEXT:,}" in common
    assert f"name may have {LONGEST_EVENT} characters and an id {LONGEST_ID}" in common
    assert [name for name in ACCOUNTS if f"`{name}`" not in PAGE and name != "organisation"] == []
