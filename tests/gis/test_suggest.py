"""Suggested mappings: names and values tell what a column is, and the file that says so imports the same network."""

import geopandas as gpd
import pandas as pd
import pytest
from shapely.geometry import LineString, Point

from gis.importing import import_sources
from gis.intake.mapping import load_mapping
from gis.intake.preview import preview_sources
from gis.intake.suggest import suggest_mapping
from gis.sample.city import write_sample
from gis.versions.fingerprint import version_id
from tests.gis.test_import_headings import FORMATS
from tests.gis.test_import_result_table import result_table
from tests.gis.survey_tables import GIS1_LINES, GIS1_POINTS
from tests.workbooks import workbook

LINES = [LineString([(500000 + 100 * i, 4050000), (500100 + 100 * i, 4050000)]) for i in range(6)]


def lines_file(folder, columns, name="a.geojson"):
    table = gpd.GeoDataFrame(columns, geometry=LINES[: len(next(iter(columns.values())))], crs="EPSG:4548")
    table.to_file(folder / name, driver="GeoJSON")
    return folder / name


def guessed(source):
    """Attribute of each column that the mapping file would take, and the layer."""
    (table,) = suggest_mapping([source]).tables
    return table.layer, {
        attribute: (field.column, field.unit)
        for rule in table.rules
        for attribute, field in rule.fields.items()
    }


def written(sources, folder, crs=None):
    file = folder / "m.toml"
    suggestion = suggest_mapping(sources, crs=crs)
    file.write_text(suggestion.to_toml(), encoding="utf-8")
    assert load_mapping(file) == suggestion.mapping()
    return file


def test_sizes_materials_years_and_lengths_are_known_by_their_values_alone(tmp_path):
    file = lines_file(tmp_path, {
        "a": ["47", "80", "DN300", "DN300", "80", "DN200"], "b": ["球墨铸铁", "PE管", "灰口铸铁", "球墨铸铁", "PE管", "钢管"],
        "c": [328.1, 328.1, 328.0, 328.2, 328.1, 328.1], "d": ["x1", "x2", "x3", "x4", "x5", "x6"],
    })  # fmt: skip
    layer, fields = guessed(file)
    assert layer == "pipes"
    assert fields == {"dn": ("a", "mm"), "material": ("b", None), "length_m": ("c", "ft")}


@pytest.mark.parametrize(
    ("sizes", "unit"),
    [
        ([100, 150, 200, 300, 100, 200], "mm"),
        ([0.1, 0.15, 0.2, 0.3, 0.1, 0.2], "m"),
        ([4, 6, 8, 12, 4, 8], "in"),
    ],
)
def test_the_unit_of_sizes_follows_from_the_sizes_that_exist(tmp_path, sizes, unit):
    file = lines_file(tmp_path, {"DIAMETER": sizes, "ID": list("abcdef")})
    assert guessed(file)[1] == {"dn": ("DIAMETER", unit), "pipe_id": ("ID", None)}


def test_every_guess_has_a_reason_in_both_languages_and_samples(tmp_path):
    (table,) = suggest_mapping(
        [lines_file(tmp_path, {"管径mm": [100, 150, 200, 100], "备注": ["甲", None, None, None]})]
    ).tables
    size, remark = table.columns
    assert size.attribute == "dn"
    assert "管径规格" in "".join(reason.render("zh") for reason in size.reasons)
    assert "pipe sizes" in "".join(reason.render("en") for reason in size.reasons)
    assert size.samples[0] == "100"
    assert (remark.attribute, remark.filled_share) == (None, 0.25)
    assert table.unmapped == ("备注",)


def test_words_no_code_list_knows_are_asked_for(tmp_path):
    text = suggest_mapping(
        [lines_file(tmp_path, {"管材": ["球墨铸铁", "神铁", "神铁", "PE"], "管径": [100, 100, 200, 200]})]
    ).to_toml()
    assert "神铁" in next(line for line in text.splitlines() if line.startswith("# ") and "codes" in line)


def test_a_survey_under_unheard_of_headings_is_found_by_its_numbers_and_coordinates(tmp_path):
    """Points by what the lines refer to, northing and easting by their ranges, and then it imports."""
    points = [
        ["a", "b", "c", "h", "k1", "k2"],
        *[[p[0], p[1] + 0.5, p[2] + 0.25, p[3], p[5], p[6]] for p in GIS1_POINTS],
    ]
    lines = [["von", "bis", "m", "d"], *[[x[0], x[1], x[2], x[3]] for x in GIS1_LINES]]
    file = workbook(tmp_path / "x.xlsx", eins=points, zwei=lines)
    candidate = import_sources([file], mapping=written([file], tmp_path), crs="EPSG:4548")
    ends = candidate.layers["pipes"][["start_node_id", "end_node_id", "dn", "material"]]
    assert set(ends.itertuples(index=False, name=None)) == {
        ("JS1", "JS2", 300, "DI"), ("JS2", "JS3", 300, "DI"), ("JS3", "JS4", 100, "DI"), ("JS3", "JS5", 300, "DI"),
        ("JS1", "JS6", 300, "GCI"),
    }  # fmt: skip
    place = candidate.layers["nodes"].set_index("node_id").geometry["JS4"]
    assert (place.x, place.y) == (510940.25, 4057618.5)


def test_a_wrong_guess_is_corrected_by_editing_the_file(tmp_path):
    file = lines_file(tmp_path, {"DIAMETER": [4, 6, 8, 12, 4, 8], "ID": list("abcdef")})
    mapping = written([file], tmp_path)
    mapping.write_text(
        mapping.read_text(encoding="utf-8").replace('unit = "in"', 'unit = "cm"'), encoding="utf-8"
    )
    assert sorted(import_sources([file], mapping=mapping).layers["pipes"]["dn"]) == [40, 40, 60, 80, 80, 120]


def test_names_with_quotes_brackets_and_stars_survive_in_the_file(tmp_path):
    file = lines_file(
        tmp_path,
        {'管 "径"': ["DN100"] * 4, "=[a]*?\\": list("abcd"), "控\x7f制": [1, 2, 3, 4]},
        "管线[新]*.geojson",
    )
    mapping = load_mapping(written([file], tmp_path))
    (rule,) = mapping.rules
    assert rule.fields["dn"].column == '管 "径"'
    assert len(import_sources([file], mapping=tmp_path / "m.toml").layers["pipes"]) == 4


def test_the_suggestion_for_the_sample_city_imports_the_same_version_as_its_own_names(tmp_path):
    write_sample(tmp_path / "city", seed=3, pipes=500)
    mapping = written([tmp_path / "city"], tmp_path)
    plain, mapped = import_sources([tmp_path / "city"]), import_sources([tmp_path / "city"], mapping=mapping)
    assert version_id(plain) == version_id(mapped)


@pytest.mark.parametrize("name", FORMATS)
def test_the_suggestion_for_each_survey_format_imports_the_same_network(tmp_path, name):
    points, lines = FORMATS[name]
    file = workbook(tmp_path / "成果.xlsx", 点表=[points, *GIS1_POINTS], 线表=[lines, *GIS1_LINES])
    mapping = written([file], tmp_path)
    plain, mapped = (import_sources([file], crs="EPSG:4548", mapping=m) for m in (None, mapping))
    assert version_id(plain) == version_id(mapped)


def test_the_suggestion_for_a_result_table_imports_the_same_network(tmp_path):
    file = result_table(tmp_path, W=[["x"]])
    mapping = written([file], tmp_path)
    plain, mapped = (import_sources([file], crs="EPSG:4548", mapping=m) for m in (None, mapping))
    assert version_id(plain) == version_id(mapped)
    assert mapped.layers["pipes"]["cover_depth_m"].notna().all()


def test_a_table_that_cannot_be_read_does_not_hide_the_others(tmp_path):
    lines_file(tmp_path, {"管径": ["DN100"] * 4})
    (tmp_path / "b.geojson").write_text('{"type": "FeatureCollection", "features": [', encoding="utf-8")
    tables = {table.ref.name: table for table in suggest_mapping([tmp_path]).tables}
    assert tables["a"].layer == "pipes"
    assert tables["b"].problem.code == "file-unreadable"


def test_lines_between_two_coordinates_are_drawn(tmp_path):
    pd.DataFrame({
        "管径": ["DN100", "DN200", "DN100"], "起点东坐标": [500000.5, 500100.5, 500200.5], "起点北坐标": [4050000.5] * 3,
        "终点东坐标": [500100.5, 500200.5, 500300.5], "终点北坐标": [4050000.5, 4050000.5, 4050100.5],
    }).to_csv(tmp_path / "给水管线.csv", index=False)  # fmt: skip
    mapping = written([tmp_path / "给水管线.csv"], tmp_path)
    pipes = import_sources([tmp_path / "给水管线.csv"], mapping=mapping, crs="EPSG:4548").layers["pipes"]
    assert sorted(pipes["length_m"].round(3)) == [100.0, 100.0, 141.421]


def test_the_preview_shows_first_rows_doubts_and_a_light_picture(tmp_path):
    file = lines_file(
        tmp_path, {"管径": ["DN100", "DN100", "4x", "DN200", "DN200", "DN200"], "管材": ["PE"] * 5 + ["神铁"]}
    )
    preview = preview_sources([file], mapping=suggest_mapping([file]).mapping(), rows=2, shapes=3)
    (table,) = preview.tables
    assert [row["dn"] for row in table.rows] == [100, 100]
    assert [row["row"] for row in table.rows] == [1, 2]
    assert table.count == 6
    assert {one.kind: one.count for one in table.issues} == {"size-unreadable": 1, "code-unknown": 1}
    features = preview.features["features"]
    assert (len(features), preview.drawn, preview.shapes) == (3, 3, 6)
    place = gpd.GeoSeries([Point(features[0]["geometry"]["coordinates"][0])], crs="EPSG:4490").to_crs(
        "EPSG:4548"
    )[0]
    assert place.distance(Point(500000, 4050000)) < 0.05
    assert features[0]["properties"]["dn"] == 100


def test_the_picture_of_a_preview_is_bounded_in_vertices(tmp_path):
    import numpy as np

    rng = np.random.default_rng(1)
    wild = [LineString([500000, 4050000] + 5000 * rng.random((2000, 2))) for _ in range(40)]
    gpd.GeoDataFrame({"管径": ["DN100"] * 40}, geometry=wild, crs="EPSG:4548").to_file(
        tmp_path / "pipes.gpkg", layer="pipes"
    )
    preview = preview_sources([tmp_path / "pipes.gpkg"])
    assert sum(len(one["geometry"]["coordinates"]) for one in preview.features["features"]) <= 40_000
    assert 0 < preview.drawn < preview.shapes == 40
