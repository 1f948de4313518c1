"""From a database to a scratch folder: every table in one read-only transaction, as Arrow files beside a list."""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING

import psycopg
import pyarrow as pa
import pyarrow.csv as pcsv
from psycopg import sql
from pyarrow import feather

from gis.errors import SourceError
from gis.sources.postgis.catalogue import Column, DatabaseTable, crs_wkt, source_tables
from gis.sources.postgis.copied import LIST, LISTED_ENCODING, SHAPES
from gis.stores.refusal import CONNECT_WITHIN_S, let_nobody_in, own_words

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from gis.progress import Progress
    from gis.sources.postgis.address import DatabaseSource

_WHOLE = {"int2", "int4", "int8"}
_REAL = {"float4", "float8", "numeric"}


def download(source: DatabaseSource, folder: Path, *, max_rows: int | None, progress: Progress) -> None:
    """
    Copy the tables of a source into `folder`, which gis.sources.postgis.copied reads.

    All of them are seen at one moment; nothing is locked and nothing written. With `max_rows` only so many of each.

    Raises
    ------
    GisInputError
        Those of `source_tables` and `crs_wkt`.
    SourceError
        `source-unreachable`, `source-login`, `source-refused`, `source-failed` with the server's own words.
    """
    folder.mkdir(parents=True)
    with _connected(source) as connection:
        tables = source_tables(connection, source)
        listed = []
        for number, table in enumerate(tables):
            progress.step("read", number, len(tables))
            entry = {
                "name": _unique(table, tables), "file": f"{number}.arrow", "crs": crs_wkt(connection, source, table),
                "columns": [column.name for column in table.columns if not column.is_geometry],
                "shapes": table.geometry is not None, "other_shapes": _others(table), "rows": _rows(connection, table),
            }  # fmt: skip
            _copy(connection, table, folder / f"{number}.arrow", max_rows)
            listed.append(entry)
    (folder / LIST).write_text(json.dumps(listed, ensure_ascii=False), encoding=LISTED_ENCODING)


@contextmanager
def _connected(source: DatabaseSource) -> Iterator[psycopg.Connection]:
    try:
        with psycopg.connect(
            source.url, connect_timeout=CONNECT_WITHIN_S, application_name="tapwright", client_encoding="UTF8"
        ) as connection:
            connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            connection.read_only = True
            yield connection
    except psycopg.ProgrammingError as error:
        code = "source-unreachable" if error.diag.message_primary is None else "source-failed"
        raise SourceError(code, source=str(source), problem=own_words(error)) from None
    except psycopg.OperationalError as error:
        code = "source-failed" if error.diag.sqlstate is not None else f"source-{let_nobody_in(error)}"
        raise SourceError(code, source=str(source), problem=own_words(error)) from None
    except psycopg.Error as error:
        raise SourceError("source-failed", source=str(source), problem=own_words(error)) from None


def _unique(table: DatabaseTable, tables: list[DatabaseTable]) -> str:
    """The name alone, with the schema in front where two tables bear it."""
    twice = sum(other.name == table.name for other in tables) > 1
    return f"{table.schema}.{table.name}" if twice else table.name


def _others(table: DatabaseTable) -> list[str]:
    return [column.name for column in table.columns if column.is_geometry][1:]


def _rows(connection: psycopg.Connection, table: DatabaseTable) -> int:
    row = connection.execute(sql.SQL("select count(*) from {}").format(table.identifier)).fetchone()
    return int(row[0]) if row else 0


def _copy(connection: psycopg.Connection, table: DatabaseTable, file: Path, max_rows: int | None) -> None:
    """Stream the rows to disk as CSV and turn them into Arrow with the types of the table."""
    plain = [column for column in table.columns if not column.is_geometry]
    chosen = [_selected(column) for column in plain]
    names, types = [column.name for column in plain], [_type(column) for column in plain]
    if (shape := table.geometry) is not None:
        text = "encode(st_asbinary(st_curvetoline({}::geometry)), 'hex')"
        chosen.append(sql.SQL(text).format(sql.Identifier(shape.name)))
        names.append(SHAPES)
        types.append(pa.large_string())
    most = sql.SQL("") if max_rows is None else sql.SQL(" limit {}").format(sql.Literal(max_rows))
    query = sql.SQL("copy (select {} from {}{}) to stdout (format csv)").format(
        sql.SQL(", ").join(chosen), table.identifier, most
    )
    raw = file.with_suffix(".csv")
    with raw.open("wb") as stream, connection.cursor().copy(query) as rows:
        for piece in rows:
            stream.write(piece)
    feather.write_feather(_arrow(raw, names, types), file, compression="uncompressed")
    raw.unlink()


def _selected(column: Column) -> sql.Composable:
    name = sql.Identifier(column.name)
    return name if column.kind in _WHOLE else sql.SQL("{}::{}").format(
        name, sql.SQL("float8" if column.kind in _REAL else "text")
    )  # fmt: skip


def _type(column: Column) -> pa.DataType:
    return (
        pa.int64() if column.kind in _WHOLE else pa.float64() if column.kind in _REAL else pa.large_string()
    )


def _arrow(file: Path, names: list[str], types: list[pa.DataType]) -> pa.Table:
    labels = [str(number) for number in range(len(names))]
    if not file.stat().st_size:
        table = pa.table({label: pa.array([], kind) for label, kind in zip(labels, types, strict=True)})
    else:
        table = pcsv.read_csv(
            file,
            read_options=pcsv.ReadOptions(column_names=labels),
            parse_options=pcsv.ParseOptions(newlines_in_values=True, ignore_empty_lines=False),
            convert_options=pcsv.ConvertOptions(
                column_types=dict(zip(labels, types, strict=True)), null_values=[""], strings_can_be_null=True,
                quoted_strings_can_be_null=False,
            ),
        )  # fmt: skip
    return table
