"""`tapwright mapping suggest` and `preview` as a user runs them."""

import pytest

from tests.api.command import said


def test_the_suggested_file_imports_the_sample_city_as_its_own_names_do(sample_sources, tmp_path):
    out = tmp_path / "m.toml"
    answer = said("mapping", "suggest", sample_sources, "--out", out, "--json").document
    assert answer["file"] == str(out)
    assert all(table["layer"] for table in answer["tables"])
    pipes = next(table for table in answer["tables"] if table["layer"] == "pipes")
    size = next(column for column in pipes["columns"] if column["attribute"] == "dn")
    assert {
        "column",
        "label",
        "unit",
        "confidence",
        "why",
        "why_en",
        "samples",
        "filled_share",
    } <= size.keys()
    plain = said("import", sample_sources, "--workspace", tmp_path / "a", "--json").document
    mapped = said(
        "import", sample_sources, "--workspace", tmp_path / "b", "--mapping", out, "--json"
    ).document
    assert mapped["version"] == plain["version"]


def test_without_out_the_page_is_the_mapping_file_itself(sample_sources):
    import tomllib

    document = tomllib.loads(said("mapping", "suggest", sample_sources).out)
    assert {layer["layer"] for layer in document["layer"]} >= {"pipes", "nodes", "tapoffs", "valves"}


def test_the_preview_has_rows_counts_and_places(sample_sources):
    answer = said("mapping", "preview", sample_sources, "--rows", 3, "--json").document
    pipes = next(table for table in answer["tables"] if table["layer"] == "pipes")
    assert len(pipes["rows"]) == 3
    assert pipes["count"] > 500
    shapes = [one["geometry"] for one in answer["features"]["features"]]
    places = [shape["coordinates"] for shape in shapes if shape["type"] == "Point"]
    assert places
    assert all(abs(lon - 117.02) < 0.2 and abs(lat - 36.66) < 0.2 for lon, lat in places)
    assert answer["drawn"] <= 3000
    assert answer["crs"] == "EPSG:4548"


@pytest.mark.parametrize(
    ("more", "word"),
    [(["--rows", 0], "--rows 0"), (["--crs", " "], "--crs"), (["--mapping", "nowhere.toml"], "nowhere.toml")],
)
def test_a_wrong_call_is_refused_with_what_was_wrong(sample_sources, more, word):
    said("mapping", "preview", sample_sources, *more).refused(2, word)
