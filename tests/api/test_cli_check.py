"""`tapwright check` judged from outside: the CSV it writes against its own model-after.inp solved by WNTR's EpanetSimulator."""

import csv
import warnings

import pytest

from tests.api.command import said

pytestmark = pytest.mark.filterwarnings("ignore")


def imported(source, workspace, *more):
    return said("import", source, "--workspace", workspace, "--json", *more).document


def plain_heads(path, folder):
    """Head of every node [m] of a single-period file; nothing of the product is involved."""
    import wntr

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = wntr.network.WaterNetworkModel(str(path))
        results = wntr.sim.EpanetSimulator(model).run_sim(file_prefix=str(folder / "plain"))
    return results.node["head"].iloc[0], results.node["pressure"].iloc[0], model


def checked(workspace, folder, *where, flow_lps):
    """The check document, the rows of its CSV, and plain EPANET's heads before and after."""
    table, models = folder / "nodes.csv", folder / "models"
    answer = said(
        "check", "--workspace", workspace, *where, "--flow-lps", flow_lps, "--nodes-out", table, "--inp-out", models,
        "--json",
    ).document  # fmt: skip
    with table.open(encoding="utf-8", newline="") as stream:
        rows = {row["node_id"]: row for row in csv.DictReader(stream)}
    return (
        answer,
        rows,
        {when: plain_heads(models / f"model-{when}.inp", folder) for when in ("before", "after")},
    )


def agrees_with_plain_epanet(rows, plain):
    for when in ("before", "after"):
        heads, pressures, _ = plain[when]
        for node, row in rows.items():
            if row[f"head_{when}_m"] == "":
                continue
            assert float(row[f"head_{when}_m"]) == pytest.approx(heads[node], abs=0.01), (when, node)
            assert float(row[f"pressure_{when}_m"]) == pytest.approx(pressures[node], abs=0.01), (when, node)


@pytest.mark.real_data
def test_ky4_at_a_node_is_what_plain_epanet_says_at_every_junction(shared_data, tmp_path):
    imported(shared_data / "networks" / "ky4.inp", tmp_path / "w", "--crs", "EPSG:3089")
    answer, rows, plain = checked(tmp_path / "w", tmp_path, "--node", "J-519", flow_lps=4.5)

    agrees_with_plain_epanet(rows, plain)
    after, model = plain["after"][0], plain["after"][2]
    assert set(rows) == set(model.junction_name_list) == set(plain["before"][2].junction_name_list)
    assert answer["node"] == "J-519"
    assert answer["head_after_m"] == pytest.approx(after["J-519"], abs=0.01)
    assert answer["pressure_before_m"] == pytest.approx(float(rows["J-519"]["pressure_before_m"]), abs=1e-3)
    demand_lps = {when: sum(j.base_demand for _, j in plain[when][2].junctions()) * 1000 for when in plain}
    assert demand_lps["after"] - demand_lps["before"] == pytest.approx(4.5, abs=1e-3)
    worst = min(
        (
            node
            for node, junction in plain["after"][2].junctions()
            if junction.base_demand > 0 and node != "J-519"
        ),
        key=lambda node: plain["after"][1][node],
    )
    assert answer["worst_node"]["id"] == worst


@pytest.mark.real_data
def test_ltown_in_its_local_plane_is_what_plain_epanet_says(shared_data, tmp_path):
    imported(shared_data / "networks" / "L-TOWN.inp", tmp_path / "w")
    before, _, model = plain_heads(shared_data / "networks" / "L-TOWN.inp", tmp_path)
    pipe = model.get_link("p1")
    ends = [model.get_node(name).coordinates for name in (pipe.start_node_name, pipe.end_node_name)]
    middle = [(a + b) / 2 for a, b in zip(*ends, strict=True)]
    answer, rows, plain = checked(tmp_path / "w", tmp_path, "--at", f"{middle[0]},{middle[1]}", flow_lps=12)

    agrees_with_plain_epanet(rows, plain)
    assert answer["verdict"] in {"pass", "fail"} and 0.0 < answer["fraction"] < 1.0
    assert len(rows) == model.num_junctions
    # The new demand stands on the pipe itself: one junction more than before, at the head the document gives.
    (new,) = set(plain["after"][2].junction_name_list) - set(plain["before"][2].junction_name_list)
    assert answer["head_after_m"] == pytest.approx(plain["after"][0][new], abs=0.01)


def test_the_sample_city_is_what_plain_epanet_says(sample_workspace, tmp_path):
    answer, rows, plain = checked(sample_workspace, tmp_path, "--at", "117.02,36.66", flow_lps=8)

    agrees_with_plain_epanet(rows, plain)
    assert sum(row["head_after_m"] != "" for row in rows.values()) > 0.97 * len(rows)
    assert answer["worst_node"]["id"] in rows


@pytest.mark.real_data
def test_a_place_west_of_greenwich_needs_no_trick_on_the_command_line(shared_data, tmp_path):
    imported(shared_data / "networks" / "ky4.inp", tmp_path / "w", "--crs", "EPSG:3089")
    listed = said("issues", "--workspace", tmp_path / "w", "--json").document
    assert isinstance(listed, list)
    from pyproj import Transformer
    import wntr

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = wntr.network.WaterNetworkModel(str(shared_data / "networks" / "ky4.inp"))
    lon, lat = Transformer.from_crs("EPSG:3089", "EPSG:4326", always_xy=True).transform(
        *model.get_node("J-519").coordinates
    )
    assert lon < 0
    answer = said(
        "check", "--workspace", tmp_path / "w", "--at", f"{lon},{lat}", "--flow-lps", "1", "--json"
    ).document
    links = model.get_links_for_node("J-519")
    assert answer["node"] in links or answer["node"] == "J-519"


@pytest.mark.real_data
def test_everyone_pushed_below_the_limit_is_told_with_what_they_lack_and_how_fast_pipes_run(
    shared_data, tmp_path
):
    import wntr

    imported(shared_data / "networks" / "Modena.inp", tmp_path / "w")
    call = [
        "check",
        "--workspace",
        tmp_path / "w",
        "--node",
        "100",
        "--flow-lps",
        60,
        "--required-pressure-m",
        22,
    ]
    answer = said(*call, "--inp-out", tmp_path / "m", "--json").document
    page = said(*call).out

    solved = {}
    for when in ("before", "after"):
        model = wntr.network.WaterNetworkModel(str(tmp_path / "m" / f"model-{when}.inp"))
        results = wntr.sim.EpanetSimulator(model).run_sim(file_prefix=str(tmp_path / when))
        solved[when] = results.node["pressure"].iloc[0], results.link["velocity"].iloc[0]
    customers = [n for n, j in model.junctions() if j.base_demand > 0 and n != "100"]
    (before, slow), (after, fast) = solved["before"], solved["after"]
    lacking = {n: 22 - after[n] for n in customers if before[n] >= 22 > after[n]}
    assert len(lacking) > 10

    told = {one["id"]: one for one in answer["newly_below"] if one["id"] != "100"}
    assert {name: one["short_m"] for name, one in told.items()} == pytest.approx(lacking, abs=0.01)
    assert [one["id"] for one in answer["newly_below"]] == answer["newly_below_limit"]
    shorts = [one["short_m"] for one in answer["newly_below"]]
    assert shorts == sorted(shorts, reverse=True) and f"差 {shorts[0]} m" in page
    fastest = answer["velocity"]["fastest"]
    assert fastest["pipe_id"] == fast.idxmax()
    assert fastest["velocity_after_mps"] == pytest.approx(fast.max(), abs=0.005)
    assert fastest["velocity_before_mps"] == pytest.approx(slow[fast.idxmax()], abs=0.005)
    risen = answer["velocity"]["most_risen"]
    rises = [one["velocity_after_mps"] - one["velocity_before_mps"] for one in risen]
    assert (
        rises == pytest.approx((fast - slow).nlargest(5).tolist(), abs=0.005) and fastest["pipe_id"] in page
    )
