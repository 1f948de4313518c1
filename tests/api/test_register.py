"""The tap-off register as people use it: on the command line, over HTTP, and in every answer that names a tap-off."""

import shutil
from datetime import date

import pytest

from api.serving.following import Follower
from api.settings import read_settings
from tests.api.command import said
from tests.api.fakes import serving

TODAY = {"TAPWRIGHT_TODAY": "2026-11-21", "TAPWRIGHT_PERSON": "李工"}


@pytest.fixture
def place(sample_workspace, tmp_path):
    return shutil.copytree(sample_workspace, tmp_path / "W")


@pytest.fixture
def free(place):
    """A free tap-off, where it is, and the one next to it."""
    from gis.crs import to_lonlat
    from gis.store import open_store

    network = open_store(place).open()
    table = network.tapoffs[network.tapoffs["status"] == "free"]
    row = table.iloc[0]
    lon, lat = to_lonlat(network.crs, row.geometry.x, row.geometry.y)
    return str(row["tapoff_id"]), f"{lon},{lat}"


def on(day="2026-11-21"):
    return {**TODAY, "TAPWRIGHT_TODAY": day}


def test_a_visit_and_a_reservation_show_in_every_answer_until_they_end(place, free):
    name, at = free
    here = ("--workspace", place, "--json")

    def nearest(status, day="2026-11-21"):
        found = said("tapoffs", *here, "--at", at, "--count", 1, "--status", status, env=on(day)).document
        return (found[0]["id"], found[0]["status"], found[0]["reserved_until"]) if found else None

    assert nearest("free") == (name, "free", None)
    card = said(
        "tapoff", "set", name, *here, "--status", "reserved", "--until", "2026-12-01", env=on()
    ).document
    assert (card["status"], card["reserved_until"], card["reserved_by"]) == ("reserved", "2026-12-01", "李工")
    assert nearest("free")[0] != name
    assert nearest("reserved") == (name, "reserved", "2026-12-01")
    assert nearest("free", "2026-12-02") == (name, "free", None)
    said(
        "tapoff",
        "set",
        name,
        *here,
        "--status",
        "reserved",
        "--until",
        "2027-01-01",
        "--by",
        "王工",
        env=on(),
    ).refused(2, "李工")
    longer = said(
        "tapoff", "set", name, *here, "--status", "reserved", "--until", "2027-01-01", env=on()
    ).document
    assert longer["reserved_until"] == "2027-01-01"
    visited = said(
        "tapoff", "visit", name, *here, "--found", "yes", "--valve", "stuck", "--pressure-mpa", "0.31",
        "--note", "锈死", "--date", "2026-11-20", env=on(),
    ).document  # fmt: skip
    assert (visited["status"], visited["use"], visited["last_visit"]) == ("blocked", "reserved", "2026-11-20")
    wrong = visited["history"][0]
    assert (wrong["pressure_mpa"], wrong["note"], wrong["by"]) == (0.31, "锈死", "李工")
    said("tapoff", "undo", name, wrong["entry_id"], *here, env=on()).refused(2, "--reason")
    undone = said("tapoff", "undo", name, wrong["entry_id"], *here, "--reason", "记错井", env=on()).document
    assert undone["status"] == "reserved"
    assert [e["kind"] for e in undone["history"]] == ["undo", "visit", "status", "status"]
    assert undone["history"][1]["undone_by"] == undone["history"][0]["entry_id"]
    said("tapoff", "undo", name, wrong["entry_id"], *here, "--reason", "再来", env=on()).refused(
        2, wrong["entry_id"]
    )
    page = said("tapoff", "show", name, "--workspace", place, env=on()).out
    assert "已预留" in page and "锈死" in page and "（已撤销）" in page


def test_a_photo_is_kept_by_its_hash_and_a_missing_one_refused(place, free, tmp_path):
    name, _ = free
    here = ("--workspace", place, "--json", "--found", "yes")
    said("tapoff", "visit", name, *here, "--photo", tmp_path / "no.jpg").refused(2, "no.jpg")
    (tmp_path / "a.jpg").write_bytes(b"abc")
    kept = said("tapoff", "visit", name, *here, "--photo", tmp_path / "a.jpg").document["history"][0]
    # SHA-256 of "abc", FIPS 180-4 appendix
    assert kept["photo_hash"] == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (("show", "NOWHERE"), "NOWHERE"),
        (("visit", "NOWHERE", "--found", "yes"), "NOWHERE"),
        (("visit", "FREE", "--found", "no", "--valve", "turns"), "--found yes"),
        (("visit", "FREE", "--found", "yes", "--pressure-mpa", "-1"), "-1"),
        (("visit", "FREE", "--found", "yes", "--date", "gestern"), "--date"),
        (("visit", "FREE", "--found", "yes", "--date", "2026-11-22"), "2026-11-22"),
        (("set", "FREE", "--status", "reserved"), "--until"),
        (("set", "FREE", "--status", "reserved", "--until", "2026-11-20"), "2026-11-20"),
        (("set", "FREE", "--status", "used", "--until", "2027-11-20"), "--until"),
        (("undo", "FREE", "0123456789ab", "--reason", "x"), "0123456789ab"),
    ],
)
def test_what_makes_no_sense_is_refused_and_nothing_is_written(place, free, words, named):
    call = [free[0] if word == "FREE" else word for word in words]
    said("tapoff", *call, "--workspace", place, "--json", env=on()).refused(2, named)
    assert not (place / "register.jsonl").exists()


def test_a_server_follows_the_register_and_keeps_what_is_warm(place, free, monkeypatch):
    name, at = free
    monkeypatch.setenv("TAPWRIGHT_TODAY", "2026-11-21")
    settings = read_settings(workspace=str(place))
    follow = Follower(settings)
    bench = follow.bench
    mains = bench.city.mains
    with serving(place, _with_gate(bench), follow=follow) as client:

        def get(path):
            return client.get(f"/api/v1{path}").json()

        tiles = get("/style.json")["sources"]["network"]["tiles"][0]
        body = {"by": "李工", "status": "reserved", "until": "2026-12-01"}
        answer = client.post(f"/api/v1/tapoffs/{name}/status", json=body)
        assert (answer.status_code, answer.json()["status"]) == (200, "reserved")
        assert get(f"/tapoffs?at={at}&count=1&status=any")[0]["status"] == "reserved"
        assert get(f"/site-card?at={at}")["tapoffs"][0]["status"] == "reserved"
        moved = get("/style.json")["sources"]["network"]["tiles"][0]
        assert moved != tiles
        assert get("/health")["network_version"] == bench.network.version
        assert get("/health")["register_mark"] == f"{(place / 'register.jsonl').stat().st_size}+0"
        assert follow.bench.city.mains is mains
        rival = client.post(f"/api/v1/tapoffs/{name}/status", json={**body, "by": "王工"})
        assert (rival.status_code, rival.json()["type"]) == (409, "urn:tapwright:problem:tapoff-not-free")
        entry = answer.json()["history"][0]["entry_id"]
        undo = {"by": "李工", "entry_id": entry, "reason": "误点"}
        assert client.post(f"/api/v1/tapoffs/{name}/undo", json=undo).json()["status"] == "free"
        assert get("/style.json")["sources"]["network"]["tiles"][0] == tiles
        seen = client.post(f"/api/v1/tapoffs/{name}/visits", json={"by": "李工", "found": False}).json()
        assert seen["status"] == "not-found"
        assert [e["kind"] for e in get(f"/tapoffs/{name}")["history"]] == ["visit", "undo", "status"]
        missing = client.get("/api/v1/tapoffs/NOWHERE")
        assert (missing.status_code, missing.json()["type"]) == (404, "urn:tapwright:problem:tapoff-unknown")


def _with_gate(bench):
    import threading

    bench.__dict__["go_on"] = threading.Event()
    return bench


def test_midnight_ends_a_reservation_on_a_running_server(place, free, monkeypatch):
    name, _ = free
    said(
        "tapoff",
        "set",
        name,
        "--workspace",
        place,
        "--json",
        "--status",
        "reserved",
        "--until",
        "2026-12-01",
        env=on(),
    )
    settings = read_settings(workspace=str(place))
    now = [date(2026, 12, 1)]
    monkeypatch.setattr(type(settings), "today", property(lambda _: now[0]))
    follow = Follower(settings)
    before = follow.bench.network

    def states(network):
        return network.tapoffs.set_index("tapoff_id")["status"]

    assert states(before)[name] == "reserved"
    assert follow(before.stamp) is None
    now[0] = date(2026, 12, 2)
    after = follow(before.stamp)
    assert states(after.network)[name] == "free"
    assert after.network.stamp != before.stamp
    after.close()
