"""The known traps of EPANET sessions, one by one (initH, history, accuracy, patterns, islands, scratch files, warnings)."""

import numpy as np
import pytest
from pytest import approx

from hydraulics.epanet.codes import Statistic
from hydraulics.errors import ModelInputError
from hydraulics.inp.text import CONVERGENCE_LADDER
from hydraulics.pressure import check_connection
from hydraulics.epanet.remarks import remarks
from hydraulics.results import TieIn
from tests.hydraulics.models import N1, session_of, written
from tests.hydraulics.plain_epanet import PlainEpanet


@pytest.mark.real_data
@pytest.mark.parametrize("name", ["Modena", "Vitens_benchmark"])
def test_a_warm_question_takes_fewer_iterations_than_a_cold_one(name, shared_data, tmp_path):
    with session_of(shared_data / "networks" / f"{name}.inp", tmp_path) as session:
        project = session._project
        project.forget_flows()
        project.run()
        cold = project.statistic(Statistic.ITERATIONS)
        node = int(np.flatnonzero(session.index.is_junction & (session.index.demand_m3s > 0))[0])
        session.solve({node: 0.0003})

        assert session._runner.is_warm
        assert project.statistic(Statistic.ITERATIONS) < cold


@pytest.mark.real_data
@pytest.mark.parametrize("name", ["ky10", "Net6", "CTown"])
def test_a_model_with_devices_is_asked_cold_whatever_was_asked_before(name, shared_data, tmp_path):
    """Going on from the last answer leaves pumps and tank pipes as an extreme scenario put them."""
    path = shared_data / "networks" / f"{name}.inp"
    with session_of(path, tmp_path / "a") as asked, session_of(path, tmp_path / "b") as fresh:
        nodes = np.flatnonzero(asked.index.is_junction & np.isfinite(asked.base.head_m))
        for node in np.random.default_rng(4).choice(nodes, 8):
            asked.solve({int(node): 0.5})
        last = {int(nodes[len(nodes) // 2]): 0.002}

        assert not asked._runner.is_warm
        assert np.array_equal(asked.solve(last).head_m, fresh.solve(last).head_m, equal_nan=True)


@pytest.mark.real_data
@pytest.mark.parametrize("name", ["Vitens_benchmark", "Modena", "EXN_designres"])
def test_heads_are_those_of_an_engine_asked_a_hundred_times_closer(name, shared_data, tmp_path):
    """EPANET's own accuracy is relative to the flow of the whole network: large ones pass it at once."""
    with session_of(shared_data / "networks" / f"{name}.inp", tmp_path) as session:
        assert f"HeadError\t{CONVERGENCE_LADDER[0].head_error_m!r}" in session.model.inp.read_text()
        with PlainEpanet(session.model.inp) as plain:
            plain.tighten()
            heads = plain.solve().heads()

        away = [
            abs(heads[name] - head)
            for name, head in zip(session.model.engine_nodes, session.base.head_m)
            if np.isfinite(head)
        ]
        assert max(away) < 0.001


def test_extra_demand_is_not_scaled_by_patterns_or_the_multiplier(tmp_path):
    scaled = N1.replace("J3 52.0 6", "J3 52.0 6 PEAK").replace(
        "[OPTIONS]",
        "[PATTERNS]\nPEAK 1.0 2.0\n[TIMES]\nDuration 1:00\nPattern Timestep 1:00\n[OPTIONS]\nDemand Multiplier 1.5",
    )
    # What is drawn at the second hour, when the pattern stands at 2 and all demand is multiplied by 1.5.
    plain = N1.replace("J1 50.0 20", "J1 50.0 30").replace("J2 51.2 12", "J2 51.2 18")
    plain = plain.replace("J3 52.0 6", "J3 52.0 23")
    with session_of(written(tmp_path, scaled), tmp_path / "a") as session:
        after = session.solve({session.node_position["J3"]: 0.005})
        names = session.index.node_ids
    with PlainEpanet(written(tmp_path, plain, "plain.inp")) as engine:
        engine.tighten()
        heads = engine.solve().heads()

    assert dict(zip(names, after.head_m)) == approx(heads, abs=0.002)


ISLAND = N1.replace(
    "[RESERVOIRS]", "J4 50.0 3\nJ5 50.0 2\n[RESERVOIRS]"
).replace("[OPTIONS]", "P5 J3 J4 100 100 100 0 Closed\nP6 J4 J5 100 100 100 0 Open\n[OPTIONS]")  # fmt: skip


def test_an_island_has_no_heads_and_is_in_nobodys_worst_node(tmp_path):
    with session_of(written(tmp_path, ISLAND), tmp_path / "model") as session:
        check = check_connection(session, TieIn(node_id="J3"), flow_m3s=0.001, limit_m=14.0)
        cut = [session.node_position[name] for name in ("J4", "J5")]

        assert np.isnan(check.after.head_m[cut]).all()
        assert check.worst is not None and check.worst.node_id == "J3"
        assert not {node.node_id for node in (*check.newly_below, *check.most_affected)} & {"J4", "J5"}
        with pytest.raises(ModelInputError) as refusal:
            check_connection(session, TieIn(node_id="J4"), flow_m3s=0.001, limit_m=14.0)
        assert refusal.value.code == "tie-in-not-fed"


def test_nothing_is_written_where_the_person_stands(tmp_path, monkeypatch):
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    with session_of(written(tmp_path, N1), tmp_path / "model") as session:
        session.solve({0: 0.001})
        assert list(here.iterdir()) == []
    assert list(here.iterdir()) == []


PUMP = N1.replace("P1 R1 J1 1500 400 120 0 Open\n", "").replace(
    "[OPTIONS]", "[PUMPS]\nPU R1 J1 HEAD 1\n[CURVES]\n1 20 30\n[OPTIONS]"
)


@pytest.mark.parametrize(
    ("text", "flow_m3s", "code", "named"),
    [(N1, 0.2, 6, "J3"), (PUMP, 0.05, 4, "PU")],
    ids=["negative pressure", "pump off its curve"],
)
def test_what_epanet_warns_of_is_reported_with_its_name(text, flow_m3s, code, named, tmp_path):
    with session_of(written(tmp_path, text), tmp_path / "model") as session:
        quiet = remarks(session.solve({session.node_position["J3"]: 0.0}))
        told = remarks(session.solve({session.node_position["J3"]: flow_m3s}))

        assert quiet == []
        assert [warning["code"] for warning in told] == [code]
        assert named in told[0]["subjects"]
        assert named in told[0]["text"] and named in told[0]["text_en"]


@pytest.mark.real_data
@pytest.mark.parametrize("name", ["L-TOWN", "ky10", "Net6", "CTown", "Net3"])
def test_a_pump_or_valve_shut_for_a_question_has_its_speed_and_setting_again(name, shared_data, tmp_path):
    """EPANET forgets both when it is told to shut one: every device is shut once, and the base state must come back."""
    with session_of(shared_data / "networks" / f"{name}.inp", tmp_path) as session:
        tables = session.model.tables
        devices = range(tables.pipe_count, len(tables.link_ids))
        for link in devices:
            session.solve_without([link])
        again = session.solve({})

        assert len(devices) > 0
        np.testing.assert_allclose(again.head_m, session.base.head_m, atol=1e-4)
        np.testing.assert_allclose(again.flow_m3s, session.base.flow_m3s, atol=1e-6)
