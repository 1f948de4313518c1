"""
A working process: `python -m api.spare.child MODEL.pickle`, one line a chunk to find, one JSON line when it is kept.

It ends by itself when nobody asks any more, so a killed parent leaves no process behind.
"""

from __future__ import annotations

import json
import pickle
import sys
from pathlib import Path

from api.child_lines import faults_told, own_output, say
from api.spare.folder import MapFolder


class _Maker:
    """Makes chunks of several maps of one model with one session."""

    def __init__(self, file: Path) -> None:
        from hydraulics.capacity import system_of
        from hydraulics.session import Session

        with file.open("rb") as stream:
            self._session = Session(pickle.load(stream))  # noqa: S301  written by the parent a moment ago
        self._system = system_of(self._session)
        self._makers: dict[str, object] = {}

    def make(self, folder: str, number: int) -> None:
        from hydraulics.capacity import Finder
        from hydraulics.spare.chunk import ChunkMaker

        place = MapFolder(Path(folder))
        maker = self._makers.get(folder)
        if not isinstance(maker, ChunkMaker):
            plan = place.plan()
            assert plan is not None
            maker = ChunkMaker(self._session, plan, Finder(self._session, plan.rule, system=self._system))
            self._makers[folder] = maker
        place.keep(number, maker.make(number))


def main() -> None:
    """Find chunks until nobody asks any more."""
    out = own_output()
    with faults_told(out):
        maker = _Maker(Path(sys.argv[1]))
        say(out, {"ready": True})
        for line in sys.stdin:
            folder, number = json.loads(line)
            maker.make(folder, number)
            say(out, {"done": [folder, number]})


if __name__ == "__main__":
    main()
