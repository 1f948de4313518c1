"""What the server holds for the import page: the drafts of the workspace, their reading processes, the kept mappings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from api.intake.drafts import Drafts
from api.intake.library import Library
from api.intake.workers import Workers

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class Intake:
    """Drafts, processes and mappings of one workspace."""

    drafts: Drafts
    workers: Workers
    library: Library


def open_intake(workspace: Path) -> Intake:
    """Open the import desk of a workspace; no process is started before somebody asks."""
    return Intake(Drafts(workspace), Workers(workspace), Library(workspace))
