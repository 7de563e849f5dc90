"""The pure rooms work in a process that cannot import Django."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "src" / "headway"
PURE = [
    *("engine", "stores", "charts", "coach", "stats"),
    *("goals/progress.py", "goals/scoring.py", "ingest/dialects", "ingest/fetching"),
]

EVENTS = """\
message_id,event,happened_at,user_id
1,Order Placed,2026-01-05T10:00:00Z,a
2,Order Placed,2026-01-05T11:00:00Z,b
3,Order Placed,2026-01-06T10:00:00Z,a
"""
MEASURE = """
import tests.no_django
import headway
results = headway.measure(
    [{"key": "orders", "kind": "count", "event": "Order Placed"}],
    "events.csv",
    start="2026-01-05",
    end="2026-01-07",
    grain="day",
)
print([row["value"] for row in results.rows()])
"""


def modules() -> list[str]:
    paths = [PACKAGE / part for part in PURE]
    files = [f for p in paths for f in (sorted(p.rglob("*.py")) if p.is_dir() else [p])]
    names = [f.relative_to(PACKAGE.parent).with_suffix("").parts for f in files]
    return [".".join(n[:-1] if n[-1] == "__init__" else n) for n in names]


def python(code: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    path = f"import sys; sys.path[:0] = [{str(ROOT)!r}, {str(PACKAGE.parent)!r}]\n"
    return subprocess.run(
        [sys.executable, "-c", path + code], cwd=cwd, capture_output=True, text=True, timeout=120
    )


def test_the_blocker_blocks(tmp_path):
    assert "must not import django" in python("import tests.no_django, django", tmp_path).stderr


@pytest.mark.parametrize("room", PURE)
def test_every_pure_room_has_modules(room):
    assert any(m.startswith("headway." + room.split(".")[0].replace("/", ".")) for m in modules())


def test_every_pure_module_imports_without_django(tmp_path):
    found = python(f"import tests.no_django, {', '.join(modules())}", tmp_path)
    assert found.returncode == 0, found.stderr


def test_measuring_needs_no_django(tmp_path):
    (tmp_path / "events.csv").write_text(EVENTS)
    found = python(MEASURE, tmp_path)
    assert found.returncode == 0, found.stderr
    assert found.stdout.strip() == "[2.0, 1.0]"


def test_help_loads_nothing_heavy(tmp_path):
    code = """
import sys, headway.cli
headway.cli.main(["--help"], standalone_mode=False)
print({"django", "duckdb", "pyarrow", "numpy", "rich"} & set(sys.modules))
"""
    found = python(code, tmp_path)
    assert found.returncode == 0, found.stderr
    assert "measure" in found.stdout
    assert found.stdout.strip().endswith("set()")
