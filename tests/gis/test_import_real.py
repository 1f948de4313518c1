"""Real data of others: known answers and known faults (../shared/data/README.md)."""

from collections import Counter
from pathlib import Path

import geopandas as gpd
import networkx as nx
import pyogrio
import pytest
import shapely

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


def sides_of_pumps_as_one(pairs):
    """Two nodes at one place, on either side of a pump: places alone cannot tell which pipe is on which."""
    return {pipe: tuple(end.replace("O-Pump", "I-Pump") for end in both) for pipe, both in pairs.items()}


def test_kentucky_without_recorded_nodes_has_the_same_connectivity_by_places_and_lengths(ky4, shared_data):
    """Used: places of the known nodes, drawn lines, recorded lengths; not used: the node names of the pipes."""
    apart = read(shared_data / "gis/ky4", "ky4_places", "ky4_disconnected_pipes.geojson", "ky4_junctions.geojson", "ky4_tanks.geojson", "ky4_reservoirs.geojson")  # fmt: skip
    assert sides_of_pumps_as_one(ends(apart)) == sides_of_pumps_as_one(ends(ky4))
    # Each side of a pump still has its pipe, so that no pump is bypassed.
    at_pumps = Counter(end for both in ends(apart).values() for end in both if "Pump" in end)
    assert at_pumps == {f"{side}-Pump-{n}": 1 for side in "IO" for n in (1, 2)}
    unclear = {issue.subject for issue in apart.issues if issue.kind == "end-point-unclear"}
    assert len(unclear) < 15
    pumped = {pipe for pipe, both in ends(apart).items() if any("Pump" in end for end in both)}
    assert pumped <= unclear
    assert sum(issue.kind == "end-off-point" for issue in apart.issues) == 2 * 1156


@pytest.fixture(scope="module")
def sopron(shared_data):
    return read(shared_data / "gis/sopron", "sopron", "sopron_rural.gpkg")


def valves_of_models(shared_data):
    """The two nodes of every valve, from the models the layers were made of."""
    nodes = {}
    for file in (shared_data / "networks").glob("HU_*.inp"):
        rows = [line.split() for line in file.read_text(encoding="latin1").splitlines()]
        nodes |= {row[0]: {row[1], row[2]} for row in rows if len(row) > 4 and row[0].startswith("VALVE_")}
    return nodes


def test_every_valve_of_sopron_joins_the_two_nodes_it_joins_in_the_model(sopron, shared_data):
    joined = {
        i.subject: {i.params["node"], i.params["other"]} for i in sopron.issues if i.kind == "gap-at-valve"
    }
    assert len(joined) == 2048
    assert joined == valves_of_models(shared_data)


def test_every_zone_of_sopron_is_one_connected_part(sopron, shared_data):
    raw = pyogrio.read_dataframe(shared_data / "gis/sopron/sopron_rural.gpkg", layer="pipes")
    zone_of = dict(zip(raw["pipe_id"], raw["net"], strict=True))
    zones = {}
    for row in sopron.layers["pipes"].itertuples():
        zone = zones.setdefault(zone_of[row.pipe_id.partition("#")[0]], nx.Graph())
        zone.add_edge(row.start_node_id, row.end_node_id)
    assert len(zones) == 21
    assert {name: nx.number_connected_components(zone) for name, zone in zones.items()} == dict.fromkeys(
        zones, 1
    )


def test_what_is_left_of_sopron_is_a_short_list_of_doubts(sopron):
    kinds = Counter((issue.kind, issue.severity) for issue in sopron.issues)
    assert {kind for kind, severity in kinds if severity == "error"} == {
        "without-place"
    }  # PRESS_Cap has no place
    assert kinds["value-placeholder", "warning"] == 1  # every valve is DN100
    assert kinds["value-zero", "warning"] == 1  # 204 nodes lie at sea level among hills
    assert 0 < kinds["crossing", "warning"] < 100
    assert sum(count for (_, severity), count in kinds.items() if severity == "warning") < 150
    assert not [
        kind for kind, _ in kinds if kind in {"part-without-source", "pipe-alone", "gap-at-valve-unclear"}
    ]


def test_micropolis_in_feet_lists_its_missing_shapes_zero_years_and_loose_services(shared_data):
    candidate = read(shared_data / "gis/micropolis", "micropolis")
    mains = gpd.read_file(shared_data / "gis/micropolis/watermains_v0.shp")
    pipes = candidate.layers["pipes"]
    of_mains = pipes[pipes["role"] == "distribution"]
    assert of_mains.geometry.length.sum() == pytest.approx(mains.length.sum() * 1200 / 3937, rel=0.003)
    kinds = Counter(issue.kind for issue in candidate.issues)
    assert kinds["pipe-without-line"] == 1
    assert kinds["without-shape"] == 1
    assert kinds["year-impossible"] == 13
    assert kinds["sources-off-network"] == 1
    assert kinds["pipe-alone"] > 50
    alike = [issue.params for issue in candidate.issues if issue.kind == "value-placeholder"]
    assert [(params["attribute"], params["value"]) for params in alike] == [("install_year", 1980)]


def test_akron_is_a_sample_of_mains_that_do_not_meet_with_default_depths(shared_data):
    candidate = read(shared_data / "gis/akron", "akron", "data_600.shp")
    raw = gpd.read_file(shared_data / "gis/akron/data_600.shp")
    pipes = candidate.layers["pipes"].set_index("pipe_id")
    assert len(pipes) == 600
    recorded_m = dict(zip(raw["ASSET_ID"], raw["PIPE_LENGT"] * 1200 / 3937, strict=True))
    assert pipes["length_m"].to_dict() == pytest.approx(recorded_m)
    kinds = Counter(issue.kind for issue in candidate.issues)
    assert kinds["pipe-alone"] + 2 * kinds["part-apart"] > 580
    (zeros,) = [issue for issue in candidate.issues if issue.kind == "value-zero"]
    assert (zeros.params["attribute"], zeros.params["count"]) == ("cover_depth_m", 446)
    assert pipes["cover_depth_m"].isna().sum() == 446
    (usual,) = [issue for issue in candidate.issues if issue.kind == "value-placeholder"]
    assert (usual.params["count"], usual.params["total"]) == (112, 154)  # five feet
    assert {issue.kind for issue in candidate.issues if issue.severity == "repaired"} == {
        "roughness-by-table"
    }


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
    assert kinds["part-without-source"] == kinds["pipe-alone"] == 0
    sources = candidate.layers["pipes"]["pipe_id"].str.partition("#")[0].unique()
    assert len(sources) >= 55
    # UTM 36S is true to 4e-4 there; drawn lengths in degrees are compared on the ellipsoid.
    raw = gpd.read_file(shared_data / "gis/rwanda/pipes.geojson").to_crs("EPSG:32736")
    assert candidate.layers["pipes"].geometry.length.sum() == pytest.approx(
        raw.geometry.length.sum(), rel=0.02
    )


def test_ends_of_rwanda_that_meet_a_main_in_mid_line_are_tees(shared_data):
    """A fifth of the ends; counted here by distances on the raw lines, apart from the code under test."""
    candidate = read(shared_data / "gis/rwanda", "rwanda", "pipes.geojson")
    lines = (
        gpd.read_file(shared_data / "gis/rwanda/pipes.geojson")
        .to_crs("EPSG:32736")
        .explode(index_parts=False)
    )
    lines = lines.reset_index(drop=True)
    ends = [shapely.Point(line.coords[at]) for line in lines.geometry for at in (0, -1)]
    at_ends = shapely.MultiPoint(ends)
    tees = {
        (round(end.x), round(end.y))
        for at, end in enumerate(ends)
        for other, line in enumerate(lines.geometry)
        if other != at // 2 and line.distance(end) < 0.01 and min(end.distance(shapely.Point(c)) for c in (line.coords[0], line.coords[-1])) > 5.0
    }  # fmt: skip
    assert len(tees) >= 10 and at_ends.is_valid
    nodes = candidate.layers["nodes"]
    kind = {(round(p.x), round(p.y)): kind for p, kind in zip(nodes.geometry, nodes["kind"], strict=True)}
    assert {kind[place] for place in tees} == {"tee"}


def test_sant_boi_mains_keep_their_recorded_nodes_and_the_dummy_year_is_found(shared_data):
    candidate = read(shared_data / "gis/giswater_santboi", "santboi", "santboi_ws.gpkg")
    raw = pyogrio.read_dataframe(shared_data / "gis/giswater_santboi/santboi_ws.gpkg", layer="arc")
    in_use = raw[raw["state"].astype(str) == "1"]
    sources = candidate.layers["pipes"]["pipe_id"].str.partition("#")[0]
    assert set(sources) == set(in_use["arc_id"].astype(str))
    assert len(candidate.layers["customers"]) > 400
    kinds = Counter((issue.kind, issue.severity) for issue in candidate.issues)
    assert kinds["dn-missing", "repaired"] == (in_use["arccat_id"] == "VIRTUAL").sum()
    (year,) = [issue for issue in candidate.issues if issue.kind == "value-placeholder"]
    assert (year.params["attribute"], year.params["value"], year.params["share_pct"]) == (
        "install_year",
        2017,
        100.0,
    )
    # Two systems, each with its sources: nothing is an island.
    assert not [kind for kind, _ in kinds if kind in {"part-without-source", "no-sources", "pipe-alone"}]
