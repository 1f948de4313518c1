"""The life of a scheme: accepted once, held until its last day, counted by everybody, and computed again to the last figure."""

import json
import shutil
import subprocess
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest
from pytest import approx

from api.settings import read_settings
from api.workbench import Workbench
from gis.errors import InputError
from design.reservations import reservation_terms
from tests.api.command import PROGRAM, clean_environment, said
from tests.api.fakes import serving
from tests.built_site import site_part
from tests.hydraulics.plain_epanet import heads_of

DAY = {"TAPWRIGHT_TODAY": "2026-11-21", "TAPWRIGHT_PERSON": "李工"}


def request(name, **changes):
    return {
        "name": name, "site": {"position": [117.02, 36.66], "storeys": 6},
        "use": {"type": "residential", "dwellings": 48}, "options": {"count": 3}, **changes,
    }  # fmt: skip


def plan(place, folder, name, env=DAY, **changes):
    """Plan a scheme by the command line; its folder and document."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.json").write_text(json.dumps(request(name, **changes)))
    out = folder / name
    document = said(
        "scheme", folder / f"{name}.json", "--workspace", place, "--out", out, "--json", env=env
    ).document
    return out, document


def schemes(place, *words, env=DAY):
    return said("schemes", *words, "--workspace", place, "--json", env=env)


def on(day):
    return {**DAY, "TAPWRIGHT_TODAY": day}


@pytest.fixture(scope="module")
def planned(sample_workspace, tmp_path_factory):
    """A workspace with two schemes planned for one tap-off, neither accepted."""
    site_part("fonts")
    folder = tmp_path_factory.mktemp("life")
    place = shutil.copytree(sample_workspace, folder / "W")
    both = [plan(place, folder, name) for name in ("甲小区", "乙小区")]
    assert len({document["options"][0]["connection"]["tapoff_id"] for _, document in both}) == 1
    return place, both


@pytest.fixture
def place(planned, tmp_path):
    return shutil.copytree(planned[0], tmp_path / "W")


@pytest.fixture
def first(planned):
    return planned[1][0]


@pytest.fixture
def second(planned):
    return planned[1][1]


def tapoff_of(document):
    return document["options"][0]["connection"]["tapoff_id"]


def test_a_planned_scheme_is_a_draft_that_holds_nothing(place, first):
    cards = {one["id"]: one for one in schemes(place, "list").document}
    assert cards[first[1]["id"]]["state"] == "draft"
    assert (
        said("tapoff", "show", tapoff_of(first[1]), "--workspace", place, "--json", env=DAY).document[
            "status"
        ]
        == "free"
    )


def test_an_accepted_scheme_holds_its_tapoff_and_the_second_is_refused_with_the_rival(place, first, second):
    done = schemes(place, "accept", first[1]["id"], "--by", "张三", "--days", 30).document
    assert (done["state"], done["until"], done["days_left"]) == ("accepted", "2026-12-21", 30)
    shown = said("tapoff", "show", tapoff_of(first[1]), "--workspace", place, "--json", env=DAY).document
    assert (shown["status"], shown["reserved_until"], shown["reserved_by"]) == (
        "reserved",
        "2026-12-21",
        "张三",
    )
    schemes(place, "accept", second[1]["id"]).refused(2, first[1]["id"], tapoff_of(first[1]), "2026-12-21")
    assert schemes(place, "show", second[1]["id"]).document["state"] == "draft"


def test_the_default_term_is_that_of_the_data_file(place, first):
    wanted = date(2026, 11, 21) + timedelta(days=reservation_terms().default_days)
    assert schemes(place, "accept", first[1]["id"]).document["until"] == wanted.isoformat()
    schemes(place, "extend", first[1]["id"], "--days", 9999).refused(2, reservation_terms().longest_days)


@pytest.mark.parametrize("kind", ["folder", "postgis"])
def test_of_two_processes_that_accept_at_once_exactly_one_wins(kind, place, first, second, request):
    where = str(place)
    if kind == "postgis":
        where = request.getfixturevalue("database")
        assert said("copy", place, where).status == 0
    for _ in range(2):
        running = [
            subprocess.Popen(
                [PROGRAM, "schemes", "accept", str(folder), "--workspace", where, "--json"],
                env={**clean_environment(), **DAY}, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            )
            for folder, _ in (first, second)
        ]  # fmt: skip
        told = [(process.communicate(timeout=120), process.returncode) for process in running]
        assert sorted(status for _, status in told) == [0, 2], told
        (_, error), _ = next(one for one in told if one[1] == 2)
        winner = next(one for one in schemes(where, "list").document if one["state"] == "accepted")
        assert winner["id"] in error.decode()
        schemes(where, "withdraw", winner["id"], "--reason", "再来一次").document
    actions = [one["action"] for one in schemes(where, "history").document]
    assert (actions.count("accept"), actions.count("withdraw")) == (2, 2)


def test_a_reservation_ends_with_its_last_day_and_the_tapoff_is_free_again(place, first, second):
    schemes(place, "accept", first[1]["id"], "--until", "2026-12-01").document
    for day, state, status in (("2026-12-01", "accepted", "reserved"), ("2026-12-02", "expired", "free")):
        assert schemes(place, "show", first[1]["id"], env=on(day)).document["state"] == state
        found = said(
            "tapoff", "show", tapoff_of(first[1]), "--workspace", place, "--json", env=on(day)
        ).document
        assert found["status"] == status
    schemes(place, "accept", second[1]["id"], env=on("2026-12-02")).document
    schemes(place, "accept", first[1]["id"], env=on("2026-12-02")).refused(2, second[1]["id"])


def test_what_is_accepted_is_in_the_base_state_of_every_later_check_and_plain_epanet_agrees(
    place, first, tmp_path
):
    def check(folder):
        words = (
            "check",
            "--at",
            "117.0195,36.6598",
            "--flow-lps",
            "2",
            "--inp-out",
            folder,
            "--workspace",
            place,
        )
        return said(*words, "--json", env=DAY).document

    alone = check(tmp_path / "alone")
    schemes(place, "accept", first[1]["id"]).document
    both = check(tmp_path / "both")
    assert (alone["reserved"], [one["scheme_id"] for one in both["reserved"]]) == ([], [first[1]["id"]])
    assert both["pressure_before_m"] < alone["pressure_before_m"] - 0.01
    before, after = (
        heads_of(tmp_path / "alone" / "model-before.inp"),
        heads_of(tmp_path / "both" / "model-before.inp"),
    )
    node = first[1]["options"][0]["connection"]["node_id"]
    flow_lps = first[1]["demand"]["design_flow_lps"]
    lower = np.array([before[name] - after[name] for name in before])
    assert (lower >= -1e-3).all() and lower.max() == approx(before[node] - after[node])
    text = {name: (tmp_path / name / "model-before.inp").read_text() for name in ("alone", "both")}
    drawn = {name: _drawn(text[name], node) for name in text}
    assert drawn["both"] - drawn["alone"] == approx(flow_lps, abs=1e-6)


def _drawn(text, node):
    """Demand of a junction in an EPANET file [L/s]."""
    body = text.partition("[JUNCTIONS]")[2].partition("[")[0]
    return next(float(line.split()[2]) for line in body.splitlines() if line.split()[:1] == [node])


def test_a_new_scheme_takes_another_tapoff_and_names_the_reserved_ones_it_counted(place, first, tmp_path):
    schemes(place, "accept", first[1]["id"]).document
    _, document = plan(place, tmp_path, "丙小区")
    assert tapoff_of(document) != tapoff_of(first[1])
    (told,) = document["provenance"]["reserved"]
    assert (told["scheme_id"], told["tapoff_id"]) == (first[1]["id"], tapoff_of(first[1]))
    assert told["flow_lps"] == first[1]["demand"]["design_flow_lps"]
    assert any(tapoff_of(first[1]) == lost["connection"]["tapoff_id"] for lost in document["rejected"])


def test_a_network_without_anything_left_refuses_and_names_whoever_took_it(sample_workspace, tmp_path):
    place = shutil.copytree(sample_workspace, tmp_path / "W")
    bench = Workbench.open(replace(read_settings(workspace=str(place)), fixed_day=date(2026, 11, 21)))
    low, high = 5.0, 400.0
    for _ in range(6):  # about the largest flow one such site can have
        flow = (low + high) / 2.0
        fits = _big(bench, tmp_path / "try", flow)
        low, high = (flow, high) if fits else (low, flow)
    one, other = _big(bench, tmp_path / "one", low), _big(bench, tmp_path / "other", low, [117.0203, 36.6603])
    bench.close()
    schemes(place, "accept", tmp_path / "one").document
    schemes(place, "accept", tmp_path / "other").refused(2, one["id"])
    done = schemes(place, "accept", tmp_path / "other", "--override", "年内改造主管").document
    assert (done["id"], done["state"], done["override"]) == (other["id"], "accepted", "年内改造主管")


def _big(bench, folder, flow_lps, at=(117.02, 36.66)):
    """A scheme for one large user, kept in the folder; None where the network cannot serve it."""
    site = {"position": list(at), "storeys": 1}
    try:
        document = bench.plan(request(folder.name, site=site, use={"design_flow_lps": flow_lps}))
    except InputError:
        return None
    folder.mkdir(exist_ok=True)
    (folder / "scheme.json").write_text(json.dumps(document))
    return document if document["feasible"] else None


def test_edits_are_kept_with_who_when_and_why(place, first):
    name = first[1]["id"]
    schemes(place, "accept", name, "--by", "张三", "--days", 10).document
    schemes(place, "extend", name, "--by", "王五", "--days", 60, "--reason", "用户资金未到").document
    schemes(place, "withdraw", name, "--by", "张三", "--reason", "用户放弃").document
    schemes(place, "withdraw", name, "--reason", "再撤").refused(2, name)
    schemes(place, "extend", name, "--days", 5).refused(2, name)
    told = schemes(place, "show", name).document["history"]
    assert [(one["action"], one["by"], one["until"]) for one in told] == [
        ("withdraw", "张三", None), ("extend", "王五", "2027-01-20"), ("accept", "张三", "2026-12-01"), ("draft", "李工", None),
    ]  # fmt: skip
    assert [one["reason"] for one in told[:2]] == ["用户放弃", "用户资金未到"]
    shown = said("tapoff", "show", tapoff_of(first[1]), "--workspace", place, "--json", env=DAY).document
    assert (shown["status"], len(shown["history"])) == ("free", 4)


def test_withdrawing_leaves_a_blocked_tapoff_blocked(place, first):
    schemes(place, "accept", first[1]["id"]).document
    words = ("visit", tapoff_of(first[1]), "--found", "yes", "--valve", "stuck", "--workspace", place)
    said("tapoff", *words, "--json", env=DAY).document
    schemes(place, "withdraw", first[1]["id"], "--reason", "口堵").document
    shown = said("tapoff", "show", tapoff_of(first[1]), "--workspace", place, "--json", env=DAY).document
    assert shown["status"] == "blocked"


def test_the_entry_of_a_scheme_is_not_undone_behind_its_back(place, first):
    schemes(place, "accept", first[1]["id"]).document
    shown = said("tapoff", "show", tapoff_of(first[1]), "--workspace", place, "--json", env=DAY).document
    words = (
        "undo",
        tapoff_of(first[1]),
        shown["history"][0]["entry_id"],
        "--reason",
        "试试",
        "--workspace",
        place,
    )
    said("tapoff", *words, env=DAY).refused(2, first[1]["id"])


def test_a_scheme_that_takes_anothers_place_supersedes_it_in_one_step(place, first, tmp_path):
    old = first[1]["id"]
    schemes(place, "accept", old).document
    out, document = plan(place, tmp_path, "甲小区改", replaces=old)
    assert tapoff_of(document) == tapoff_of(first[1])
    assert document["provenance"]["reserved"] == []
    assert said("verify", out, "--workspace", place, "--json", env=DAY).document["equal"]
    done = schemes(place, "accept", document["id"]).document
    assert (done["state"], done["other"]) == ("accepted", old)
    assert schemes(place, "show", old).document["state"] == "superseded"
    assert said("verify", out, "--workspace", place, "--json", env=DAY).document["equal"]


def test_what_was_built_is_reserved_no_longer(place, first):
    schemes(place, "accept", first[1]["id"]).document
    said("asbuilt", first[0], "--workspace", place, "--built-on", "2026-11-20", "--json", env=DAY).document
    assert schemes(place, "show", first[1]["id"]).document["state"] == "built"
    words = ("check", "--at", "117.0195,36.6598", "--flow-lps", "2", "--workspace", place)
    assert said(*words, "--json", env=DAY).document["reserved"] == []
    schemes(place, "accept", first[1]["id"]).refused(2, first[1]["id"])


def test_a_stored_scheme_is_computed_again_to_the_last_figure_whatever_happened_since(place, first, second):
    schemes(place, "accept", first[1]["id"]).document
    later = on("2027-02-01")
    words = ("visit", tapoff_of(first[1]), "--found", "no", "--workspace", place)
    said("tapoff", *words, "--json", env=DAY).document
    for folder, _ in (first, second):
        answer = said("verify", folder, "--workspace", place, "--json", env=later)
        assert (answer.status, answer.document["differences"], answer.document["equal"]) == (0, [], True)
        assert answer.document["figures"] > 1000


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("options", 0, "quote", "total_cny"), "0.01"),
        (("options", 1, "check", "site_pressure_after_mpa"), 0.5),
        (("demand", "design_flow_lps"), 9.0),
        (("provenance", "prices"), "another@000000000000"),
    ],
)
def test_one_changed_number_is_reported_with_what_was_stored_and_what_is_found(
    path, value, place, first, tmp_path
):
    copy = shutil.copytree(first[0], tmp_path / "copy")
    document = json.loads((copy / "scheme.json").read_text())
    inner = document
    for key in path[:-1]:
        inner = inner[key]
    true, inner[path[-1]] = inner[path[-1]], value
    (copy / "scheme.json").write_text(json.dumps(document))
    answer = said("verify", copy, "--workspace", place, "--json", env=DAY)
    assert answer.status == 1
    told = {one["path"]: (one["stored"], one["now"]) for one in json.loads(answer.out)["differences"]}
    name = "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in path).lstrip(".")
    assert told.pop(name) == (value, true)
    assert not told
    assert name in said("verify", copy, "--workspace", place, env=DAY).out


def test_a_changed_day_of_making_breaks_the_seal(place, first, tmp_path):
    copy = shutil.copytree(first[0], tmp_path / "copy")
    document = json.loads((copy / "scheme.json").read_text())
    document["provenance"]["created"] = "2026-11-20T00:00:00+00:00"
    (copy / "scheme.json").write_text(json.dumps(document))
    answer = said("verify", copy, "--workspace", place, "--json", env=DAY)
    assert (answer.status, [one["path"] for one in json.loads(answer.out)["differences"]]) == (1, ["digest"])


def test_a_changed_byte_in_another_file_is_reported_too(place, first, tmp_path):
    copy = shutil.copytree(first[0], tmp_path / "copy")
    (copy / "plan.dxf").write_bytes((copy / "plan.dxf").read_bytes() + b" ")
    answer = said("verify", copy, "--workspace", place, "--json", env=DAY)
    assert (answer.status, [one["path"] for one in json.loads(answer.out)["differences"]]) == (
        1,
        ["plan.dxf (SHA-256)"],
    )


def test_over_http_a_scheme_is_accepted_once_and_the_other_gets_409_with_the_rival(place, first, second):
    bench = Workbench.open(read_settings(workspace=str(place)))
    with serving(place, bench) as client:
        url = "/api/v1/schemes/{}/{}".format
        done = client.post(url(first[1]["id"], "accept"), json={"by": "张三", "days": 20})
        assert (done.status_code, done.json()["state"]) == (200, "accepted")
        lost = client.post(url(second[1]["id"], "accept"), json={"by": "李四"})
        assert (lost.status_code, lost.headers["content-type"]) == (409, "application/problem+json")
        assert (lost.json()["rival"], lost.json()["type"]) == (
            first[1]["id"],
            "urn:tapwright:problem:scheme-rival",
        )
        assert client.get(url(first[1]["id"], "life")).json()["history"][0]["by"] == "张三"
        more = client.post(url(first[1]["id"], "extend"), json={"by": "张三", "days": 40})
        assert more.json()["days_left"] == 40
        gone = client.post(url(first[1]["id"], "withdraw"), json={"by": "张三", "reason": "用户放弃"})
        assert gone.json()["state"] == "withdrawn"
        assert client.post(url(second[1]["id"], "accept"), json={"by": "李四"}).status_code == 200
        assert client.get(url("S0", "life")).status_code == 404


def test_the_tapoff_of_a_second_inlet_is_held_too_and_let_go_with_it(place, tmp_path):
    site = {"position": [117.01569, 36.66314], "storeys": 5}
    _, hospital = plan(
        place, tmp_path, "丙医院", site=site, use={"type": "hospital", "beds": 300}, options={"count": 1}
    )
    name = hospital["options"][0]["inlets"]["second"]["tapoff_id"]
    assert name and name != tapoff_of(hospital)
    pin = {"tapoff_id": name, "reason": "业主指定", "by": "李工"}
    _, shop = plan(
        place, tmp_path, "丁店", site={**site, "storeys": 1}, use={"design_flow_lps": 0.3}, connection=pin
    )
    assert tapoff_of(shop) == name

    def status(tapoff):
        return said("tapoff", "show", tapoff, "--workspace", place, "--json", env=DAY).document["status"]

    schemes(place, "accept", hospital["id"]).document
    assert [status(one) for one in (tapoff_of(hospital), name)] == ["reserved", "reserved"]
    schemes(place, "accept", shop["id"]).refused(2, hospital["id"], name)
    schemes(place, "withdraw", hospital["id"], "--reason", "改址").document
    assert [status(one) for one in (tapoff_of(hospital), name)] == ["free", "free"]
    assert schemes(place, "accept", shop["id"]).document["state"] == "accepted"
