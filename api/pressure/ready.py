"""What the first question after an import needs, made and kept before anyone asks."""

from __future__ import annotations

from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from api.workbench import Workbench
from gis.errors import TapwrightError

if TYPE_CHECKING:
    from api.settings import Settings
    from gis.progress import Progress


def make_ready(settings: Settings, progress: Progress) -> None:
    """Keep beside the current version what its first question needs; a network without an answer is told by who asks."""
    from hydraulics.gga.system import system_of
    from hydraulics.kept.order import WORTH_COUNT

    if not isinstance(settings.workspace, Path):
        return  # nothing is kept beside a database
    with suppress(TapwrightError, OSError), closing(Workbench.open(settings)) as bench:
        progress.step("warm-up", 0, 1)
        session = bench.city.session
        if len(session.index.node_ids) >= WORTH_COUNT:
            system_of(session)
        progress.step("warm-up", 1, 1)
