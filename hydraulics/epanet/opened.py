"""Opened: the engine project in which a model file was balanced when it was written, for the first session to go on with."""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from hydraulics.epanet.engine import Project


class Opened:
    """
    At most one project, open and solved cold; opening and balancing a large file once more would double the wait.

    Nobody has to come for it: it is closed when this goes.
    """

    def __init__(self, project: Project | None = None, report: Path | None = None) -> None:
        self._places = [] if project is None else [project]
        weakref.finalize(self, _close, self._places, report)

    def take(self) -> Project | None:
        """Give the project to whoever comes first; None to all others, who open the file themselves."""
        try:
            return self._places.pop()
        except IndexError:
            return None


def _close(places: list[Project], report: Path | None) -> None:
    for project in places:
        project.close()
    if report is not None:
        report.unlink(missing_ok=True)
