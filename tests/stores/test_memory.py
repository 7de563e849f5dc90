"""Memory: how much there is, what does not fit, and what the dead leave behind."""

from __future__ import annotations

import json
import os
import pickle
import signal
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from headway.engine.errors import StoreError
from headway.stores.local import LocalStore
from headway.stores.memory import Memory, of_machine
from headway.stores.parts import PartFile, write_parts

LIMIT = 100_000_000
ROWS, PARTS = 350_000, 4

ASK = """
    import json, pickle, re, sys
    from pathlib import Path

    from headway.engine.period import Calendar
    from headway.engine.selection import Match, Span
    from headway.engine.statistics import Gaps
    from headway.stores.local import LocalStore
    from headway.stores.memory import Memory

    def peak():  # of this program alone: getrusage also knows what its parent had
        status = Path("/proc/self/status").read_text()
        return int(re.search(r"VmHWM:\\s+(\\d+) kB", status)[1]) * 1024

    root, limit = Path(sys.argv[1]), int(sys.argv[2])
    parts = pickle.loads((root / "parts").read_bytes())
    store = LocalStore(root, parts, sys.maxsize, memory=Memory(limit, root / "spill"))
    before = peak()
    rows = store.run(Gaps(Span(Calendar(), 20_000, 21_000), Match(("seen",)), "user")).to_pylist()
    print(json.dumps([rows, peak() - before]))
"""
DIE = """
    import os, signal, sys
    from pathlib import Path

    from headway.stores.memory import Memory

    folder = Path(Memory(100_000_000, Path(sys.argv[1])).settings()["temp_directory"])
    folder.mkdir()
    print(folder, flush=True)
    if sys.argv[2] == "killed":
        os.kill(os.getpid(), signal.SIGKILL)
    if sys.argv[2] == "waiting":
        sys.stdin.read()
"""


def ran(script: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", textwrap.dedent(script), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def asked(root: Path, limit: int) -> tuple[list[dict[str, Any]], int]:
    """What a process of its own answers, and how much memory the answer took."""
    found = ran(ASK, root, limit)
    assert found.returncode == 0, found.stderr
    rows, took = json.loads(found.stdout)
    return rows, took


def many_people(root: Path) -> list[PartFile]:
    """Everybody comes on two days."""
    parts: list[PartFile] = []
    for i in range(PARTS):
        numbers = pa.array(np.arange(ROWS)).cast(pa.string())
        users = pc.binary_join_element_wise(f"somebody-with-a-long-name-{i // 2}", numbers, "-")
        instant = (20_500 + i % 2) * 86_400_000_000
        columns = {
            "message_id": pc.binary_join_element_wise(str(i), numbers, "-"),
            "event": pa.array(["seen"]).take(pa.array(np.zeros(ROWS, np.int8))),
            "happened_at": pa.array(np.full(ROWS, instant), pa.timestamp("us", "UTC")),
            "user_id": users,
        }
        parts += write_parts(root, pa.table(columns), "app", ()).parts
    return parts


def test_what_does_not_fit_is_spilled_and_the_answer_is_the_same(tmp_path: Path) -> None:
    (tmp_path / "parts").write_bytes(pickle.dumps(many_people(tmp_path)))
    roomy, much = asked(tmp_path, 4_000_000_000)
    narrow, little = asked(tmp_path, LIMIT)
    people = ROWS * PARTS // 2
    expected = [(20_500, 20_501, people), (20_501, None, people)]
    for rows in (roomy, narrow):
        assert sorted((r["d"], r["nx"], r["subjects"]) for r in rows) == expected
    assert much > 1.5 * LIMIT
    assert little < 1.5 * LIMIT
    assert list((tmp_path / "spill").iterdir()) == []


@pytest.mark.parametrize(("end", "stays"), [("killed", True), ("done", False)])
def test_what_a_dead_process_left_goes_with_the_next_one(
    tmp_path: Path, end: str, stays: bool
) -> None:
    left = Path(ran(DIE, tmp_path, end).stdout.strip())
    assert left.exists() is stays
    ran(DIE, tmp_path, "done")
    assert list(tmp_path.iterdir()) == []


def test_what_a_living_process_uses_is_left_alone(tmp_path: Path) -> None:
    command = [sys.executable, "-c", textwrap.dedent(DIE), str(tmp_path), "waiting"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as living:
        assert living.stdout is not None
        folder = Path(living.stdout.readline().strip())
        ran(DIE, tmp_path, "done")
        assert folder.exists()
        living.send_signal(signal.SIGTERM)


def test_no_room_to_spill_to_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match=r"Nothing can be written in .*file"):
        LocalStore(Path(), (), memory=Memory(LIMIT, tmp_path / "file")).names  # noqa: B018


def machine(folder: Path, lines: str, limits: dict[str, str]) -> int:
    for name, text in limits.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (folder / "own").write_text(lines)
    return of_machine(folder, folder / "own")


def test_a_container_has_what_its_group_has_and_those_around_it(tmp_path: Path) -> None:
    whole = of_machine(tmp_path, tmp_path / "none")
    assert whole == os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    two = {"a/b/memory.max": "max\n", "a/memory.max": "50000000\n"}
    assert machine(tmp_path / "two", "0::/a/b\n", two) == 50_000_000
    one = {"memory/a/memory.limit_in_bytes": "60000000\n"}
    assert machine(tmp_path / "one", "5:devices:/\n4:memory:/a\n", one) == 60_000_000
    unbounded = {"memory/memory.limit_in_bytes": "9223372036854771712\n"}
    assert machine(tmp_path / "free", "4:cpu,memory:/a\n", unbounded) == whole
