"""
The reading process: `python -m api.intake.child WORKSPACE`, one JSON line a question, lines of progress and one answer.

Files that people bring are read here and not in the server: a reader that crashes, hangs or fills the memory takes
nothing else with it, and can be stopped at any moment.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from api.child_lines import faults_told, own_output, say
from api.intake.reader import Reader

if TYPE_CHECKING:
    from collections.abc import Mapping


class _Teller:
    """Progress as lines for the server."""

    def __init__(self, out: TextIO) -> None:
        self._out = out

    def step(self, stage: str, done: int, total: int) -> None:
        """Tell; a server that has gone ends the work by the broken pipe."""
        say(self._out, {"progress": [stage, done, total]})


def answer(reader: Reader, question: Mapping[str, Any], teller: _Teller) -> dict[str, Any]:
    """Do what a line asks."""
    sources = Path(question["sources"])
    given = sources / question["mapping"] if question.get("mapping") else None
    mapping = given if given is not None and given.is_file() else None
    task = question["task"]
    if task == "suggest":
        return reader.suggest(sources, teller)
    if task == "preview":
        return reader.preview(sources, mapping, teller)
    if task == "check":
        return reader.check(sources, mapping, question["title"], teller)
    return reader.publish(
        sources,
        mapping,
        question["title"],
        by=question["by"],
        accepted=question["accepted"],
        progress=teller,
    )


def main() -> None:
    """Answer until nobody asks any more."""
    out = own_output()
    reader, teller = Reader(Path(sys.argv[1])), _Teller(out)
    for line in sys.stdin:
        with faults_told(out):
            say(out, {"answer": answer(reader, json.loads(line), teller)})


if __name__ == "__main__":
    main()
