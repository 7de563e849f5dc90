"""What the documents tell people to type works, and prints what they say it prints."""

from __future__ import annotations

import ast
import doctest
import json
import re
import shlex
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner

import headway
from headway.cli import main
from headway.files.draft import Draft
from headway.files.problems import DocumentError
from headway.files.reading import reads
from headway.files.sheet import loads

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
ANSWERS = "learnt: "
"""How the answers to a close begin, which are a file of their own."""


def blocks(language: str, pages: list[Path] = PAGES) -> Iterator[Any]:
    for page in pages:
        text = page.read_text(encoding="utf-8")
        for found in FENCE.finditer(text):
            if found[1] == language:
                line = text[: found.start()].count("\n") + 2
                yield pytest.param(found[2], id=f"{page.stem}-{line}")


def the(language: str, page: str, holds: str = "") -> str:
    found = [p.values[0] for p in blocks(language, [ROOT / page])]
    return next(str(one) for one in found if holds in str(one))


def typed(text: str) -> Iterator[list[str]]:
    """The words of each `headway` command, without variables, pipes and remarks."""
    text = re.sub(r"\\\n\s*", " ", text)
    for line in re.findall(r"^(?:\$ )?(?:[A-Z_]+=\S+ |[A-Z_]+=\"[^\"]*\" )?(.*)$", text, re.M):
        command = re.split(r" (?:>|\||# )|; ", f"{line} # ")[0]
        if re.match(r"(\.venv/bin/)?headway [a-z]", command):
            yield shlex.split(command)[1:]


COMMANDS = [
    pytest.param(words, False, id=f"{block.id}-{' '.join(words)[:60]}")
    for language in ("console", "sh", "", "text")
    for block in blocks(language)
    for words in typed(str(block.values[0]))
]
COMMANDS += [
    pytest.param(words, True, id=f"{page.stem}-{' '.join(words)[:60]}")
    for page in PAGES
    for span in re.findall(r"`(headway [^`]+)`", page.read_text(encoding="utf-8"))
    for words in typed(span.replace("\n", " "))
    if len(words) > 1
]


@pytest.mark.parametrize(("words", "mentioned"), COMMANDS)
def test_a_command_takes_what_it_is_given(
    words: list[str], mentioned: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Parsed down to the last option, with the files that it names; nothing is run.

    One that is mentioned in a sentence may leave out what it is called with.
    """
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HEADWAY_DATA", str(tmp_path / "none"))
    for word in words:
        if re.fullmatch(r"[a-z.-]+\.(csv|yml|json|ndjson|parquet|xlsx|zip)", word):
            Path(word).touch()
        elif word.endswith("/"):
            Path(word).mkdir(exist_ok=True)
    command: click.Command = main
    context = click.Context(main)
    while isinstance(command, click.Group) and words:
        known = command.get_command(context, words[0])
        if known is None:
            break
        command, words = known, words[1:]
    try:
        command.make_context(command.name, list(words)).close()
    except click.MissingParameter:
        assert mentioned


@pytest.mark.parametrize("text", [*blocks("yaml")])
def test_a_file_is_one_that_can_be_applied(text: str) -> None:
    """By itself: what it names may be elsewhere."""
    if text.startswith(ANSWERS):
        return
    if text.startswith("- key: "):
        text = f"metrics:\n{text}"
    if text.startswith(("where:", "who:")):
        inner = re.sub("^", "    ", text, flags=re.MULTILINE)
        text = f"metrics:\n  - key: some\n    kind: count\n    event: order\n{inner}"
    sheet = loads(text)
    draft = Draft.of(sheet.values)
    assert [*map(str, sheet.problems), *(str(sheet.problem(f)) for f in draft.faults)] == []
    assert sheet.values or text.startswith("# yaml-language-server")


@pytest.mark.parametrize("text", [*blocks("json")])
def test_json_is_json(text: str) -> None:
    assert json.loads(text)


@pytest.mark.parametrize("text", [*blocks("python")])
def test_python_is_python_and_names_what_is_there(text: str) -> None:
    if text.startswith(">>>"):
        return
    tree = ast.parse(text)
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            assert node.value.id != "headway" or hasattr(headway, node.attr), node.attr


@pytest.fixture
def readme(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the files that the README has people write."""
    monkeypatch.chdir(tmp_path)
    Path("orders.csv").write_text(the("csv", "README.md"), encoding="utf-8")
    Path("metrics.yml").write_text(the("yaml", "README.md"), encoding="utf-8")
    return tmp_path


def test_the_readme_measures_what_it_says(readme: Path) -> None:
    block = the("console", "README.md", "headway measure")
    [words] = typed(block)
    said = CliRunner().invoke(main, words)
    assert said.output == block.partition("--metric revenue_per_customer\n")[2]

    lines = "\n".join(line.rstrip() for line in the("python", "README.md").splitlines())
    test = doctest.DocTestParser().get_doctest(f"{lines}\n", {}, "README.md", None, 0)
    found = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE).run(test)
    assert (found.failed, found.attempted) == (0, 3)


def test_the_page_on_measuring_runs(readme: Path, capsys: pytest.CaptureFixture[str]) -> None:
    import pyarrow.csv as read
    import pyarrow.parquet as pq

    pq.write_table(read.read_csv("orders.csv"), "events.parquet")
    first, second = [str(p.values[0]) for p in blocks("python", [ROOT / "docs" / "measure.md"])]
    names: dict[str, Any] = {}
    exec(first, names)  # noqa: S102 - ours
    assert len(names["results"].to_dicts()) == 3

    days = [date(2026, 1, 1) + timedelta(days=n) for n in range(330)]
    revenue = {day: 60.0 + day.toordinal() % 7 for day in days}
    visits = {day: 900.0 + day.toordinal() * 37 % 11 for day in days}
    launch = date(2026, 6, 29)
    orders = {d: v / 10 + (20 if d >= launch else 0) for d, v in visits.items()}
    exec(second, {"revenue": revenue, "orders": orders, "visits": visits})  # noqa: S102 - ours
    said = capsys.readouterr().out
    assert "Held against visits." in said
    assert "no clear difference. 0.1188 against 0.1204" in said


def test_the_mistakes_that_are_shown_are_told_so() -> None:
    shown = the("text", "docs/definitions.md", "problems; nothing")
    text = (
        "teams: [{key: growth}]\ncycles: [{key: q4, starts: 2026-10-01, ends: 2026-12-31}]\n"
        "metrics:\n  - {key: margin, kind: formula, formula: profit / 2}\n"
        "  - {key: profit, kind: formula, formula: margin * 2}\n"
        "  - {key: orders, kind: count, event: order}\n"
        "objectives:\n  - {key: start, cycle: q4, team: growth, title: Start, "
        "key_results: [{key: more, metric: ordrs, to: 5}]}\n"
    )
    with pytest.raises(DocumentError) as caught:
        reads(text)
    for problem in caught.value.problems:
        assert f"{problem.field}: {problem.message} {problem.fix}" in shown
    assert caught.value.message in shown
