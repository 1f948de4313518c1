"""
The reading process: `python -m api.intake.child WORKSPACE`, one JSON line a question, lines of progress and one answer.

Files that people bring are read here and not in the server: a reader that crashes, hangs or fills the memory takes
nothing else with it, and can be stopped at any moment.
"""

from __future__ import annotations

import json
import os
import sys
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from api.intake.reader import Reader
from gis.errors import TapwrightError

if TYPE_CHECKING:
    from collections.abc import Mapping

NICENESS = 5  # the map goes on being served beside a long import


class _Teller:
    """Progress as lines for the server."""

    def __init__(self, out: TextIO) -> None:
        self._out = out

    def step(self, stage: str, done: int, total: int) -> None:
        """Tell; a server that has gone ends the work by the broken pipe."""
        say(self._out, {"progress": [stage, done, total]})


def say(out: TextIO, line: Mapping[str, Any]) -> None:
    """Write one line."""
    out.write(json.dumps(line, ensure_ascii=False, allow_nan=False) + "\n")
    out.flush()


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
    os.nice(NICENESS)
    # Libraries that write to the standard output must not write between our lines.
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    reader, teller = Reader(Path(sys.argv[1])), _Teller(out)
    for line in sys.stdin:
        try:
            say(out, {"answer": answer(reader, json.loads(line), teller)})
        except TapwrightError as error:
            kind = type(error)
            say(out, {"error": [kind.__module__, kind.__qualname__, error.code, error.params]})
        except BrokenPipeError:
            return
        except Exception:
            say(out, {"defect": traceback.format_exc()[-4000:]})


if __name__ == "__main__":
    main()
