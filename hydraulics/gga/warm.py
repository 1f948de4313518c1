"""`python -m hydraulics.gga.warm`: compile every loop now, at installation, so that no question waits for it."""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from gis.network import Network
from gis.schema import empty_layer

if TYPE_CHECKING:
    from collections.abc import Iterator

    import geopandas as gpd

    from hydraulics.session import Session

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
    """Load what the range of a pressure needs, by asking for one in a town of three junctions: half a second."""
    with _asked_town() as (network, session):
        _range(network, session)


def _range(network: Network, session: Session) -> None:
    from hydraulics.gga.system import system_of
    from hydraulics.uncertainty.band import Question, pressure_range
    from hydraulics.uncertainty.groups import groups_of

    tables, question = session.model.tables, Question({0: 1.0}, {0: 0.0001}, 20.0, 14.0)
    groups = groups_of(network, tables)
    pressure_range(system_of(session), tables, groups, question, node_ids=tables.node_ids)


def main() -> None:
    """Ask a town of three junctions everything once."""
    from hydraulics.capacity import CapacityRule, capacities
    from hydraulics.closures.outage import Closures
    from hydraulics.gga.nearness import Nearness
    from hydraulics.gga.solver import LocalSolver
    from hydraulics.gga.system import system_of
    from hydraulics.outages import Service

    with _asked_town() as (network, session):
        system, base = system_of(session), session.base
        Nearness(system).away_m(base.head_m, base.flow_m3s, {0: 0.0001})
        solver = LocalSolver(system)
        solver.ask({0: 0.0001}, tolerance_m=0.01)
        solver.ask({0: 0.05}, tolerance_m=0.01)
        capacities(session, CapacityRule(20.0))
        closures = Closures(session, network, Service(20.0))
        closures.each_segment()
        closures.loss(np.array([0, 1]))
        _range(network, session)


if __name__ == "__main__":
    main()
