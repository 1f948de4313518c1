"""
Network versions in one schema of a PostGIS database.

    workspace       one row: format, current version
    versions        one row a version: its record, and the EPANET file it came from
    events          one row for each proposal, consent and change of the current version, written in the transaction
                    that makes it (gis/versions/history.py)
    register        one row for each entry of the tap-off register (gis/register/entries.py)
    scheme_events   one row for each event in the life of a scheme (gis/claims/events.py)
    L_versions, L   rows of layer L of all versions, and the view of the current one (gis/stores/tables.py)

A version is written and made current in one transaction; who reads meanwhile sees the former one.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

from psycopg import sql

from gis.crs import parse_crs
from gis.errors import WorkspaceError
from gis.network import Network
from gis.stores.database import connected
from gis.stores.layout import bring_up_to_date, make_workspace
from gis.stores.reading import VersionReader, unreadable
from gis.stores.tables import drop_version, missing_tables, read_table, suit_views, write_table
from gis.stores.told import (
    add_entry,
    add_event,
    add_scheme_event,
    read_events,
    read_mark,
    read_register,
    read_scheme_events,
)
from gis.version import VersionRecord, conformed, describe
from gis.versions.consent import (
    removals_detail,
    require_base,
    require_consent,
    require_pending,
    require_published,
)  # fmt: skip
from gis.versions.fingerprint import version_id
from gis.versions.history import event, imported, proposal_of
from gis.versions.issue_table import issue_table, issues_of
from gis.versions.removals import much_removed, refuse_removals

if TYPE_CHECKING:
    from collections.abc import Sequence

    import psycopg

    from gis.claims.events import Permit, SchemeEvent
    from gis.issues import DataIssue
    from gis.register.entries import Allow, Entry
    from gis.stores.address import DatabaseAddress
    from gis.version import Candidate
    from gis.versions.history import Action, Event, Onto
    from gis.versions.removals import Removal

FORMAT = 1
ISSUES = "issues"


class PostgisStore:
    """NetworkStore in a database; every call has its own connection, so that threads need not wait."""

    def __init__(self, address: DatabaseAddress) -> None:
        self._address = address

    def publish(
        self,
        candidate: Candidate,
        *,
        accepted: str | None = None,
        by: str | None = None,
        onto: Onto | None = None,
    ) -> VersionRecord:
        ready = conformed(candidate)
        version = version_id(ready)
        with connected(self._address) as connection:
            current = _lock(connection)
            if onto is not None:
                require_base(onto, current)
            elif accepted is None:
                refuse_removals(self._removed(current, version, ready), current or "")
            self._keep(connection, ready, version, parent=current)
            _make_current(connection, imported(version, onto, previous=current, reason=accepted, by=by))
            return self._record(connection, version)

    def propose(self, candidate: Candidate, *, by: str) -> VersionRecord:
        ready = conformed(candidate)
        version = version_id(ready)
        with connected(self._address) as connection:
            current = _lock(connection)
            pending = proposal_of(read_events(connection), version)
            much = self._removed(current, version, ready)
            self._keep(connection, ready, version, parent=current)
            if version != current and (pending is None or pending["previous"] != current):
                details = removals_detail(much)
                add_event(connection, event("propose", version, previous=current, by=by, details=details))
            return self._record(connection, version)

    def approve(self, version: str, *, by: str, reason: str) -> VersionRecord:
        with connected(self._address) as connection:
            current, record = _lock(connection), self._record(connection, version)
            require_consent(read_events(connection), version, by=by, current=current)
            self.open(version).pipes  # noqa: B018  a damaged version must not become the current one
            _make_current(connection, event("approve", version, previous=current, reason=reason, by=by))
        return record

    def reject(self, version: str, *, by: str, reason: str) -> VersionRecord:
        with connected(self._address) as connection:
            current, record = _lock(connection), self._record(connection, version)
            require_pending(read_events(connection), version)
            add_event(connection, event("reject", version, previous=current, reason=reason, by=by))
        return record

    def roll_back(self, version: str, *, reason: str, by: str | None = None) -> VersionRecord:
        with connected(self._address) as connection:
            current, record = _lock(connection), self._record(connection, version)
            require_published(read_events(connection), version)
            self.open(version).pipes  # noqa: B018  a damaged version must not become the current one
            _make_current(connection, event("rollback", version, previous=current, reason=reason, by=by))
        return record

    def history(self) -> list[Event]:
        with connected(self._address) as connection:
            return read_events(connection)

    def recall(self, history: Sequence[Event]) -> None:
        with connected(self._address) as connection:
            _lock(connection)
            there = read_events(connection)
            for entry in history:
                if entry not in there:
                    add_event(connection, entry)

    def register(self) -> list[Entry]:
        with connected(self._address) as connection:
            return read_register(connection)

    def enter(self, entry: Entry, *, allow: Allow | None = None) -> None:
        with connected(self._address) as connection:
            _lock(connection)
            if allow is not None:
                allow(read_register(connection))
            add_entry(connection, entry)

    def recall_entries(self, entries: Sequence[Entry]) -> None:
        with connected(self._address) as connection:
            _lock(connection)
            there = {entry.entry_id for entry in read_register(connection)}
            for entry in entries:
                if entry.entry_id not in there:
                    add_entry(connection, entry)

    def scheme_events(self) -> list[SchemeEvent]:
        with connected(self._address) as connection:
            return read_scheme_events(connection)

    def tell_schemes(self, events: Sequence[SchemeEvent], *, allow: Permit | None = None) -> None:
        with connected(self._address) as connection:
            _lock(connection)
            if allow is not None:
                allow(read_scheme_events(connection), read_register(connection))
            for event in events:
                add_scheme_event(connection, event)

    def recall_schemes(self, events: Sequence[SchemeEvent]) -> None:
        there = {event.event_id for event in self.scheme_events()}
        self.tell_schemes([event for event in events if event.event_id not in there])

    def register_mark(self) -> str:
        with connected(self._address) as connection:
            return read_mark(connection)

    def take(self, candidate: Candidate, record: VersionRecord) -> None:
        ready = conformed(candidate)
        with connected(self._address) as connection:
            _lock(connection)
            if not self._is_whole(connection, record.version):
                self._write(connection, ready, record)

    def make_current(self, version: str, *, action: Action = "copy", by: str | None = None) -> None:
        with connected(self._address) as connection:
            current = _lock(connection)
            wanted = self._record(connection, version).version
            _make_current(connection, event(action, wanted, previous=current, by=by))

    def current(self) -> str | None:
        with connected(self._address) as connection:
            return _current(connection)

    def versions(self) -> list[VersionRecord]:
        damaged = {version for version, _ in self.damaged()}
        with connected(self._address) as connection:
            found = [self._record(connection, name) for name in _names(connection) if name not in damaged]
        return sorted(found, key=lambda record: (record.created, record.version))

    def damaged(self) -> list[tuple[str, str]]:
        found = []
        with connected(self._address) as connection:
            for version in _names(connection):
                try:
                    counts = self._record(connection, version).counts
                except WorkspaceError as error:
                    found.append((version, str(error.params["problem"])))
                    continue
                if missing := missing_tables(connection, version, [n for n, rows in counts.items() if rows]):
                    found.append((version, ", ".join(missing)))
        return found

    def open(self, version: str | None = None) -> Network:
        with connected(self._address) as connection:
            record = self._wanted(connection, version)
            model = connection.execute(
                "select model_inp from versions where version = %s", (record.version,)
            ).fetchone()
        reader = VersionReader(self._address, record)
        return Network(
            version=record.version, crs=parse_crs(record.crs), source=record.source, synthetic=record.synthetic,
            read_layer=reader, counts=record.counts, model_inp=None if model is None or model[0] is None else reader.keep(model[0]),
            vertical_datum=record.vertical_datum,
        )  # fmt: skip

    def issues(self, version: str | None = None) -> list[DataIssue]:
        with connected(self._address) as connection:
            record = self._wanted(connection, version)
            table = read_table(connection, ISSUES, version=record.version, crs=parse_crs(record.crs))
        return issues_of(table)

    def _removed(self, current: str | None, version: str, ready: Candidate) -> list[Removal]:
        """Give what would disappear in large numbers; nothing when there is no current version that can be read."""
        if current in {None, version}:
            return []
        try:
            return much_removed(self.open(current), ready.layers)
        except WorkspaceError as error:
            # A damaged version cannot be compared with, and importing again is the way out of it.
            if error.code != "version-unreadable":
                raise
        return []

    def _keep(
        self, connection: psycopg.Connection, ready: Candidate, version: str, *, parent: str | None
    ) -> None:
        if not self._is_whole(connection, version):
            self._write(connection, ready, describe(ready, version, parent=parent))

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
            raise unreadable(self._address, version, "versions", str(error)) from None

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


def _lock(connection: psycopg.Connection) -> str | None:
    """Give the current version; other publishers wait until this transaction ends."""
    row = connection.execute("select current from workspace for update").fetchone()
    return None if row is None else row[0]


def _current(connection: psycopg.Connection) -> str | None:
    row = connection.execute("select current from workspace").fetchone()
    return None if row is None else row[0]


def _names(connection: psycopg.Connection) -> list[str]:
    return [row[0] for row in connection.execute("select version from versions order by version").fetchall()]


def _make_current(connection: psycopg.Connection, entry: Event) -> None:
    """Make a version the current one and tell it; nothing is told when it was already."""
    if entry["version"] != entry["previous"]:
        add_event(connection, entry)
        connection.execute("update workspace set current = %s", (entry["version"],))
        suit_views(connection)


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
    make_workspace(connection)
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
        if found == str(FORMAT):
            bring_up_to_date(connection, address.schema)
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
