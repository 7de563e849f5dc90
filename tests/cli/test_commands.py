"""The command line itself: help, errors, and which workspace is meant."""

from __future__ import annotations

import subprocess
import sys

import click
import pytest
from click.testing import CliRunner

from headway.accounts import actions
from headway.cli import COMMANDS, main, named, output
from headway.cli.django import member_named, workspace_named
from headway.engine.errors import Conflict, NotFound


def headway(*arguments, data):
    return subprocess.run(
        [sys.executable, "-m", "headway", *arguments],
        env={"HEADWAY_DATA": str(data), "PATH": "/usr/bin:/bin"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_with_an_example(name):
    said = CliRunner().invoke(main, [name, "--help"])
    assert said.exit_code == 0
    assert f"headway {name}" in said.output.split("xample", 1)[-1]


def test_an_unknown_command_is_a_usage_error():
    said = CliRunner().invoke(main, ["improt"])
    assert said.exit_code == 2
    assert "No such command" in said.output


GROUPS = [n for n in COMMANDS if isinstance(main.get_command(None, n), click.Group)]


@pytest.mark.parametrize("name", GROUPS)
def test_a_group_says_of_each_command_what_it_does_and_mends_a_misspelt_one(name):
    said = CliRunner().invoke(main, [name, "--help"], terminal_width=80).output
    assert "..." not in said.partition("Commands:")[2]
    assert max(map(len, said.splitlines())) <= 80
    first = main.get_command(None, name).list_commands(None)[0]
    wrong = CliRunner().invoke(main, [name, first + "x"])
    assert (wrong.exit_code, f"Did you mean `{first}`?" in wrong.output) == (2, True)


@pytest.mark.parametrize("words", [[], ["e-commerce"], ["e-commerce", "--events"], ["--packs"]])
def test_the_catalogue_fits_into_a_narrow_terminal(words, monkeypatch):
    monkeypatch.setattr(output, "terminal_width", lambda: 80)
    said = CliRunner().invoke(main, ["catalogue", *words]).output
    assert max(map(len, said.splitlines())) <= 80


@pytest.mark.parametrize(
    "words", [["alerts", "list"], ["tracking", "reports"], ["measure", "alerts", "none.csv"]]
)
def test_where_2_is_an_answer_what_is_wrong_exits_with_1(words, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    wrong = CliRunner().invoke(main, words)
    assert (wrong.exit_code, wrong.output.startswith("Error: ")) == (1, True)
    assert CliRunner().invoke(main, [*words, "--nonsense"]).exit_code == 1


def test_a_day_that_does_not_exist_is_told():
    said = CliRunner().invoke(main, ["annotations", "add", "note", "Leap", "2026-02-30"])
    assert said.exit_code == 2
    assert "`2026-02-30` is not a day that exists. Write it as 2026-03-31." in said.output


def test_what_nothing_is_near_to_is_told_with_what_there_is(acme, now):
    with pytest.raises(NotFound, match="There are none yet"):
        named.cycle_named(acme, "q4")
    for key in "abcdefghij":
        actions.save_team(acme, key * 3, key, by=None, now=now)
    with pytest.raises(NotFound, match=r"There are: `aaa`, .*`hhh`, …"):
        named.team_named(acme, "nobody")


def test_without_a_workspace_commands_say_how_to_make_one(tmp_path):
    said = headway("refresh", data=tmp_path / "none")
    assert said.returncode == 2
    assert "Run `headway init`" in said.stderr
    assert "Traceback" not in said.stderr
    assert not (tmp_path / "none").exists()


def test_what_is_wrong_around_headway_is_told_in_a_line(tmp_path):
    (tmp_path / "file").touch()
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "headway.sqlite3").write_text("This is no database, and long enough.")
    init = ("init", "--key", "a", "--name", "A", "--email", "a@a.example")
    for words, data, said in (
        (init, "file", "/file: File exists. Look at the path, its rights, and the room on"),
        (("kpis",), "broken", "/broken: The database cannot be opened: file is not a database."),
        (
            ("plan", "."),
            "broken",
            "/broken: The database cannot be opened: file is not a database.",
        ),
    ):
        done = headway(*words, data=tmp_path / data)
        assert (done.returncode, done.stdout) == (1 if words[0] == "plan" else 2, "")
        assert done.stderr.startswith("Error: ")
        assert said in done.stderr
        assert "Traceback" not in done.stderr


def test_the_only_workspace_needs_no_name(acme, now):
    assert workspace_named(None) == acme
    actions.create_workspace("other", "Other", now=now)
    with pytest.raises(Conflict, match="acme, other"):
        workspace_named(None)
    assert workspace_named("other").name == "Other"


def test_a_wrong_workspace_is_corrected(acme):
    with pytest.raises(NotFound, match="Did you mean `acme`"):
        workspace_named("acmee")


def test_no_workspace_at_all_says_how_to_make_one(db):
    with pytest.raises(NotFound, match="headway init"):
        workspace_named(None)


def test_as_names_a_member_or_fails(acme, member):
    assert member_named(acme, None) is None
    assert member_named(acme, "Member@acme.example") == member
    with pytest.raises(NotFound, match="no member of `acme`"):
        member_named(acme, "eve@x.example")


@pytest.mark.slow
def test_init_makes_a_workspace_an_admin_and_a_token(tmp_path):
    init = ("init", "--key", "acme", "--name", "Acme", "--email", "ada@acme.example")
    said = headway(*init, data=tmp_path)
    assert said.returncode == 0, said.stderr
    assert "Password (shown only now): " in said.stdout
    again = headway(*init, data=tmp_path)
    assert again.returncode == 2
    assert "already a workspace `acme`" in again.stderr
    token = headway("token", "--as", "ada@acme.example", "--name", "ci", data=tmp_path)
    assert token.returncode == 0, token.stderr
    assert token.stdout.startswith("hw_")
