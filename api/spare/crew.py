"""A few working processes that find chunks; one that dies gives its chunk to another, a cancelled run stops them all."""

from __future__ import annotations

import json
import os
import pickle
import selectors
import subprocess
import sys
from typing import TYPE_CHECKING, Any

from api.errors import CallError
from api.intake.workers import fault

if TYPE_CHECKING:
    from pathlib import Path

    from gis.progress import Progress
    from hydraulics.model import PeakModel

LOOK_EVERY_S = 0.3
MOST_DEATHS = 3

Task = tuple[str, int]  # folder of the map, number of the chunk


class _Hand:
    """One process and the chunk it works on."""

    def __init__(self, model: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-X", "utf8", "-m", "api.spare.child", str(model)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip
        self.task: Task | None = None
        self._rest = b""

    def give(self, task: Task) -> None:
        assert self.process.stdin is not None
        self.task = task
        self.process.stdin.write(json.dumps(task).encode() + b"\n")
        self.process.stdin.flush()

    def messages(self) -> list[dict[str, Any]] | None:
        """What it has said; None when it is gone."""
        assert self.process.stdout is not None
        content = os.read(self.process.stdout.fileno(), 1 << 16)
        if not content:
            return None
        *lines, self._rest = (self._rest + content).split(b"\n")
        return [json.loads(line) for line in lines]

    def end(self) -> None:
        self.process.kill()
        self.process.wait()
        for stream in (self.process.stdin, self.process.stdout):
            if stream is not None:
                stream.close()


class Crew:
    """Finds chunks of one model's maps with several processes."""

    def __init__(self, model: PeakModel, scratch: Path, *, hands: int) -> None:
        self._file = scratch / "model.pickle"
        with self._file.open("wb") as stream:
            pickle.dump(model, stream)
        self._hands = [_Hand(self._file) for _ in range(hands)]
        self._deaths = 0

    def find(self, tasks: list[Task], *, progress: Progress, done: int, total: int) -> None:
        """
        Find all chunks; `progress` is told at least every third of a second and stops the work by raising.

        Raises
        ------
        CallError
            `capacity-stopped`: the processes died again and again.
        """
        waiting = list(reversed(tasks))
        try:
            with selectors.DefaultSelector() as selector:
                for hand in self._hands:
                    selector.register(hand.process.stdout, selectors.EVENT_READ, hand)  # type: ignore[arg-type]
                while waiting or any(hand.task for hand in self._hands):
                    progress.step("capacity", done, total)
                    for key, _ in selector.select(LOOK_EVERY_S):
                        done += self._hear(selector, key.data, waiting)
            progress.step("capacity", done, total)
        finally:
            self.end()

    def _hear(self, selector: selectors.BaseSelector, hand: _Hand, waiting: list[Task]) -> int:
        """Take what a process says and give it its next chunk; how many chunks it has kept."""
        messages = hand.messages()
        if messages is None:
            self._replace(selector, hand, waiting)
            return 0
        kept = 0
        for message in messages:
            if not {"ready", "done"} & message.keys():
                raise fault(message)
            kept += "done" in message
            hand.task = None
            if waiting:
                hand.give(waiting.pop())
        return kept

    def _replace(self, selector: selectors.BaseSelector, hand: _Hand, waiting: list[Task]) -> None:
        selector.unregister(hand.process.stdout)  # type: ignore[arg-type]
        hand.end()
        self._deaths += 1
        if self._deaths > MOST_DEATHS:
            raise CallError("capacity-stopped", times=self._deaths)
        if hand.task is not None:
            waiting.append(hand.task)
        fresh = _Hand(self._file)
        self._hands[self._hands.index(hand)] = fresh
        selector.register(fresh.process.stdout, selectors.EVENT_READ, fresh)  # type: ignore[arg-type]

    def end(self) -> None:
        """Stop all; a chunk that was being found is found again next time."""
        for hand in self._hands:
            hand.end()
