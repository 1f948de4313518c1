"""A scheme that was built becomes network: exactly once, at the surveyed place, and EPANET finds the promised pressures."""

import json
import shutil
import threading

import geopandas as gpd
import pytest
import shapely
from pytest import approx

from api.serving.following import Follower
from api.settings import read_settings
from gis.crs import from_lonlat
from gis.store import open_store
from tests.api.command import said
from tests.api.fakes import serving
from tests.built_site import site_part
from tests.hydraulics.plain_epanet import heads_of

REQUEST = {
    "name": "试点小区", "site": {"position": [117.02, 36.66], "storeys": 6},
    "use": {"type": "residential", "dwellings": 48}, "options": {"count": 3},
}  # fmt: skip
ENV = {"TAPWRIGHT_TODAY": "2026-11-21", "TAPWRIGHT_PERSON": "李工"}


@pytest.fixture(scope="module")
def scheme(sample_workspace, tmp_path_factory):
    """Folder of a scheme with options at a tap-off and at a new tap."""
    site_part("fonts")
    folder = tmp_path_factory.mktemp("scheme")
    (folder / "r.json").write_text(json.dumps(REQUEST))
    said("scheme", folder / "r.json", "--workspace", sample_workspace, "--out", folder / "out", env=ENV)
    return folder / "out"


@pytest.fixture(scope="module")
def document(scheme):
    return json.loads((scheme / "scheme.json").read_text())


@pytest.fixture
def place(sample_workspace, tmp_path):
    return shutil.copytree(sample_workspace, tmp_path / "W")


def of_kind(document, kind):
    return next(option for option in document["options"] if option["connection"]["kind"] == kind)


def asbuilt(place, scheme, *words):
    return said("asbuilt", scheme, "--workspace", place, "--json", *words, env=ENV)


@pytest.mark.parametrize("kind", ["tapoff", "new-tap"])
def test_plain_epanet_finds_at_the_site_what_the_scheme_promised(kind, place, scheme, document, tmp_path):
    option = of_kind(document, kind)
    done = asbuilt(place, scheme, "--option", option["rank"], "--built-on", "2026-11-01").document
    said(
        "check",
        "--workspace",
        place,
        "--json",
        "--node",
        done["site_node_id"],
        "--flow-lps",
        0,
        "--inp-out",
        tmp_path,
    )
    heads = heads_of(tmp_path / "model-before.inp")
    check, pipe = option["check"], option["service_pipe"]
    assert heads[done["tie_in_node_id"]] == approx(check["tie_in_head_after_m"], abs=0.02)
    # The model has friction only; the scheme took the fittings off too, and GB 50015 counts a bit more friction.
    promised_m = check["site_pressure_after_mpa"] / 0.00980665 + pipe["local_m"]
    found_m = heads[done["site_node_id"]] - check["site_elevation_m"]
    assert found_m == approx(promised_m, abs=0.02 + 0.2 * pipe["friction_m"])
    for other in check["most_affected"][:5]:
        assert heads[other["node_id"]] - other["elevation_m"] == approx(other["pressure_after_m"], abs=0.05)


def test_what_was_built_is_in_the_layers_with_its_confidence_and_scheme(place, scheme, document):
    option = of_kind(document, "new-tap")
    before = open_store(place).open()
    done = asbuilt(place, scheme, "--option", option["rank"], "--built-on", "2026-11-01").document
    network = open_store(place).open()
    pipes = network.pipes.set_index("pipe_id")
    service, cut = pipes.loc[done["pipe_id"]], done["cut"]
    assert (service["role"], service["installed_on"], service["scheme_id"]) == (
        "service",
        "2026-11-01",
        document["id"],
    )
    assert {service[f"{name}_confidence"] for name in ("dn", "material", "install_year")} == {"as-built"}
    assert service["dn"] == round(option["service_pipe"]["outer_diameter_mm"])
    main = before.pipes.set_index("pipe_id").loc[cut["pipe_id"]]
    first, second = (pipes.loc[piece] for piece in cut["pieces"])
    assert first["length_m"] + second["length_m"] == approx(main["length_m"], abs=1e-9)
    assert first["length_m"] / main["length_m"] == approx(option["connection"]["fraction"], abs=1e-5)
    assert (first["start_node_id"], second["end_node_id"]) == (main["start_node_id"], main["end_node_id"])
    assert (
        first["end_node_id"] == second["start_node_id"] == service["start_node_id"] == done["tie_in_node_id"]
    )
    assert first.geometry.coords[-1] == second.geometry.coords[0] == service.geometry.coords[0]
    assert max(first["length_m"], second["length_m"]) == pipes["length_m"][cut["pipe_id"]]
    customers = network.layer("customers").set_index("customer_id")
    meter = customers.loc[done["customer_id"]]
    assert meter["design_flow_m3s"] * 1000.0 == approx(document["demand"]["design_flow_lps"], rel=1e-6)
    assert (meter["node_id"], meter["meter_dn"], meter["dwellings"]) == (
        done["site_node_id"],
        option["meter"]["dn"],
        48,
    )
    valve = network.layer("valves").set_index("valve_id").loc[done["valve_id"]]
    assert (valve["pipe_id"], valve["state"]) == (done["pipe_id"], "open")
    assert len(network.pipes) == len(before.pipes) + 2
    for name in ("valves", "customers", "tapoffs"):
        layer = network.layer(name)
        assert set(layer["pipe_id"].dropna()) <= set(network.pipes["pipe_id"]), name
    assert any("未经竣工测量" in doubt for doubt in done["doubts"])


def test_a_second_capture_answers_the_same_version_and_one_lost_by_an_import_goes_in_again(
    place, scheme, sample_sources
):
    first = asbuilt(place, scheme).document
    again = asbuilt(place, scheme, "--by", "王工").document
    assert (again["version"], again["already"], first["already"]) == (first["version"], True, False)
    told = said("versions", "--history", "--workspace", place, "--json").document
    assert [entry["action"] for entry in told] == ["import", "asbuilt"]
    assert (told[-1]["by"], told[-1]["details"]["scheme"]) == ("李工", first["scheme_id"])
    said("rollback", told[0]["version"], "--workspace", place, "--json", "--reason", "演练")
    assert asbuilt(place, scheme).document["version"] == first["version"]


def test_the_tap_off_is_used_from_then_on_whatever_was_reserved_before(place, scheme, document):
    tapoff = of_kind(document, "tapoff")["connection"]["tapoff_id"]
    at = ("--workspace", place, "--json")
    said("tapoff", "set", tapoff, *at, "--status", "reserved", "--until", "2026-12-31", env=ENV)
    assert asbuilt(place, scheme, "--built-on", "2026-10-01").document["tapoff_id"] == tapoff
    later = {**ENV, "TAPWRIGHT_TODAY": "2027-06-01"}
    card = said("tapoff", "show", tapoff, *at, env=later).document
    assert (card["status"], card["imported_status"], card["history"][0]["scheme_id"]) == (
        "used",
        "used",
        document["id"],
    )
    other = {**document, "id": "S-other"}
    (place.parent / "other.json").write_text(json.dumps(other))
    said("asbuilt", place.parent / "other.json", *at, env=ENV).refused(2, tapoff)


def surveyed(place, document, kind):
    """Points of a built pipe: a metre off the plan all along, x easting, y northing."""
    option = of_kind(document, kind)
    crs = open_store(place).open().crs
    route = [from_lonlat(crs, *p) for p in option["route"]["geometry"]["coordinates"]]
    return option, [route[0], *((x + 1.0, y) for x, y in route[1:])]


@pytest.mark.parametrize("turned", [False, True])
def test_the_survey_counts_where_there_is_one(turned, place, scheme, document, tmp_path):
    option, points = surveyed(place, document, "tapoff")
    rows = [f"{n},{y:.3f},{x:.3f},{40 + n / 10:.2f},1.2" for n, (x, y) in enumerate(points)]
    table = "\n".join(["点号,X坐标,Y坐标,地面高程,埋深", *(rows[::-1] if turned else rows)])
    (tmp_path / "竣工测点.csv").write_text(table, encoding="gbk")
    done = asbuilt(place, scheme, "--option", option["rank"], "--survey", tmp_path / "竣工测点.csv").document
    network = open_store(place).open()
    pipe = network.pipes.set_index("pipe_id").loc[done["pipe_id"]]
    wanted = shapely.LineString(points)
    assert pipe.geometry.hausdorff_distance(wanted) < 0.002
    assert pipe["length_m"] == approx(wanted.length, abs=0.01)
    node = network.nodes.set_index("node_id").loc[done["site_node_id"]]
    assert node["elevation_m"] == approx(40 + (len(points) - 1) / 10)
    assert node["elevation_confidence"] == "as-built"
    assert done["doubts"] == []


def test_a_survey_of_a_new_tap_cuts_the_main_where_it_was_tapped(place, scheme, document, tmp_path):
    option, _ = surveyed(place, document, "new-tap")
    network = open_store(place).open()
    main = network.pipes.set_index("pipe_id").geometry[option["connection"]["pipe_id"]]
    x, y = from_lonlat(network.crs, *option["connection"]["position"])
    tapped = main.interpolate(main.project(shapely.Point(x, y)) + 2.0)
    line = [tapped, shapely.Point(tapped.x + 3.0, tapped.y + 4.0)]
    gpd.GeoDataFrame({"n": [1, 2]}, geometry=line, crs=network.crs).to_file(
        tmp_path / "asbuilt.gpkg", layer="测点"
    )
    done = asbuilt(place, scheme, "--option", option["rank"], "--survey", tmp_path / "asbuilt.gpkg").document
    assert done["cut"]["fraction"] == approx(
        (main.project(shapely.Point(x, y)) + 2.0) / main.length, abs=1e-6
    )
    assert done["length_m"] == approx(5.0, abs=0.001)
    assert any("相差较大" in doubt for doubt in done["doubts"])


def test_what_cannot_be_taken_in_is_refused_and_changes_nothing(place, scheme, document, tmp_path):
    current = (place / "current").read_text()
    (tmp_path / "far.csv").write_text("点号,X坐标,Y坐标\n1,4000000,500000\n2,4000010,500000\n")
    (tmp_path / "one.csv").write_text("点号,X坐标,Y坐标\n1,4000000,500000\n")
    (tmp_path / "none.csv").write_text("a,b\n1,2\n")
    (tmp_path / "no.json").write_text('{"id": "S1"}')
    for named, words in (
        ("--option", (scheme, "--option", 9)),
        ("--built-on", (scheme, "--built-on", "soon")),
        ("2026-11-22", (scheme, "--built-on", "2026-11-22")),
        ("--crs", (scheme, "--survey", tmp_path / "far.csv")),
        ("one.csv", (scheme, "--survey", tmp_path / "one.csv")),
        ("none.csv", (scheme, "--survey", tmp_path / "none.csv")),
        ("scheme.json", (tmp_path / "no.json",)),
        ("missing.json", (tmp_path / "missing.json",)),
    ):
        asbuilt(place, *words).refused(2, named)
    assert (place / "current").read_text() == current
    assert not (place / "register.jsonl").exists()


def test_the_next_scheme_sees_what_was_built(place, scheme, document, tmp_path):
    asbuilt(place, scheme)
    (tmp_path / "r.json").write_text(json.dumps(REQUEST))
    said("scheme", tmp_path / "r.json", "--workspace", place, "--out", tmp_path / "next", env=ENV)
    after = json.loads((tmp_path / "next" / "scheme.json").read_text())
    used = of_kind(document, "tapoff")["connection"]["tapoff_id"]
    assert used not in [option["connection"]["tapoff_id"] for option in after["options"]]
    assert after["id"] != document["id"]


def test_the_page_takes_a_built_scheme_in_and_moves_to_the_version_that_has_it(place, monkeypatch):
    monkeypatch.setenv("TAPWRIGHT_TODAY", "2026-11-21")
    follow = Follower(read_settings(workspace=str(place)))
    bench = follow.bench
    bench.__dict__["go_on"] = threading.Event()
    with serving(place, bench, follow=follow) as client:
        planned = client.post("/api/v1/schemes?wait_s=60", json=REQUEST).json()
        path = f"/api/v1/schemes/{planned['id']}/asbuilt"
        done = client.post(path, json={"by": "李工", "built_on": "2026-11-01"}).json()
        assert (done["already"], done["scheme_id"]) == (False, planned["id"])
        assert client.get("/api/v1/health").json()["network_version"] == done["version"]
        assert client.post(path, json={"by": "李工"}).json()["version"] == done["version"]
        refused = client.post(path, json={"by": "李工", "option": 9})
        assert (refused.status_code, refused.json()["type"]) == (422, "urn:tapwright:problem:asbuilt-option")
