"""The scheme as GeoPackage: places to the millimetre in the survey's CRS, figures as the document has them."""

import sqlite3
import xml.etree.ElementTree as ET
from contextlib import closing
from decimal import Decimal

import pyogrio
import pytest
import shapely

from design.documents.gpkg.scheme_gpkg import write_gpkg
from tests.design import scheme_builder as town


@pytest.fixture(scope="module")
def package(tmp_path_factory):
    file = tmp_path_factory.mktemp("gpkg") / "scheme.gpkg"
    write_gpkg(town.scheme(), file, crs=town.CRS, to_xy=town.to_xy)
    return file


def layer(file, name):
    return pyogrio.read_dataframe(file, layer=name)


def test_all_options_lie_where_their_routes_are(package):
    routes = layer(package, "route")

    assert routes.crs.to_epsg() == 4548
    assert routes["rank"].to_list() == [1, 2, 3]
    for rank, line in zip(routes["rank"], routes.geometry, strict=True):
        assert shapely.hausdorff_distance(line, town.route_line(rank)) < 0.001


def test_figures_are_those_of_the_document(package):
    first, option = layer(package, "route").iloc[0], town.scheme()["options"][0]

    assert first["site_pressure_after_mpa"] == option["check"]["site_pressure_after_mpa"]
    assert first["length_m"] == option["route"]["length_m"]
    assert first["total_cny"] == option["quote"]["total_cny"]


def test_the_lines_of_every_quote_add_up_to_its_net_sum(package):
    lines = layer(package, "quote_lines")

    for option in town.scheme()["options"]:
        amounts = lines[lines["rank"] == option["rank"]]["amount_cny"]
        assert sum(map(Decimal, amounts)) == Decimal(option["quote"]["net_cny"])


def test_neighbours_and_rejected_points_are_on_the_map_with_names_unharmed(package):
    pressures, rejected = layer(package, "pressures"), layer(package, "rejected")

    worst = pressures[(pressures["kind"] == "worst") & (pressures["rank"] == 1)].iloc[0]
    assert worst["node_id"] == "JS0877"
    assert worst.geometry.distance(shapely.Point(town.EAST + 180, town.NORTH + 90)) < 0.001
    assert (pressures["kind"] == "newly-below").sum() == 1
    assert rejected["reason"].str.contains("=cmd|'/C calc'!A0", regex=False).any()
    assert layer(package, "site")["name"].to_list() == [f"{town.RARE_NAME} {town.EVIL_MARKUP}"]


def test_a_model_without_a_crs_keeps_its_plain_coordinates(tmp_path):
    file = tmp_path / "scheme.gpkg"
    scheme = town.scheme()
    scheme["options"][0]["route"]["geometry"]["coordinates"] = [[1200.5, 3400.25], [1250.0, 3400.25]]

    write_gpkg(scheme, file, crs=None, to_xy=lambda x, y: (x, y))

    assert list(layer(file, "route").geometry.iloc[0].coords) == [(1200.5, 3400.25), (1250.0, 3400.25)]


def test_writing_again_replaces_the_file(package):
    write_gpkg(town.scheme(options=[town.scheme()["options"][0]]), package, crs=town.CRS, to_xy=town.to_xy)

    assert len(layer(package, "route")) == 1


def test_layers_bring_their_look_for_qgis(package):
    styles = layer(package, "layer_styles")

    assert set(styles["f_table_name"]) == {"route", "connection", "site", "pressures", "rejected"}
    assert styles["useAsDefault"].all()
    for text in styles["styleQML"]:
        page = ET.fromstring(text.partition(">")[2])
        assert page.find("renderer-v2/symbols/symbol/layer/Option") is not None


def test_rare_characters_of_a_name_are_kept(tmp_path):
    name = "㙟𠮷䶮𬭁"
    write_gpkg(town.scheme(name=name), tmp_path / "x.gpkg", crs=town.CRS, to_xy=town.to_xy)

    assert layer(tmp_path / "x.gpkg", "site")["name"].to_list() == [name]
    assert layer(tmp_path / "x.gpkg", "provenance")["name"].to_list() == [name]


def test_every_layer_has_a_title_and_every_column_an_alias(package):
    with closing(sqlite3.connect(package)) as store:
        titles = dict(store.execute("SELECT table_name, identifier FROM gpkg_contents").fetchall())
        named = set(store.execute("SELECT table_name, column_name FROM gpkg_data_columns").fetchall())
        columns = {
            (layer, row[1])
            for layer in titles
            if layer != "layer_styles"
            for row in store.execute(f'PRAGMA table_info("{layer}")')
        }
    assert titles["route"] == "接户管路由"
    assert {pair for pair in columns - named if pair[1] not in {"fid", "geom"}} == set()


def test_another_reader_finds_the_title_and_still_every_row(tmp_path):
    package = tmp_path / "scheme.gpkg"
    write_gpkg(town.scheme(), package, crs=town.CRS, to_xy=town.to_xy)
    told = pyogrio.read_info(package, layer="route")["layer_metadata"]

    assert told["IDENTIFIER"] == "接户管路由"
    assert len(layer(package, "route")) == len(town.scheme()["options"])
