"""The engine is opened once and read whole: by a plain loop at first, by a compiled one when much is read."""

import os
from pathlib import Path

import numpy as np
import pytest

import hydraulics.epanet.engine
from hydraulics.epanet.engine import EngineCallError, Project
from hydraulics.epanet.codes import LinkValue, NodeValue
from hydraulics.model import build_peak_model
from hydraulics.session import Session
from tests.hydraulics.models import N1, network_of, written


@pytest.mark.real_data
@pytest.mark.parametrize("name", ["Net3", "L-TOWN"])
def test_the_compiled_loop_reads_what_single_calls_read(name, shared_data, tmp_path, monkeypatch):
    model = build_peak_model(network_of(shared_data / "networks" / f"{name}.inp"), tmp_path)
    with Project(model.inp, tmp_path / "one.rpt") as project:
        project.open_hydraulics()
        project.forget_flows()
        project.run()
        for kind, one, count in (
            (NodeValue, project.node_value, len(model.engine_nodes)),
            (LinkValue, project.link_value, len(model.engine_links)),
        ):
            for what in (kind.HEAD, kind.DEMAND) if kind is NodeValue else (kind.FLOW, kind.DIAMETER):
                single = [one(n, what) for n in range(count)]
                read = project.node_values if kind is NodeValue else project.link_values
                plain = read(what)
                with monkeypatch.context() as patch:
                    patch.setattr(hydraulics.epanet.engine, "_PLAIN_READS", -1)
                    compiled = read(what)

                assert np.array_equal(plain, single)
                assert np.array_equal(compiled, single)


def test_the_compiled_loop_passes_on_the_code_of_a_call_that_fails(tmp_path, monkeypatch):
    monkeypatch.setattr(hydraulics.epanet.engine, "_PLAIN_READS", -1)
    model = build_peak_model(network_of(written(tmp_path, N1)), tmp_path / "model")
    with Project(model.inp, tmp_path / "one.rpt") as project:
        with pytest.raises(EngineCallError) as stop:
            project._bulk("EN_getnodevalue", 999, 4)

        assert stop.value.code == 251  # EPANET: invalid parameter code


def opened_files():
    return len(os.listdir("/proc/self/fd"))


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="counts open files")
def test_a_model_nobody_opens_a_session_on_gives_its_engine_back(tmp_path):
    path = written(tmp_path, N1)
    build_peak_model(network_of(path), tmp_path / "model")
    before = opened_files()
    for _ in range(10):
        build_peak_model(network_of(path), tmp_path / "model")

    assert opened_files() <= before
    assert [file.name for file in (tmp_path / "model").iterdir()] == ["model.inp"]


def test_the_second_session_of_a_model_opens_the_file_itself_and_says_the_same(tmp_path):
    model = build_peak_model(network_of(written(tmp_path, N1)), tmp_path / "model")
    with Session(model) as first, Session(model) as second:
        assert first._project is not second._project
        for extra in ({}, {0: 0.01}):
            assert np.array_equal(first.solve(extra).head_m, second.solve(extra).head_m)
