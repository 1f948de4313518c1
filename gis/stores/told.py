"""The history of a workspace in a database: rows of its table `events`."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING

from gis.versions.history import FIELDS

if TYPE_CHECKING:
    import psycopg

    from gis.versions.history import Event

_NAMES = ", ".join(f'"{name}"' for name in FIELDS)


def add_event(connection: psycopg.Connection, entry: Event) -> None:
    """Add a row; it counts with the transaction that does what it tells."""
    values = [entry[name] for name in FIELDS[:-1]]
    details = None if entry["details"] is None else json.dumps(entry["details"], ensure_ascii=False)
    connection.execute(
        f"insert into events ({_NAMES}) values (%s, %s, %s, %s, %s, %s, %s)",
        (*values, details),
    )


def read_events(connection: psycopg.Connection) -> list[Event]:
    """Give all rows, oldest first."""
    rows = connection.execute(f'select {_NAMES} from events order by "when", id').fetchall()
    told = [dict(zip(FIELDS, row, strict=True)) for row in rows]
    return [
        {**entry, "when": entry["when"].astimezone(dt.UTC).isoformat(timespec="milliseconds")}
        for entry in told
    ]
