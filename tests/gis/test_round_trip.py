"""The sample city as survey tables, GBK shapefiles, DXF, geodatabase and GeoPackage comes back the same network."""

import json

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from gis.crs import parse_crs
from gis.export.formats import export_tables
from gis.importing import import_sources
from tests.gis.round_trip import (
    FORMATS,
    again,
    differences,
    disturbed,
    noisy,
    sample_network,
    shuffled,
    without_names,
    written,
)

SEEDS = range(20)


@pytest.fixture(scope="module")
def networks(tmp_path_factory):
    """Networks by seed, each made once."""
    made = {}

    def network(seed):
        if seed not in made:
            made[seed] = sample_network(tmp_path_factory.mktemp(f"seed{seed}"), seed)
        return made[seed]

    return network


@pytest.mark.parametrize("form", FORMATS)
def test_written_and_read_again_every_value_is_the_same(networks, tmp_path, form):
    tables, crs = networks(1)
    after = again(tables, crs, tmp_path / "x", form)
    for name, table in tables.items():
        other = after[name]
        assert shapely.equals_exact(table.geometry.to_numpy(), other.geometry.to_numpy(), 1e-3)[
            ~table.geometry.isna()
        ].all(), name
        for column in table.columns.drop("geometry"):
            if table[column].dtype == float:
                assert np.allclose(table[column], other[column], atol=1e-3, equal_nan=True), (name, column)
            else:
                assert (
                    table[column].astype(object).where(table[column].notna(), None).tolist()
                    == other[column].astype(object).where(other[column].notna(), None).tolist()
                ), (name, column)


@pytest.mark.parametrize("seed", SEEDS)
def test_rows_shuffled_lines_turned_and_ends_two_centimetres_off_it_is_the_same_network(
    networks, tmp_path, seed
):
    tables, crs = networks(seed)
    rng = np.random.default_rng(seed)
    container = "gdb" if seed % 2 else "gpkg"  # all formats for all seeds, and larger: `make soak`
    for form in ("survey", "shp", "dxf", container):
        after = again(disturbed(tables, rng, form), crs, tmp_path / form, form)
        assert differences(tables, after) == [], form


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("form", ["shp", "dxf"])
def test_drawn_lines_alone_with_ends_off_give_the_same_graph(networks, tmp_path, form, seed):
    """No names of nodes, no table of nodes: what meets within the tolerance is one node."""
    tables, crs = networks(seed)
    rng = np.random.default_rng(seed)
    bare = {"pipes": without_names(shuffled(noisy(tables, rng), rng))["pipes"]}
    after = again(bare, crs, tmp_path / "x", form)
    whole = {
        **after,
        **{name: tables[name] for name in tables if name not in after or name not in ("pipes", "nodes")},
    }
    assert differences(tables, whole, places=True) == []


def test_the_comparison_sees_a_wrong_node_a_lost_pipe_and_another_size(networks):
    tables, _ = networks(0)
    pipes = tables["pipes"]
    other = pipes.copy()
    other.loc[3, "end_node_id"] = pipes["end_node_id"][9]
    other.loc[5, "dn"] = 999
    found = differences(tables, {**tables, "pipes": other})
    assert {row[1] for row in found} == {"ends", "dn"}
    assert differences(tables, {**tables, "pipes": pipes.iloc[1:]}) != []
    moved = tables["tapoffs"].copy()
    moved.loc[0, "pipe_id"] = pipes["pipe_id"][0]
    assert differences(tables, {**tables, "tapoffs": moved}) != []


def test_a_pipe_with_bends_becomes_straight_survey_lines_of_the_same_length(networks, tmp_path):
    tables, crs = networks(0)
    pipes = tables["pipes"].copy()
    line = pipes.geometry[7]
    a, b = np.array(line.coords[0]), np.array(line.coords[-1])
    aside = np.array([a[1] - b[1], b[0] - a[0]]) * 0.2
    bent = shapely.linestrings([a, a + (b - a) / 3 + aside, a + 2 * (b - a) / 3 + aside, b])
    shapes = pipes.geometry.to_numpy().copy()
    shapes[7] = bent
    pipes = pipes.set_geometry(gpd.GeoSeries(shapes, crs=pipes.crs))
    pipes.loc[7, "length_m"] = 50.0
    after = again({**tables, "pipes": pipes}, crs, tmp_path / "x", "survey")
    name = pipes["pipe_id"][7]
    pieces = after["pipes"][after["pipes"]["pipe_id"].isin([name, f"{name}/2", f"{name}/3"])]
    assert len(pieces) == 3
    assert pieces["length_m"].sum() == pytest.approx(50.0, abs=1e-6)
    assert pieces.geometry.length.sum() == pytest.approx(bent.length, abs=1e-3)
    kinds = after["nodes"].set_index("node_id").loc[[f"{name}-1", f"{name}-2"], "kind"]
    assert kinds.tolist() == ["bend", "bend"]


def test_survey_tables_carry_their_coordinate_system_beside_them(networks, tmp_path):
    tables, crs = networks(0)
    folder = written(tables, crs, tmp_path / "x", "survey")
    assert json.loads((folder / "tapwright.json").read_text(encoding="utf-8")) == {"crs": "EPSG:4548"}
    assert import_sources([folder]).crs == "EPSG:4548"


def test_a_line_moved_to_another_layer_of_the_drawing_changes_its_size(networks, tmp_path):
    import ezdxf

    tables, crs = networks(0)
    file = written(tables, crs, tmp_path / "x", "dxf")
    document = ezdxf.readfile(file)
    line = document.modelspace().query("LINE")[0]
    name = next(text for code, text in line.get_xdata("TAPWRIGHT") if text.startswith("管段编号=")).partition(
        "="
    )[2]
    document.layers.add("给水-DN777-钢管")
    line.dxf.layer = "给水-DN777-钢管"
    document.saveas(file)
    pipe = import_sources([file]).layers["pipes"].set_index("pipe_id").loc[name]
    assert (pipe["dn"], pipe["material"]) == (777, "ST")


def test_pipes_without_a_line_are_counted_where_the_format_cannot_hold_them(networks, tmp_path):
    tables, crs = networks(0)
    pipes = tables["pipes"].copy()
    shapes = pipes.geometry.to_numpy().copy()
    shapes[:3] = None
    given = {**tables, "pipes": pipes.set_geometry(gpd.GeoSeries(shapes, crs=pipes.crs))}
    for form, out in (("dxf", tmp_path / "a.dxf"), ("survey", tmp_path / "b"), ("gdb", tmp_path / "c.gdb")):
        if form == "survey":
            out.mkdir()
        done = export_tables(given, parse_crs(crs), out, form=form)
        bare = {} if form == "gdb" else {"pipes": 3}
        assert (done.shapeless, done.counts["pipes"]) == (bare, len(pipes) - sum(bare.values()))


def test_survey_workbooks_open_in_other_programs_with_empty_cells_where_nothing_is_known(networks, tmp_path):
    tables, crs = networks(1)
    folder = written(tables, crs, tmp_path / "x", "survey")
    sheets = pd.read_excel(folder / "给水管线成果.xlsx", sheet_name=None, engine="openpyxl")
    points = sheets["点表"]
    assert points["附属物名称"].isna().any() and points["附属物名称"].notna().any()
    assert len(sheets["预留口"]) == len(tables["tapoffs"])


def test_tables_longer_than_a_worksheet_are_parted_with_an_index_and_read_again_whole(
    networks, tmp_path, monkeypatch
):
    monkeypatch.setattr("gis.export.survey.ROWS_EACH", 100)
    tables, crs = networks(1)
    assert not differences(tables, again(tables, crs, tmp_path / "x", "survey"))
    index = pd.read_excel(tmp_path / "x" / "目录.xlsx", engine="openpyxl")
    for (file, sheet), rows in index.groupby(["文件", "工作表"]):
        assert len(pd.read_excel(tmp_path / "x" / file, sheet_name=sheet)) == rows["行数"].sum() <= 100
    lines = index[index["工作表"] == "线表"]
    assert len(lines) > 2 and lines["起始行"].tolist() == [1, *(lines["终止行"] + 1)[:-1]]
