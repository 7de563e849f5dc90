"""Undocumented means failing: the documents speak of what there is, and only of that."""

from __future__ import annotations

import re
import subprocess
import sys
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from headway.cli import COMMANDS, main
from headway.coach.rules import BY_CODE
from headway.config.environment import SETTINGS
from headway.engine.kinds import KINDS
from headway.metrics.catalogue import templates
from headway.metrics.packs import Pack, packs

ROOT = Path(__file__).parents[1]
TOP = [ROOT / name for name in ("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "GLOSSARY.md")]
GUIDE = sorted((ROOT / "docs").glob("*.md"))
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)|(?:src|srcset|href)=\"([^\"]+)\"")
TARGET = re.compile(r"^([a-z0-9][a-z0-9-]*):", re.MULTILINE)


def text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8")


@pytest.fixture(scope="session", autouse=True)
def reference(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The pages of the reference, written from the code as each build does it."""
    folder = tmp_path_factory.mktemp("reference")
    write = "import sys, reference, pathlib; reference.write(pathlib.Path(sys.argv[1]))"
    subprocess.run([sys.executable, "-c", write, folder], cwd=ROOT / "docs", check=True, timeout=60)
    return folder


def links() -> Iterator[tuple[str, str]]:
    for path in [*TOP, *GUIDE]:
        for found in LINK.finditer(re.sub(r"```.*?```", "", text_of(path), flags=re.DOTALL)):
            target = found[1] or found[2]
            if not target.startswith(("http://", "https://", "mailto:")):
                yield str(path.relative_to(ROOT)), target


@pytest.mark.parametrize(("page", "target"), sorted(set(links())))
def test_a_link_leads_somewhere(page: str, target: str, reference: Path) -> None:
    name, _, anchor = target.partition("#")
    path = (ROOT / page).parent / name if name else ROOT / page
    if path.parent == ROOT / "docs" / "reference":
        path = reference / path.name
    assert path.exists()
    if anchor:
        assert anchor in anchors(path)


def anchors(path: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub and the documentation make them."""
    return {slug(line.lstrip("# ")) for line in text_of(path).splitlines() if line.startswith("#")}


def slug(heading: str) -> str:
    kept = (c for c in heading.lower() if c in " -_" or unicodedata.category(c)[0] in "LN")
    return "".join(kept).strip().replace(" ", "-")


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_has_its_section(kind: str, reference: Path) -> None:
    assert f"## {kind}\n" in text_of(reference / "kinds.md")


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_has_its_section_with_an_example(name: str, reference: Path) -> None:
    page = text_of(reference / "commands.md")
    own = rf"^## headway {name}\n(.*?)(?=^## headway (?!{name} )|\Z)"
    section = re.search(own, page, re.MULTILINE | re.DOTALL)
    assert section is not None
    assert re.search(r"Examples?:", section[1])


@pytest.mark.parametrize("name", SETTINGS)
def test_a_setting_is_explained(name: str, reference: Path) -> None:
    assert f"`{name}`" in text_of(reference / "settings.md")


def test_the_catalogue_is_listed(reference: Path) -> None:
    page = text_of(reference / "catalogue.md")
    assert [one.key for one in templates() if f"`{one.key}`" not in page] == []


def test_each_rule_of_the_coach_is_listed(reference: Path) -> None:
    page = text_of(reference / "coach.md")
    assert [code for code in BY_CODE if f"`{code}` (" not in page] == []


@pytest.mark.parametrize("one", packs(), ids=[p.key for p in packs()])
def test_a_pack_is_documented_with_its_tracking_list(one: Pack, reference: Path) -> None:
    page = text_of(reference / "packs.md")
    own = page.partition(f"## {one.name}\n")[2].partition("\n## ")[0]
    assert [key for key in one.documents if f"(`{key}`)" not in own] == []
    for tracked in one.tracking:
        [row] = [line for line in own.splitlines() if line.startswith(f"| `{tracked.event}` |")]
        assert [name for name in (*tracked.ids, *tracked.types) if f"`{name}`" not in row] == []
    assert one.name in text_of(ROOT / "docs" / "packs.md")


def commands_shown() -> set[str]:
    """Every `headway COMMAND` that a page tells people to type."""
    found = set()
    for path in [*TOP, *GUIDE]:
        for line in re.findall(r"(?:^|[`$/] ?|bin/)headway ([a-z][a-z -]*)", text_of(path), re.M):
            found.add(line.split()[0])
    return found


@pytest.mark.parametrize("command", sorted(commands_shown()))
def test_a_command_that_is_shown_exists(command: str) -> None:
    answer = CliRunner().invoke(main, [command, "--help"])
    assert answer.exit_code == 0, answer.output


def test_a_make_target_that_is_shown_exists() -> None:
    known = set(TARGET.findall(text_of(ROOT / "Makefile")))
    shown = {
        t for p in [*TOP, *GUIDE] for t in re.findall(r"make ([a-z0-9-]+)\b", code(text_of(p)))
    }
    assert shown - known == set()


def code(text: str) -> str:
    """Only what is set as code: elsewhere `make` is a verb."""
    return "\n".join(re.findall(r"```.*?```|`[^`\n]+`", text, re.DOTALL))
