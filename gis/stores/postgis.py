"""
Network versions in one schema of a PostGIS database.

    workspace       one row: format, current version
    versions        one row a version: its record, and the EPANET file it came from
    events          one row for each change of the current version, written in the transaction that makes it
    L_versions, L   rows of layer L of all versions, and the view of the current one (gis/stores/tables.py)

A version is written and made current in one transaction; who reads meanwhile sees the former one.
"""

from __future__ import annotations

import datetime as dt
import json
import shutil
import tempfile
import weakref
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from psycopg import sql

from gis.crs import parse_crs
from gis.errors import WorkspaceError
from gis.network import Network
from gis.schema import conform, empty_layer
from gis.stores.database import connected
from gis.stores.tables import drop_version, make_tables, read_table, write_table
from gis.version import VersionRecord, conformed, describe
from gis.versions.fingerprint import version_id
from gis.versions.issue_table import issue_table, issues_of
from gis.versions.removals import require_few_removals

if TYPE_CHECKING:
    import geopandas as gpd
    import psycopg

    from gis.issues import DataIssue
    from gis.stores.address import DatabaseAddress
    from gis.version import Candidate

FORMAT = 1
ISSUES = "issues"
_MAKE = """
create table versions (version text primary key, record json not null, model_inp bytea);
create table workspace (format integer not null, current text references versions);
create table events (
    id bigint generated always as identity primary key, "when" timestamptz not null default clock_timestamp(),
    action text not null, version text not null references versions, previous text references versions, reason text);
create function refuse_change() returns trigger language plpgsql as
$$ begin raise 'a network version never changes: import a new one'; end $$;
"""


class PostgisStore:
    """NetworkStore in a database; every call has its own connection, so that threads need not wait."""

    def __init__(self, address: DatabaseAddress) -> None:
        self._address = address

    def publish(self, candidate: Candidate, *, accepted: str | None = None) -> VersionRecord:
        ready = conformed(candidate)
        version = version_id(ready)
        with connected(self._address) as connection:
            current = _lock(connection)
            if accepted is None and current not in {None, version}:
                self._require_few_removals(current, ready)
            if not self._is_whole(connection, version):
                self._write(connection, ready, describe(ready, version, parent=current))
            _change_current(connection, current, version, action="import", reason=accepted)
            return self._record(connection, version)

    def roll_back(self, version: str, *, reason: str) -> VersionRecord:
        with connected(self._address) as connection:
            current = _lock(connection)
            record = self._record(connection, version)
            self.open(version).pipes  # noqa: B018  a damaged version must not become the current one
            _change_current(connection, current, version, action="rollback", reason=reason)
        return record

    def history(self) -> list[dict[str, Any]]:
        names = ("when", "action", "version", "previous", "reason")
        with connected(self._address) as connection:
            rows = connection.execute(
                'select "when", action, version, previous, reason from events order by id'
            ).fetchall()
        told = [dict(zip(names, row, strict=True)) for row in rows]
        return [{**e, "when": e["when"].astimezone(dt.UTC).isoformat(timespec="milliseconds")} for e in told]

    def take(self, candidate: Candidate, record: VersionRecord) -> None:
        ready = conformed(candidate)
        with connected(self._address) as connection:
            _lock(connection)
            if not self._is_whole(connection, record.version):
                self._write(connection, ready, record)

    def make_current(self, version: str) -> None:
        with connected(self._address) as connection:
            current = _lock(connection)
            wanted = self._record(connection, version).version
            _change_current(connection, current, wanted, action="copy", reason=None)

    def current(self) -> str | None:
        with connected(self._address) as connection:
            return _current(connection)

    def versions(self) -> list[VersionRecord]:
        with connected(self._address) as connection:
            names = [row[0] for row in connection.execute("select version from versions").fetchall()]
            found = [self._record(connection, name) for name in names]
        return sorted(found, key=lambda record: (record.created, record.version))

    def open(self, version: str | None = None) -> Network:
        with connected(self._address) as connection:
            record = self._wanted(connection, version)
            model = connection.execute(
                "select model_inp from versions where version = %s", (record.version,)
            ).fetchone()
        reader = _Reader(self._address, record)
        return Network(
            version=record.version, crs=parse_crs(record.crs), source=record.source, synthetic=record.synthetic,
            read_layer=reader, model_inp=None if model is None or model[0] is None else reader.keep(model[0]),
            vertical_datum=record.vertical_datum,
        )  # fmt: skip

    def issues(self, version: str | None = None) -> list[DataIssue]:
        with connected(self._address) as connection:
            record = self._wanted(connection, version)
            table = read_table(connection, ISSUES, version=record.version, crs=parse_crs(record.crs))
        return issues_of(table)

    def _require_few_removals(self, current: str | None, ready: Candidate) -> None:
        try:
            require_few_removals(self.open(current), ready.layers)
        except WorkspaceError as error:
            # A damaged version cannot be compared with, and importing again is the way out of it.
            if error.code != "version-unreadable":
                raise

    def _wanted(self, connection: psycopg.Connection, version: str | None) -> VersionRecord:
        wanted = _current(connection) if version is None else version
        if wanted is None:
            raise WorkspaceError("no-version", workspace=str(self._address))
        return self._record(connection, wanted)

    def _record(self, connection: psycopg.Connection, version: str) -> VersionRecord:
        row = connection.execute("select record from versions where version = %s", (version,)).fetchone()
        if row is None:
            raise WorkspaceError("version-unknown", version=version, workspace=str(self._address))
        try:
            return VersionRecord(**row[0])
        except TypeError as error:
            raise _unreadable(self._address, version, "versions", str(error)) from None

    def _is_whole(self, connection: psycopg.Connection, version: str) -> bool:
        """Tell whether a version is there with all its pipes; a damaged one is cleared away, to be written anew."""
        row = connection.execute(
            "select (record->'counts'->>'pipes')::bigint,"
            " (select count(*) from pipes_versions where network_version = version)"
            " from versions where version = %s",
            (version,),
        ).fetchone()
        if row is not None and row[0] == row[1]:
            return True
        drop_version(connection, version)
        return False

    def _write(self, connection: psycopg.Connection, candidate: Candidate, record: VersionRecord) -> None:
        tables = {name: table for name, table in candidate.layers.items() if len(table)}
        if candidate.issues:
            tables[ISSUES] = issue_table(candidate.issues, parse_crs(candidate.crs))
        for name, table in tables.items():
            write_table(connection, table, name, version=record.version)
        model = None if candidate.model_inp is None else candidate.model_inp.read_bytes()
        connection.execute(
            "insert into versions values (%s, %s, %s) on conflict (version)"
            " do update set record = excluded.record, model_inp = excluded.model_inp",
            (record.version, json.dumps(asdict(record), ensure_ascii=False), model),
        )


class _Reader:
    """Reads the layers of one version when asked; its folder with the model file goes when it does."""

    def __init__(self, address: DatabaseAddress, record: VersionRecord) -> None:
        self._address = address
        self._record = record

    def __call__(self, name: str) -> gpd.GeoDataFrame:
        version, crs = self._record.version, parse_crs(self._record.crs)
        wanted = self._record.counts.get(name, 0)
        if not wanted:
            return empty_layer(name, crs)
        with connected(self._address) as connection:
            table = read_table(connection, name, version=version, crs=crs)
        if len(table) != wanted:
            problem = f"{len(table)} rows instead of {wanted}"
            raise _unreadable(self._address, version, f"{name}_versions", problem)
        return conform(table, name)

    def keep(self, model: bytes) -> Path:
        folder = tempfile.mkdtemp(prefix="tapwright-")
        weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
        file = Path(folder) / "model.inp"
        file.write_bytes(model)
        return file


def _lock(connection: psycopg.Connection) -> str | None:
    """Give the current version; other publishers wait until this transaction ends."""
    row = connection.execute("select current from workspace for update").fetchone()
    return None if row is None else row[0]


def _current(connection: psycopg.Connection) -> str | None:
    row = connection.execute("select current from workspace").fetchone()
    return None if row is None else row[0]


def _change_current(
    connection: psycopg.Connection, current: str | None, version: str, *, action: str, reason: str | None
) -> None:
    """Make a version the current one and tell it; nothing is told when it was already."""
    if version != current:
        connection.execute(
            "insert into events (action, version, previous, reason) values (%s, %s, %s, %s)",
            (action, version, current, reason),
        )
    _make_current(connection, version)


def _make_current(connection: psycopg.Connection, version: str) -> None:
    connection.execute("update workspace set current = %s where current is distinct from %s", (version,) * 2)


def _unreadable(address: DatabaseAddress, version: str, table: str, problem: str) -> WorkspaceError:
    return WorkspaceError("version-unreadable", version=version, file=f"{address} {table}", problem=problem)


def create_database(address: DatabaseAddress) -> PostgisStore:
    """
    Make the schema and its tables, or open those that are there.

    Raises
    ------
    WorkspaceError
        `workspace-format`; `schema-taken` when the schema holds something else; `database-…`.
    """
    with connected(address) as connection:
        if _found_format(connection, address) is None:
            _make(connection, address)
    return open_database(address)


def _make(connection: psycopg.Connection, address: DatabaseAddress) -> None:
    # two who make the same workspace at once: the second waits here and finds it made
    connection.execute("select pg_advisory_xact_lock(hashtext(%s))", (address.schema,))
    if _found_format(connection, address) is not None:
        return
    others = connection.execute(
        "select relname from pg_class where relnamespace = to_regnamespace(quote_ident(%s)) limit 1",
        (address.schema,),
    ).fetchone()
    if others is not None:
        raise WorkspaceError(
            "schema-taken", workspace=str(address), schema=address.schema, table=str(others[0])
        )
    name = sql.Identifier(address.schema)
    exists = connection.execute("select to_regnamespace(quote_ident(%s))", (address.schema,)).fetchone()
    if exists is None or exists[0] is None:
        connection.execute(sql.SQL("create schema {}").format(name))
    connection.execute(_MAKE)
    make_tables(connection)
    connection.execute("insert into workspace (format) values (%s)", (FORMAT,))


def open_database(address: DatabaseAddress) -> PostgisStore:
    """
    Open the workspace of a schema.

    Raises
    ------
    WorkspaceError
        `workspace-missing`; `workspace-format` naming both formats; `database-…`.
    """
    with connected(address) as connection:
        found = _found_format(connection, address)
    if found is None:
        raise WorkspaceError("workspace-missing", workspace=str(address))
    if found != str(FORMAT):
        raise WorkspaceError("workspace-format", workspace=str(address), found=found, wanted=FORMAT)
    return PostgisStore(address)


def is_database_workspace(address: DatabaseAddress) -> bool:
    """Tell whether the schema holds a workspace of whatever format."""
    with connected(address) as connection:
        return _found_format(connection, address) is not None


def _found_format(connection: psycopg.Connection, address: DatabaseAddress) -> str | None:
    """Give the format a workspace says it has, `?` when it says none; None when there is no workspace."""
    columns = connection.execute(
        "select attname from pg_attribute where attnum > 0 and attrelid = to_regclass(quote_ident(%s) || '.workspace')",
        (address.schema,),
    ).fetchall()
    if not columns:
        return None
    if ("format",) not in columns:
        return "?"
    row = connection.execute("select format from workspace").fetchone()
    return "?" if row is None else str(row[0])
