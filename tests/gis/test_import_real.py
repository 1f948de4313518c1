"""Real data of others: known answers and known faults (../shared/data/README.md)."""

from collections import Counter
from pathlib import Path

import geopandas as gpd
import pyogrio
import pytest

from gis.importing import import_sources

MAPPINGS = Path(__file__).parent / "mappings"
pytestmark = pytest.mark.real_data


def read(folder, mapping, *files):
    return import_sources([folder / file for file in files] or [folder], mapping=MAPPINGS / f"{mapping}.toml")


def ends(candidate):
    pipes = candidate.layers["pipes"].set_index("pipe_id")
    return pipes[["start_node_id", "end_node_id"]].apply(tuple, axis=1).to_dict()


@pytest.fixture(scope="module")
def ky4(shared_data):
    return read(shared_data / "gis/ky4", "ky4", "ky4_pipes.geojson", "ky4_junctions.geojson", "ky4_tanks.geojson", "ky4_reservoirs.geojson")  # fmt: skip


def test_kentucky_is_kept_in_metres_with_sizes_and_recorded_lengths(ky4, shared_data):
    raw = gpd.read_file(shared_data / "gis/ky4/ky4_pipes.geojson").set_index("name")
    pipes = ky4.layers["pipes"].set_index("pipe_id")
    assert ky4.crs == "EPSG:3723"
    assert len(pipes) == 1156
    assert pipes["length_m"].to_dict() == pytest.approx(raw["length"].to_dict())
    assert pipes["inner_diameter_m"].to_dict() == pytest.approx(raw["diameter"].to_dict())
    drawn = pipes.geometry.length
    assert (drawn / (raw.geometry.length * 1200 / 3937)).between(0.999, 1.001).all()


def test_kentucky_with_every_end_off_its_node_has_the_same_connectivity(ky4, shared_data):
    apart = read(shared_data / "gis/ky4", "ky4", "ky4_disconnected_pipes.geojson", "ky4_junctions.geojson", "ky4_tanks.geojson", "ky4_reservoirs.geojson")  # fmt: skip
    truth = gpd.read_file(shared_data / "gis/ky4/ky4_pipes.geojson").set_index("name")
    assert ends(ky4) == truth[["start_node_name", "end_node_name"]].apply(tuple, axis=1).to_dict()
    assert ends(apart) == ends(ky4)
    repaired = Counter(issue.kind for issue in apart.issues if issue.severity == "repaired")
    assert repaired == {"end-off-node": 2 * len(truth)}


def test_kitchener_is_a_list_without_shapes(shared_data):
    candidate = read(shared_data / "gis/kitchener", "kitchener")
    pipes, breaks = candidate.layers["pipes"], candidate.layers["breaks"]
    assert (len(pipes), len(breaks)) == (15903, 2736)
    assert candidate.crs is None
    assert pipes.geometry.isna().all()
    # renewal.md, appendix: without lines under 1 m and without date, 15,158 mains of 918.4 km stay.
    used = pipes[(pipes["length_m"] >= 1.0) & pipes["install_year"].notna()]
    assert len(used) == pytest.approx(15158, abs=2)
    assert used["length_m"].sum() / 1000 == pytest.approx(918.4, abs=0.1)
    # renewal.md section 1: 2,339 of 2,736 main breaks join today's register.
    assert breaks["pipe_id"].isin(pipes["pipe_id"]).sum() == 2339


def test_rwanda_scheme_in_degrees_and_in_parts_is_joined_at_its_known_points(shared_data):
    candidate = read(shared_data / "gis/rwanda", "rwanda", "pipes.geojson", "junctions.geojson", "reservoirs.geojson", "tanks.geojson", "valves.geojson")  # fmt: skip
    assert candidate.crs == "EPSG:32736"
    kinds = Counter(issue.kind for issue in candidate.issues)
    assert kinds["tee-unsplit"] > 100
    sources = candidate.layers["pipes"]["pipe_id"].str.partition("#")[0].unique()
    assert len(sources) >= 55
    # UTM 36S is true to 4e-4 there; drawn lengths in degrees are compared on the ellipsoid.
    raw = gpd.read_file(shared_data / "gis/rwanda/pipes.geojson").to_crs("EPSG:32736")
    assert candidate.layers["pipes"].geometry.length.sum() == pytest.approx(
        raw.geometry.length.sum(), rel=0.02
    )


def test_sant_boi_mains_keep_their_recorded_nodes_and_lack_of_sizes_is_told(shared_data):
    candidate = read(shared_data / "gis/giswater_santboi", "santboi", "santboi_ws.gpkg")
    raw = pyogrio.read_dataframe(shared_data / "gis/giswater_santboi/santboi_ws.gpkg", layer="arc")
    in_use = (
        raw[raw["state"] == "1"] if raw["state"].dtype == object else raw[raw["state"].astype(str) == "1"]
    )
    sources = candidate.layers["pipes"]["pipe_id"].str.partition("#")[0]
    assert set(sources) == set(in_use["arc_id"].astype(str))
    (missing,) = (issue for issue in candidate.issues if issue.kind == "dn-missing-many")
    assert missing.params["count"] == len(candidate.layers["pipes"])
    assert len(candidate.layers["customers"]) > 400
