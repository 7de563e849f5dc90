"""`make bench`: how long a whole board takes, as ratios to peers measured in the same run.

    python -m bench [--events 5000000] [--rounds 3] [--only headway,scan] [--patience SECONDS]
                    [--data FOLDER] [--write-readme]

5 million events take minutes; 50 and 200 million are for those who have the time and the room.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from bench import data, report
from bench.rounds import Result, measured
from bench.targets import Pace, targets
from bench.worker import APPROACHES

ROOT = Path(__file__).resolve().parent.parent
SMALL = 20_000, 60
"""Events and days of the board that every process answers before it is measured."""


def main() -> None:
    asked, busy = _arguments(), report.load()
    folder, small = (_made(asked.data, *size) for size in ((asked.events, asked.days), SMALL))
    rows = data.load(folder).rows
    results = measured(asked.only, folder, small, asked.rounds, asked.patience)
    text = _text(results, asked, f"{rows:,} events", _paces(asked.data, rows, results), busy)
    print(text)
    if len(asked.only) > 2:
        print(f"\n{report.markdown(report.questions(results))}")
    if asked.write_readme:
        report.write(ROOT / "README.md", text)


def _arguments() -> argparse.Namespace:
    usual = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser("python -m bench", description=__doc__, formatter_class=usual)
    parser.add_argument("--events", type=int, default=5_000_000)
    parser.add_argument("--days", type=int, default=365, choices=(60, 365))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", type=_names, default=list(APPROACHES), metavar="NAME,NAME")
    parser.add_argument("--patience", type=float, help="seconds after which a peer is ended")
    parser.add_argument("--data", type=Path, default=ROOT / "build" / "bench")
    parser.add_argument("--write-readme", action="store_true")
    return parser.parse_args()


def _names(text: str) -> list[str]:
    found = text.split(",")
    if unknown := [name for name in found if name not in APPROACHES]:
        raise argparse.ArgumentTypeError(
            f"{', '.join(unknown)} is not one of {', '.join(APPROACHES)}"
        )
    return found


def _made(base: Path, events: int, days: int) -> Path:
    """In a process of its own, so that its memory is not counted for anybody."""
    folder = data.place(base, events, days)
    if not (folder / "manifest.json").exists():
        command = [sys.executable, "-m", "bench.data", str(folder), str(events)]
        subprocess.run([*command, "--days", str(days)], check=True, stdout=sys.stderr)
    return folder


def _paces(base: Path, rows: int, results: Mapping[str, Result]) -> list[Pace]:
    """What the first board took for other numbers of events, by the same code; and now."""
    file = base / f"paces-{_code()}.json"
    known = json.loads(file.read_text()) if file.exists() else {}
    cold = results.get("headway", Result()).phase("cold")
    if cold:
        file.write_text(json.dumps(known | {str(rows): cold}))
        known[str(rows)] = cold
    return [(int(events), seconds) for events, seconds in known.items()]


def _code() -> str:
    """Which engine and stores these are."""
    rooms = (ROOT / "src" / "headway" / room for room in ("engine", "stores"))
    files = sorted(file for room in rooms for file in room.rglob("*.py"))
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:8]


def _text(
    results: Mapping[str, Result],
    asked: argparse.Namespace,
    what: str,
    paces: list[Pace],
    busy: str,
) -> str:
    how = f"{what} of {asked.days} days, medians of {asked.rounds} interleaved rounds."
    tables = [
        "\n".join(filter(None, (how, f"{report.machine()}.", busy))),
        report.markdown(report.board(results, asked.patience)),
    ]
    if "headway" in results:
        tables += [report.markdown(report.changes(results)), report.consistent(results)]
        held = list(targets(results, asked.patience, paces))
        tables.append(report.markdown(report.held(held)))
    return "\n\n".join(tables)


if __name__ == "__main__":
    main()
