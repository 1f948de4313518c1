"""EPANET files made into GIS layers and modelled from those again: the heads of the peak hour are EPANET's own."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from gis.network import Network
from gis.schema import conform, empty_layer
from hydraulics.inp.importing import import_inp
from hydraulics.making.roughness import friction_of
from hydraulics.model import build_peak_model
from hydraulics.scenarios.peak import peak_of_file
from hydraulics.session import Session
from hydraulics.tables import PipeState


def as_gis(path, peak, *, without=()):
    """
    The file's layers without the file; pipes stand and nodes draw as they do at the peak.

    The pipes in `without` lose their roughness.
    """
    layers, tables = dict(import_inp(path, crs=None).layers), peak.tables
    shut = np.where(tables.pipe_state == PipeState.CLOSED, "closed", "open")
    layers["pipes"]["status"] = layers["pipes"]["pipe_id"].map(dict(zip(tables.link_ids, shut, strict=False)))
    for column in ("roughness_c", "wall_roughness_m", "manning_n"):
        layers["pipes"].loc[layers["pipes"]["pipe_id"].isin(without), column] = np.nan
    drawing = np.flatnonzero(tables.demand_m3s > 0)
    nodes = [tables.node_ids[n] for n in drawing]
    customers = {"customer_id": nodes, "node_id": nodes, "design_flow_m3s": tables.demand_m3s[drawing]}
    layers["customers"] = conform(gpd.GeoDataFrame(customers, geometry=[None] * len(nodes)), "customers")
    return Network(
        "v",
        None,
        path.name,
        synthetic=False,
        read_layer=lambda name: layers.get(name, empty_layer(name, None)),
    )


@pytest.mark.real_data
@pytest.mark.parametrize(
    ("name", "pumps", "valves", "tanks"),
    [
        ("Net3", 2, 0, 3), ("L-TOWN", 1, 3, 1), ("Anytown", 1, 0, 0), ("DTown", 11, 5, 7), ("ky6", 2, 1, 3),
        ("ky14", 5, 0, 3), ("ky10", 13, 5, 13), ("MiniTown", 2, 0, 1),
    ],
)  # fmt: skip
def test_pumps_valves_and_tanks_survive_the_way_through_gis_layers(
    shared_data, tmp_path, name, pumps, valves, tanks
):
    path = shared_data / "networks" / f"{name}.inp"
    peak = peak_of_file(path)
    with Session(build_peak_model(as_gis(path, peak), tmp_path)) as session:
        tables = session.model.tables
        assert (len(tables.pumps), len(tables.valves), len(tables.tanks)) == (pumps, valves, tanks)
        assert not tables.doubts
        compared = 0
        for node, head_m in zip(peak.tables.node_ids, peak.head_m, strict=True):
            row = session.node_position.get(node)
            if row is not None and np.isfinite(session.base.head_m[row]):
                compared += 1
                assert session.base.head_m[row] == pytest.approx(head_m, abs=0.01), node
        assert compared > 0.99 * len(peak.tables.node_ids)


def agrees(path, folder):
    """The model built from the file's layers, after its heads were compared with EPANET's of the file."""
    peak = peak_of_file(path)
    with Session(build_peak_model(as_gis(path, peak), folder)) as session:
        rows = [session.node_position.get(node) for node in peak.tables.node_ids]
        pairs = [
            (session.base.head_m[row], head_m)
            for row, head_m in zip(rows, peak.head_m, strict=True)
            if row is not None and np.isfinite(session.base.head_m[row])
        ]
        assert len(pairs) > 0.99 * len(rows)
        found, wanted = np.array(pairs).T
        assert found == pytest.approx(wanted, abs=0.01)
        return session.model.tables


@pytest.mark.real_data
@pytest.mark.parametrize("name", ["Balerma", "HU_csapod", "HU_lovo", "Rural", "Micropolis_v1"])
def test_networks_by_darcy_weisbach_survive_the_way_through_gis_layers(shared_data, tmp_path, name):
    tables = agrees(shared_data / "networks" / f"{name}.inp", tmp_path)
    assert tables.options.formula == "D-W"
    assert not [doubt for doubt in tables.doubts if doubt.kind.startswith("friction")]


@pytest.mark.real_data
def test_networks_by_chezy_manning_survive_the_way_through_gis_layers(shared_data, tmp_path):
    text = (shared_data / "networks" / "Modena.inp").read_text(encoding="latin-1")
    head, _, pipes = text.partition("[PIPES]")
    body, _, tail = pipes.partition("\n[")
    rows = [line.split() for line in body.splitlines()]
    body = "\n".join(
        line if not row or line.lstrip().startswith(";") else "\t".join([*row[:5], "0.012", *row[6:]])
        for line, row in zip(body.splitlines(), rows, strict=True)
    )
    tail = "\n".join(
        " Headloss C-M" if line.strip().upper().startswith("HEADLOSS") else line for line in tail.splitlines()
    )
    file = tmp_path / "manning.inp"
    file.write_text(f"{head}[PIPES]{body}\n[{tail}\n", encoding="latin-1")

    assert agrees(file, tmp_path / "model").options.formula == "C-M"


@pytest.mark.real_data
def test_a_pipe_without_a_wall_takes_the_middle_one_and_is_told(shared_data, tmp_path):
    path = shared_data / "networks" / "HU_csapod.inp"
    peak = peak_of_file(path)
    lost = peak.tables.link_ids[0]
    with Session(build_peak_model(as_gis(path, peak, without=(lost,)), tmp_path)) as session:
        tables = session.model.tables
        (doubt,) = [doubt for doubt in tables.doubts if doubt.kind.startswith("friction")]
        assert (doubt.kind, doubt.subject, doubt.params["count"]) == ("friction-assumed", lost, 1)
        rest = peak.tables.roughness_factor[1 : peak.tables.pipe_count]
        assert tables.roughness_factor[tables.link_ids.index(lost)] == pytest.approx(np.median(rest))


def test_walls_known_of_the_smaller_part_are_told_and_not_used():
    pipes = pd.DataFrame({
        "pipe_id": ["A", "B", "C"], "length_m": [100.0, 90.0, 20.0], "wall_roughness_m": [None, 1e-4, None],
        "manning_n": None, "roughness_c": [None, None, 99.0], "material": "DI", "lining": None,
        "install_year": [2020.0, 2020.0, 2020.0], "scheme_id": None,
    })  # fmt: skip
    friction = friction_of(pipes)
    assert friction.formula == "H-W" and friction.roughness_factor.tolist() == [130.0, 130.0, 99.0]
    assert [(doubt.kind, doubt.subject) for doubt in friction.doubts] == [("friction-not-used", "B")]

    most = friction_of(pipes.assign(wall_roughness_m=[5e-4, 1e-4, None], scheme_id=[None, None, "S1"]))
    assert most.formula == "D-W" and most.roughness_factor.tolist() == pytest.approx([0.5, 0.1, 0.01])
    assert not most.doubts, "a service pipe captured from its scheme is new plastic"
