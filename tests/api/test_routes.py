"""Every address answers what the contract says, from what the workbench says."""

import json

import mapbox_vector_tile
import pytest

from tests.api.fakes import FILES, finished, until


def test_health_names_the_workspace_without_naming_its_folder(client, workspace):
    health = client.get("/api/v1/health").json()
    assert health["status"] == "ok"
    assert health["network_version"] == "v-1"
    assert health["synthetic"] is True
    assert str(workspace) not in json.dumps(health)


def test_the_server_says_when_it_is_warm(client):
    assert until(lambda: client.get("/api/v1/health").json()["warm"])


def test_the_network_is_described(client, bench):
    assert client.get("/api/v1/network").json() == bench.info()


def test_tapoffs_asks_the_workbench_what_the_caller_asked(client, bench):
    answer = client.get(
        "/api/v1/tapoffs", params={"at": "117.02,36.66", "count": 3, "within_m": 250, "status": "reserved"}
    )
    assert answer.status_code == 200
    assert bench.calls[-1] == ("tapoffs", (117.02, 36.66), 3, 250.0, "reserved")
    assert answer.json()[0]["id"] == "T1"


def test_tapoffs_has_the_defaults_of_the_command_line(client, bench):
    client.get("/api/v1/tapoffs", params={"at": "117.02,36.66"})
    assert bench.calls[-1] == ("tapoffs", (117.02, 36.66), 5, 500.0, "free")


def test_any_status_means_every_tapoff(client, bench):
    client.get("/api/v1/tapoffs", params={"at": "117.02,36.66", "status": "any"})
    assert bench.calls[-1][-1] is None


def test_a_position_typed_with_a_chinese_comma_is_understood(client, bench):
    client.get("/api/v1/tapoffs", params={"at": "117.02，36.66"})
    assert bench.calls[-1][1] == (117.02, 36.66)


def test_the_site_card_is_of_the_place_asked_for(client):
    assert client.get("/api/v1/site-card", params={"at": "117.02,36.66"}).json()["position"] == [
        117.02,
        36.66,
    ]


@pytest.mark.parametrize("at", [[117.02, 36.66], "117.02,36.66"])
def test_a_check_takes_a_position_as_pair_or_text(client, bench, at):
    answer = client.post(
        "/api/v1/checks", json={"at": at, "flow_lps": 3.5, "required_pressure_m": 16, "nodes": True}
    )
    assert answer.json()["verdict"] == "pass"
    assert bench.calls[-1] == ("check", None, (117.02, 36.66), 3.5, 16.0, True)


def test_a_check_takes_a_node(client, bench):
    client.post("/api/v1/checks", json={"node": "J-1", "flow_lps": 0})
    assert bench.calls[-1] == ("check", "J-1", None, 0.0, None, False)


def test_a_scheme_that_is_ready_soon_comes_at_once(client):
    answer = client.post("/api/v1/schemes", json={"name": "新华路12号"})
    assert answer.status_code == 200
    assert answer.json()["id"] == "S-新华路12号"
    assert client.get(answer.headers["content-location"]).json() == answer.json()


def test_a_scheme_that_takes_longer_becomes_a_job(client, bench):
    bench.go_on.clear()
    answer = client.post("/api/v1/schemes?wait_s=0.2", json={"name": "slow"})
    assert answer.status_code == 202
    job = answer.json()
    assert answer.headers["location"] == f"/api/v1/jobs/{job['id']}"
    assert job["kind"] == "scheme"
    seen = until(lambda: client.get(answer.headers["location"]).json()["progress"])
    assert seen == {"stage": "route", "done": 2, "total": 3} or seen["stage"] == "demand"
    bench.go_on.set()
    done = finished(client, job["id"])
    assert done["state"] == "done"
    assert client.get(done["result"]).json()["name"] == "slow"


def test_who_prefers_not_to_wait_gets_the_job_at_once(client):
    answer = client.post(
        "/api/v1/schemes", json={"name": "rather-later"}, headers={"Prefer": "respond-async"}
    )
    assert answer.status_code == 202
    assert answer.headers["preference-applied"] == "respond-async"
    assert finished(client, answer.json()["id"])["result"] == "/api/v1/schemes/S-rather-later"


def test_schemes_are_listed_newest_first_and_once_each(client):
    for name in ("first", "second", "first"):
        client.post("/api/v1/schemes", json={"name": name})
    listed = client.get("/api/v1/schemes").json()
    assert {line["id"] for line in listed} >= {"S-first", "S-second"}
    assert len({line["id"] for line in listed}) == len(listed)
    assert [line["created"] for line in listed] == sorted((line["created"] for line in listed), reverse=True)
    assert next(line for line in listed if line["id"] == "S-first")["total_cny"] == "12345.67"
    assert len(client.get("/api/v1/schemes?count=1").json()) == 1


def test_the_same_scheme_planned_again_leaves_one_folder(client, workspace):
    before = set((workspace / "schemes").iterdir())
    for _ in range(3):
        assert client.post("/api/v1/schemes", json={"name": "again"}).status_code == 200
    assert len(set((workspace / "schemes").iterdir()) - before) == 1
    assert client.get("/api/v1/schemes/S-again/files/scheme.pdf").status_code == 200


def test_the_eight_files_of_a_scheme_can_be_fetched_as_attachments(client):
    client.post("/api/v1/schemes", json={"name": "files"})
    names = client.get("/api/v1/schemes/S-files/files").json()
    assert sorted(names) == sorted([*FILES, "scheme.json"])
    for name in FILES:
        answer = client.get(f"/api/v1/schemes/S-files/files/{name}")
        assert answer.content == f"content of {name}".encode()
        assert answer.headers["content-disposition"].startswith("attachment")
        assert answer.headers["x-content-type-options"] == "nosniff"


def test_a_downloaded_map_may_run_nothing_under_our_address(client):
    client.post("/api/v1/schemes", json={"name": "files"})
    policy = client.get("/api/v1/schemes/S-files/files/map.html").headers["content-security-policy"]
    assert "sandbox" in policy


def test_a_tile_holds_the_pipes_of_the_version(client):
    # zoom 14 tile of 117.013, 36.654: the two pipes of the small network
    answer = client.get("/api/v1/tiles/v-1/pipes/14/13517/6396.mvt")
    assert answer.headers["content-type"] == "application/vnd.mapbox-vector-tile"
    ids = {
        feature["properties"]["pipe_id"]
        for feature in mapbox_vector_tile.decode(answer.content).get("pipes", {"features": []})["features"]
    }
    assert ids == {"P1", "JS1/JS2"}


def test_a_tile_that_the_caller_has_is_not_sent_again(client):
    first = client.get("/api/v1/tiles/v-1/pipes/14/13517/6396.mvt")
    again = client.get(
        "/api/v1/tiles/v-1/pipes/14/13517/6396.mvt", headers={"If-None-Match": first.headers["etag"]}
    )
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    other = client.get(
        "/api/v1/tiles/v-1/pipes/14/13518/6396.mvt", headers={"If-None-Match": first.headers["etag"]}
    )
    assert other.status_code == 200


TILE = "/api/v1/tiles/v-1/pipes/14/13517/6396.mvt"


@pytest.mark.parametrize(
    ("offer", "zipped"),
    [
        ("gzip", True), ("br, gzip;q=0.5", True), ("*", True), ("identity", False), ("", False),
        ("gzip;q=0", False), ("gzip; q=0.0, *", False), ("deflate, br", False),
    ],
)  # fmt: skip
def test_a_tile_is_zipped_for_those_who_unpack_it(client, offer, zipped):
    answer = client.get(TILE, headers={"Accept-Encoding": offer})
    assert (answer.headers.get("content-encoding") == "gzip") is zipped
    assert answer.headers["vary"] == "accept-encoding"
    assert answer.content == client.get(TILE).content
    assert mapbox_vector_tile.decode(answer.content)["pipes"]["features"]


def test_a_tag_is_strong_and_told_in_any_form_of_the_question(client):
    tag = client.get(TILE).headers["etag"]
    plain = client.get(TILE, headers={"Accept-Encoding": "identity"}).headers["etag"]
    assert tag.startswith('"')
    assert plain != tag
    for known in (f'"other", {tag}', f"W/{tag}", "*"):
        assert client.get(TILE, headers={"If-None-Match": known}).status_code == 304
    assert client.get(TILE, headers={"If-None-Match": plain}).status_code == 200


def test_pressure_tiles_hold_what_the_workbench_computed(client):
    answer = client.get("/api/v1/tiles/v-1/pressure/14/13517/6396.mvt")
    features = mapbox_vector_tile.decode(answer.content)["pressures"]["features"]
    known = {f["properties"]["pipe_id"]: f["properties"].get("peak_pressure_mpa") for f in features}
    assert known == {"P1": 0.31, "JS1/JS2": None}


def test_tiles_are_described_for_other_maps(client):
    told = client.get("/api/v1/tiles/v-1/network.json").json()
    address = told["tiles"][0].replace("{z}/{x}/{y}", "14/13517/6396")
    assert client.get(address).status_code == 200
    assert client.get("/api/v1/tiles/v-0/network.json").status_code == 404


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_style_draws_the_tiles_of_this_version(client, language):
    style = client.get("/api/v1/style.json", params={"language": language}).json()
    assert style["version"] == 8
    addresses = [address for source in style["sources"].values() for address in source.get("tiles", [])]
    assert addresses
    assert all("/api/v1/tiles/v-1/" in address for address in addresses)


def test_a_capacity_map_is_a_job_with_files(client):
    assert client.get("/api/v1/capacity").json() == {"run": None, "document": None, "files": []}
    assert client.get("/api/v1/capacity/files/nodes.csv").status_code == 404
    job = client.post("/api/v1/capacity/runs", json={"required_pressures_m": [14, 20]})
    assert job.status_code == 202
    assert finished(client, job.json()["id"])["result"] == "/api/v1/capacity"
    latest = client.get("/api/v1/capacity").json()
    assert latest["files"] == ["map.geojson", "nodes.csv"]
    assert latest["document"]["asked"]["required_pressures_m"] == [14.0, 20.0]
    assert client.get("/api/v1/capacity/files/map.geojson").headers["content-type"] == "application/geo+json"
    assert client.get("/api/v1/capacity/files/result.json").status_code == 404
    assert client.post("/api/v1/capacity/runs", json={"cap_lps": -1}).status_code == 422


def test_before_the_first_run_the_list_is_empty(client):
    answer = client.get("/api/v1/renewal")
    assert answer.status_code == 200
    assert answer.json() == {"run": None, "document": {"candidates": []}, "decisions": {}}


def test_a_run_gives_a_list_with_files(client):
    job = client.post("/api/v1/renewal/runs", json={"kind": "assess", "parameters": {"max_age_years": 40}})
    assert job.status_code == 202
    assert finished(client, job.json()["id"])["result"] == "/api/v1/renewal"
    latest = client.get("/api/v1/renewal").json()
    assert latest["run"]["kind"] == "assess"
    assert latest["run"]["files"] == ["renewal.gpkg", "renewal.xlsx"]
    assert latest["document"]["parameters"] == {"max_age_years": 40}
    assert client.get("/api/v1/renewal/files/renewal.xlsx").content == b"xlsx"


def test_a_decision_survives_the_next_run_and_keeps_its_history(client):
    path = "/api/v1/renewal/candidates/P1/decision"
    assert client.get(path).json() == {"current": None, "history": []}
    client.put(path, json={"decision": "pin", "status": "stored"})
    decided = client.put(
        path, json={"decision": "defer", "reason": "等道路大修", "until": "2027-06-30"}
    ).json()
    assert decided["current"]["reason"] == "等道路大修"
    assert [(one["decision"], one["status"]) for one in decided["history"]] == [
        ("defer", "stored"),
        ("pin", "stored"),
    ]

    job = client.post("/api/v1/renewal/runs", json={"kind": "coordinate"}).json()
    finished(client, job["id"])
    latest = client.get("/api/v1/renewal").json()
    assert latest["run"]["id"] == job["id"]
    by_pipe = {candidate["pipe_id"]: candidate["decision"] for candidate in latest["document"]["candidates"]}
    assert by_pipe["P1"]["decision"] == "defer"
    assert by_pipe["P1"]["until"] == "2027-06-30"
    assert latest["decisions"]["P1"]["network_version"] == "v-1"
    lon, lat = latest["document"]["candidates"][0]["position"]
    assert (lon, lat) == pytest.approx((117.0134, 36.6538), abs=0.003)


def test_a_pipe_whose_id_holds_a_slash_can_be_decided_on(client):
    path = "/api/v1/renewal/candidates/JS1%2FJS2/decision"
    assert (
        client.put(path, json={"decision": "dismiss", "reason": "已废弃"}).json()["current"]["pipe_id"]
        == "JS1/JS2"
    )
    assert client.put(path, json={"decision": "none"}).json()["current"]["decision"] == "none"


def test_the_page_is_served_at_the_root(client):
    assert "接水匠" in client.get("/").text
    assert client.get("/assets/main-1a2b.js").status_code == 200


def test_an_isolation_asks_the_workbench_what_the_caller_asked(client, bench):
    body = {"pipe": "P1", "failed_valves": ["V9"], "by_pressure": False, "starts": "2026-11-25T08:00"}
    answer = client.post("/api/v1/isolations", json=body)
    assert answer.json()["customers_out"] == 3
    assert bench.calls[-1] == ("isolate", None, "P1", None, ["V9"], False, "2026-11-25T08:00", None)


def test_a_check_may_ask_for_scenarios_and_demand_by_pressure(client, bench):
    body = {"node": "J1", "flow_lps": 1, "scenario": "all", "mode": "pda", "fire_lps": 20}
    assert client.post("/api/v1/checks", json=body).status_code == 200
    assert (bench.wanted.scenario, bench.wanted.mode, bench.wanted.fire_lps) == ("all", "pda", 20)
    assert client.post("/api/v1/checks", json={**body, "scenario": "flood"}).status_code == 422


def test_the_outages_of_every_pipe_are_a_job_with_files(client):
    assert client.get("/api/v1/outages").json() == {"run": None, "document": None, "files": []}
    assert client.get("/api/v1/outages/files/outages.csv").status_code == 404
    job = client.post("/api/v1/outages/runs", json={"required_pressure_m": 16})
    assert job.status_code == 202
    assert finished(client, job.json()["id"])["result"] == "/api/v1/outages"
    latest = client.get("/api/v1/outages").json()
    assert latest["document"] == {"asked": {"required_pressure_m": 16.0}}
    assert latest["files"] == ["outages.csv"]
    assert client.get("/api/v1/outages/files/result.json").status_code == 404
    assert client.post("/api/v1/outages/runs", json={"required_pressure_m": 0}).status_code == 422
