"""A workspace in a database: unchanging versions, one transaction, and a sentence for everything that can be wrong."""

import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import psycopg
import pytest
import shapely

from gis.errors import GisInputError, WorkspaceError
from gis.messages import both_languages
from gis.store import create_store, is_workspace, open_store
from gis.stores import postgis
from gis.stores.address import DatabaseAddress, parse_address
from gis.version import conformed
from tests.gis.town import town
from tests.postgis import PASSWORD


@pytest.fixture
def workspace(database):
    return parse_address(database)


def ask(workspace, question, *values):
    with psycopg.connect(workspace.url, options=f"-c search_path={workspace.schema},public") as connection:
        return connection.execute(question, values).fetchall()


def refusal_of(address, act=open_store):
    with pytest.raises(WorkspaceError) as refusal:
        act(address)
    assert refusal.value.exit_status == 3
    zh, en = both_languages(refusal.value).splitlines()
    assert zh != en
    return refusal.value.code, both_languages(refusal.value)


def test_the_views_show_the_current_version_and_the_tables_all(workspace):
    store = create_store(workspace)
    store.publish(town())
    store.publish(town(dn=250))
    assert ask(workspace, "select pipe_id, dn, road_name from pipes order by fid") == [("P1", 250, "经十路"), ("P2", 100, None)]  # fmt: skip
    assert ask(workspace, "select count(*) from pipes_versions") == [(4,)]
    assert ask(workspace, "select st_astext(geometry), st_srid(geometry) from pipes where pipe_id = 'P1'") == [("LINESTRING(0 0,100 0)", 4548)]  # fmt: skip
    assert (
        ask(workspace, "select kind, message_zh from issues where geometry is not null")[0][0] == "dn-missing"
    )


def test_every_version_of_a_layer_has_an_index_on_its_shapes(workspace):
    record = create_store(workspace).publish(town())
    kinds = ask(
        workspace,
        "select tablename from pg_indexes where schemaname = %s and indexdef like '%%USING gist (%%geometry%%' order by 1",
        workspace.schema,
    )
    assert kinds == [(f"{name}_{record.version}",) for name in ("issues", "nodes", "pipes")]


def test_gis_programs_find_type_and_srid_of_every_view_registered(workspace):
    store = create_store(workspace)
    store.publish(town())
    registered = "select f_table_name, type, srid from geometry_columns where f_table_schema = %s and f_table_name = any(%s) order by 1"  # fmt: skip
    views = ["pipes", "nodes", "issues"]
    assert ask(workspace, registered, workspace.schema, views) == [
        ("issues", "POINT", 4548), ("nodes", "POINT", 4548), ("pipes", "LINESTRING", 4548),
    ]  # fmt: skip
    elsewhere = town()
    layers = {
        name: table.set_crs("EPSG:4547", allow_override=True) for name, table in elsewhere.layers.items()
    }
    store.publish(replace(elsewhere, layers=layers, crs="EPSG:4547"))
    assert {srid for _, _, srid in ask(workspace, registered, workspace.schema, views)} == {4547}
    keys = ask(
        workspace,
        "select count(*) from pg_constraint where contype = 'p' and conrelid in"
        " (select inhrelid from pg_inherits where inhparent = to_regclass('pipes_versions'))",
    )
    assert keys == [(2,)]


def test_a_window_of_a_view_is_found_by_the_index(workspace):
    create_store(workspace).publish(town())
    window = "set enable_seqscan = off; explain select * from pipes where geometry && st_makeenvelope(0, 0, 1, 1, 4548)"
    with psycopg.connect(workspace.url, options=f"-c search_path={workspace.schema},public") as connection:
        connection.execute("set enable_seqscan = off")
        plan = connection.execute(window.partition("; ")[2]).fetchall()
    assert any("Index Cond: " in line and "&&" in line for (line,) in plan), plan


def test_a_view_of_somebody_elses_upon_ours_does_not_stop_an_import(workspace):
    store = create_store(workspace)
    with psycopg.connect(workspace.url, options=f"-c search_path={workspace.schema},public") as connection:
        connection.execute("create view thick as select * from pipes where dn >= 150")
    store.publish(town())
    store.publish(town(dn=250))
    assert ask(workspace, "select dn, st_srid(geometry) from thick") == [(250, 4548)]


@pytest.mark.parametrize(
    "change", ["update pipes_versions set dn = 1", "delete from nodes_versions", "truncate pipes_versions"]
)
def test_nobody_changes_a_version_by_hand(workspace, change):
    create_store(workspace).publish(town())
    with pytest.raises(psycopg.errors.RaiseException, match="never changes"):
        ask(workspace, change)


def test_awkward_values_come_back_as_they_went_in(workspace):
    candidate = town()
    pipes = candidate.layers["pipes"].copy()
    pipes["road_name"] = ['逗号,引号"和\n换行', ""]
    pipes["length_m"] = [np.nextafter(0.1, 1.0), np.nan]
    pipes["material"] = [r"\N", "NULL"]
    pipes.geometry = [shapely.from_wkt("LINESTRING Z (0.1 0.2 3, 1e6 4.000000000000001 5)"), shapely.from_wkt("LINESTRING EMPTY")]  # fmt: skip
    candidate = replace(candidate, layers={"pipes": pipes})
    store = create_store(workspace)
    store.publish(candidate)
    found, given = store.open().pipes, conformed(candidate).layers["pipes"]
    for column in ("road_name", "length_m", "material", "install_year"):
        assert found[column].dtype == given[column].dtype
        assert found[column].equals(given[column]), column
    assert shapely.to_wkb(found.geometry.to_numpy()).tolist() == shapely.to_wkb(given.geometry.to_numpy()).tolist()  # fmt: skip
    assert found.crs == given.crs


def test_a_text_with_a_null_byte_is_refused_whole(workspace):
    store = create_store(workspace)
    first = store.publish(town())
    code, _ = refusal_of(town(names=("P1", "P\x00")), store.publish)
    assert code == "database-failed"
    assert [record.version for record in store.versions()] == [first.version]


@pytest.mark.parametrize("place", ["write_table", "issue_table", "describe", "_make_current", "version_id"])
def test_a_failure_on_the_way_leaves_the_workspace_as_it_was(workspace, monkeypatch, place):
    store = create_store(workspace)
    first = store.publish(town())

    def broken(*_, **__):
        raise OSError("disk full")

    monkeypatch.setattr(postgis, place, broken)
    with pytest.raises(OSError, match="disk full"):
        store.publish(town(dn=250))
    monkeypatch.undo()
    assert [record.version for record in store.versions()] == [first.version]
    assert store.open().version == first.version
    assert [event["version"] for event in store.history()] == [first.version]
    assert ask(workspace, "select count(*) from pipes_versions") == [(2,)]


KILLED = """
import os, signal, sys
sys.path.insert(0, sys.argv[2])
from gis.store import create_store
from gis.stores import postgis
from gis.stores.address import parse_address
from tests.gis.town import town
place = sys.argv[3]
def killed(*_, **__): os.kill(os.getpid(), signal.SIGKILL)
setattr(postgis, place, killed)
create_store(parse_address(sys.argv[1])).publish(town(dn=250))
"""


@pytest.mark.parametrize("place", ["issue_table", "_make_current"])
def test_a_killed_import_leaves_the_old_version_and_the_next_one_works(database, workspace, place):
    store = create_store(workspace)
    first = store.publish(town())
    root = Path(__file__).parents[2]
    run = subprocess.run([sys.executable, "-c", KILLED, database, str(root), place], capture_output=True, check=False, cwd=root)  # fmt: skip
    assert run.returncode == -signal.SIGKILL, run.stderr.decode()
    assert open_store(workspace).open().version == first.version
    assert [record.version for record in store.versions()] == [first.version]
    second = store.publish(town(dn=250))
    assert store.open().version == second.version


def test_a_version_that_lost_rows_is_named_and_an_import_writes_it_anew(workspace):
    store = create_store(workspace)
    record = store.publish(town())
    ask_to(workspace, f"alter table pipes_{record.version} disable trigger unchanging; delete from pipes_versions where pipe_id = 'P1'")  # fmt: skip
    with pytest.raises(WorkspaceError) as refusal:
        _ = store.open().pipes
    assert refusal.value.code == "version-unreadable"
    assert "pipes_versions" in both_languages(refusal.value)
    assert store.publish(town()).version == record.version
    assert len(store.open().pipes) == 2


def test_a_damaged_version_is_not_rolled_back_to_nor_in_the_way_of_an_import(workspace):
    store = create_store(workspace)
    first, second = store.publish(town()), store.publish(town(dn=250))
    for record in (first, second):
        ask_to(workspace, f"alter table pipes_{record.version} disable trigger unchanging")
    ask_to(workspace, "delete from pipes_versions where pipe_id = 'P1'")
    for version in (first.version, "v000000000000"):
        with pytest.raises(WorkspaceError):
            store.roll_back(version, reason="try")
    assert store.current() == second.version
    assert len(store.history()) == 2
    third = store.publish(town(dn=300))
    assert [event["version"] for event in store.history()] == [first.version, second.version, third.version]


def ask_to(workspace, statement):
    with psycopg.connect(workspace.url, options=f"-c search_path={workspace.schema},public") as connection:
        connection.execute(statement)


def test_a_database_without_this_workspace_is_refused_and_stays_empty(workspace):
    assert not is_workspace(workspace)
    assert refusal_of(workspace)[0] == "workspace-missing"
    assert ask(workspace, "select 1 from pg_namespace where nspname = %s", workspace.schema) == []


def test_a_workspace_of_another_format_is_refused_naming_both(workspace):
    create_store(workspace)
    ask_to(workspace, "update workspace set format = 7")
    for enter in (open_store, create_store):
        code, sentences = refusal_of(workspace, enter)
        assert code == "workspace-format"
        assert "7" in sentences and "1" in sentences
    assert is_workspace(workspace)


def test_a_schema_of_somebody_else_is_left_alone(workspace):
    ask_to(workspace, f"create schema {workspace.schema}; create table cadastre (id int)")
    code, sentences = refusal_of(workspace, create_store)
    assert code == "schema-taken"
    assert "cadastre" in sentences
    assert ask(workspace, "select relname::text from pg_class where relnamespace = to_regnamespace(%s)", workspace.schema) == [("cadastre",)]  # fmt: skip


def test_an_empty_schema_made_by_an_administrator_is_used(workspace):
    ask_to(workspace, f"create schema {workspace.schema}")
    assert create_store(workspace).publish(town()).counts["pipes"] == 2


def test_no_server_is_said(tmp_path):
    code, sentences = refusal_of(
        DatabaseAddress(f"postgresql://gis:hush@/gis?host={tmp_path}&port=5432", "w")
    )
    assert code == "database-unreachable"
    assert "hush" not in sentences


def test_login_database_and_extension_are_told_apart(postgis_cluster):
    folder, port = postgis_cluster
    at = f"127.0.0.1:{port}"
    wrong = DatabaseAddress(f"postgresql://gis:wrong@{at}/gis", "w")
    code, sentences = refusal_of(wrong)
    assert code == "database-login"
    assert "gis" in sentences and "wrong" not in sentences
    assert refusal_of(DatabaseAddress(f"postgresql://gis@{at}/gis", "w"))[0] == "database-login"
    assert refusal_of(DatabaseAddress(f"postgresql://nobody@/gis?host={folder}&port={port}", "w"))[0] == "database-login"  # fmt: skip
    assert (
        refusal_of(DatabaseAddress(f"postgresql://gis:{PASSWORD}@{at}/nowhere", "w"))[0] == "database-unknown"
    )
    assert refusal_of(DatabaseAddress(f"postgresql://gis:{PASSWORD}@{at}/gis", "w"))[0] == "workspace-missing"
    assert refusal_of(DatabaseAddress(f"postgresql://gis:{PASSWORD}@{at}/postgres", "w"))[0] == "database-without-postgis"  # fmt: skip


def test_a_reader_without_rights_to_write_is_told_what_it_may_not(workspace, postgis_cluster):
    folder, port = postgis_cluster
    store = create_store(workspace)
    store.publish(town())
    ask_to(
        workspace, "do $$ begin create role reader login; exception when duplicate_object then null; end $$"
    )
    ask_to(workspace, f"grant usage on schema {workspace.schema} to reader; grant select on all tables in schema {workspace.schema} to reader")  # fmt: skip
    reader = DatabaseAddress(f"postgresql://reader@/gis?host={folder}&port={port}", workspace.schema)
    assert open_store(reader).open().pipes["dn"].tolist() == [200, 100]
    code, sentences = refusal_of(town(dn=250), open_store(reader).publish)
    assert code == "database-failed"
    assert "permission denied" in sentences


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("mysql://h/db", "address-scheme"), ("http://h", "address-scheme"), ("postgresql://h/db?schema=public", "address-schema"),
        ("postgresql://h/db?schema=pg_temp", "address-schema"), ("postgresql://h/db?schema=", "address-schema"),
        ('postgresql://h/db?schema=a"b', "address-schema"), ("postgresql://h/db?schema=" + "管" * 22, "address-schema"),
        ("postgresql://[::1/db", "address-scheme"),
    ],
)  # fmt: skip
def test_an_address_that_cannot_be_one_is_refused(text, code):
    with pytest.raises(GisInputError) as refusal:
        parse_address(text)
    assert refusal.value.code == code
    assert both_languages(refusal.value)


def test_an_address_is_shown_without_its_password():
    address = parse_address("postgresql://gis:hush@db:5433/water?sslmode=require&schema=城东&password=hush2")
    assert address.schema == "城东"
    assert "hush" not in str(address)
    assert "gis@db:5433/water" in str(address) and "sslmode=require" in str(address)
    assert parse_address(os.fspath(Path("a") / "b")) == Path("a/b")
    assert parse_address("postgresql:///water").schema == "tapwright"


def test_the_id_of_a_version_is_the_same_as_in_a_folder(workspace, tmp_path):
    candidate = town()
    assert create_store(workspace).publish(candidate).version == create_store(tmp_path / "W").publish(candidate).version  # fmt: skip


def test_a_schema_in_chinese_works(postgis_cluster):
    folder, port = postgis_cluster
    address = parse_address(f"postgresql://gis@/gis?host={folder}&port={port}&schema=城东水司")
    create_store(address).publish(town())
    assert len(open_store(address).open().nodes) == 3


def test_importers_at_the_same_time_come_one_after_the_other(workspace):
    with ThreadPoolExecutor(4) as pool:
        records = list(
            pool.map(lambda dn: create_store(workspace).publish(town(dn=dn)), (100, 150, 200, 250))
        )
    store = open_store(workspace)
    parents = {record.version: record.parent for record in records}
    chain, version = [], store.current()
    while version is not None:
        chain.append(version)
        version = parents[version]
    assert sorted(chain) == sorted(parents)
    assert len(store.versions()) == 4


def test_a_reader_sees_the_former_version_until_the_next_is_whole(workspace, monkeypatch):
    store = create_store(workspace)
    first = store.publish(town())
    seen, real = [], postgis._make_current

    def looking(connection, version):
        real(connection, version)
        seen.append((open_store(workspace).current(), len(store.versions())))

    monkeypatch.setattr(postgis, "_make_current", looking)
    second = store.publish(town(dn=250))
    assert seen == [(first.version, 1)]
    assert store.current() == second.version


def test_a_workspace_of_an_earlier_release_is_brought_up_to_date_when_opened(workspace):
    first = create_store(workspace).publish(town())
    with psycopg.connect(workspace.url, options=f"-c search_path={workspace.schema},public") as connection:
        connection.execute("drop table events")
        connection.execute("drop view pipes, loggers")
        connection.execute("drop table loggers_versions")
        connection.execute("alter table pipes_versions drop column road_name")
    store = open_store(workspace)
    assert store.history() == []
    assert store.open(first.version).pipes["road_name"].isna().all()
    second = store.publish(town(dn=250))
    assert [entry["version"] for entry in store.history()] == [second.version]
    assert ask(workspace, "select road_name from pipes order by fid") == [("经十路",), (None,)]
    assert ask(workspace, "select count(*) from loggers") == [(0,)]


def test_a_damaged_version_is_listed_beside_the_others(workspace):
    store = create_store(workspace)
    first, second = store.publish(town()), store.publish(town(dn=250))
    with psycopg.connect(workspace.url, options=f"-c search_path={workspace.schema},public") as connection:
        connection.execute(f'drop table "pipes_{first.version}"')
    assert store.damaged() == [(first.version, f"pipes_{first.version}")]
    assert [record.version for record in store.versions()] == [second.version]
