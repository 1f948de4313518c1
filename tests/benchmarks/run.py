"""`make bench`: one table of what, size, ours, rival, ratio; answers are checked before their time counts."""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path

from tests.benchmarks import (
    bench_hydraulics,
    capacity_map,
    city,
    nearest,
    questions,
    routes,
    serving,
    stores,
    tiles,
    topology,
    schemes,
    whole_network,
)

ROOT = Path(__file__).parents[2]
HISTORY = ROOT / "tests" / "benchmarks" / "history.jsonl"


SIZES, FULL_SIZES = (10_000, 100_000), (10_000, 100_000, 1_000_000)
TOPICS = (
    "questions",
    "topology",
    "nearest",
    "city",
    "routes",
    "tiles",
    "serving",
    "stores",
    "hydraulics",
    "whole_network",
    "capacity_map",
    "schemes",
)


def main() -> int:
    """Run the benchmarks, print the table, append it to the history."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--pipes", type=int, default=20_000)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument(
        "--full", action="store_true", help="also a city of a million pipes: some ten minutes more"
    )
    parser.add_argument("--only", nargs="+", choices=TOPICS, default=TOPICS)
    arguments = parser.parse_args()
    sizes = FULL_SIZES if arguments.full else SIZES
    rows: list[dict] = []
    stopped = False
    with tempfile.TemporaryDirectory(prefix="tapwright-bench-") as name:
        folder = Path(name)
        topics = {
            "questions": lambda: questions.measure(folder, pipes=arguments.pipes, repeats=arguments.repeats),
            "topology": topology.measure,
            "nearest": nearest.measure,
            "city": lambda: city.measure(folder, sizes),
            "routes": lambda: routes.measure(folder, sizes),
            "tiles": lambda: tiles.measure(folder, sizes),
            "serving": lambda: serving.measure(folder, sizes),
            "stores": lambda: stores.measure(folder, sizes),
            "hydraulics": lambda: bench_hydraulics.measure(repeats=arguments.repeats),
            "whole_network": lambda: whole_network.measure(folder, sizes[1:2]),
            "capacity_map": lambda: capacity_map.measure(folder, sizes[1:2], whole=arguments.full),
            "schemes": lambda: schemes.measure(folder, sizes[1:2]),
        }
        wanted = {
            *arguments.only,
            *(["city"] if {"routes", "tiles", "serving", "stores", "schemes"} & {*arguments.only} else []),
        }
        for topic in TOPICS:
            if topic in wanted:
                print(topic, file=sys.stderr, flush=True)
                stopped |= _added(topics[topic], rows)
    print(f"{platform.machine()} {platform.python_version()}, {len(os.sched_getaffinity(0))} cores")
    print(f"{'what':58s} {'size':>8s} {'ours s':>9s} {'rival s':>9s} {'ratio':>7s}  bar")
    for row in rows:
        print(_line(row))
    _keep(rows)
    return 1 if stopped or any(row.get("met") is False for row in rows) else 0


def _added(topic: Callable[[], Iterable[dict]], rows: list[dict]) -> bool:
    """Add a topic's rows, each told as it is found; a topic that stops keeps what it had. Whether it stopped."""
    try:
        for row in topic():
            rows.append(row)
            print(_line(row), file=sys.stderr, flush=True)
    except Exception:
        traceback.print_exc()
        return True
    return False


def _line(row: dict) -> str:
    rival, ratio = row.get("rival_s"), row.get("ratio")
    return (
        f"{row['what']:58s} {row['size']:>8d} {_figure(row):>9s} "
        f"{'' if rival is None else format(rival, '9.4f' if rival >= 0.01 else '9.6f'):>9s} {'' if ratio is None else format(ratio, '.0f'):>7s}  "
        f"{row.get('bar', '')} {'' if row.get('met') is None else 'met' if row['met'] else 'MISSED'}"
    )


def _figure(row: dict) -> str:
    if row["ours_s"] is None:
        return f"{row['figure']:.2f} {row['unit']}"
    return format(row["ours_s"], "9.4f" if row["ours_s"] >= 0.01 else "9.6f")


def _keep(rows: list[dict]) -> None:
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    stamp = {
        "when": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": commit.stdout.strip(),
        "machine": f"{platform.machine()} {platform.python_version()}, {len(os.sched_getaffinity(0))} cores",
        "rows": rows,
    }
    with HISTORY.open("a", encoding="utf-8") as stream:
        stream.write(json.dumps(stamp, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    sys.exit(main())
