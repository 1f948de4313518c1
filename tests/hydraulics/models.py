"""Small models built in code, and the way from any EPANET file to a session."""

import numpy as np

from gis.network import Network
from hydraulics.model import build_peak_model
from hydraulics.results import TieIn
from hydraulics.session import Session


def network_of(path):
    return Network(
        version="v", crs=None, source=path.name, synthetic=False, read_layer=_no_layer, model_inp=path
    )


def _no_layer(name):
    raise AssertionError(f"the layer {name} was read although the network has a model file")


def session_of(path, scratch):
    return Session(build_peak_model(network_of(path), scratch))


def written(folder, text, name="model.inp"):
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


# Network N1 of the engineering reference, section 2.5.
N1 = """
[JUNCTIONS]
J1 50.0 20
J2 51.2 12
J3 52.0 6
[RESERVOIRS]
R1 85.0
[PIPES]
P1 R1 J1 1500 400 120 0 Open
P2 J1 J2 800 300 110 0 Open
P3 J2 J3 400 200 110 0 Open
P4 J1 J3 900 150 100 0 Open
[OPTIONS]
Units LPS
Headloss H-W
[COORDINATES]
R1 0 0
J1 1500 0
J2 2300 0
J3 2300 400
[END]
"""


def random_sites(session, *, count, seed=7):
    """Tie-ins an engineer could ask for: fed junctions, and points on open pipes between fed nodes."""
    rng = np.random.default_rng(seed)
    tables, index = session.model.tables, session.index
    joined = np.isfinite(session.base.head_m)
    nodes = rng.permutation(np.flatnonzero(index.is_junction & index.is_fed & joined))[: count // 2]
    pipes = np.flatnonzero(
        (tables.pipe_state == 0)
        & joined[tables.link_start[: tables.pipe_count]]
        & joined[tables.link_end[: tables.pipe_count]]
    )
    sites = [TieIn(node_id=index.node_ids[n]) for n in nodes]
    for pipe in rng.permutation(pipes)[: count - len(sites)]:
        sites.append(TieIn(pipe_id=index.link_ids[pipe], fraction=float(rng.uniform(0.02, 0.98))))
    assert sites, "no site in this network"
    return [(site, float(rng.choice([0.0003, 0.002, 0.008]))) for site in sites]


def town(pipes, *, sources, nodes=(), customers=(), valves=(), parcels=(), pumps=()):
    """A network version of plain rows: dictionaries of schema columns, positions as (x, y) tuples."""
    import geopandas as gpd
    from shapely import LineString, Point, Polygon

    from gis.schema import conform

    def layer(name, rows, shape):
        frame = gpd.GeoDataFrame(
            [{k: v for k, v in row.items() if k != "at"} for row in rows],
            geometry=[None if "at" not in row else shape(row["at"]) for row in rows],
        )
        return conform(frame, name)

    tables = {
        "pipes": layer("pipes", pipes, LineString),
        "nodes": layer("nodes", nodes, Point),
        "sources": layer("sources", sources, Point),
        "customers": layer("customers", customers, Point),
        "valves": layer("valves", valves, Point),
        "pumps": layer("pumps", pumps, Point),
        "parcels": layer("parcels", parcels, Polygon),
    }
    return Network(version="town", crs=None, source="town", synthetic=True, read_layer=tables.__getitem__)


def pipe(name, start, end, **columns):
    """A 100 m DN100 ductile iron pipe between nodes called by their place, as "3,4" for x = 300, y = 400."""
    ends = [tuple(100.0 * int(part) for part in node.split(",")) for node in (start, end)]
    return {
        "pipe_id": name, "start_node_id": start, "end_node_id": end, "dn": 100, "inner_diameter_m": 0.1,
        "length_m": 100.0, "material": "DI", "lining": "lined", "role": "distribution", "at": ends, **columns,
    }  # fmt: skip
