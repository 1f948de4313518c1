"""What people decided about renewal candidates: a history that is only added to, kept across runs by pipe id."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Column, Integer, String, Table, func, select

from api.store.database import METADATA

if TYPE_CHECKING:
    from sqlalchemy import Engine

DECISIONS = Table(
    "renewal_decisions", METADATA,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("pipe_id", String, nullable=False, index=True),
    Column("decision", String, nullable=False),
    Column("reason", String),
    Column("until", String),
    Column("status", String),
    Column("author", String, nullable=False),
    Column("decided", String, nullable=False),
    Column("network_version", String, nullable=False),
    sqlite_autoincrement=True,
)  # fmt: skip


@dataclass(frozen=True)
class Decision:
    """
    One decision on one pipe.

    `decision` is pin, defer, dismiss or none (taken back); `until` an ISO date; `status` how far the work is.
    """

    pipe_id: str
    decision: str
    reason: str | None
    until: str | None
    status: str | None
    author: str
    decided: str
    network_version: str


class Decisions:
    """The table of decisions."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(self, decision: Decision) -> None:
        """Append; nothing is ever overwritten."""
        with self._engine.begin() as connection:
            connection.execute(DECISIONS.insert().values(vars(decision)))

    def history(self, pipe_id: str) -> list[Decision]:
        """All decisions on a pipe, newest first."""
        query = select(DECISIONS).where(DECISIONS.c.pipe_id == pipe_id).order_by(DECISIONS.c.number.desc())
        with self._engine.connect() as connection:
            return [_decision(row) for row in connection.execute(query)]

    def current(self) -> dict[str, Decision]:
        """The latest decision on every pipe that has one."""
        newest = select(func.max(DECISIONS.c.number)).group_by(DECISIONS.c.pipe_id)
        query = select(DECISIONS).where(DECISIONS.c.number.in_(newest))
        with self._engine.connect() as connection:
            return {row.pipe_id: _decision(row) for row in connection.execute(query)}


def _decision(row: Any) -> Decision:
    return Decision(**{name: value for name, value in row._mapping.items() if name != "number"})  # noqa: SLF001
