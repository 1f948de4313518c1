"""Which tables of a database can be read, as its catalogue says: columns, geometry, coordinate system."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from psycopg import sql
from pyproj import CRS
from pyproj.exceptions import CRSError

from gis.errors import GisInputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import psycopg

    from gis.sources.postgis.address import DatabaseSource

MOST_NAMED = 40
# Tables, partitioned and foreign ones, views and materialised views; what an extension brought is none of ours.
_TABLES = """
select n.nspname, c.relname, has_table_privilege(c.oid, 'select'), c.oid
from pg_class c join pg_namespace n on n.oid = c.relnamespace
where c.relkind in ('r', 'p', 'f', 'v', 'm') and not c.relispartition and n.nspname = any(%s)
  and not exists (select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')
order by 1, 2
"""
_COLUMNS = """
select a.attname, t.typname, a.atttypmod
from pg_attribute a join pg_type t on t.oid = a.atttypid
where a.attrelid = %s and a.attnum > 0 and not a.attisdropped order by a.attnum
"""


@dataclass(frozen=True)
class Column:
    """One column: name and type as the catalogue has them."""

    name: str
    kind: str
    modifier: int

    @property
    def is_geometry(self) -> bool:
        return self.kind in {"geometry", "geography"}


@dataclass(frozen=True)
class DatabaseTable:
    """One table that may be read."""

    schema: str
    name: str
    columns: tuple[Column, ...]

    @property
    def identifier(self) -> sql.Identifier:
        return sql.Identifier(self.schema, self.name)

    @property
    def geometry(self) -> Column | None:
        """The first column of shapes."""
        return next((column for column in self.columns if column.is_geometry), None)


def source_tables(connection: psycopg.Connection, source: DatabaseSource) -> list[DatabaseTable]:
    """
    Give the tables the source names, or all readable ones of its schema.

    Raises
    ------
    GisInputError
        `source-schema-unknown`, `source-schema-empty`, `source-table-unknown`, `source-table-denied`.
    """
    wanted = [_split(name, source.schema) for name in source.tables]
    schemas = sorted({schema for schema, _ in wanted} or {source.schema})
    _require_schemas(connection, source, schemas)
    rows = connection.execute(_TABLES, (schemas,)).fetchall()
    found = {(schema, name): (readable, oid) for schema, name, readable, oid in rows}
    for schema, name in wanted:
        if (schema, name) not in found:
            present = ", ".join(table for place, table in found if place == schema)
            raise GisInputError(
                "source-table-unknown", source=str(source), table=f"{schema}.{name}", present=present[:800]
            )
        if not found[schema, name][0]:
            raise GisInputError("source-table-denied", source=str(source), table=f"{schema}.{name}")
    chosen = list(dict.fromkeys(wanted)) or [key for key, (readable, _) in found.items() if readable]
    if not chosen:
        raise GisInputError("source-schema-empty", source=str(source), schema=source.schema)
    return [DatabaseTable(*key, _columns(connection, found[key][1])) for key in chosen]


def _split(name: str, schema: str) -> tuple[str, str]:
    before, mark, after = name.partition(".")
    return (before, after) if mark else (schema, name)


def _require_schemas(connection: psycopg.Connection, source: DatabaseSource, schemas: Sequence[str]) -> None:
    rows = connection.execute(
        "select nspname from pg_namespace where nspname !~ '^pg_' and nspname <> 'information_schema' order by 1"
    ).fetchall()
    present = [row[0] for row in rows]
    for schema in schemas:
        if schema not in present:
            raise GisInputError(
                "source-schema-unknown", source=str(source), schema=schema, present=", ".join(present[:MOST_NAMED])
            )  # fmt: skip


def _columns(connection: psycopg.Connection, oid: int) -> tuple[Column, ...]:
    return tuple(Column(*row) for row in connection.execute(_COLUMNS, (oid,)).fetchall())


def crs_wkt(connection: psycopg.Connection, source: DatabaseSource, table: DatabaseTable) -> str | None:
    """
    Give the coordinate system of a table's shapes as WKT, None where the database does not know it.

    Raises
    ------
    GisInputError
        `source-srids-mixed` when rows differ in it.
    """
    column = table.geometry
    if column is None:
        return None
    srids = [
        row[0] for row in connection.execute("select postgis_typmod_srid(%s)", (column.modifier,)).fetchall()
    ]
    if column.kind == "geometry" and not srids[0]:
        query = sql.SQL("select distinct st_srid({}) from {} where {} is not null limit 5").format(
            sql.Identifier(column.name), table.identifier, sql.Identifier(column.name)
        )
        srids = [row[0] for row in connection.execute(query).fetchall()]
    if len(srids) > 1:
        raise GisInputError(
            "source-srids-mixed", source=str(source), table=table.name, srids=", ".join(map(str, sorted(srids)))
        )  # fmt: skip
    return _wkt(connection, srids[0]) if srids and srids[0] else None


def _wkt(connection: psycopg.Connection, srid: int) -> str | None:
    row = connection.execute(
        "select auth_name, auth_srid, srtext from spatial_ref_sys where srid = %s", (srid,)
    ).fetchone()
    if row is None:
        return None
    authority, code, text = row
    for known in (f"{authority}:{code}" if authority and code else None, text):
        try:
            if known:
                return str(CRS.from_user_input(known).to_wkt())
        except CRSError:
            continue
    return None
