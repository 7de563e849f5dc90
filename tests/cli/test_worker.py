"""One pass of the worker: every workspace gets its turn, whatever happens to the others."""

from __future__ import annotations

import signal
import threading

import pytest

from headway.accounts import actions
from headway.accounts.models import Workspace
from headway.cli.worker import run_pass, seconds, stop_on_signals
from headway.engine.errors import DefinitionError


def test_a_workspace_that_fails_does_not_hold_the_others_up(acme, now):
    actions.create_workspace("broken", "Broken", now=now)
    actions.create_workspace("whole", "Whole", now=now)
    Workspace.objects.filter(key="broken").update(timezone="Nowhere/Land")
    rows = run_pass(now)
    assert [r["workspace"] for r in rows] == ["acme", "broken", "whole"]
    assert [bool(r["problem"]) for r in rows] == [False, True, False]
    assert "Nowhere/Land" in str(rows[1]["problem"])


def test_a_pass_that_is_told_to_stop_begins_nothing_new(acme, now):
    stop = threading.Event()
    stop.set()
    assert run_pass(now, stop) == []


def test_signals_only_ask_to_stop():
    before = signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)
    stop = threading.Event()
    try:
        stop_on_signals(stop)
        signal.raise_signal(signal.SIGTERM)
        assert stop.is_set()
    finally:
        signal.signal(signal.SIGTERM, before[0])
        signal.signal(signal.SIGINT, before[1])


@pytest.mark.parametrize(("text", "expected"), [(None, 5), ("0.5", 0.5), ("60", 60)])
def test_the_pause_is_a_setting(monkeypatch, text, expected):
    monkeypatch.delenv("HEADWAY_WORKER_SECONDS", raising=False)
    if text:
        monkeypatch.setenv("HEADWAY_WORKER_SECONDS", text)
    assert seconds() == expected


def test_a_pause_that_is_no_number_is_refused(monkeypatch):
    monkeypatch.setenv("HEADWAY_WORKER_SECONDS", "soon")
    with pytest.raises(DefinitionError, match=r"HEADWAY_WORKER_SECONDS.*`soon`"):
        seconds()
