"""Whatever somebody sends: it is read, or there is a clear error. Nothing else comes out."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headway.engine.errors import InputError
from headway.moving import cells, opening
from headway.moving.cells import Amount, Style
from headway.moving.mapping import CHECK_INS, GOALS, guess
from headway.moving.opening import File, opened
from headway.moving.packed import sheets, together
from headway.moving.reading import Found, read
from headway.moving.table import Table
from headway.moving.terms import term
from headway.moving.viva import read_viva
from tests.moving.book import workbook

BOOK = workbook({"Goals": [["Objective", "KR", "To"], ["Loved", "Calls", 7], ["", "More", "=1"]]})
CSV = b"Objective,Key result,Team,From,To,Due\nLoved,Calls,Care,10,50,2026-09-01\n"
NAMES = st.sampled_from(["a.csv", "a.xlsx", "a.xls", "a.json", "a.zip", "a"])


def torn(content: bytes) -> st.SearchStrategy[bytes]:
    """Cut off somewhere, or with some bytes changed."""
    size = len(content)
    cut = st.integers(0, size).map(lambda n: content[:n])
    changed = st.lists(st.tuples(st.integers(0, size - 1), st.integers(0, 255)), max_size=8)

    def change(edits: list[tuple[int, int]]) -> bytes:
        found = bytearray(content)
        for place, byte in edits:
            found[place] = byte
        return bytes(found)

    return cut | changed.map(change)


FILES = st.binary(max_size=200) | torn(BOOK) | torn(CSV) | torn(CSV.decode().encode("utf-16"))


@settings(max_examples=150)
@given(NAMES, FILES)
def test_a_file_is_read_or_refused_in_words(name: str, content: bytes) -> None:
    found, refused = Found(), (name, "read")
    contents: list[opening.Opened] = []
    try:
        contents = opened(File(name, content))
    except InputError as error:
        refused = error.where, error.message
    assert refused[0].startswith(name)
    assert refused[1]
    for one in together(contents):
        if isinstance(one, Table):
            read(one, guess(one), found)
    assert all(p.file.startswith(name) and p.message for p in found.problems)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "ID",
                    "Title",
                    "Type",
                    "Outcome",
                    "Start",
                    "Target",
                    "Alignment",
                    "Owner",
                    "Date",
                    "Phased Targets",
                    "Key Results",
                    "Current Value",
                    "Time Period",
                    "checkins",
                ]
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=20,
)


@settings(max_examples=150)
@given(st.dictionaries(st.sampled_from(["Objectives", "checkins", "Teams", "Users"]), VALUES))
def test_any_json_in_the_place_of_viva_goals(value: dict[str, Any]) -> None:
    read_viva("v.json", value, found := Found())
    assert all(problem.message for problem in found.problems)


@settings(max_examples=200)
@given(st.text(max_size=12) | st.floats() | st.integers() | st.booleans(), st.booleans())
def test_any_cell_is_a_value_or_an_error(cell: Any, comma: bool) -> None:
    for parse in (cells.amount, cells.day, cells.confidence, cells.weight):
        said = "read"
        try:
            parse(cell, Style(True, comma))
        except InputError as error:
            said = error.message
        assert said


@pytest.mark.parametrize(
    ("said", "comma", "amount"),
    [
        ("1,234.5", False, Amount(1234.5)),
        ("1.234,5", True, Amount(1234.5)),
        ("12,34,567", False, Amount(1234567)),
        ("1 250", False, Amount(1250)),
        ("1'250.5", False, Amount(1250.5)),
        ("85 %", False, Amount(0.85, "percent")),
        ("€1.5M", False, Amount(1.5e6, "EUR")),
        ("1,5 Mio EUR", True, Amount(1.5e6, "EUR")),
        ("(30)", False, Amount(-30)),
        ("−3", False, Amount(-3)),
        ("30 min", False, Amount(30, "min")),
        ("$ 20k", False, Amount(20e3, "USD")),
    ],
)
def test_numbers(said: str, comma: bool, amount: Amount) -> None:
    assert cells.amount(said, Style(comma_decimal=comma)) == amount


def test_what_is_no_number_is_not_read_as_one() -> None:
    for said in ("1,2,3", "12.5.2", "about 5", "5-7", "1.2.3,4,5", "1,23"):
        with pytest.raises(InputError):
            cells.amount(said, Style())
    assert cells.uses_comma(["7", "12,5"])
    assert cells.uses_comma(["1.250.000"])
    assert not cells.uses_comma(["1,250", "1,250.5", "12"])


def test_days_and_terms() -> None:
    march = date(2026, 3, 4)
    for said in ("2026-03-04", "4 Mar 2026", "March 4th, 2026", "04.03.2026", "20260304"):
        assert cells.day(said, Style()) == march
    assert cells.day("2026-03-04T23:15:00Z", Style()) == march
    assert cells.day("3/4/2026", Style(day_first=False)) == march
    assert cells.first_of(["3/4/2026", "25/4/2026"]) is True
    with pytest.raises(InputError, match="may be 3 April or 4 March"):
        cells.day("03/04/2026", Style())
    for said in ("31.02.2026", "soon", "2026-13-01", "9999999999"):
        with pytest.raises(InputError):
            cells.day(said, Style(day_first=True))
    found = {
        n: term(n) for n in ("Q3 2026", "2026-H2", "march 2026", "2026", "Sprint 3", "Q5 2026")
    }
    assert {n: (t.key, str(t.starts), str(t.ends)) for n, t in found.items() if t} == {
        "Q3 2026": ("2026-q3", "2026-07-01", "2026-09-30"),
        "2026-H2": ("2026-h2", "2026-07-01", "2026-12-31"),
        "march 2026": ("2026-03", "2026-03-01", "2026-03-31"),
        "2026": ("2026", "2026-01-01", "2026-12-31"),
    }


def test_headings_of_several_tools() -> None:
    expected = {
        "Objective,Key Result,Owner,Start Value,Target Value,Current Value,Due Date": GOALS,
        "Goal Name,Goal Type,Parent Goal,Owner Email,Time Period,Progress (%)": GOALS,
        "ID,Title,Type,Aligned to,Team,TimePeriod,Metric Target": GOALS,
        "Date,Value,Comment": CHECK_INS,
        "KR,Check-in date,New value,Confidence": CHECK_INS,
        "Invoice,Amount": "nothing",
    }
    for line, sort in expected.items():
        table = Table.of("t.csv", [(1, line.split(","))])
        mapping = guess(table)
        assert mapping.sort == sort, line
        missing = set(table.headings) - set(mapping.columns.values())
        assert not missing or sort == "nothing", (line, missing)


def test_a_bomb_is_not_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "MOST_BYTES", 1_000_000)
    for names in (["a.csv"], ["a.csv", "b.csv"], ["[Content_Types].xml", "xl/a.xml"]):
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
            for name in names:
                archive.writestr(name, b"a,b\n" * 400_000)
        with pytest.raises(InputError, match="larger than 1 MB"):
            opened(File("bomb.zip", stream.getvalue()))
    nested = "[" * 5000 + "]" * 5000
    with pytest.raises(InputError, match="nests too deeply"):
        opened(File("deep.json", nested.encode()))
    with pytest.raises(InputError, match="30\u202f000 characters"):
        opened(File("wide.csv", b"a,b\n" + b"x" * 30_000 + b",1\n"))
    with pytest.raises(InputError, match="quotation mark"):
        opened(File("q.csv", b'a,b\n"' + b"x" * 200_000))


@given(
    st.lists(
        st.dictionaries(
            st.sampled_from(["key", "title", "why", "owner"]),
            st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=20)
            | st.integers()
            | st.lists(st.integers(), min_size=1),
            min_size=1,
        ),
        min_size=1,
        max_size=4,
    )
)
def test_tables_of_ours_come_back(items: list[dict[str, Any]]) -> None:
    document = {"headway": {"version": 1}, "outputs": items, "check_ins": []}
    tables = [Table.of(n, _lines(text)) for n, text in sheets(document).items()]
    [back] = together(tables)
    assert back.value["outputs"] == items  # type: ignore[union-attr]
    assert json.dumps(back.value["headway"]) == '{"version": 1}'  # type: ignore[union-attr]


def _lines(text: str) -> Any:
    return opening._lines("t.csv", text)
