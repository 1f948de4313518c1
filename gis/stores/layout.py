"""Tables of a workspace in a database: made at the start, and brought up to date where an earlier release made them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from psycopg import sql

from gis.stores.tables import add_column, columns_of, make_table, make_view, table_names

if TYPE_CHECKING:
    import psycopg

# each is safe to run again: what is there stays
_GUARD = """
create or replace function refuse_change() returns trigger language plpgsql as
$$ begin raise 'a network version never changes: import a new one'; end $$
"""
_BOOKS = """
create table if not exists versions (version text primary key, record json not null, model_inp bytea);
create table if not exists workspace (format integer not null, current text references versions);
create table if not exists events (
    id bigint generated always as identity primary key, "when" timestamptz not null default clock_timestamp(),
    action text not null, version text not null references versions, previous text references versions, reason text);
alter table events add column if not exists "by" text;
alter table events add column if not exists details json;
create table if not exists register (
    id bigint generated always as identity primary key, tapoff_id text not null, entry json not null);
create table if not exists scheme_events (
    id bigint generated always as identity primary key, scheme_id text not null, action text not null, event json not null);
create table if not exists notes (
    kind text not null, name text not null, document json not null,
    changed timestamptz not null default clock_timestamp(), primary key (kind, name));
create or replace function refuse_rewriting() returns trigger language plpgsql as
$$ begin raise 'entries of the register are only added to: undo one by another'; end $$;
create or replace trigger unchanging before update or delete or truncate on register
    for each statement execute function refuse_rewriting();
create or replace trigger unchanging before update or delete or truncate on scheme_events
    for each statement execute function refuse_rewriting();
"""
_BOOK_COLUMNS = {
    "events": {"by", "details"},
    "register": {"entry"},
    "scheme_events": {"event"},
    "notes": {"document"},
}


def make_workspace(connection: psycopg.Connection) -> None:
    """Make all tables and views in an empty schema."""
    connection.execute(_GUARD)
    connection.execute(_BOOKS)
    for name in table_names():
        make_table(connection, name)


def bring_up_to_date(connection: psycopg.Connection, schema: str) -> None:
    """Add the tables and columns that an earlier release did not know; nothing is changed or taken away."""
    if not _lacks(_columns(connection, schema)):
        return
    # two who open the same workspace at once: the second waits here and finds it done
    connection.execute("select pg_advisory_xact_lock(hashtext(%s))", (schema,))
    there = _columns(connection, schema)
    connection.execute(_BOOKS)
    for name in table_names():
        columns = there.get(f"{name}_versions")
        if columns is None:
            make_table(connection, name)
            continue
        missing = [column for column in columns_of(name) if column not in columns]
        for column in missing:
            add_column(connection, name, column)
        if missing:
            make_view(connection, name)


def _lacks(there: dict[str, set[str]]) -> bool:
    wanted = {f"{name}_versions": set(columns_of(name)) for name in table_names()} | _BOOK_COLUMNS
    return any(columns - there.get(table, set()) for table, columns in wanted.items())


def _columns(connection: psycopg.Connection, schema: str) -> dict[str, set[str]]:
    """Columns of the tables, without those of single versions."""
    rows = connection.execute(
        sql.SQL(
            "select c.relname, a.attname from pg_class c join pg_attribute a on a.attrelid = c.oid"
            " where c.relnamespace = to_regnamespace(quote_ident({})) and c.relkind in ('r', 'p')"
            " and not c.relispartition and a.attnum > 0 and not a.attisdropped"
        ).format(schema)
    ).fetchall()
    found: dict[str, set[str]] = {}
    for table, column in rows:
        found.setdefault(table, set()).add(column)
    return found
