"""Tables of a PostGIS database as import source: what they hold, never a change, plain words when it fails."""

import geopandas as gpd
import numpy as np
import psycopg
import pytest
from psycopg import sql

from gis.errors import GisInputError, SourceError
from gis.importing import import_sources
from gis.intake.mapping import load_mapping
from gis.intake.preview import preview_sources
from gis.intake.suggest import suggest_mapping
from gis.messages import both_languages
from gis.sources.postgis.address import parse_source
from tests.gis.survey_tables import GIS1_LINES, GIS1_POINTS
from tests.postgis import PASSWORD

PLACE = {row[0]: (row[2], row[1]) for row in GIS1_POINTS}


@pytest.fixture(scope="module")
def server(postgis_cluster):
    """A database of its own with a schema `gw` of water tables and one `other`; gives how to address it."""
    folder, port = postgis_cluster
    with psycopg.connect(f"postgresql://gis@/gis?host={folder}&port={port}", autocommit=True) as admin:
        admin.execute("create database 供水")
        admin.execute(
            "do $$ begin create role reader login; exception when duplicate_object then null; end $$"
        )
        admin.execute("alter role reader login password 'look'")
    address = f"postgresql://gis@/供水?host={folder}&port={port}"
    with psycopg.connect(address, autocommit=True) as db:
        db.execute("create extension postgis")
        for schema in ("gw", "other", "mixed", "empty", "survey"):
            db.execute(sql.SQL("create schema {}").format(sql.Identifier(schema)))
        _water(db)
    return address


def _water(db):
    line = "st_setsrid(st_makeline(st_makepoint({}, {}), st_makepoint({}, {})), 4548)"
    db.execute(
        'create table gw."给水管线" (gid serial primary key, "管线编号" text, "管径" numeric, "管材" text, "敷设日期" date, "备""注" text, geom geometry(LineString, 4548))'
    )
    for start, end, material, size, *_ in GIS1_LINES:
        shape = line.format(*PLACE[start], *PLACE[end])
        db.execute(
            f'insert into gw."给水管线" ("管线编号", "管径", "管材", "敷设日期", "备""注", geom) values (%s, %s, %s, %s, %s, {shape})',
            (
                f"{start}-{end}",
                int(size.removeprefix("DN")),
                material,
                "2008-06-01",
                "两行\n'; drop table x; --",
            ),
        )
    db.execute("create table gw.valves (valve_id text, dn int, geom geometry(Point, 4548))")
    db.execute(
        "insert into gw.valves values ('V1', 300, st_setsrid(st_makepoint(510820, 4057600), 4548)), ('V2', null, null)"
    )
    db.execute("create table gw.nothing_of_ours (id int, geom geometry(Point, 4548))")
    db.execute(
        "create view gw.hydrants as select 'H1'::text as hydrant_id, st_setsrid(st_makepoint(511060, 4057600), 4548)::geometry(Point, 4548) as geom"
    )
    db.execute(
        "create table gw.secret (id int); create table other.valves (valve_id text, geom geometry(Point, 4548))"
    )
    db.execute("create table mixed.pipes (pipe_id text, dn int, geom geometry)")
    db.execute(
        "insert into mixed.pipes values ('a', 1, 'SRID=4548;LINESTRING(0 0,1 1)'), ('b', 1, 'SRID=4490;LINESTRING(0 0,1 1)')"
    )
    db.execute(
        "grant usage on schema gw to reader; grant select on all tables in schema gw to reader; revoke select on gw.secret from reader"
    )
    db.execute(
        'create table survey."点" ("点号" text, "X坐标" float8, "Y坐标" float8, "地面高程" float4, "特征" text, "附属物" text)'
    )
    db.execute('create table survey."线" ("点号" text, "连接点号" text, "材质" text, "管径" text)')
    with db.cursor() as cursor:
        cursor.executemany(
            'insert into survey."点" values (%s, %s, %s, %s, %s, %s)',
            [[*row[:4], *row[5:]] for row in GIS1_POINTS],
        )
        cursor.executemany('insert into survey."线" values (%s, %s, %s, %s)', [row[:4] for row in GIS1_LINES])
    db.execute("create table survey.unrelated (a int)")


def source(server, more=""):
    return parse_source(server + more)


@pytest.fixture(scope="module")
def imported(server):
    return import_sources([source(server, "&schema=gw")])


def test_every_known_table_of_a_schema_is_read_views_too(imported):
    pipes = imported.layers["pipes"].set_index("pipe_id")
    assert imported.crs == "EPSG:4548"
    assert sorted(pipes["dn"]) == [100, 300, 300, 300, 300]
    assert pipes["length_m"].round(6).to_dict() == {
        "JS1-JS2": 120,
        "JS2-JS3": 120,
        "JS3-JS4": 18,
        "JS3-JS5": 120,
        "JS1-JS6": 120,
    }
    assert pipes.loc["JS1-JS6", ["material", "installed_on"]].tolist() == ["GCI", "2008-06-01"]
    assert imported.layers["valves"]["valve_id"].tolist() == ["V1"]
    assert imported.layers["hydrants"]["hydrant_id"].tolist() == ["H1"]
    assert imported.source == "供水"


def test_tables_that_are_none_of_ours_are_said_and_left_out(imported):
    skipped = {issue.subject for issue in imported.issues if issue.kind == "table-skipped"}
    assert skipped == {"供水:nothing_of_ours", "供水:secret"}


def test_only_the_named_tables_are_read_from_any_schema(server):
    candidate = import_sources([source(server, "&schema=gw&table=给水管线,other.valves")])
    assert len(candidate.layers["pipes"]) == 5
    assert "valves" not in candidate.layers or not len(candidate.layers["valves"])


def test_survey_tables_without_shapes_are_known_by_their_columns(server):
    candidate = import_sources([source(server, "&schema=survey")], crs="EPSG:4548")
    assert len(candidate.layers["pipes"]) == 5
    assert candidate.layers["tapoffs"]["node_id"].tolist() == ["JS4"]
    assert candidate.layers["nodes"].set_index("node_id").loc["JS1", "elevation_m"] == pytest.approx(52.3)


def test_a_mapping_file_takes_tables_by_the_name_of_the_database(server, tmp_path):
    file = tmp_path / "m.toml"
    file.write_text(
        'format = 1\n[[layer]]\nlayer = "pipes"\nfile = "供水"\ntable = "给水管线"\nfields.pipe_id = "gid"\nfields.dn = "管径"\n',
        encoding="utf-8",
    )
    pipes = import_sources([source(server, "&schema=gw&table=给水管线")], mapping=file).layers["pipes"]
    assert sorted(pipes["pipe_id"]) == ["1", "2", "3", "4", "5"]
    assert set(pipes["material"]) == {"unknown"}


def test_suggestion_and_preview_work_on_a_database_too(server, tmp_path):
    suggestion = suggest_mapping([source(server, "&schema=gw")])
    file = tmp_path / "m.toml"
    file.write_text(suggestion.to_toml(), encoding="utf-8")
    assert {table.ref.name: table.layer for table in suggestion.tables}["给水管线"] == "pipes"
    preview = preview_sources([source(server, "&schema=gw")], mapping=load_mapping(file), rows=1)
    pipes = next(table for table in preview.tables if table.layer == "pipes")
    assert (pipes.count, pipes.rows[0]["dn"]) == (5, 300)


def test_nothing_is_written_and_nothing_locked_for_long(server):
    before = _fingerprint(server)
    with psycopg.connect(server) as writer:
        writer.execute("lock table gw.valves in row exclusive mode")  # somebody edits meanwhile
        import_sources([source(server, "&schema=gw&table=给水管线,valves")])
    assert _fingerprint(server) == before


def _fingerprint(server):
    with psycopg.connect(server) as db:
        return db.execute(
            "select relname, pg_stat_get_tuples_inserted(oid), pg_relation_size(oid) from pg_class where relkind = 'r' and relname !~ '^pg_' order by 1"
        ).fetchall()


def test_the_same_network_as_from_a_geopackage_of_the_same_lines(server, imported, tmp_path):
    shapes = gpd.read_postgis(
        'select "管线编号", "管径", "管材", "敷设日期", geom from gw."给水管线"',
        _engine(server),
        geom_col="geom",
    )
    shapes.to_file(tmp_path / "a.gpkg", layer="给水管线")
    twin = import_sources([tmp_path / "a.gpkg"]).layers["pipes"]
    columns = ["pipe_id", "dn", "material", "length_m", "installed_on"]
    assert twin[columns].equals(imported.layers["pipes"][columns])


def _engine(server):
    from sqlalchemy import create_engine
    from sqlalchemy.pool import NullPool

    return create_engine("postgresql+psycopg://", creator=lambda: psycopg.connect(server), poolclass=NullPool)


@pytest.mark.parametrize(
    ("more", "code", "words"),
    [
        ("&schema=nope", "source-schema-unknown", "gw"),
        ("&schema=empty", "source-schema-empty", "empty"),
        ("&schema=gw&table=pipe", "source-table-unknown", "给水管线"),
        ("&schema=gw&table=x'; drop table valves; --", "source-table-unknown", "valves"),
        ("&schema=mixed", "source-srids-mixed", "4490, 4548"),
    ],
)
def test_what_is_not_there_is_named_with_what_is(server, more, code, words):
    with pytest.raises(GisInputError) as refused:
        import_sources([source(server, more)])
    assert refused.value.code == code
    assert words in both_languages(refused.value)


def test_a_table_one_may_not_read_is_named(server):
    reader = server.replace("gis@", "reader@")
    with pytest.raises(GisInputError) as refused:
        import_sources([source(reader, "&schema=gw&table=secret")])
    assert refused.value.code == "source-table-denied"
    assert len(import_sources([source(reader, "&schema=gw")]).layers["pipes"]) == 5


def test_a_server_that_does_not_answer_or_let_in_is_told_without_the_password(server, postgis_cluster):
    port = postgis_cluster[1]
    cases = {
        f"postgresql://gis:wrong@127.0.0.1:{port}/供水": "source-login",
        f"postgresql://gis:{PASSWORD}@127.0.0.1:{port}/nosuch": "source-refused",
        f"postgresql://gis:{PASSWORD}@127.0.0.1:1/供水": "source-unreachable",
    }
    for address, code in cases.items():
        with pytest.raises(SourceError) as failed:
            import_sources([parse_source(address)])
        assert failed.value.code == code
        assert failed.value.exit_status == 3
        assert PASSWORD not in both_languages(failed.value) and "wrong" not in both_languages(failed.value)
    good = import_sources([parse_source(f"postgresql://gis:{PASSWORD}@127.0.0.1:{port}/供水?schema=gw")])
    assert PASSWORD not in good.source


def test_an_address_that_cannot_be_read_is_refused():
    with pytest.raises(GisInputError) as refused:
        parse_source("postgresql://gis:pw@host:port/db")
    assert refused.value.code == "source-address"
    assert "pw" not in both_languages(refused.value)


def test_empty_text_nulls_and_lines_of_one_column_keep_their_rows(server):
    from gis.sources.opened import opened
    from gis.sources.postgis.copied import copied_tables, read_copied

    with psycopg.connect(server, autocommit=True) as db:
        db.execute(
            "create schema odd; create table odd.t (a text); insert into odd.t values (null), (''), ('x,\"y\"\n z'), (null)"
        )
        db.execute(
            "create table odd.u (n numeric, b boolean, d timestamp, j jsonb, g geography(Point, 4326), h geometry(Point, 4548))"
        )
        db.execute(
            "insert into odd.u values (1.50, true, '2020-01-02 03:04', '{\"a\": 1}', 'POINT(117 36)', null)"
        )
    with opened([source(server, "&schema=odd")]) as (folder,):
        one, two = (read_copied(ref) for ref in copied_tables(folder))
    assert one.table["a"].tolist() == [None, "", 'x,"y"\n z', None]
    row = two.table.iloc[0]
    assert (row["n"], row["b"], row["d"][:10]) == (1.5, "true", "2020-01-02")
    assert np.allclose((two.geometry[0].x, two.geometry[0].y), (117, 36))
    assert two.crs.to_epsg() == 4326
    assert [issue.kind for issue in two.issues] == ["source-shapes-several"]
