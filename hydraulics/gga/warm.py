"""`python -m hydraulics.gga.warm`: compile every loop now, at installation, so that no question waits for it."""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from gis.network import Network
from gis.schema import empty_layer
from hydraulics.epanet.codes import State

if TYPE_CHECKING:
    from collections.abc import Iterator

    import geopandas as gpd

    from hydraulics.session import Session
    from hydraulics.tables import ModelTables

_TOWN = """[JUNCTIONS]
A 10 5
B 10 5
C 10 5
[RESERVOIRS]
R 60
[PIPES]
P1 R A 100 200 120 0 Open
P2 A B 100 100 120 0 Open
P3 B C 100 100 120 0 Open
P4 C A 100 100 120 0 Open
[OPTIONS]
Units LPS
Headloss H-W
[END]
"""


def _empty(name: str) -> gpd.GeoDataFrame:
    return empty_layer(name, None)


@contextmanager
def _asked_town() -> Iterator[tuple[Network, Session]]:
    from hydraulics.model import build_peak_model
    from hydraulics.session import Session

    with tempfile.TemporaryDirectory(prefix="tapwright-") as folder:
        path = Path(folder) / "town.inp"
        path.write_text(_TOWN, encoding="utf-8")
        network = Network("warm", None, "warm", True, _empty, model_inp=path)
        with Session(build_peak_model(network, Path(folder) / "model")) as session:
            yield network, session


def load_range() -> None:
    """Load what the range of a pressure needs, by asking for one in a town of three junctions, without the engine."""
    from hydraulics.gga.system import system_at
    from hydraulics.results import Solution
    from hydraulics.uncertainty.band import Question, pressure_range
    from hydraulics.uncertainty.groups import Groups

    tables = _town_tables()
    at_rest, links = np.full(4, 60.0), len(tables.link_ids)
    base = Solution(at_rest, at_rest, np.zeros(links), np.zeros(links), converged=True, warnings=())
    system = system_at(
        tables,
        base,
        states=np.full(links, float(State.OPEN)),
        bare_head_m=at_rest,
        order=lambda *_: np.arange(3),
    )
    groups = Groups(("C=120",), np.zeros(links, dtype=np.int64), np.full(1, 0.1), np.zeros(links), np.ones(4))
    question = Question({0: 1.0}, {0: 0.0001}, 20.0, 14.0)
    pressure_range(system, tables, groups, question, node_ids=tables.node_ids)
    _load_reading()


def _town_tables() -> ModelTables:
    from hydraulics.tables import ModelTables, SolverOptions

    nothing = np.zeros(4)
    return ModelTables(
        title="", node_ids=("A", "B", "C", "R"), link_ids=("P1", "P2", "P3", "P4"), junction_count=3, reservoir_count=1,
        elevation_m=nothing, reservoir_head_m=np.full(1, 60.0), demand_m3s=nothing, position_xy=np.zeros((4, 2)),
        link_start=np.array([3, 0, 1, 2]), link_end=np.array([0, 1, 2, 0]), length_m=np.full(4, 100.0),
        diameter_m=np.full(4, 0.1), roughness_factor=np.full(4, 120.0), minor_k=nothing,
        pipe_state=np.zeros(4, dtype=np.int8), options=SolverOptions("H-W"),
    )  # fmt: skip


def _load_reading() -> None:
    """Load the loop that reads a figure of all nodes or links; of a project without any there is nothing to read."""
    from hydraulics.epanet.bulk import fill

    fill(0, 0, 0, np.empty(0))


def main() -> None:
    """Ask a town of three junctions everything once."""
    from hydraulics.capacity import CapacityRule, can_take, capacities
    from hydraulics.closures.outage import Closures
    from hydraulics.gga.nearness import Nearness
    from hydraulics.gga.solver import LocalSolver
    from hydraulics.gga.system import system_of
    from hydraulics.outages import Service, pipe_outages

    with _asked_town() as (network, session):
        system, base = system_of(session), session.base
        Nearness(system).away_m(base.head_m, base.flow_m3s, {0: 0.0001})
        solver = LocalSolver(system)
        solver.ask({0: 0.0001}, tolerance_m=0.01)
        solver.ask({0: 0.05}, tolerance_m=0.01)
        capacities(session, CapacityRule(20.0))
        can_take(session, CapacityRule(20.0), 0.0001)
        closures = Closures(session, network, Service(20.0))
        closures.each_segment()
        closures.loss(np.array([0, 1]))
        pipe_outages(session, Service(20.0))
        load_range()


if __name__ == "__main__":
    main()
