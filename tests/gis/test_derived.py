"""Tap-offs derived from the drawing: dead ends, capped tees, hydrant tees; never where one is known, never registered."""

import datetime as dt
import json
from pathlib import Path

import geopandas as gpd
import networkx as nx
import pytest
import shapely

from api.network.imports import import_into, read_candidate
from api.network.register import Desk
from gis.errors import GisInputError
from gis.messages import both_languages
from gis.progress import SILENT
from gis.register.derived import with_derived
from gis.version import Candidate, conformed
from tests.api.command import said
from tests.built_site import site_part

CRS = "EPSG:4548"
EAST, NORTH = 500_000, 4_058_000


def town(**layers):
    """
    A main N1-N2-N3 DN300 fed at N1; off N2 a hydrant lead H1 and a house lead C1, off N3 a capped stub T1 and an end E1.

    N4 is a hydrant in the middle of a line; B1 ends an abandoned pipe.
    """
    rows = [
        ("P1", "N1", "N2", 300, "open", 100.0), ("P2", "N2", "N3", 300, "open", 100.0),
        ("P3", "N2", "H1", 150, "open", 5.0), ("P4", "N2", "C1", 50, "open", 10.0),
        ("P5", "N3", "T1", 100, "open", 3.0), ("P6", "N3", "N4", 200, "open", 50.0),
        ("P7", "N4", "E1", 200, "open", 60.0), ("P8", "N1", "B1", 200, "abandoned", 60.0),
        ("P9", "N3", "S1", 40, "open", 60.0),
    ]  # fmt: skip
    places = {
        "N1": (0, 0), "N2": (100, 0), "N3": (200, 0), "N4": (250, 0), "H1": (100, 5), "C1": (100, -10), "T1": (200, 3),
        "E1": (310, 0), "B1": (0, 60), "S1": (200, -60),
    }  # fmt: skip
    names = ("pipe_id", "start_node_id", "end_node_id", "dn", "status", "length_m")
    columns = {name: [row[k] for row in rows] for k, name in enumerate(names)}
    pipes = gpd.GeoDataFrame(
        {**columns, "cover_depth_m": 1.1, "road_name": "大街"},
        geometry=[shapely.LineString([at(places[r[1]]), at(places[r[2]])]) for r in rows], crs=CRS,
    )  # fmt: skip
    kinds = {"H1": "hydrant", "T1": "tapoff", "E1": "end", "N4": "hydrant"}
    tables = {
        "pipes": pipes,
        "nodes": points("node_id", places, kind=[kinds.get(name, "junction") for name in places]),
        "hydrants": points(
            "hydrant_id", {"F1": (100, 5), "F2": (250, 0)}, node_id=["H1", "N4"], dn=[None, 100]
        ),
        "customers": points("customer_id", {"K1": (100, -11)}, node_id=["C1"], pipe_id=["P4"]),
        "sources": points("source_id", {"W": (0, 0)}, node_id=["N1"], head_m=[50.0]),
    }
    return conformed(Candidate({**tables, **layers}, (), "town", CRS))


def at(place):
    return place[0] + EAST, place[1] + NORTH


def points(column, places, **more):
    return gpd.GeoDataFrame(
        {column: list(places), **more}, geometry=[shapely.Point(at(p)) for p in places.values()], crs=CRS
    )


def test_ends_caps_and_hydrants_are_derived_and_nothing_else():
    table = with_derived(town()).layers["tapoffs"].set_index("node_id")
    assert table["dn"].to_dict() == {"E1": 200, "T1": 100, "H1": 150, "N4": 100}
    assert table["pipe_dn"].drop("E1").to_dict() == {"T1": 300, "H1": 300, "N4": 200}
    assert table["pipe_id"]["T1"] == "P2"
    assert table["pipe_id"]["H1"] in {"P1", "P2"}
    assert table["pipe_id"]["N4"] in {"P6", "P7"}


def test_a_derived_tap_off_says_so_in_every_column_that_can():
    candidate = with_derived(town())
    table = candidate.layers["tapoffs"]
    assert set(table["origin"]) == {"derived"}
    assert set(table["confidence"]) == {"inferred"}
    assert (table["tapoff_id"] == "derived-" + table["node_id"]).all()
    assert table["last_visit"].isna().all()
    issue = candidate.issues[-1]
    assert (issue.kind, dict(issue.params)) == (
        "tapoffs-derived",
        {"count": 4, "ends": 1, "capped": 1, "hydrants": 2},
    )
    assert "现场核实" in issue.message("zh") and "confirm on site" in issue.message("en")


def test_what_is_registered_stays_and_is_not_derived_again():
    own = points(
        "tapoff_id", {"YLK1": (200, 3)}, node_id=["T1"], dn=[80], status=["used"], origin=["surveyed"]
    )
    candidate = with_derived(town(tapoffs=own))
    table = candidate.layers["tapoffs"].set_index("tapoff_id")
    assert table.loc["YLK1", "origin"] == "surveyed" and table.loc["YLK1", "status"] == "used"
    assert "derived-T1" not in table.index
    again = with_derived(candidate)
    assert len(again.layers["tapoffs"]) == len(candidate.layers["tapoffs"])


def test_a_register_without_shapes_derives_nothing():
    pipes = town().layers["pipes"]
    bare = Candidate({"pipes": pipes}, (), "register", CRS)
    assert with_derived(bare) is bare


def saved(folder):
    """The town as files, without tap-offs."""
    for name in ("pipes", "nodes", "hydrants", "customers", "sources"):
        town().layers[name].to_file(folder / f"{name}.geojson")
    return sorted(folder.glob("*.geojson"))


def test_nothing_is_derived_unless_it_is_asked_for_by_word_or_mapping(tmp_path):
    files = saved(tmp_path)
    plain = import_into(tmp_path / "W", files, crs=CRS)
    assert (plain["counts"]["tapoffs"], plain["tapoffs_derived"]) == (1, 0)
    asked = import_into(tmp_path / "W", files, crs=CRS, derive=True)
    assert asked["tapoffs_derived"] == 3
    (tmp_path / "m.toml").write_text("format = 1\nderive_tapoffs = true\n")
    assert (
        import_into(tmp_path / "W", files, crs=CRS, mapping=tmp_path / "m.toml")["version"]
        == asked["version"]
    )
    (tmp_path / "m.toml").write_text('format = 1\nderive_tapoffs = "yes"\n')
    with pytest.raises(GisInputError) as refusal:
        import_into(tmp_path / "W", files, crs=CRS, mapping=tmp_path / "m.toml")
    assert "derive_tapoffs" in both_languages(refusal.value)


def test_a_visit_to_a_derived_tap_off_survives_the_next_import(tmp_path):
    files = saved(tmp_path)
    import_into(tmp_path / "W", files, crs=CRS, derive=True)
    desk = Desk.open(tmp_path / "W", today=dt.date(2026, 11, 21))
    desk.visited("derived-E1", by="李工", found=False)
    pipes = town().layers["pipes"]
    pipes.assign(cover_depth_m=1.4).to_file(tmp_path / "pipes.geojson")
    import_into(tmp_path / "W", files, crs=CRS, derive=True)
    card = Desk.open(tmp_path / "W", today=dt.date(2026, 11, 21)).show("derived-E1")
    assert (card["status"], card["origin"]) == ("not-found", "derived")


KY4 = ("ky4_pipes.geojson", "ky4_junctions.geojson", "ky4_tanks.geojson", "ky4_reservoirs.geojson")
MAPPINGS = Path(__file__).parent / "mappings"


@pytest.mark.real_data
@pytest.mark.parametrize(
    ("sources", "mapping"),
    [
        ([f"gis/ky4/{name}" for name in KY4], "ky4.toml"), (["networks/HU_sopronkovesd.inp"], None),
        (["gis/giswater_santboi"], "santboi.toml"),
    ],
    ids=["ky4", "sopron", "santboi"],
)  # fmt: skip
def test_open_data_gets_its_ends_and_says_that_they_are_derived(sources, mapping, shared_data):
    candidate = read_candidate(
        [shared_data / source for source in sources], mapping=mapping and MAPPINGS / mapping, crs=None, derive=True,
        progress=SILENT,
    )  # fmt: skip
    layers = candidate.layers
    derived = layers["tapoffs"][layers["tapoffs"]["origin"] == "derived"]
    graph = nx.MultiGraph()
    pipes = layers["pipes"]
    live = pipes[~pipes["status"].isin(["abandoned", "building"])]
    graph.add_edges_from((a, b) for a, b in zip(live["start_node_id"], live["end_node_id"]) if a != b)
    hydrants = set(layers["hydrants"]["node_id"]) if "hydrants" in layers else set()
    assert len(derived) > 10
    # networkx is the judge of what a dead end is
    assert all(graph.degree(node) == 1 or node in hydrants for node in derived["node_id"])
    assert (derived["dn"].isna() | derived["dn"].ge(50)).all()
    assert derived["pipe_id"].isin(pipes["pipe_id"]).all()
    if "sources" in layers:
        assert not set(derived["node_id"]) & set(layers["sources"]["node_id"])
    assert [issue.kind for issue in candidate.issues].count("tapoffs-derived") == 1


@pytest.mark.real_data
def test_a_scheme_from_a_derived_tap_off_says_confirm_on_site(shared_data, tmp_path):
    site_part("fonts")
    files = [shared_data / "gis/ky4" / name for name in KY4]
    import_into(tmp_path / "W", files, mapping=MAPPINGS / "ky4.toml", derive=True)
    request = {"site": {"position": [-85.5314647, 38.0435794], "storeys": 2}, "use": {"design_flow_lps": 2.0}}
    (tmp_path / "r.json").write_text(json.dumps(request))
    found = said(
        "scheme", tmp_path / "r.json", "--workspace", tmp_path / "W", "--out", tmp_path / "out", "--json"
    ).document
    kinds = {(o["connection"]["kind"], o["connection"]["origin"]): o for o in found["options"]}
    derived = kinds["tapoff", "derived"]
    finding = next(f for f in derived["findings"] if f["rule"] == "tapoff-confirmed")
    assert (finding["verdict"], "现场核实" in finding["text"]) == ("warn", True)
    assert "推定" in derived["reasons"][0]
    assert ("new-tap", None) in kinds
    near = said("tapoffs", "--workspace", tmp_path / "W", "--at", "-85.5314647,38.0435794", "--count", 1)
    assert "推定" in near.out
