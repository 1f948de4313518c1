"""Schemes that were planned: what lists show of them, and the folder their files are in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Boolean, Column, String, Table, desc, select
from sqlalchemy.dialects.sqlite import insert

from api.store.database import METADATA

if TYPE_CHECKING:
    from sqlalchemy import Engine

SCHEMES = Table(
    "schemes", METADATA,
    Column("scheme_id", String, primary_key=True),
    Column("folder", String, nullable=False),
    Column("name", String, nullable=False),
    Column("feasible", Boolean, nullable=False),
    Column("summary", String, nullable=False),
    Column("summary_en", String, nullable=False),
    Column("total_cny", String),
    Column("network_version", String, nullable=False),
    Column("created", String, nullable=False, index=True),
)  # fmt: skip


@dataclass(frozen=True)
class SchemeRecord:
    """One scheme; `folder` is its name under `schemes/` in the workspace, `total_cny` a decimal string."""

    scheme_id: str
    folder: str
    name: str
    feasible: bool
    summary: str
    summary_en: str
    total_cny: str | None
    network_version: str
    created: str


class Schemes:
    """The table of schemes."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def keep(self, record: SchemeRecord) -> str | None:
        """Add a scheme; the same scheme planned again takes the place of the former one, whose folder is given."""
        values = vars(record)
        statement = insert(SCHEMES).values(values)
        changed = {name: value for name, value in values.items() if name != "scheme_id"}
        former = select(SCHEMES.c.folder).where(SCHEMES.c.scheme_id == record.scheme_id)
        with self._engine.begin() as connection:
            folder: str | None = connection.execute(former).scalar_one_or_none()
            connection.execute(statement.on_conflict_do_update(index_elements=["scheme_id"], set_=changed))
        return folder

    def find(self, scheme_id: str) -> SchemeRecord | None:
        """Give one scheme, None when there is none of that id."""
        with self._engine.connect() as connection:
            row = connection.execute(select(SCHEMES).where(SCHEMES.c.scheme_id == scheme_id)).first()
        return None if row is None else _record(row)

    def latest(self, count: int) -> list[SchemeRecord]:
        """Newest first."""
        order = (desc(SCHEMES.c.created), SCHEMES.c.scheme_id)
        with self._engine.connect() as connection:
            return [_record(row) for row in connection.execute(select(SCHEMES).order_by(*order).limit(count))]


def _record(row: Any) -> SchemeRecord:
    return SchemeRecord(**row._mapping)  # noqa: SLF001
