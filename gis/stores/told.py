"""The history and the tap-off register of a workspace in a database: rows of `events` and of `register`."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING

from gis.register.entries import document, entries_of
from gis.versions.history import FIELDS

if TYPE_CHECKING:
    import psycopg

    from gis.register.entries import Entry
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


def add_entry(connection: psycopg.Connection, entry: Entry) -> None:
    """Add an entry of the register."""
    text = json.dumps(document(entry), ensure_ascii=False)
    connection.execute("insert into register (tapoff_id, entry) values (%s, %s)", (entry.tapoff_id, text))


def read_register(connection: psycopg.Connection) -> list[Entry]:
    """Give all entries of the register, as they were written."""
    return entries_of(row[0] for row in connection.execute("select entry from register order by id"))


def read_mark(connection: psycopg.Connection) -> str:
    """Tell how far the register has been written: another mark, other entries."""
    row = connection.execute("select coalesce(max(id), 0) from register").fetchone()
    return "0" if row is None else str(row[0])
