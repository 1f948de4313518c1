"""Progress and cancelling: long work calls `step`, and the same call is where it may be stopped."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Receives how far a stage has come; may raise to cancel the work."""

    def step(self, stage: str, done: int, total: int) -> None: ...


class Silent:
    """Reports to nobody and never cancels."""

    def step(self, stage: str, done: int, total: int) -> None:
        """Do nothing."""


SILENT = Silent()
