"""The peak hour by factors or by how each use goes over the day: against the same sums done by hand."""

import json

import numpy as np
import pytest
from pytest import approx

from gis.messages import both_languages
from hydraulics.demand.basis import load_basis, shipped_basis
from hydraulics.errors import ModelInputError
from hydraulics.model import build_peak_model
from hydraulics.session import Session
from tests.api.command import said
from tests.hydraulics.models import pipe, town

SOURCE = {"source_id": "W1", "node_id": "0,0", "head_m": 60.0, "at": (0.0, 0.0)}
PIPES = [pipe("P1", "0,0", "1,0"), pipe("P2", "1,0", "2,0"), pipe("P3", "2,0", "3,0")]
YEAR_S = 365 * 86400.0
HOMES = [0.5] * 6 + [1.0] * 12 + [2.0] * 4 + [1.0] * 2  # 18 to 22 o'clock
DESKS = [0.2] * 8 + [2.4] * 8 + [0.2] * 8  # 8 to 16 o'clock


def written(folder, **more):
    lines = [
        f'{name} = "{value}"' if isinstance(value, str) else f"{name} = {value}"
        for name, value in more.items()
    ]
    path = folder / "demand.toml"
    path.write_text(
        "\n".join([*lines, "[pattern]", f"residential = {HOMES}", f"office = {DESKS}"]), encoding="utf-8"
    )
    return path


def demand_by_hand_m3s(homes_m3, desks_m3, *, daily, lost):
    """Total of every hour, with each pattern scaled to a mean of one and losses the same all day."""
    mean = daily / YEAR_S
    homes, desks = (np.array(values) / np.mean(values) for values in (HOMES, DESKS))
    return mean * (homes_m3 * (homes + lost) + desks_m3 * (desks + lost))


@pytest.mark.parametrize(("homes_m3", "desks_m3", "hour"), [(9e5, 1e5, 18), (1e5, 9e5, 8)])
def test_the_peak_is_the_hour_in_which_all_uses_together_draw_most(homes_m3, desks_m3, hour, tmp_path):
    basis = load_basis(written(tmp_path, method="pattern", daily_factor=1.4, unaccounted_share=0.2))
    customers = [
        {"customer_id": "H", "use": "residential", "annual_m3": homes_m3, "pipe_id": "P2"},
        {"customer_id": "D", "use": "office", "annual_m3": desks_m3, "pipe_id": "P3"},
    ]
    network = town(PIPES, sources=[SOURCE], customers=customers)
    with Session(build_peak_model(network, tmp_path / "m", basis=basis)) as session:
        totals = demand_by_hand_m3s(homes_m3, desks_m3, daily=1.4, lost=0.2)
        assert int(np.argmax(totals)) == hour == session.model.tables.peak_hour
        assert session.index.demand_m3s.sum() == approx(totals.max())
        assert f"{hour}～{hour + 1} 时" in session.model.description[0]
        assert f"{hour}:00" in session.model.description[1]


def test_factors_are_the_way_where_nobody_says_otherwise(tmp_path):
    customers = [{"customer_id": "H", "annual_m3": 1e5, "pipe_id": "P2"}]
    with Session(build_peak_model(town(PIPES, sources=[SOURCE], customers=customers), tmp_path)) as session:
        assert session.model.tables.peak_hour is None
        assert session.index.demand_m3s.sum() == approx(1e5 / YEAR_S * 1.3 * 1.5 * 1.12)
        assert "时变化曲线" not in session.model.description[0]


def test_nodes_with_a_demand_of_their_own_draw_it_where_no_customer_has_a_volume(tmp_path):
    nodes = [
        {"node_id": "2,0", "demand_m3s": 0.001, "elevation_m": 5.0},
        {"node_id": "GONE", "demand_m3s": 0.002},
    ]
    network = town(PIPES, sources=[SOURCE], nodes=nodes)
    with Session(build_peak_model(network, tmp_path / "a")) as session:
        assert session.index.demand_m3s[session.node_position["2,0"]] == approx(0.001 * 1.3 * 1.5)
        assert session.index.demand_m3s.sum() == approx(0.001 * 1.3 * 1.5)
        assert "节点流量" in session.model.description[0]
    basis = load_basis(written(tmp_path, method="pattern"))
    with Session(build_peak_model(network, tmp_path / "b", basis=basis)) as session:
        assert session.index.demand_m3s.sum() == approx(0.001 * 1.3 * 2.0 / np.mean(HOMES))


def test_land_draws_by_the_patterns_of_its_uses(tmp_path):
    square = [(0, 10), (300, 10), (300, 110), (0, 110)]
    parcels = [{"parcel_id": "L", "use": "office", "at": square}]
    network = town(PIPES, sources=[SOURCE], parcels=parcels)
    drawn = []
    for name, basis in (("a", None), ("b", load_basis(written(tmp_path, method="pattern")))):
        with Session(build_peak_model(network, tmp_path / name, basis=basis)) as session:
            drawn.append(session.index.demand_m3s.sum())
    assert drawn[1] / drawn[0] == approx(max(DESKS) / np.mean(DESKS) / 1.5)


def test_shipped_patterns_are_of_mean_one_for_every_use():
    for use, values in shipped_basis().patterns.items():
        assert len(values) == 24 and np.mean(values) == approx(1.0), use
        assert 1.2 <= max(values) <= 3.5, use


@pytest.mark.parametrize(
    ("more", "field"),
    [({"method": "guess"}, "method"), ({"daily_factor": 0.5}, "daily_factor"), ({"hourly_factor": "x"}, "hourly_factor"), ({"colour": 1}, "colour")],
)  # fmt: skip
def test_a_file_that_cannot_be_one_is_refused_by_field(more, field, tmp_path):
    with pytest.raises(ModelInputError) as refusal:
        load_basis(written(tmp_path, **more))
    assert both_languages(refusal.value).count(field) >= 2


def test_a_pattern_of_other_than_24_hours_is_refused_by_its_use(tmp_path):
    path = tmp_path / "demand.toml"
    path.write_text("[pattern]\nshop = [1, 2, 3]\n", encoding="utf-8")
    with pytest.raises(ModelInputError) as refusal:
        load_basis(path)
    assert "pattern.shop" in both_languages(refusal.value)


def test_the_command_says_by_which_the_peak_is_reckoned(sample_workspace, tmp_path, monkeypatch):
    by_factor = said("model", "show", "--workspace", sample_workspace, "--json").document
    assert by_factor["peak"]["by"] == "factor" and by_factor["peak"]["hour"] is None
    monkeypatch.setenv("TAPWRIGHT_DEMAND", str(written(tmp_path, method="pattern")))
    by_pattern = said("model", "show", "--workspace", sample_workspace, "--json").document
    assert by_pattern["peak"]["by"] == "pattern" and by_pattern["peak"]["from"] == "demand.toml"
    assert f"{by_pattern['peak']['hour']}～" in json.dumps(by_pattern["description"], ensure_ascii=False)
    assert by_pattern["demand_lps"] != by_factor["demand_lps"]
    monkeypatch.setenv("TAPWRIGHT_DEMAND", str(tmp_path / "none.toml"))
    said("model", "show", "--workspace", sample_workspace).refused(2, "none.toml")
