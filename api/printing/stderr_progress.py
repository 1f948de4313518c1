"""Progress on the terminal: stage, share, and how long the rest will take once that can be told."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

_TELL_AFTER_S = 5.0


class StderrProgress:
    """One line on stderr, rewritten in place on a terminal, silent elsewhere."""

    def __init__(self, *, shown: bool, clock: Callable[[], float] = time.monotonic) -> None:
        self._shown, self._clock = shown, clock
        self._stage, self._first, self._since_s = "", 0, 0.0

    def step(self, stage: str, done: int, total: int) -> None:
        """Show stage, share and remaining time."""
        if not self._shown:
            return
        now_s = self._clock()
        if stage != self._stage:
            self._stage, self._first, self._since_s = stage, done, now_s
        spent_s, made = now_s - self._since_s, done - self._first
        rest = _words(spent_s / made * (total - done)) if made > 0 and spent_s > _TELL_AFTER_S else ""
        end = "\n" if done >= total else ""
        print(f"\r{stage} {done}/{total}{rest:<24}", end=end, file=sys.stderr, flush=True)


def _words(left_s: float) -> str:
    if left_s < 1.0:
        return ""
    minutes, seconds = divmod(round(left_s), 60)
    return f"  约剩 {minutes}:{seconds:02d} left"
