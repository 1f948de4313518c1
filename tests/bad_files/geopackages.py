"""GeoPackages of strangers: code in the schema, a log left behind, a wrong identity, damaged pages; geodatabases."""

import os
import shutil
import sqlite3
from contextlib import closing

import pyogrio

from tests.bad_files import good
from tests.bad_files.case import Case, accepted, refused
from tests.bad_files.guards import canary_file, canary_url

FILE = "管网.gpkg"


def changed(*statements):
    def build(folder):
        file = good.geopackage(folder)
        with closing(sqlite3.connect(file)) as base:
            base.execute("PRAGMA writable_schema = ON")
            for statement in statements:
                base.execute(statement.format(canary=canary_file(folder), url=canary_url(folder)))
            base.commit()
        return file

    return build


LISTED = "INSERT INTO gpkg_contents (table_name, data_type, identifier) VALUES ('{0}', 'attributes', '{0}')"
TRIGGERS = (
    "CREATE TABLE note (x)",
    "CREATE TRIGGER read_it AFTER INSERT ON note BEGIN SELECT readfile('{canary}'); END",
    "CREATE TRIGGER load_it AFTER UPDATE ON note BEGIN SELECT load_extension('{canary}'); END",
)
VIEW = ("CREATE VIEW 用地红线 AS SELECT readfile('{canary}') AS 地块编号", LISTED.format("用地红线"))
ATTACHED = (
    "INSERT INTO sqlite_master (type, name, tbl_name, rootpage, sql) VALUES ('view', '用地红线', '用地红线', 0, 'CREATE VIEW 用地红线 AS SELECT * FROM other.t')",
    LISTED.format("用地红线"),
)
VIRTUAL = (
    "CREATE VIEW 用地红线 AS SELECT ogr_datasource_load_layers('{url}') AS 地块编号",
    LISTED.format("用地红线"),
)


def log_left(folder):
    """The size of a pipe changed after the last time the log was written in."""
    work = folder.parent / "work"
    work.mkdir()
    file = good.geopackage(work)
    with closing(sqlite3.connect(file)) as base:
        base.execute("PRAGMA journal_mode = WAL")
        for (name,) in base.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            base.execute(f'DROP TRIGGER "{name}"')
        base.execute(f'UPDATE "{good.NAME}" SET 公称直径 = 250 WHERE 公称直径 = 300')
        base.commit()
        for suffix in ("", "-wal"):
            shutil.copy(f"{file}{suffix}", folder / f"{FILE}{suffix}")
    return folder / FILE


def newest(network):
    assert network.pipes["dn"].tolist() == [250, 100]


def of_wal_mode(folder):
    """Its header says that a log belongs to it; none was delivered."""
    file = log_left(folder)
    (folder / f"{FILE}-wal").unlink()
    return file


def damaged(part):
    def build(folder):
        file = good.geopackage(folder)
        with closing(sqlite3.connect(file)) as base:
            (page,) = base.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", [part]).fetchone()
            (size,) = base.execute("PRAGMA page_size").fetchone()
        held = bytearray(file.read_bytes())
        held[(page - 1) * size : (page - 1) * size + 300] = os.urandom(300)
        file.write_bytes(held)
        return file

    return build


def plain_database(folder):
    with closing(sqlite3.connect(folder / FILE)) as base:
        base.execute("CREATE TABLE a (b)")
        base.commit()
    return folder / FILE


def geodatabase(folder):
    file = folder / "管网.gdb"
    pyogrio.write_dataframe(
        good.pipes().astype({"公称直径": "int32"}), file, layer=good.NAME, driver="OpenFileGDB"
    )
    return file


def without_a_table(folder):
    file = geodatabase(folder)
    biggest = max(file.glob("a0000*.gdbtable"))
    biggest.unlink()
    return file


CASES = [
    Case("B-015 triggers", changed(*TRIGGERS), accepted(good.both_pipes)),
    Case("B-015 a view that reads a file", changed(*VIEW), refused(FILE)),
    Case("B-015 a view over attached tables", changed(*ATTACHED), refused(FILE)),
    Case("B-015 a view that opens an address", changed(*VIRTUAL), refused(FILE)),
    Case("B-015 a wrong application_id", changed("PRAGMA application_id = 1234"), accepted(good.both_pipes, geopackage_identity="0x000004D2")),
    Case("B-015 a log left behind", log_left, accepted(newest, geopackage_log="管网.gpkg-wal")),
    Case("B-015 a log that was not delivered", of_wal_mode, accepted(lambda network: None)),
    Case("B-015 a damaged page of the pipes", damaged(good.NAME), refused(FILE)),
    Case("B-015 a damaged page of the index", damaged(f"rtree_{good.NAME}_geom_node"), refused(FILE)),
    Case("B-015 no GeoPackage but a database", plain_database, refused(FILE)),
    Case("B-017 a geodatabase without a table", without_a_table, refused("管网.gdb", ".gdbtable")),
]  # fmt: skip
