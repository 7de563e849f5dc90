from __future__ import annotations

import dataclasses
import re
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path
from xml.etree import ElementTree

import pytest

from headway.charts.picture import Dot, Flag, Level, Picture, Slope
from headway.charts.render import draw, kept, standalone, warm
from headway.charts.sparkline import sparkline
from headway.charts.spec import Spec, spec

START = date(2026, 1, 5)


def picture(segments: tuple[str, ...] = ("",), title: str = "Orders, up") -> Picture:
    dots = tuple(
        Dot(
            START + timedelta(days=7 * i),
            100.0 + 3 * i + k,
            f"week {i}: {100 + i} <b>",
            complete=i < 9,
            segment=segment,
        )
        for k, segment in enumerate(segments)
        for i in range(10)
    )
    return Picture(
        title,
        "orders",
        dots,
        levels=(Level(140, "target 140"), Level(100, "baseline", "baseline")),
        slopes=(Slope(START, 100, START + timedelta(days=63), 140),),
        flags=(Flag(START + timedelta(days=21), "Launch"),),
    )


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> str:
    return draw(picture(), "wide", tmp_path_factory.mktemp("charts"))


def test_a_chart_stands_in_a_page_under_a_strict_policy(drawn: str) -> None:
    ElementTree.fromstring(drawn)  # noqa: S314 - our own text
    assert "<style" not in drawn
    assert "<script" not in drawn
    assert " style=" not in drawn
    assert "font-family" not in drawn
    assert "http" not in re.sub(r'xmlns[:a-z]*="[^"]*"', "", drawn)


def test_colours_are_tokens_so_that_one_picture_serves_light_and_dark(drawn: str) -> None:
    assert "var(--chart-1)" in drawn
    assert not re.search(r'(?:fill|stroke)="#', drawn)


def test_outside_of_pages_colours_are_colours() -> None:
    assert "var(" not in standalone(picture())
    assert "#3454d1" in standalone(picture())


def test_every_known_value_can_be_pointed_at(drawn: str) -> None:
    labels = re.findall(r'class="dot" data-label="([^"]*)"', drawn)
    assert len(labels) == 10
    assert labels[0].startswith("week 0: 100")
    assert "<b>" not in drawn


def test_the_chart_says_in_words_what_it_shows(drawn: str) -> None:
    assert "<title>Orders, up</title>" in drawn
    assert 'role="img"' in drawn
    assert drawn.count("aria-label=") == 1


def test_the_incomplete_end_is_dashed_and_joined_to_the_last_complete_value() -> None:
    dashed = [
        layer
        for layer in spec(picture())["layer"]
        if layer["mark"].get("strokeDash") == [2, 4] and layer["mark"]["type"] == "line"
    ]
    [layer] = dashed
    assert [row["open"] for row in layer["data"]["values"]] == [False, True]


def with_gap(values: list[tuple[float | None, bool]]) -> Picture:
    dots = tuple(
        Dot(START + timedelta(days=7 * i), v, f"{v}", done, v and v - 1, v and v + 1)
        for i, (v, done) in enumerate(values)
    )
    return Picture("Orders", "orders", dots)


def test_what_is_unknown_is_a_gap_in_every_line_and_in_the_interval(tmp_path: Path) -> None:
    values = [(10.0, True), (12.0, True), (None, True), (13.0, True), (14.0, True)]
    drawn = draw(with_gap([*values, (None, False), (15.0, False), (16.0, False)]), "wide", tmp_path)
    [band] = re.findall(r'<path d="([^"]*)"[^>]*opacity="0.12"', drawn)
    [line] = re.findall(r'<path d="([^"]*)"[^>]*stroke-linejoin="round"', drawn)
    [dashed] = re.findall(r'<path d="([^"]*)"[^>]*stroke-dasharray="2,4"', drawn)
    assert [len(run.split("L")) for run in line.split("M")[1:]] == [2, 2]
    assert [len(run.split("L")) for run in dashed.split("M")[1:]] == [1, 2]
    assert [len(run.split("L")) for run in band.split("M")[1:]] == [4, 4, 4]
    assert drawn.count('class="dot"') == 6


def test_an_unknown_end_is_not_drawn_as_zero(tmp_path: Path) -> None:
    drawn = draw(
        with_gap([(10.0, True), (12.0, True), (None, True), (None, False)]), "wide", tmp_path
    )
    [line] = re.findall(r'<path d="([^"]*)"[^>]*stroke-linejoin="round"', drawn)
    assert line.count("L") == 1
    assert drawn.count('class="dot"') == 2


def test_segments_have_colours_and_a_legend() -> None:
    drawn = standalone(picture(("pro", "team")))
    assert ">pro<" in drawn
    assert ">team<" in drawn


def test_a_narrow_strip_far_from_zero_is_not_flattened() -> None:
    lines = [x for x in spec(picture())["layer"] if x["mark"]["type"] == "line"]
    assert lines[0]["encoding"]["y"]["scale"]["zero"] is False


def test_drawing_happens_once(tmp_path: Path) -> None:
    assert kept(picture(), "wide", tmp_path) is None
    assert warm([picture()], tmp_path) == 2
    assert warm([picture()], tmp_path) == 0
    assert kept(picture(), "narrow", tmp_path) == draw(picture(), "narrow", tmp_path)
    assert warm([picture(title="Orders, down")], tmp_path) == 2


def test_a_sparkline_leaves_gaps_where_nothing_is_known() -> None:
    drawn = sparkline([(1.0, True), (2.0, True), (None, True), (3.0, True), (4.0, False)])
    solid, dashed = re.findall(r'class="spark-(?:line|open)" d="([^"]*)"', drawn)
    assert solid.count("M") == 2
    assert dashed.count("L") == 1
    assert sparkline([(1.0, True)]) == ""


def test_a_value_between_two_gaps_is_a_dot() -> None:
    drawn = sparkline([(1.0, True), (2.0, True), (None, True), (3.0, True), (None, True)])
    [solid] = re.findall(r'class="spark-line" d="([^"]*)"', drawn)
    assert re.fullmatch(r"M[\d. ]+L[\d. ]+M[\d. ]+h0", solid)


def test_the_room_knows_no_django() -> None:
    code = (
        "import sys; sys.modules['django'] = None\n"
        "import headway.charts.render, headway.charts.sparkline, headway.charts.formats"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def happened(*places: int, last: int = 0) -> Picture:
    flags = tuple(
        Flag(START + timedelta(days=n), f"Release {i}", START + timedelta(days=n + last))
        for i, n in enumerate(places, 1)
    )
    return dataclasses.replace(picture(), flags=flags)


def labels(drawing: Spec) -> list[str]:
    """The words of flags, as they stand from left to right."""
    rows = [layer["data"]["values"][0] for layer in drawing["layer"] if layer["mark"].get("y") == 9]
    return [row["label"] for row in rows][1::2]


def test_what_happened_is_named_where_there_is_room_and_numbered_where_not() -> None:
    assert labels(spec(happened(21))) == ["Release 1"]
    assert labels(spec(happened(7, 30))) == ["1 Release 1", "2 Release 2"]
    assert labels(spec(happened(7, 20), "narrow")) == ["1", "2 Release 2"]
    many = labels(spec(happened(*range(0, 62, 2)), "narrow"))
    assert many[0].startswith("1–")
    assert many[-1].endswith("31")
    assert len(many) < 20


def test_a_range_is_a_band_and_all_of_it_is_told_in_words(tmp_path: Path) -> None:
    found = happened(10, last=5)
    band = next(layer for layer in spec(found)["layer"] if layer["mark"]["type"] == "rect")
    assert band["data"]["values"] == [{"day": "2026-01-15T00:00:00", "end": "2026-01-21T00:00:00"}]
    assert "Marked: 1: Release 1." in found.summary
    assert "Release 1" in draw(found, "wide", tmp_path)
