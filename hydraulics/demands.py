"""Peak-hour demand of nodes from the billed volume of customers, by the factors of data/demand/peak.toml."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

import numpy as np
import shapely

from gis.units import SECONDS_PER_DAY
from hydraulics.placing import land_flows_m3s, nearest_pipe

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from gis.network import Network
    from hydraulics.results import FloatArray

_DAYS_PER_YEAR = 365.0


@dataclass(frozen=True)
class PeakFactors:
    """What turns a year's billed volume into the peak hour of the peak day."""

    daily_factor: float
    hourly_factor: float
    unaccounted_share: float

    @property
    def m3s_per_annual_m3(self) -> float:
        """Peak-hour demand [m3/s] of one cubic metre billed a year."""
        mean = 1.0 / (_DAYS_PER_YEAR * SECONDS_PER_DAY)
        return mean * self.daily_factor * self.hourly_factor * (1.0 + self.unaccounted_share)


@cache
def peak_factors() -> PeakFactors:
    """The factors in force."""
    text = files("hydraulics").joinpath("data", "demand", "peak.toml").read_text(encoding="utf-8")
    return PeakFactors(**{name: float(row["value"]) for name, row in tomllib.loads(text).items()})


@dataclass(frozen=True)
class Placed:
    """
    Demand of nodes, and what found no pipe.

    Attributes
    ----------
    node_m3s
        Shape (nodes,): peak-hour demand.
    by_area
        It was reckoned from land and its use, for no customer has a volume.
    unplaced_ids, unplaced_m3s
        Customers (parcels) that draw and have no pipe: no known pipe and no place, or none in reach.
    """

    node_m3s: FloatArray
    by_area: bool = False
    unplaced_ids: tuple[str, ...] = ()
    unplaced_m3s: float = 0.0


def placed_demands(
    network: Network, pipes: gpd.GeoDataFrame, *, ends: NDArray[np.int64], node_count: int
) -> Placed:
    """
    Put the demand of customers on nodes; of the land where no customer has a volume.

    Parameters
    ----------
    network
        Its meters: each draws half at either end of its pipe, one at the end of a service pipe all of it there. One
        whose pipe is not modelled draws from the nearest pipe that may be tapped (data/demand/attach.toml). One without
        a billed volume draws the design flow of its connection, without either nothing.
    pipes
        Pipes of the model.
    ends
        Shape (pipes, 2): node positions of start and end.
    """
    customers = network.layer("customers")
    flow_m3s = _flows_m3s(customers)
    if not (flow_m3s > 0).any():
        return _by_area(network.layer("parcels"), pipes, ends, node_count)
    drawing = customers[flow_m3s > 0]
    flow_m3s, rows = flow_m3s[flow_m3s > 0], pipe_rows(drawing, pipes)
    served, lost = rows >= 0, drawing["customer_id"][rows < 0]
    share = _start_shares(drawing[served], pipes, rows[served])
    return Placed(
        _on_nodes(flow_m3s[served], share, ends[rows[served]], node_count), unplaced_ids=tuple(lost.astype(str)),
        unplaced_m3s=float(flow_m3s[~served].sum()),
    )  # fmt: skip


def _by_area(
    parcels: gpd.GeoDataFrame, pipes: gpd.GeoDataFrame, ends: NDArray[np.int64], node_count: int
) -> Placed:
    flow_m3s = land_flows_m3s(parcels, hourly_factor=peak_factors().hourly_factor)
    rows = nearest_pipe(shapely.centroid(parcels.geometry.to_numpy()), pipes)
    served, half = rows >= 0, np.full(int((rows >= 0).sum()), 0.5)
    lost = parcels["parcel_id"][~served].astype(str)
    return Placed(
        _on_nodes(flow_m3s[served], half, ends[rows[served]], node_count), by_area=len(parcels) > 0,
        unplaced_ids=tuple(lost), unplaced_m3s=float(flow_m3s[~served].sum()),
    )  # fmt: skip


def _on_nodes(
    flow_m3s: FloatArray, share: FloatArray, ends: NDArray[np.int64], node_count: int
) -> FloatArray:
    """Shape (nodes,): flows at the starts of pipes by `share`, the rest at their ends."""
    nodes = np.concatenate([ends[:, 0], ends[:, 1]])
    weights = np.concatenate([flow_m3s * share, flow_m3s * (1.0 - share)])
    return np.bincount(nodes, weights=weights, minlength=node_count).astype(np.float64)


def _flows_m3s(customers: gpd.GeoDataFrame) -> FloatArray:
    annual_m3 = np.nan_to_num(customers["annual_m3"].to_numpy(dtype=np.float64, na_value=np.nan))
    design_m3s = np.nan_to_num(customers["design_flow_m3s"].to_numpy(dtype=np.float64, na_value=np.nan))
    billed_m3s: FloatArray = annual_m3 * peak_factors().m3s_per_annual_m3
    return np.where(annual_m3 > 0, billed_m3s, design_m3s)


def _start_shares(
    customers: gpd.GeoDataFrame, pipes: gpd.GeoDataFrame, rows: NDArray[np.int64]
) -> FloatArray:
    """Shape (customers,): what of the demand is drawn at the start of the pipe."""
    served = pipes.iloc[rows]
    at, service = customers["node_id"].to_numpy(), (served["role"] == "service").to_numpy()
    share = np.full(len(rows), 0.5)
    share[service & (at == served["start_node_id"].to_numpy())] = 1.0
    share[service & (at == served["end_node_id"].to_numpy())] = 0.0
    return share


def pipe_rows(customers: gpd.GeoDataFrame, pipes: gpd.GeoDataFrame) -> NDArray[np.int64]:
    """Row of each customer's pipe, -1 where there is none: no pipe id and no position."""
    import pandas as pd

    place = pd.Series(np.arange(len(pipes)), index=pipes["pipe_id"].astype(str))
    place = place[~place.index.duplicated()]
    rows = customers["pipe_id"].astype(str).map(place).fillna(-1).to_numpy(dtype=np.int64).copy()
    lost = np.flatnonzero(rows < 0)
    rows[lost] = nearest_pipe(customers.geometry.to_numpy()[lost], pipes)
    return rows
