"""History, tap-off register and schemes of a workspace in a database: rows of `events`, `register`, `scheme_events`."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING

from gis.claims.events import event_document, events_of, told_to_register
from gis.register.entries import document, entries_of
from gis.versions.history import FIELDS

if TYPE_CHECKING:
    import psycopg

    from gis.claims.events import SchemeEvent
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
    """Give all entries of the register, as they were written, and what schemes mean for tap-offs."""
    rows = connection.execute("select entry from register order by id")
    return entries_of(row[0] for row in rows) + told_to_register(read_scheme_events(connection))


def add_scheme_event(connection: psycopg.Connection, event: SchemeEvent) -> None:
    """Add an event in the life of a scheme."""
    text = json.dumps(event_document(event), ensure_ascii=False)
    connection.execute(
        "insert into scheme_events (scheme_id, action, event) values (%s, %s, %s)",
        (event.scheme_id, event.action, text),
    )


def read_scheme_events(connection: psycopg.Connection) -> list[SchemeEvent]:
    """Give all events in the lives of schemes, as they were written."""
    return events_of(row[0] for row in connection.execute("select event from scheme_events order by id"))


def read_mark(connection: psycopg.Connection) -> str:
    """Tell how far register and schemes have been written: another mark, other entries; plans do not count."""
    row = connection.execute(
        "select coalesce((select max(id) from register), 0),"
        " coalesce((select max(id) from scheme_events where action <> 'draft'), 0)"
    ).fetchone()
    return "0" if row is None else f"{row[0]}+{row[1]}"
