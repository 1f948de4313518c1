"""A connection to the workspace's database, and what its refusals mean in words."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import psycopg
from psycopg import sql

from gis.errors import WorkspaceError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gis.stores.address import DatabaseAddress

CONNECT_WITHIN_S = 10
_FATAL = ("FATAL", "致命")
_LOGIN = ("password", "authentication", "role", "pg_hba", "密码", "认证", "角色")


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
        raise WorkspaceError("database-failed", workspace=str(address), problem=_words(error)) from None


def _connect(address: DatabaseAddress) -> psycopg.Connection:
    try:
        return psycopg.connect(
            address.url,
            connect_timeout=CONNECT_WITHIN_S,
            application_name="tapwright",
            client_encoding="UTF8",
        )
    except psycopg.ProgrammingError as error:  # the address itself cannot be read
        raise WorkspaceError("database-unreachable", workspace=str(address), problem=_words(error)) from None
    except psycopg.OperationalError as error:
        raise WorkspaceError(_refusal(error), workspace=str(address), problem=_words(error)) from None


def _refusal(error: psycopg.OperationalError) -> str:
    """Tell by its words why a server let nobody in: before the login libpq carries no code of the error."""
    text = str(error)
    if error.pgconn is not None and error.pgconn.needs_password:
        return "database-login"
    if not any(word in text for word in _FATAL):
        return "database-unreachable"
    return "database-login" if any(word in text for word in _LOGIN) else "database-unknown"


def _words(error: psycopg.Error) -> str:
    text = error.diag.message_primary or str(error).strip()
    return " ".join(text.splitlines()[-1].split())[:200] if text else type(error).__name__


def _find_postgis(connection: psycopg.Connection, address: DatabaseAddress) -> None:
    """Set the search path to the schema and to where PostGIS lives, and to nothing else."""
    found = connection.execute(
        "select nspname from pg_extension join pg_namespace n on n.oid = extnamespace where extname = 'postgis'"
    ).fetchone()
    if found is None:
        raise WorkspaceError("database-without-postgis", workspace=str(address))
    path = sql.SQL(", ").join([sql.Identifier(address.schema), sql.Identifier(found[0])])
    connection.execute(sql.SQL("set search_path to {}").format(path))
