"""Renewal runs: which was made when, of which network version, and where its files are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import Column, Integer, String, Table, select
from sqlalchemy.dialects.sqlite import insert

from api.store.database import METADATA

if TYPE_CHECKING:
    from sqlalchemy import Engine

RUNS = Table(
    "renewal_runs", METADATA,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("run_id", String, nullable=False, unique=True),
    Column("kind", String, nullable=False),
    Column("network_version", String, nullable=False),
    Column("created", String, nullable=False),
)  # fmt: skip


@dataclass(frozen=True)
class RunRecord:
    """One run; its files lie in the folder of its id under `renewal/` in the workspace."""

    run_id: str
    kind: str
    network_version: str
    created: str


class Runs:
    """The table of runs."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def keep(self, record: RunRecord) -> None:
        """Add a run; one that is kept already (its job went on after a stop) stays as it is."""
        with self._engine.begin() as connection:
            connection.execute(insert(RUNS).values(vars(record)).on_conflict_do_nothing())

    def latest(self) -> RunRecord | None:
        """Give the newest run, None before the first."""
        with self._engine.connect() as connection:
            row = connection.execute(select(RUNS).order_by(RUNS.c.number.desc()).limit(1)).first()
        return None if row is None else RunRecord(row.run_id, row.kind, row.network_version, row.created)
