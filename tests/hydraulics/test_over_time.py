"""Fires, breaks and closed segments over hours, against the tables that WNTR publishes for Net3 and against EPANET."""

import warnings

import pandas as pd
import pytest

from hydraulics.errors import ModelInputError
from hydraulics.scenarios.over_time import Event, lowest_pressures_m

LEAST_M, REQUIRED_M = 3.52, 14.06
HOUR_S = 3600


@pytest.fixture(scope="module")
def net3(shared_data):
    """The file, its junctions with demand, how many live at each, and a way to the published tables."""
    import wntr

    path = shared_data / "networks" / "Net3.inp"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = wntr.network.WaterNetworkModel(str(path))
        demand, people = wntr.metrics.average_expected_demand(model), wntr.metrics.population(model)

    def published(name):
        table = pd.read_csv(shared_data / "results" / "wntr_expected" / f"{name}.csv", index_col=0).squeeze()
        return table.set_axis(table.index.astype(str))

    return path, model, demand[demand > 0].index, people, published


def without_water(net3, event):
    path, _, asked, _, _ = net3
    lowest = lowest_pressures_m(path, event, least_m=LEAST_M, required_m=REQUIRED_M)
    return {name for name in asked if lowest[name] < LEAST_M + 0.001}


@pytest.mark.real_data
def test_the_fires_of_net3_reach_whom_wntr_says(net3):
    *_, people, published = net3
    junctions, persons = published("fire_flow_junctions_impacted"), published("fire_flow_people_impacted")
    before = without_water(net3, Event(2 * HOUR_S, 4 * HOUR_S))
    for name in junctions.index:
        hit = without_water(net3, Event(2 * HOUR_S, 4 * HOUR_S, extra_m3s={name: 0.5047})) - before
        assert (len(hit), people[list(hit)].sum()) == (junctions[name], persons[name]), name


@pytest.mark.real_data
def test_the_breaks_of_net3_reach_whom_wntr_says(net3):
    # WNTR's control takes hold one step after its hour.
    *_, people, published = net3
    junctions, persons = published("pipe_break_junctions_impacted"), published("pipe_break_people_impacted")
    before = without_water(net3, Event(3 * HOUR_S, 11 * HOUR_S))
    for name in junctions.index:
        hit = without_water(net3, Event(3 * HOUR_S, 11 * HOUR_S, shut=frozenset([name]))) - before
        assert (len(hit), people[list(hit)].sum()) == (junctions[name], persons[name]), name


@pytest.mark.real_data
def test_the_closed_segments_of_net3_reach_whom_wntr_says(net3):
    import wntr

    _, model, _, people, published = net3
    junctions, persons = (
        published("segment_break_junctions_impacted"),
        published("segment_break_people_impacted"),
    )
    layer = wntr.network.generate_valve_layer(model, placement_type="strategic", n=2, seed=123)
    _, segment_of, _ = wntr.metrics.valve_segments(model.to_graph(), layer)
    before = without_water(net3, Event(3 * HOUR_S, 11 * HOUR_S))
    assert set(segment_of.index) == set(junctions.index)
    for segment in segment_of.unique():
        pipes = frozenset(segment_of[segment_of == segment].index)
        hit = without_water(net3, Event(3 * HOUR_S, 11 * HOUR_S, shut=pipes)) - before
        for name in pipes:
            assert (len(hit), people[list(hit)].sum()) == (junctions[name], persons[name]), name


@pytest.mark.real_data
@pytest.mark.parametrize("name", ["Net1", "ky4"])
def test_pressures_over_a_day_are_those_of_epanet(name, shared_data, tmp_path):
    import wntr

    path = shared_data / "networks" / f"{name}.inp"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = wntr.network.WaterNetworkModel(str(path))
        hydraulic = model.options.hydraulic
        hydraulic.demand_model, hydraulic.minimum_pressure, hydraulic.required_pressure = "PDA", 2.0, 15.0
        model.options.time.duration, model.options.time.report_timestep = 10 * HOUR_S, HOUR_S
        result = wntr.sim.EpanetSimulator(model).run_sim(file_prefix=str(tmp_path / "plain"))
    pressure = result.node["pressure"].loc[2 * HOUR_S :, model.junction_name_list].min()

    found = lowest_pressures_m(path, Event(2 * HOUR_S, 8 * HOUR_S), least_m=2.0, required_m=15.0)

    worst = max(abs(found[n] - pressure[n]) for n in model.junction_name_list)
    assert worst < 0.02, worst


@pytest.mark.real_data
def test_a_name_that_the_file_has_not_is_refused(net3):
    with pytest.raises(ModelInputError, match="pipe-unknown"):
        without_water(net3, Event(0, HOUR_S, shut=frozenset(["no-pipe"])))
