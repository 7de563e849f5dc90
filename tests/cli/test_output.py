"""What commands print, for people and for scripts."""

from __future__ import annotations

import csv
import io
import json

import pytest

from headway.cli.output import show

ROWS = [
    {"key": "orders", "value": 6919.0, "note": "a, [b]"},
    {"key": "revenue", "value": None, "note": ""},
]


def test_json_keeps_numbers_and_nulls(capsys):
    show(ROWS, format="json")
    assert json.loads(capsys.readouterr().out) == ROWS


def test_csv_can_be_read_back(capsys):
    show(ROWS, format="csv")
    found = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert [r["note"] for r in found] == ["a, [b]", ""]


def test_a_table_shows_every_value_as_it_is(capsys):
    show(ROWS)
    said = capsys.readouterr().out
    assert "6,919.00" in said
    assert "a, [b]" in said
    assert "–" in said


@pytest.mark.parametrize(("format", "out"), [("json", "[]\n"), ("table", ""), ("csv", "")])
def test_no_rows_are_an_empty_list_or_a_word_beside(capsys, format, out):
    show([], format=format, empty="No KPIs yet.")
    said = capsys.readouterr()
    assert said.out == out
    assert ("No KPIs yet." in said.err) is (format != "json")
