"""Every published network: imported and frozen at its peak, or refused or doubted for the reason it deserves."""

import numpy as np
import pytest
from pytest import approx

from hydraulics.errors import HydraulicsError
from hydraulics.inp.importing import import_inp
from hydraulics.model import build_peak_model
from tests.hydraulics.models import network_of, session_of

pytestmark = pytest.mark.real_data

# Plain EPANET refuses these two: kind of what is mended, and its line in the file.
MENDED = {"Blacksburg": ("model-lines-of-unknown", 205), "Bellingham_CL1": ("model-section-short", 392)}
DIVERGING = ("TwoLoop", "TwoReservoir")


def test_every_runnable_file_is_frozen_at_its_peak_step_within_a_centimetre(shared_data, tmp_path):
    frozen = {}
    for path in sorted((shared_data / "networks").glob("*.inp")):
        if path.stem not in DIVERGING:
            frozen[path.stem] = build_peak_model(network_of(path), tmp_path / path.stem).freeze_error_m

    assert len(frozen) >= 50
    assert {name: error_m for name, error_m in frozen.items() if not error_m < 0.01} == {}


@pytest.mark.parametrize("name", MENDED)
def test_files_epanet_refuses_for_a_name_are_imported_with_the_line_listed(name, shared_data):
    kind, line = MENDED[name]
    issues = import_inp(shared_data / "networks" / f"{name}.inp", crs=None).issues

    assert next(issue.params["line"] for issue in issues if issue.kind == kind) == line


@pytest.mark.parametrize("name", DIVERGING)
def test_files_that_diverge_are_imported_with_the_reason(name, shared_data, tmp_path):
    path = shared_data / "networks" / f"{name}.inp"
    errors = {i.kind for i in import_inp(path, crs=None).issues if i.severity == "error"}

    assert errors == {"model-bore-impossible", "model-no-convergence"}
    with pytest.raises(HydraulicsError) as stop:
        build_peak_model(network_of(path), tmp_path)
    assert stop.value.code == "no-convergence"
    assert stop.value.params["node"] in set(import_inp(path, crs=None).layers["nodes"]["node_id"])


# Measured with EPANET 2.2 by the keeper of the data: peak demand [L/s], lowest pressure of a demand node [m].
MEASURED = {
    "ky4": (22, 28),
    "L-TOWN": (67, 26),
    "DTown": (379, -3),
    "Modena": (407, 20),
    "Vitens_benchmark": (384, 25),
}


@pytest.mark.parametrize("name", MEASURED)
def test_peak_demand_and_lowest_pressure_are_the_measured_ones(name, shared_data, tmp_path):
    with session_of(shared_data / "networks" / f"{name}.inp", tmp_path) as session:
        index, total_lps = session.index, np.maximum(session.index.demand_m3s, 0).sum() * 1000
        customers = index.is_junction & index.is_fed & (index.demand_m3s > 0)

        demand_lps, lowest_m = MEASURED[name]
        assert total_lps == approx(demand_lps, abs=0.6)
        assert session.base.pressure_m[customers].min() == approx(lowest_m, abs=0.6)


@pytest.mark.parametrize(
    ("name", "crs", "working", "pipes", "kilometres"),
    [
        ("ky4", "EPSG:3089", "EPSG:26916", 1156, 260),
        ("HU_ferto_orig", "EPSG:23700", "EPSG:23700", 6980, 112),
        ("L-TOWN", None, None, 905, 43),
        ("Vitens_benchmark", None, None, 22896, 664),
    ],
)
def test_real_networks_come_in_whole(name, crs, working, pipes, kilometres, shared_data):
    candidate = import_inp(shared_data / "networks" / f"{name}.inp", crs=crs)
    table = candidate.layers["pipes"]

    assert candidate.crs == working
    assert len(table) == pipes
    assert table["length_m"].sum() / 1000 == approx(kilometres, abs=0.6)
    known = set(candidate.layers["nodes"]["node_id"])
    assert set(table["start_node_id"]) | set(table["end_node_id"]) <= known
    assert not [issue for issue in candidate.issues if issue.severity == "error"]
    if crs is not None:
        drawn_m = table.geometry.length
        assert (drawn_m / table["length_m"]).median() == approx(1.0, abs=0.02)
