"""The one SQLite file of a workspace's state: opened in WAL mode, its format checked, its tables made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import MetaData, create_engine, event
from sqlalchemy.exc import DatabaseError

from api.errors import StateError

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Engine

FORMAT = 1
BUSY_MS = 10_000
METADATA = MetaData()


def open_database(file: Path) -> Engine:
    """
    Open the state, making it when there is none.

    Raises
    ------
    StateError
        Written by another release, or not to be read at all.
    """
    engine = create_engine(f"sqlite:///{file}")
    event.listen(engine, "connect", _prepare)
    try:
        with engine.begin() as connection:
            found = int(connection.exec_driver_sql("PRAGMA user_version").scalar_one())
            if found not in (0, FORMAT):
                raise StateError("state-version", found=found, known=FORMAT)
            METADATA.create_all(connection)
            connection.exec_driver_sql(f"PRAGMA user_version = {FORMAT}")
    except DatabaseError as error:
        engine.dispose()
        raise StateError("state-unreadable", file=file.name, problem=str(error.orig)) from error
    except StateError:
        engine.dispose()
        raise
    return engine


def _prepare(connection: Any, _: Any) -> None:
    """Readers never wait for a writer; a writer waits for another instead of failing; a crash loses no commit."""
    for pragma in ("journal_mode=WAL", f"busy_timeout={BUSY_MS}", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")
