"""
`make soak`: what the suite tries on a few, tried on many; one topic is one file soak_*.py beside this one.

    python -m tests.benchmarks.soak [--only truth local …] [--seconds 600]

A topic has `soak(folder, *, seconds)`, which yields (what, asked, failures, note); `seconds` is how long it may go on
once it has asked the least it must. Ends with status 1 when anything failed.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from importlib import import_module
from pathlib import Path

TOPICS = sorted(path.stem.removeprefix("soak_") for path in Path(__file__).parent.glob("soak_*.py"))


def main() -> int:
    """Run the topics."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--only", nargs="+", choices=TOPICS, default=TOPICS)
    parser.add_argument("--seconds", type=float, default=0.0)
    parser.add_argument("--keep", type=Path, help="a folder for cities and models, used again next time")
    arguments = parser.parse_args()
    failed = 0
    for topic in arguments.only:
        started = time.monotonic()
        with tempfile.TemporaryDirectory(prefix="tapwright-soak-") as name:
            folder = arguments.keep or Path(name)
            rows = import_module(f"tests.benchmarks.soak_{topic}").soak(folder, seconds=arguments.seconds)
            for what, asked, failures, note in rows:
                failed += bool(failures)
                verdict = f"FAILED {failures[:5]}" if failures else "ok"
                print(f"{topic:12s} {what:44s} {asked:>6d}  {verdict}  {note}", flush=True)
        print(f"{topic:12s} {time.monotonic() - started:.0f} s", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
