"""Peak-hour demand of nodes from the billed volume of customers, by factors or by how each use goes over the day."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from hydraulics.demand.basis import HOURS, shipped_basis
from hydraulics.demand.placing import land_flows_m3s, nearest_pipe

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from gis.network import Network
    from hydraulics.demand.basis import PeakBasis
    from hydraulics.results import FloatArray
    from hydraulics.tables import DemandBy


@dataclass(frozen=True)
class Placed:
    """
    Demand of nodes, and what found no pipe.

    Attributes
    ----------
    node_m3s
        Shape (nodes,): peak-hour demand.
    by
        What it was reckoned from: customers; nodes where no customer has a volume; land where no node has a demand.
    hour
        Hour of the day in which most is drawn, 0 to 23; None by factors.
    unplaced_ids, unplaced_m3s
        Customers (parcels) that draw and have no pipe: no known pipe and no place, or none in reach.
    """

    node_m3s: FloatArray
    by: DemandBy = "customers"
    unplaced_ids: tuple[str, ...] = ()
    unplaced_m3s: float = 0.0
    hour: int | None = None


def placed_demands(
    network: Network, pipes: gpd.GeoDataFrame, *, ends: NDArray[np.int64], node_ids: NDArray[np.object_],
    basis: PeakBasis | None = None,
) -> Placed:  # fmt: skip
    """
    Put the demand of customers on nodes; of the nodes themselves or the land where no customer has a volume.

    Parameters
    ----------
    network
        Its meters: each draws half at either end of its pipe, one at the end of a service pipe all of it there. One
        with a node and no pipe draws there. One whose pipe is not modelled draws from the nearest pipe that may be
        tapped (data/demand/attach.toml). One without
        a billed volume draws the design flow of its connection, without either nothing.
    pipes
        Pipes of the model.
    ends
        Shape (pipes, 2): node positions of start and end.
    basis
        What the peak hour is reckoned by; what is shipped by default.
    """
    basis = basis or shipped_basis()
    customers = network.layer("customers")
    (flow_m3s, hour), node_count = _flows_m3s(customers, basis), len(node_ids)
    if not (flow_m3s > 0).any():
        found = _of_nodes(network, node_ids, basis)
        return found or _by_area(network.layer("parcels"), pipes, ends, node_count, basis)
    drawing = customers[flow_m3s > 0]
    flow_m3s = flow_m3s[flow_m3s > 0]
    at = _own_nodes(drawing, node_ids)
    rows = pipe_rows(drawing, pipes, only=at < 0)
    served, here = (rows >= 0) & (at < 0), at >= 0
    lost = drawing["customer_id"][~served & ~here]
    share = _start_shares(drawing[served], pipes, rows[served])
    node_m3s = _on_nodes(flow_m3s[served], share, ends[rows[served]], node_count)
    node_m3s += np.bincount(at[here], weights=flow_m3s[here], minlength=node_count)
    return Placed(
        node_m3s, unplaced_ids=tuple(lost.astype(str)), unplaced_m3s=float(flow_m3s[~served & ~here].sum()),
        hour=hour,
    )  # fmt: skip


def _own_nodes(customers: gpd.GeoDataFrame, node_ids: NDArray[np.object_]) -> NDArray[np.int64]:
    """Row of the node of every customer that names one of the model and no pipe, -1 for all others."""
    at, alone = (
        np.full(len(customers), -1, dtype=np.int64),
        customers["pipe_id"].isna() & customers["node_id"].notna(),
    )
    if alone.any():
        rows = pd.Index(node_ids).get_indexer(customers["node_id"][alone].astype(str))
        at[alone.to_numpy()] = rows
    return at


def _of_nodes(network: Network, node_ids: NDArray[np.object_], basis: PeakBasis) -> Placed | None:
    """Base demands of nodes, means of a year with losses, at the peak hour; None where no node has one."""
    nodes = network.nodes
    base_m3s = np.nan_to_num(nodes["demand_m3s"].to_numpy(dtype=np.float64, na_value=np.nan))
    drawing = np.flatnonzero(base_m3s != 0)
    if not (base_m3s > 0).any():
        return None
    pattern = np.array(basis.pattern("residential"))
    hour = int(pattern.argmax()) if basis.method == "pattern" else None
    hourly = basis.hourly_factor if hour is None else float(pattern[hour])
    peak_m3s = base_m3s[drawing] * basis.daily_factor * hourly
    names = nodes["node_id"].astype(str).to_numpy(dtype=object)[drawing]
    rows = pd.Index(node_ids).get_indexer(names)
    known = rows >= 0
    node_m3s = np.bincount(rows[known], weights=peak_m3s[known], minlength=len(node_ids)).astype(np.float64)
    lost = ~known & (peak_m3s > 0)
    return Placed(node_m3s, "nodes", tuple(names[lost].tolist()), float(peak_m3s[lost].sum()), hour)


def _by_area(
    parcels: gpd.GeoDataFrame, pipes: gpd.GeoDataFrame, ends: NDArray[np.int64], node_count: int, basis: PeakBasis
) -> Placed:  # fmt: skip
    hour: int | None = None
    if basis.method == "pattern":
        flow_m3s, hour = _at_peak(land_flows_m3s(parcels, hourly_factor=1.0), parcels["use"], 0.0, basis)
    else:
        flow_m3s = land_flows_m3s(parcels, hourly_factor=basis.hourly_factor)
    rows = nearest_pipe(shapely.centroid(parcels.geometry.to_numpy()), pipes)
    served, half = rows >= 0, np.full(int((rows >= 0).sum()), 0.5)
    lost = parcels["parcel_id"][~served].astype(str)
    return Placed(
        _on_nodes(flow_m3s[served], half, ends[rows[served]], node_count), "area" if len(parcels) else "customers",
        unplaced_ids=tuple(lost), unplaced_m3s=float(flow_m3s[~served].sum()), hour=hour,
    )  # fmt: skip


def _on_nodes(
    flow_m3s: FloatArray, share: FloatArray, ends: NDArray[np.int64], node_count: int
) -> FloatArray:
    """Shape (nodes,): flows at the starts of pipes by `share`, the rest at their ends."""
    nodes = np.concatenate([ends[:, 0], ends[:, 1]])
    weights = np.concatenate([flow_m3s * share, flow_m3s * (1.0 - share)])
    return np.bincount(nodes, weights=weights, minlength=node_count).astype(np.float64)


def _flows_m3s(customers: gpd.GeoDataFrame, basis: PeakBasis) -> tuple[FloatArray, int | None]:
    """Shape (customers,): peak-hour demand; and the hour, by patterns. Design flows are peaks already."""
    annual_m3 = np.nan_to_num(customers["annual_m3"].to_numpy(dtype=np.float64, na_value=np.nan))
    design_m3s = np.nan_to_num(customers["design_flow_m3s"].to_numpy(dtype=np.float64, na_value=np.nan))
    billed_m3s: FloatArray = annual_m3 * basis.m3s_per_annual_m3
    hour: int | None = None
    if basis.method == "pattern" and (annual_m3 > 0).any():
        mean_m3s = annual_m3 * basis.mean_m3s_per_annual_m3
        billed_m3s, hour = _at_peak(mean_m3s, customers["use"], basis.unaccounted_share, basis)
    return np.where(annual_m3 > 0, billed_m3s, design_m3s), hour


def _at_peak(
    mean_m3s: FloatArray, uses: pd.Series, lost_share: float, basis: PeakBasis
) -> tuple[FloatArray, int]:
    """Demand in the hour in which all draw most together, and that hour; what is lost is lost all day alike."""
    codes, names = pd.factorize(uses.fillna("other").astype(str))
    patterns = np.array([basis.pattern(name) for name in names]).reshape(len(names), HOURS)
    totals = np.bincount(codes, weights=mean_m3s, minlength=len(names)) @ patterns
    hour = int(np.argmax(totals >= totals.max() * (1.0 - 1e-9)))
    return np.asarray(mean_m3s * (patterns[codes, hour] + lost_share), dtype=np.float64), hour


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


def pipe_rows(
    customers: gpd.GeoDataFrame, pipes: gpd.GeoDataFrame, *, only: NDArray[np.bool_] | None = None
) -> NDArray[np.int64]:
    """Row of each customer's pipe (of those marked by `only`), -1 where there is none: no pipe id and no position."""
    place = pd.Series(np.arange(len(pipes)), index=pipes["pipe_id"].astype(str))
    place = place[~place.index.duplicated()]
    rows = customers["pipe_id"].astype(str).map(place).fillna(-1).to_numpy(dtype=np.int64).copy()
    lost = np.flatnonzero(rows < 0 if only is None else (rows < 0) & only)
    rows[lost] = nearest_pipe(customers.geometry.to_numpy()[lost], pipes)
    return rows
