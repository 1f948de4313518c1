"""`tapwright model compare`: a model laid over the pipes it was made from finds what was changed in it, and nothing else."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest

from tests.api.command import said
from tests.bad_files.models import model

pytestmark = [pytest.mark.filterwarnings("ignore"), pytest.mark.real_data]

SIZED, CLOSED, GONE, STRETCHED = (
    ("P-10", "P-1012", "P-150"),
    ("P-100", "P-333"),
    ("P-20", "P-500", "P-777"),
    "P-1",
)
NEW = "NEW-1"


@pytest.fixture(scope="module")
def workspace(shared_data, tmp_path_factory):
    """The GIS of ky4, drawn apart from its model and in another CRS."""
    folder = shared_data / "gis" / "ky4"
    files = [folder / f"ky4_{name}.geojson" for name in ("pipes", "junctions", "tanks", "reservoirs")]
    mapping = Path(__file__).parents[1] / "gis" / "mappings" / "ky4.toml"
    place = tmp_path_factory.mktemp("ky4") / "w"
    assert said("import", *files, "--mapping", mapping, "--workspace", place, "--json").status == 0
    return place


def changed(text):
    """The model with sizes, states, a length and pipes changed, and every position moved by a metre or two."""
    rng, section, lines = np.random.default_rng(2), "", []
    for line in text.splitlines():
        words = line.split(";")[0].split()
        if words[:1] and words[0].startswith("["):
            section = words[0]
        elif section == "[PIPES]" and words:
            name = words[0]
            if name in GONE:
                continue
            words[4] = "24" if name in SIZED else words[4]
            words[7] = "Closed" if name in CLOSED else words[7]
            words[3] = str(float(words[3]) * 1.6) if name == STRETCHED else words[3]
            line = " ".join(words)
        elif section in {"[COORDINATES]", "[VERTICES]"} and words:
            x, y = (float(word) + rng.normal(0, 4.0) for word in words[1:])
            line = f"{words[0]} {x} {y}"
        lines.append(line)
    whole = "\n".join(lines)
    return whole.replace("[PIPES]", f"[PIPES]\n{NEW} J-1 J-519 9000 6 150 0 Open", 1)


def test_the_model_of_the_same_pipes_differs_in_nothing(workspace, shared_data):
    answer = said(
        "model", "compare", shared_data / "networks" / "ky4.inp", "--workspace", workspace, "--crs", "EPSG:3089", "--json"
    ).document  # fmt: skip

    assert answer["model_pipes"] == answer["associated"] == 1156
    assert answer["model_covered_m"] == answer["model_length_m"]
    assert answer["differences"] == []


def test_what_was_changed_in_the_model_is_listed_and_nothing_else(workspace, shared_data, tmp_path):
    file = tmp_path / "changed.inp"
    file.write_text(changed((shared_data / "networks" / "ky4.inp").read_text()))
    out = tmp_path / "differences.gpkg"
    answer = said(
        "model", "compare", file, "--workspace", workspace, "--crs", "EPSG:3089", "--out", out, "--json"
    ).document
    found = {}
    for row in answer["differences"]:
        found.setdefault(row["kind"], set()).add(row["model_pipe_id"] or row["gis_pipe_id"])

    assert found == {
        "diameter": set(SIZED), "closed-in-model": set(CLOSED), "only-in-gis": set(GONE), "only-in-model": {NEW},
        "length": {STRETCHED},
    }  # fmt: skip
    size = next(row for row in answer["differences"] if row["model_pipe_id"] == "P-10")
    assert (size["model_diameter_mm"], size["gis_diameter_mm"]) == (609.6, 203.2)
    assert "609.6" in size["text"] and "609.6" in size["text_en"]
    drawn = gpd.read_file(out, layer="differences")
    assert len(drawn) == len(answer["differences"]) and drawn.geometry.notna().all()
    linked = gpd.read_file(out, layer="associations").set_index("pipe_id")
    same = linked.index == linked["gis_pipe_id"]
    assert same.mean() > 0.97  # short pipes within the reach of a parallel neighbour are a toss-up


def test_a_model_that_lies_elsewhere_is_refused_with_the_way_out(workspace, shared_data):
    answer = said(
        "model", "compare", shared_data / "networks" / "HU_csapod.inp", "--workspace", workspace, "--crs", "EPSG:23700", "--json"
    )  # fmt: skip
    assert "--crs" in answer.refused(2).err


def test_a_model_without_positions_is_refused(workspace, tmp_path):
    file = model(("[COORDINATES]\nR1 0 0\nJ1 1500 0\nJ2 2300 0\nJ3 2300 400\n", ""))(tmp_path)
    answer = said("model", "compare", file, "--workspace", workspace, "--json")
    assert "[COORDINATES]" in answer.refused(2).err
