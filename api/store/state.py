"""State: all aggregates of one workspace, opened together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from api.store.database import open_database
from api.store.decisions import Decisions
from api.store.runs import Runs
from api.store.schemes import Schemes

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Engine

FILE = "state.sqlite"


@dataclass(frozen=True)
class State:
    """What people made in a workspace."""

    engine: Engine
    schemes: Schemes
    decisions: Decisions
    runs: Runs

    def close(self) -> None:
        """Let go of the file."""
        self.engine.dispose()


def open_state(workspace: Path) -> State:
    """Open `state.sqlite` of a workspace folder, made when missing; StateError when it cannot be read."""
    engine = open_database(workspace / FILE)
    return State(engine, Schemes(engine), Decisions(engine), Runs(engine))
