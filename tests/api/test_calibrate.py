"""`tapwright calibrate`: known parameters of a city recovered from its own readings, kept, used, switched off, refused."""

import csv
import json
import shutil
from contextlib import ExitStack, closing
from dataclasses import replace

import numpy as np
import pytest

from api.cli import main
from api.serving.following import Follower
from api.settings import read_settings
from gis.store import open_store
from hydraulics.model import build_peak_model, write_model
from hydraulics.session import Session
from hydraulics.uncertainty.groups import groups_of


@pytest.fixture(scope="module")
def truth(sample_workspace, tmp_path_factory):
    """The sample city with those pipes 20 % rougher that matter most, and the node ids of tests at its far ends."""
    network = open_store(sample_workspace).open(None)
    model = build_peak_model(network, tmp_path_factory.mktemp("model"))
    groups, tables = groups_of(network, model.tables), model.tables

    def rougher(number):
        rough = np.where(groups.group == number, 0.8, 1.0) * tables.roughness_factor
        place = tmp_path_factory.mktemp("truth")
        return write_model(replace(tables, roughness_factor=rough), place, version="v", description=("", ""))

    def lowest_head(number):
        with Session(rougher(number)) as session:
            return np.nanmin(session.base.head_m[session.index.demand_m3s > 0])

    chosen = min(range(len(groups.names)), key=lowest_head)
    changed = rougher(chosen)
    with Session(changed) as session:
        index = session.index
        drawing = np.flatnonzero(
            index.is_junction & (index.demand_m3s > 0) & np.isfinite(session.base.head_m)
        )
        lowest = drawing[np.argsort(session.base.head_m[drawing], kind="stable")]
        rows = []
        for node in lowest[:: len(lowest) // 12][:12]:
            name = index.node_ids[node]
            rows.append((name, session.base.pressure_m[node], 0.0))
            rows.append((name, session.solve({int(node): 0.002}).pressure_m[node], 2.0))
    return groups.names[chosen], rows


@pytest.fixture
def workspace(sample_workspace, tmp_path):
    return shutil.copytree(sample_workspace, tmp_path / "w")


def written(path, rows, columns=("node_id", "pressure_m", "flow_lps", "accuracy_m")):
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([columns, *rows])
    return path


def run(capsys, *words, exits=0):
    assert main([str(word) for word in words]) == exits
    told = capsys.readouterr()
    return json.loads(told.out) if "--json" in words and exits == 0 else told.err + told.out


def test_a_calibration_is_found_kept_used_and_switched_off(truth, workspace, tmp_path, capsys):
    name, rows = truth
    readings = written(tmp_path / "r.csv", [(node, f"{m:.3f}", flow, 0.05) for node, m, flow in rows])
    asked = ["check", "--workspace", workspace, "--node", rows[0][0], "--flow-lps", 1, "--json"]
    before = run(capsys, *asked)
    answer = run(
        capsys, "calibrate", readings, "--workspace", workspace, "--json", "--plots", tmp_path / "plots"
    )
    after = run(capsys, *asked)
    without = run(capsys, *asked, "--uncalibrated")
    run(capsys, "calibrate", "--workspace", workspace, "--switch", "off", "--json")
    off = run(capsys, *asked)
    again = written(tmp_path / "s.csv", [(rows[0][0], f"{rows[0][1]:.3f}", 0, 0.05)])
    still_off = run(capsys, "calibrate", again, "--workspace", workspace, "--json")
    found = next(one for one in answer["parameters"] if one["name"] == name)

    assert found["identified"] and found["factor"] == pytest.approx(0.8, rel=0.03)
    assert still_off["sound"] and not still_off["in_use"]
    assert answer["rms_after_m"] < 0.06 < answer["rms_before_m"]
    assert before["calibration"] is None and off["calibration"] is None and without["calibration"] is None
    assert after["calibration"]["readings"] == len(rows) and after["calibration"]["source"] == "r.csv"
    assert after["pressure_before_m"] == pytest.approx(rows[0][1], abs=0.1)
    assert off["pressure_before_m"] == without["pressure_before_m"] == before["pressure_before_m"]
    assert after["range"]["sd_m"] < before["range"]["sd_m"]
    assert {path.name for path in (tmp_path / "plots").iterdir()} == {
        "residuals.png",
        "residuals.svg",
        "residuals.csv",
    }
    assert "读数不足以判定" in run(capsys, "calibrate", "--workspace", workspace)


def test_a_later_reading_comes_to_the_earlier_ones_and_one_far_off_is_called_doubtful(
    truth, workspace, tmp_path, capsys
):
    _, rows = truth
    first = written(tmp_path / "a.csv", [(node, f"{m:.3f}", flow, 0.05) for node, m, flow in rows[:10]])
    run(capsys, "calibrate", first, "--workspace", workspace, "--json")
    wrong = rows[12][1] + 30.0
    second = written(
        tmp_path / "b.csv",
        [(rows[12][0], f"{wrong:.3f}", 0, 0.5), (rows[0][0], f"{rows[0][1]:.3f}", 0, 0.05)],
    )
    answer = run(capsys, "calibrate", second, "--workspace", workspace, "--json")
    alone = run(capsys, "calibrate", second, "--workspace", workspace, "--fresh", "--json")

    assert answer["readings"] == 11 and alone["readings"] == 2
    assert [one["node_id"] for one in answer["residuals"] if one["is_doubtful"]] == [rows[12][0]]


@pytest.mark.parametrize(
    ("columns", "row", "words"),
    [
        (("node_id", "pressure_m"), ("NOWHERE", 20), ["r.csv", "2", "node_id", "NOWHERE"]),
        (("node_id", "pressure_m"), ("{node}", "abc"), ["r.csv", "2", "pressure_m", "abc"]),
        (("node_id", "pressure_mpa"), ("{node}", 30), ["r.csv", "2", "pressure_mpa", "30"]),
        (("node_id", "pressure_m", "flow_lps"), ("{node}", 20, -1), ["r.csv", "2", "flow_lps", "-1"]),
        (("node_id", "pressure_m", "pressure_mpa"), ("{node}", 20, 0.2), ["r.csv", "2", "pressure_mpa"]),
        (
            ("node_id", "pressure_m", "demand_factor"),
            ("{node}", 20, "nan"),
            ["r.csv", "2", "demand_factor", "nan"],
        ),
        (
            ("node_id", "pressure_m", "flow_lps", "flow_node_id"),
            ("{node}", 20, 5, "X"),
            ["r.csv", "2", "flow_node_id", "X"],
        ),
    ],
)
def test_a_reading_that_cannot_be_one_is_refused_by_row_and_field(
    columns, row, words, truth, workspace, tmp_path, capsys
):
    node = truth[1][0][0]
    path = written(tmp_path / "r.csv", [[node if cell == "{node}" else cell for cell in row]], columns)

    told = run(capsys, "calibrate", path, "--workspace", workspace, exits=2)

    assert all(word in told for word in words)
    assert not (workspace / "calibration").exists()


def test_two_readings_of_one_load_and_day_and_an_empty_file_are_refused(truth, workspace, tmp_path, capsys):
    node = truth[1][0][0]
    twice = written(tmp_path / "r.csv", [(node, 20), (node, 21)], ("node_id", "pressure_m"))

    assert "2" in run(capsys, "calibrate", twice, "--workspace", workspace, exits=2)
    assert "node_id" in run(
        capsys, "calibrate", written(tmp_path / "e.csv", []), "--workspace", workspace, exits=2
    )
    assert "READINGS" in run(capsys, "calibrate", "--workspace", workspace, exits=2)


def test_plots_of_a_check_hold_what_the_answer_says(workspace, tmp_path, capsys, truth):
    node = truth[1][0][0]
    answer = run(
        capsys,
        "check",
        "--workspace",
        workspace,
        "--node",
        node,
        "--flow-lps",
        2,
        "--json",
        "--plots",
        tmp_path / "p",
    )
    with (tmp_path / "p" / "profile.csv").open(encoding="utf-8") as stream:
        last = list(csv.DictReader(stream))[-1]
    with (tmp_path / "p" / "before-after.csv").open(encoding="utf-8") as stream:
        pressures = {row["node_id"]: float(row["pressure_after_m"]) for row in csv.DictReader(stream)}

    assert (
        float(last["head_after_m"]) == pytest.approx(answer["head_after_m"], abs=1e-3) and last["id"] == node
    )
    assert min(pressures.values()) == pytest.approx(answer["worst_node"]["pressure_after_m"], abs=1e-3)
    for name in ("profile.png", "before-after.png"):
        assert (tmp_path / "p" / name).read_bytes().startswith(b"\x89PNG")
    assert (tmp_path / "p" / "profile.svg").read_text(encoding="utf-8").count("<path") > 20


def test_plots_of_a_map_of_nothing_do_not_fail(tmp_path):
    from maps.plots import Plot, write_plots

    with closing(open(tmp_path / "x", "w")):
        assert (
            len(
                write_plots(
                    [Plot("capacity", ("node_id", "capacity_lps", "required_pressure_m"), [])],
                    tmp_path,
                    fonts=None,
                    language="en",
                )
            )
            == 3
        )


def test_a_server_that_runs_answers_by_a_new_calibration_and_by_its_end(truth, workspace, tmp_path, capsys):
    _, rows = truth
    readings = written(tmp_path / "r.csv", [(node, f"{m:.3f}", flow, 0.05) for node, m, flow in rows])
    follow = Follower(read_settings(workspace=str(workspace)))
    bench, node = follow.bench, rows[0][0]
    with ExitStack() as at_end:
        at_end.callback(lambda: follow.bench.close())

        def asked(held):
            return held.check(node=node, position=None, flow_lps=1.0)["pressure_before_m"]

        plain = asked(bench)
        run(capsys, "calibrate", readings, "--workspace", workspace, "--json")
        after = follow(bench.network.stamp)
        calibrated = asked(after)
        assert follow(after.network.stamp) is None
        run(capsys, "calibrate", "--workspace", workspace, "--switch", "off", "--json")
        off = asked(follow(after.network.stamp))

    cold = run(capsys, "check", "--workspace", workspace, "--node", node, "--flow-lps", 1, "--json")
    assert calibrated == pytest.approx(rows[0][1], abs=0.5) and abs(calibrated - plain) > 0.01
    assert off == plain == pytest.approx(cold["pressure_before_m"], abs=1e-4)


def test_a_calibration_is_kept_in_a_database_as_in_a_folder(truth, workspace, database, tmp_path, capsys):
    _, rows = truth
    run(capsys, "copy", workspace, database, "--json")
    readings = written(tmp_path / "r.csv", [(node, f"{m:.3f}", flow, 0.05) for node, m, flow in rows])
    follow = Follower(read_settings(workspace=database))
    with ExitStack() as at_end:
        at_end.callback(lambda: follow.bench.close())
        bench = follow.bench
        bench.city.session  # noqa: B018  warm before the calibration
        found = [
            run(capsys, "calibrate", readings, "--workspace", place, "--json")
            for place in (workspace, database)
        ]
        assert {key: value for key, value in found[0].items() if key != "made"} == {
            key: value for key, value in found[1].items() if key != "made"
        }
        asked = ["check", "--node", rows[0][0], "--flow-lps", 1, "--json"]
        answers = [run(capsys, *asked, "--workspace", place) for place in (workspace, database)]
        assert answers[0]["pressure_after_m"] == answers[1]["pressure_after_m"]
        assert answers[1]["calibration"]["readings"] == len(rows)
        warm = follow(bench.network.stamp).check(node=rows[0][0], position=None, flow_lps=1.0)
        assert warm["pressure_after_m"] == pytest.approx(answers[1]["pressure_after_m"], abs=1e-3)
        more = written(tmp_path / "more.csv", [(rows[2][0], f"{rows[2][1] + 0.02:.3f}", "", 0.3)])
        again = run(capsys, "calibrate", more, "--workspace", database, "--json")
        assert again["readings"] >= len(rows)
