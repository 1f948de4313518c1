"""A connection to the workspace's database, and what its refusals mean in words."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import psycopg
from psycopg import sql

from gis.errors import WorkspaceError
from gis.stores.refusal import CONNECT_WITHIN_S, let_nobody_in, own_words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gis.stores.address import DatabaseAddress

# Of `let_nobody_in`: what the workspace is said to be.
_REFUSED = {"login": "database-login", "unreachable": "database-unreachable", "refused": "database-unknown"}


@contextmanager
def connected(address: DatabaseAddress) -> Iterator[psycopg.Connection]:
    """
    Give a connection that sees the schema and PostGIS; one transaction, committed when the block ends well.

    Raises
    ------
    WorkspaceError
        `database-unreachable`, `database-login`, `database-unknown`, `database-without-postgis`; `database-failed`
        with the server's own words for anything it refuses later.
    """
    try:
        with _connect(address) as connection:
            _find_postgis(connection, address)
            yield connection
    except psycopg.Error as error:
        raise WorkspaceError("database-failed", workspace=str(address), problem=own_words(error)) from None


def _connect(address: DatabaseAddress) -> psycopg.Connection:
    try:
        return psycopg.connect(
            address.url,
            connect_timeout=CONNECT_WITHIN_S,
            application_name="tapwright",
            client_encoding="UTF8",
        )
    except psycopg.ProgrammingError as error:  # the address itself cannot be read
        raise WorkspaceError(
            "database-unreachable", workspace=str(address), problem=own_words(error)
        ) from None
    except psycopg.OperationalError as error:
        raise WorkspaceError(
            _REFUSED[let_nobody_in(error)], workspace=str(address), problem=own_words(error)
        ) from None


def _find_postgis(connection: psycopg.Connection, address: DatabaseAddress) -> None:
    """Set the search path to the schema and to where PostGIS lives, and to nothing else."""
    found = connection.execute(
        "select nspname from pg_extension join pg_namespace n on n.oid = extnamespace where extname = 'postgis'"
    ).fetchone()
    if found is None:
        raise WorkspaceError("database-without-postgis", workspace=str(address))
    path = sql.SQL(", ").join([sql.Identifier(address.schema), sql.Identifier(found[0])])
    connection.execute(sql.SQL("set search_path to {}").format(path))
