"""`make bench`: one table of what, size, ours, rival, ratio; answers are checked before their time counts."""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from tests.benchmarks import questions, topology

ROOT = Path(__file__).parents[2]
HISTORY = ROOT / "tests" / "benchmarks" / "history.jsonl"


def main() -> int:
    """Run all benchmarks, print the table, append it to the history."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--pipes", type=int, default=20_000)
    parser.add_argument("--repeats", type=int, default=5)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="tapwright-bench-") as folder:
        rows = list(questions.measure(Path(folder), pipes=arguments.pipes, repeats=arguments.repeats))
    rows += topology.measure()
    _print(rows)
    _keep(rows)
    return 1 if any(row.get("met") is False for row in rows) else 0


def _print(rows: list[dict]) -> None:
    print(f"{platform.machine()} {platform.python_version()}, {len(os.sched_getaffinity(0))} cores")
    print(f"{'what':58s} {'size':>8s} {'ours s':>9s} {'rival s':>9s} {'ratio':>7s}  bar")
    for row in rows:
        rival, ratio = row.get("rival_s"), row.get("ratio")
        print(
            f"{row['what']:58s} {row['size']:>8d} {row['ours_s']:9.4f} "
            f"{'' if rival is None else format(rival, '9.3f'):>9s} {'' if ratio is None else format(ratio, '.0f'):>7s}  "
            f"{row.get('bar', '')} {'' if row.get('met') is None else 'met' if row['met'] else 'MISSED'}"
        )


def _keep(rows: list[dict]) -> None:
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    stamp = {
        "when": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": commit.stdout.strip(),
        "rows": rows,
    }
    with HISTORY.open("a", encoding="utf-8") as stream:
        stream.write(json.dumps(stamp, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    sys.exit(main())
