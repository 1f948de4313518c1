"""
Layers in and out of PostGIS tables, as CSV through COPY: the fastest road in both directions.

A layer L is a table `L_versions` partitioned by network version, one partition `L_ID` with a GiST index for each
version that has rows, and a view `L` of the current version, which is what QGIS opens.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import psycopg
import pyarrow as pa
import pyarrow.csv as pcsv
import shapely
from psycopg import sql

from gis.files.arrow import CHUNK_ROWS, arrow_column
from gis.files.geopackage import geometry_type
from gis.schema import layers

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pyproj import CRS

CHUNK_BYTES = 1 << 20
UNTYPED = "geometry"
TEXT = "text"
_SQL_TYPES = {"integer": "bigint", "number": "double precision"}
_ARROW_TYPES = {TEXT: pa.string(), "bigint": pa.int64(), "double precision": pa.float64()}
# by row, for the triggers of a partition by statement are passed over when the statement names the whole table
_GUARDS = (("unchanging", "insert or update or delete", "row"), ("untruncated", "truncate", "statement"))
ISSUE_COLUMNS = dict.fromkeys(("issue_id", "kind", "severity", "layer", "subject", "repair", "params", "message_zh", "message_en"), TEXT)  # fmt: skip


def columns_of(name: str) -> Mapping[str, str]:
    """Give the SQL type of every column of a layer, or of the issues."""
    if name == "issues":
        return ISSUE_COLUMNS
    return {a.name: _SQL_TYPES.get(a.value_type, TEXT) for a in layers()[name].attributes}


def table_names() -> list[str]:
    """Names of what has a table and a view: every layer, and the issues."""
    return [*layers(), "issues"]


def make_table(connection: psycopg.Connection, name: str) -> None:
    """Make the empty table and the view of a layer."""
    columns = [
        sql.SQL("{} {}").format(sql.Identifier(column), sql.SQL(kind))
        for column, kind in columns_of(name).items()
    ]
    connection.execute(
        sql.SQL(
            "create table {} (network_version text not null, fid bigint not null, {}, geometry geometry)"
            " partition by list (network_version)"
        ).format(sql.Identifier(f"{name}_versions"), sql.SQL(", ").join(columns))
    )
    make_view(connection, name)


def make_view(connection: psycopg.Connection, name: str) -> None:
    """
    Make the view of the current version anew, with every column its table has.

    Its shapes have the type and the SRID of that version, so that QGIS and GDAL need not be told.
    """
    shape = _shape_of_current(connection, name)
    columns = [
        sql.SQL("t.{}").format(sql.Identifier(c)) for c in ("network_version", "fid", *columns_of(name))
    ]
    names = {"table": sql.Identifier(f"{name}_versions"), "view": sql.Identifier(name)}
    connection.execute(sql.SQL("drop view if exists {view}").format(**names))
    connection.execute(
        sql.SQL(
            "create view {view} as select {columns}, t.geometry::{shape} as geometry"
            " from {table} t join workspace w on w.current = t.network_version"
        ).format(columns=sql.SQL(", ").join(columns), shape=sql.SQL(shape), **names)
    )


def suit_views(connection: psycopg.Connection) -> None:
    """Let the views have the type of shapes of the version that has become the current one."""
    for name in table_names():
        is_now = _type_of_view(connection, name)
        if is_now == _shape_of_current(connection, name):
            continue
        try:
            with connection.transaction():
                make_view(connection, name)
        except psycopg.errors.DependentObjectsStillExist:
            # a view of somebody else's stands on this one: without a type of its own it fits every version
            if is_now != UNTYPED:
                raise


def _shape_of_current(connection: psycopg.Connection, name: str) -> str:
    """SQL type of the shapes of a layer's current version, as `write_table` noted it."""
    row = connection.execute(
        "select obj_description(to_regclass(quote_ident(%s || '_' || current)), 'pg_class') from workspace",
        (name,),
    ).fetchone()
    return str(row[0]) if row and row[0] else UNTYPED


def _type_of_view(connection: psycopg.Connection, name: str) -> str | None:
    row = connection.execute(
        "select format_type(atttypid, atttypmod) from pg_attribute"
        " where attrelid = to_regclass(quote_ident(%s)) and attname = 'geometry'",
        (name,),
    ).fetchone()
    return None if row is None else str(row[0])


def _shape_type(table: gpd.GeoDataFrame, name: str) -> str:
    """SQL type that fits every shape of a table; without one for flat and high ones in one table."""
    shapes = table.geometry.to_numpy()
    high = shapely.has_z(shapes[~shapely.is_missing(shapes)])
    if high.any() and not high.all():
        return UNTYPED
    kind = geometry_type(table, name).replace("Unknown", "Geometry") + "Z" * bool(high.any())
    srid = _srid(table.crs)
    return f"geometry({kind},{srid})" if srid else f"geometry({kind})"


def add_column(connection: psycopg.Connection, name: str, column: str) -> None:
    """Give the table of a layer, in every version, a column that this release declares and an earlier one did not."""
    connection.execute(
        sql.SQL("alter table {} add column {} {}").format(
            sql.Identifier(f"{name}_versions"), sql.Identifier(column), sql.SQL(columns_of(name)[column])
        )
    )


def write_table(connection: psycopg.Connection, table: gpd.GeoDataFrame, name: str, *, version: str) -> None:
    """Write the rows of a version as a partition that nobody can change."""
    names = {"part": _part(name, version), "whole": sql.Identifier(f"{name}_versions"), "version": version}
    columns = [sql.Identifier(column) for column in ("fid", *columns_of(name), "geometry")]

    def run(text: str) -> None:
        connection.execute(sql.SQL(text).format(**names))

    run("create table {part} (like {whole}, check (network_version = {version}))")
    run("alter table {part} alter network_version set default {version}")
    copy = sql.SQL("copy {part} ({columns}) from stdin (format csv)")
    statement = copy.format(columns=sql.SQL(", ").join(columns), **names)
    with connection.cursor().copy(statement) as stream:
        for first in range(0, len(table), CHUNK_ROWS):
            content = _csv(table.iloc[first : first + CHUNK_ROWS], name, first_fid=first + 1)
            for start in range(0, len(content), CHUNK_BYTES):
                stream.write(content[start : start + CHUNK_BYTES])
    run("alter table {part} add primary key (fid)")
    shape = _shape_type(table, name)
    run(
        f"create index on {{part}} using gist ((geometry::{shape}))"
    )  # as the view says it, or it would not be used
    run(f"comment on table {{part}} is '{shape}'")
    for trigger, events, each in _GUARDS:
        run(
            f"create trigger {trigger} before {events} on {{part}} for each {each} execute function refuse_change()"
        )
    run("alter table {whole} attach partition {part} for values in ({version})")
    run("analyze {part}")


def missing_tables(connection: psycopg.Connection, version: str, names: Sequence[str]) -> list[str]:
    """Give the partitions that a version should have and has not."""
    wanted = [f"{name}_{version}" for name in names]
    rows = connection.execute(
        "select t from unnest(%s::text[]) t where to_regclass(quote_ident(t)) is null", (wanted,)
    ).fetchall()
    return [row[0] for row in rows]


def drop_version(connection: psycopg.Connection, version: str) -> None:
    """Take away the partitions of a damaged version."""
    for name in (*layers(), "issues"):
        connection.execute(sql.SQL("drop table if exists {}").format(_part(name, version)))


def read_table(
    connection: psycopg.Connection, name: str, *, version: str, crs: CRS | None
) -> gpd.GeoDataFrame:
    """Give the rows of a version in their order; none when it has no partition."""
    types = {"geometry": TEXT, **columns_of(name)}
    statement = sql.SQL(
        "copy (select {} from {} where network_version = {} order by fid) to stdout (format csv)"
    ).format(
        sql.SQL(", ").join(map(sql.Identifier, types)), sql.Identifier(f"{name}_versions"), version
    )  # fmt: skip
    content = io.BytesIO()
    with connection.cursor().copy(statement) as stream:
        for piece in stream:
            content.write(piece)
    plain = _frame(content, types)
    shapes = np.asarray(shapely.from_wkb(plain.pop("geometry").to_numpy(dtype=object)))
    return gpd.GeoDataFrame(plain, geometry=shapes, crs=crs)


def _part(name: str, version: str) -> sql.Identifier:
    return sql.Identifier(f"{name}_{version}")


def _csv(table: gpd.GeoDataFrame, name: str, *, first_fid: int) -> memoryview:
    """CSV as COPY reads it: nothing between the commas is NULL, a pair of quotes is the empty text."""
    shapes = shapely.set_srid(table.geometry.to_numpy(), _srid(table.crs))
    columns: dict[str, pa.Array] = {"fid": pa.array(np.arange(first_fid, first_fid + len(table)))}
    for column, kind in columns_of(name).items():
        columns[column] = arrow_column(table[column], _ARROW_TYPES[kind])
    columns["geometry"] = pa.array(shapely.to_wkb(shapes, hex=True, include_srid=True), pa.string())
    sink = pa.BufferOutputStream()
    pcsv.write_csv(pa.table(columns), sink, pcsv.WriteOptions(include_header=False))
    return memoryview(sink.getvalue())


def _srid(crs: CRS | None) -> int:
    """Give the EPSG code; a plane without one is 0, and its CRS is told by the version's record."""
    return 0 if crs is None else int(crs.to_epsg() or 0)


def _frame(content: io.BytesIO, types: Mapping[str, str]) -> pd.DataFrame:
    if not content.tell():
        return pd.DataFrame({column: pd.Series([], dtype="object") for column in types})
    content.seek(0)
    table: Any = pcsv.read_csv(
        content,
        read_options=pcsv.ReadOptions(column_names=list(types)),
        parse_options=pcsv.ParseOptions(newlines_in_values=True),
        convert_options=pcsv.ConvertOptions(
            column_types={column: _ARROW_TYPES[kind] for column, kind in types.items()},
            null_values=[""], strings_can_be_null=True, quoted_strings_can_be_null=False,
        ),
    )  # fmt: skip
    return pd.DataFrame({column: _column(table[column], kind) for column, kind in types.items()})


def _column(values: Any, kind: str) -> Any:
    if kind == "bigint":
        return values.to_pandas(types_mapper={pa.int64(): pd.Int64Dtype()}.get)
    return pd.Series(values.to_numpy(), dtype="object" if kind == TEXT else "float64")
