"""Tables on narrow and wide terminals, and where there is none."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import click
import pytest

from headway.cli.tables import Layout, draw

LAYOUT = Layout(right=("now",), cuts=("title",), flows=("title", "why"), spare=("team", "baseline"))
LONG = "Everybody who sends a first parcel comes back for a second one within the week"
ROWS = [
    {"key": "effortless-start", "title": LONG, "team": "", "baseline": None, "now": "", "why": ""},
    {
        "key": "  effortless-start/first-parcel-within-a-week",
        "title": "First parcel within a week",
        "team": "growth",
        "baseline": 1234567,
        "now": "€1 234 567",
        "why": "0.55 of the way, 0.42 expected by 8 November: 13 points ahead.",
    },
]


@pytest.mark.parametrize("width", range(66, 200, 7))
def test_lines_fit_with_keys_and_amounts_whole(width: int) -> None:
    lines = [click.unstyle(line) for line in draw(ROWS, LAYOUT, width)]
    assert max(map(len, lines)) <= width
    said = "\n".join(lines)
    assert "effortless-start/first-parcel-within-a-week" in said
    assert "€1 234 567" in said


def test_what_has_no_room_goes_below_or_away() -> None:
    lines = [click.unstyle(line) for line in draw(ROWS, LAYOUT, 70)]
    assert lines[0].split() == ["key", "baseline", "now"]
    assert "    First parcel within a week" in lines
    assert lines[-1] == "    0.55 of the way, 0.42 expected by 8 November: 13 points ahead."


def test_without_a_terminal_everything_is_on_its_row() -> None:
    lines = [click.unstyle(line) for line in draw(ROWS, LAYOUT, None)]
    assert len(lines) == 1 + len(ROWS)
    assert LONG in lines[1]


def test_numbers_stand_at_the_right_and_empty_columns_not_at_all() -> None:
    rows = [
        {"key": "a", "n": 5, "none": None, "blank": ""},
        {"key": "b", "n": 12_345, "none": None, "blank": ""},
    ]
    lines = [click.unstyle(line) for line in draw(rows, Layout(), None)]
    assert lines == ["key       n", "a         5", "b    12,345"]


def test_wide_letters_keep_the_columns_straight() -> None:
    rows = [{"name": "日本", "n": 1}, {"name": "abcd", "n": 2}]
    assert draw(rows, Layout(), None)[1:] == ["日本  1", "abcd  2"]


@pytest.mark.parametrize(("no_color", "styled"), [("", True), ("1", False)])
def test_colour_is_for_terminals_that_want_it(tmp_path: Path, no_color: str, styled: bool) -> None:
    said = on_terminal(tmp_path, {"NO_COLOR": no_color})
    assert ("\x1b[" in said) is styled
    assert "orders" in said


def on_terminal(folder: Path, settings: dict[str, str]) -> str:
    """What `headway measure` prints on a terminal of its own."""
    definitions = "metrics: [{key: orders, kind: count, event: order}]"
    (folder / "metrics.yml").write_text(definitions)
    (folder / "events.csv").write_text("event,happened_at\norder,2026-01-01\n")
    ours, theirs = pty.openpty()
    command = [
        sys.executable, "-m", "headway", "measure", "--definitions", "metrics.yml",
        "--events", "events.csv", "--from", "2026-01-01", "--to", "2026-01-03",
    ]  # fmt: skip
    env = {"PATH": os.environ["PATH"], "TERM": "xterm", **settings}
    subprocess.run(command, cwd=folder, env=env, stdout=theirs, check=True, timeout=60)
    os.close(theirs)
    said = os.read(ours, 10_000).decode()
    os.close(ours)
    return said
