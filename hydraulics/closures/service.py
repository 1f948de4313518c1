"""Who is served: peak demand and customers by node and by pipe, and the pressure they need."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from hydraulics.demand.demands import pipe_rows
from hydraulics.outages import shares

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from hydraulics.outages import Service
    from hydraulics.results import FloatArray
    from hydraulics.session import Session

    IntArray = NDArray[np.int64]


@dataclass(frozen=True)
class Customers:
    """
    Where the customers of a network hang on its model.

    Attributes
    ----------
    link
        Shape (customers,): the pipe of each row of the customers layer, -1 where the model has none.
    on_link_count, at_node_count
        Shape (links,), (nodes,): how many; at a node half of those on its pipes. Without a customers layer every
        junction with demand stands for one.
    is_counted
        False where there is no customers layer.
    """

    link: IntArray
    on_link_count: FloatArray
    at_node_count: FloatArray
    is_counted: bool


def customers_of(session: Session, customers: gpd.GeoDataFrame, pipes: gpd.GeoDataFrame) -> Customers:
    """Give where the customers of a network hang."""
    index = session.index
    on_link, at_node = np.zeros(len(index.link_ids)), np.zeros(len(index.node_ids))
    if not len(customers):
        at_node[index.is_junction & (index.demand_m3s > 0)] = 1.0
        return Customers(np.empty(0, dtype=np.int64), on_link, at_node, is_counted=False)
    rows = pipe_rows(customers, pipes)
    place = np.array([session.link_position.get(str(name), -1) for name in pipes["pipe_id"]], dtype=np.int64)
    link = np.where(rows >= 0, place[rows], -1)
    known = link[link >= 0]
    np.add.at(on_link, known, 1.0)
    for ends in (index.link_start, index.link_end):
        np.add.at(at_node, ends[known], 0.5)
    return Customers(link, on_link, at_node, is_counted=True)


def drawn_m3s(session: Session, service: Service) -> FloatArray:
    """Shape (nodes,): peak demand that is drawn at the base state's pressures [m3/s]."""
    return np.asarray(asked_m3s(session) * shares(session.base.pressure_m, service), dtype=np.float64)


def asked_m3s(session: Session) -> FloatArray:
    """Shape (nodes,): peak demand of junctions that have water at the base state [m3/s]."""
    index, base = session.index, session.base
    asked = index.is_junction & np.isfinite(base.head_m)
    return np.where(asked, np.maximum(index.demand_m3s, 0.0), 0.0)
