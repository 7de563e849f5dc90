"""Annotations from tables: row by row, with what is wrong and where."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from headway.accounts.models import Member, Workspace
from headway.engine.errors import InputError, NotAllowed
from headway.metrics.happened.annotations import archive_annotation, mark_launch
from headway.metrics.happened.happenings import listed
from headway.metrics.happened.sheet import bring, sheet
from tests.metrics.conftest import Save

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
GOOD = """kind,title,day,end,metrics,description
Incident,Checkout down,2026-02-03,2026-02-04,"orders, visits","Two lines
of words"
holiday,=Carnival,2026-02-16,,,
"""


def test_a_file_twice_is_there_once(acme: Workspace, saved: Save) -> None:
    metrics = [saved(key=key, kind="count", event="e") for key in ("orders", "visits")]
    first = bring(acme, GOOD, by=None, now=NOW)
    assert (first.made, first.bad, first.words) == (2, [], "2 made.")
    down = acme.annotations.get(kind="incident")
    assert set(down.metrics.all()) == set(metrics)
    assert (down.description, str(down.last)) == ("Two lines\nof words", "2026-02-04")
    assert bring(acme, GOOD, by=None, now=NOW).words == "2 already there."
    mark_launch(acme, "app", "App", NOW.date(), metrics, by=None, now=NOW)
    out = sheet(listed(acme))
    assert "'=Carnival" in out
    assert "App" not in out
    assert bring(acme, out, by=None, now=NOW).words == "2 already there."
    changed = out.replace(",2026-02-16", ",2026-02-17").replace(",", ";")
    assert bring(acme, changed, by=None, now=NOW).changed == 1


def test_bad_rows_are_told_and_the_others_are_in(acme: Workspace, saved: Save) -> None:
    saved(key="orders", kind="count", event="e")
    text = (
        "\ufeffkey;kind;title;starts;ends;metrics\n"
        "a;incident;Down;2026-02-03;;orders\n"
        "\n"
        "b;incdent;Down;2026-02-03;;\n"
        "c;note;Note;3.2.2026;;\n"
        "d;note;Note;2026-02-03;2026-02-01;\n"
        "e;note;;2026-02-03;;\n"
        "f;note;Note;2026-02-03;;ordres\n"
        "a;note;Again;2026-02-03;;\n"
    )
    brought = bring(acme, text, by=None, now=NOW)
    assert (brought.made, brought.words) == (1, "1 made; 6 rows not read.")
    assert [(bad.line, bad.where) for bad in brought.bad] == [
        (4, "kind"), (5, "starts"), (6, "ends"), (7, "title"), (8, "metrics"), (9, "key"),
    ]  # fmt: skip
    told = " ".join(f"{bad.message} {bad.fix}" for bad in brought.bad)
    for said in ("`incident`", "2026-09-03", "`orders`", "line 2"):
        assert said in told
    mended = brought.rest.replace("incdent", "incident").replace("ordres", "orders")
    again = bring(acme, mended, by=None, now=NOW)
    assert (again.made, [bad.line for bad in again.bad]) == (2, [3, 4, 5])
    archive_annotation(acme.annotations.get(key="a"), by=None, now=NOW)
    (lost,) = bring(acme, "key,kind,title,starts\na,note,X,2026-01-01\n", by=None, now=NOW).bad
    assert "Restore it first" in lost.fix


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "empty"),
        ("title,starts\na,2026-01-01\n", "no column `kind`"),
        ("kind,title,starts,matrics\n", "Did you mean `metrics`"),
        ("kind,title,starts\n" + "note,N,2026-01-01\n" * 5001, "more than 5000"),
    ],
)
def test_what_is_no_such_table(acme: Workspace, text: str, said: str) -> None:
    with pytest.raises(InputError) as caught:
        bring(acme, text, by=None, now=NOW)
    assert said in str(caught.value)
    assert not acme.annotations.exists()


def test_who_may(acme: Workspace, viewer: Member) -> None:
    with pytest.raises(NotAllowed):
        bring(acme, GOOD, by=viewer, now=NOW)
